"""What instructors do: keep a class list, see how far everybody is, record their sessions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, cast

import structlog
from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, Q
from django.utils.translation import gettext as _

from accounts.models import TeachingRecord, User
from accounts.services import Forbidden, Invalid, record_teaching
from courses.models import Activity, Cohort, Enrolment, Module, Progress
from courses.services.standing import Part, Step, next_step, parts_of, structure_of

LONGEST_SESSION = 12 * 60
# A class that goes on is written down at least so often: the bar of R3 counts from the newest record, so it may end so many days early.
TEACHING_KEPT_DAYS = 30
KEPT_AT_ONCE = 500


@dataclass(frozen=True)
class Learner:
    """One row of a class list."""

    enrolment: Enrolment
    parts: list[Part]
    next_step: Activity | None
    last_seen: datetime | None

    @property
    def stations(self) -> list[Step]:
        """The practice stations of the course, which an instructor scores."""
        steps = [step for part in self.parts for step in part.steps]
        return [step for step in steps if step.activity.kind == Activity.Kind.PRACTICAL]

    @property
    def stations_shown(self) -> int:
        return sum(1 for step in self.stations if step.state == Progress.State.COMPLETE)

    @property
    def done(self) -> int:
        return sum(part.done for part in self.parts)

    @property
    def owed(self) -> int:
        return sum(part.owed for part in self.parts)


@dataclass(frozen=True)
class ClassList:
    """A class: its modules as columns, its learners as rows."""

    modules: list[Module]
    learners: list[Learner]

    @property
    def has_stations(self) -> bool:
        return any(learner.stations for learner in self.learners[:1])


def class_list(*, cohort: Cohort) -> ClassList:
    """Everybody in a class and how far they are, by name. Four queries, whatever its size. `last_seen` is when they last did something."""
    structure = structure_of(course_id=cohort.course_id)
    states: dict[int, dict[int, str]] = {}
    seen: dict[int, datetime] = {}
    rows = Progress.objects.filter(enrolment__cohort=cohort)
    for enrolment_id, activity_id, state, at in rows.values_list(
        "enrolment_id", "activity_id", "state", "changed_at"
    ):
        states.setdefault(enrolment_id, {})[activity_id] = state
        seen[enrolment_id] = max(at, seen.get(enrolment_id, at))
    learners = []
    for enrolment in cohort.enrolments.select_related("learner").order_by("learner__name", "pk"):
        parts = parts_of(structure, states.get(enrolment.pk, {}))
        learners.append(Learner(enrolment, parts, next_step(parts), seen.get(enrolment.pk)))
    return ClassList(structure.modules, learners)


def classes_of(*, instructor: User) -> Any:
    """The classes a person teaches, newest first, each with the number of its learners."""
    return (
        Cohort.objects.visible_to(instructor)
        .select_related("course")
        .annotate(size=Count("enrolments", distinct=True))
        .order_by("-begins_on", "pk")
    )


@transaction.atomic
def staff_class(*, cohort: Cohort, instructors: Sequence[User], at: datetime) -> None:
    """Say who teaches a class. Somebody new has taught everybody who is in it (R3); somebody who left still has."""
    before = set(cohort.instructors.values_list("pk", flat=True))
    cohort.instructors.set(instructors)
    learners = list(User.objects.filter(enrolments__cohort=cohort).order_by("pk"))
    for instructor in instructors:
        if instructor.pk not in before:
            for learner in learners:
                record_membership(cohort=cohort, learner=learner, instructor=instructor, at=at)


def record_membership(*, cohort: Cohort, learner: User, instructor: User, at: datetime) -> None:
    """Write that an instructor of a class teaches one of its learners, from the day both are in it."""
    record_teaching(
        teacher=instructor,
        learner=learner,
        subject=f"{cohort.course.title}: {cohort.title}"[:200],
        taught_on=max(at.date(), cohort.begins_on),
        source=cohort.uuid,
        by=None,
        at=at,
    )


def keep_teaching_current(*, at: datetime) -> int:
    """Write, of classes that go on, that their instructors still teach those who have not completed the course. Returns how many it wrote.

    A record dated today for each pair whose newest one for the class is more than 30 days old. The day a class or an enrolment ends writes
    none, so the bar of R3 may end up to 30 days early: that is the tolerance. What is due is one query; at most 500 are written at once,
    each on its own, so that one that fails holds up no other. Called by the sweep, which comes back for the rest.
    """
    today = at.date()
    recent = TeachingRecord.objects.filter(
        learner=OuterRef("learner"),
        teacher=OuterRef("instructor_id"),
        source=OuterRef("cohort__uuid"),
        taught_on__gte=today - timedelta(days=TEACHING_KEPT_DAYS),
    )
    due = (
        Enrolment.objects.filter(
            Q(cohort__ends_on=None) | Q(cohort__ends_on__gte=today),
            completed_at=None,
            cohort__begins_on__lte=today,
        )
        .annotate(instructor_id=F("cohort__instructors"))
        .filter(~Exists(recent), instructor_id__isnull=False)
        .select_related("learner", "cohort__course")
        .order_by("learner_id", "pk", "instructor_id")[:KEPT_AT_ONCE]
    )
    enrolments = list(due)
    instructors = User.objects.in_bulk({row.instructor_id for row in enrolments})
    kept = 0
    for row in enrolments:
        try:
            record_membership(
                cohort=cast(Cohort, row.cohort),
                learner=row.learner,
                instructor=instructors[row.instructor_id],
                at=at,
            )
            kept += 1
        except Exception:
            structlog.get_logger(__name__).exception(
                "teaching_not_kept", enrolment=str(row.uuid), instructor=row.instructor_id
            )
    return kept


@transaction.atomic
def record_session(
    *,
    cohort: Cohort,
    learners: Sequence[User],
    subject: str,
    taught_on: date,
    minutes: int,
    by: User,
    at: datetime,
) -> int:
    """An instructor writes who was at a session. One teaching record for each learner present; returns how many.

    Raises Forbidden when `by` does not teach the class, Invalid for people outside it, nobody at all, a day to come or no subject.
    """
    if not cohort.instructors.filter(pk=by.pk).exists():
        raise Forbidden(
            "not_your_class", _("Only an instructor of this class records its sessions.")
        )
    allowed = set(cohort.enrolments.values_list("learner_id", flat=True))
    if any(person.pk not in allowed for person in learners):
        raise Invalid("not_in_class", _("Some of these people are not in this class."))
    fields = {}
    if not learners:
        fields["learners"] = [_("Choose who was there.")]
    if not subject.strip():
        fields["subject"] = [_("Say what the session was about.")]
    if taught_on > at.date():
        fields["taught_on"] = [_("Choose today or a past day.")]
    if not 0 < minutes <= LONGEST_SESSION:
        fields["minutes"] = [_("Enter between 1 and %(most)s minutes.") % {"most": LONGEST_SESSION}]
    if fields:
        raise Invalid("session_incomplete", _("The session is not recorded yet."), fields=fields)
    for learner in sorted(learners, key=lambda person: person.pk):
        record_teaching(
            teacher=by,
            learner=learner,
            subject=subject.strip()[:200],
            taught_on=taught_on,
            minutes=minutes,
            source=cohort.uuid,
            by=by,
            at=at,
        )
    return len(learners)
