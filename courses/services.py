"""The door of courses. Quizzes, practicals and pages report facts here; what they complete is decided here and reported on to credentials.

Order of locks: the caller's own row, then the learner.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import User
from accounts.services import Conflict, Forbidden, Invalid, Missing, lock_learner, notify, record_teaching
from courses.models import Activity, Cohort, CompletionStatement, Course, Enrolment, Module, Progress
from credentials.models import Application
from credentials.services import record_evidence


# Placing: what publishing a page does


@transaction.atomic
def place_course(*, page_key: UUID, at: datetime, **fields: Any) -> Course:
    """Make or update the course of a page. `fields`: code, edition, title, lede, hours, is_open."""
    course, _new = Course.objects.update_or_create(page_key=page_key, defaults=fields)
    return course


@transaction.atomic
def place_module(*, page_key: UUID, course: Course, requires: Sequence[UUID] = (), at: datetime, **fields: Any) -> Module:
    """Make or update the module of a page. `requires` are page keys of modules of the same course; `fields`: code, title, hours, position."""
    module, _new = Module.objects.update_or_create(
        page_key=page_key, defaults={"course": course, "is_live": True, **fields}
    )
    module.requires.set(course.modules.filter(page_key__in=requires).exclude(pk=module.pk))
    return module


@transaction.atomic
def place_activity(*, page_key: UUID, module: Module, kind: str, at: datetime, **fields: Any) -> Activity:
    """Make or update the activity of a page. `fields`: code, title, minutes, required, position."""
    existing = Activity.objects.filter(page_key=page_key).first()
    if existing and existing.kind != kind:
        raise Conflict("other_kind", f"“{existing}” is a {existing.kind}; make a new page for a {kind}.")
    activity, _new = Activity.objects.update_or_create(
        page_key=page_key, defaults={"module": module, "kind": kind, "is_live": True, **fields}
    )
    return activity


@transaction.atomic
def withdraw(*, page_key: UUID, at: datetime) -> None:
    """A page was unpublished: what it placed is no longer owed. What learners did stays."""
    Activity.objects.filter(page_key=page_key).update(is_live=False)
    Module.objects.filter(page_key=page_key).update(is_live=False)
    Course.objects.filter(page_key=page_key).update(is_open=False)


# Taking a course


@transaction.atomic
def enrol(*, learner: User, course: Course, at: datetime, cohort: Cohort | None = None) -> tuple[Enrolment, bool]:
    """Enrol a learner; the second value says whether this call did it. Raises Conflict when the course is closed to new learners.

    Joining a cohort writes a teaching record for each of its instructors (R3).
    """
    lock_learner(learner.pk)
    enrolment = Enrolment.objects.filter(learner=learner, course=course).first()
    new = enrolment is None
    if enrolment is None:
        if not course.is_open:
            raise Conflict("course_closed", f"“{course}” takes no new learners.")
        enrolment = Enrolment.objects.create(learner=learner, course=course, enrolled_at=at, cohort=cohort)
    elif cohort and enrolment.cohort_id is None:
        enrolment.cohort = cohort
        enrolment.save(update_fields=["cohort"])
    if cohort:
        for instructor in cohort.instructors.all():
            record_teaching(
                teacher=instructor,
                learner=learner,
                subject=f"{course.title}: {cohort.title}",
                taught_on=max(at.date(), cohort.begins_on),
                source=cohort.uuid,
                by=None,
                at=at,
            )
    return enrolment, new


@transaction.atomic
def record_result(
    *,
    enrolment: Enrolment,
    activity: Activity,
    state: str,
    reference: UUID | None,
    label: str,
    by: User | None,
    at: datetime,
) -> Progress:
    """Report how an activity went: started, held, failed or complete. Decides what that completes: activity, course, requirements.

    A complete activity stays complete, unless the same reference that completed it now reports otherwise (a superseding result).
    """
    learner = lock_learner(enrolment.learner_id)
    progress = Progress.objects.filter(enrolment=enrolment, activity=activity).first()
    if progress is None:
        progress = Progress.objects.create(
            enrolment=enrolment, activity=activity, state=state, reference=reference, changed_at=at
        )
    else:
        was_complete = progress.state == Progress.State.COMPLETE
        other_source = progress.reference != reference
        if was_complete and (state != Progress.State.COMPLETE and other_source):
            return progress
        if (progress.state, progress.reference) != (state, reference):
            progress.state, progress.reference, progress.changed_at = state, reference, at
            progress.save(update_fields=["state", "reference", "changed_at"])
    complete = progress.state == Progress.State.COMPLETE
    if reference is not None:
        for requirement in activity.satisfies.select_related("credential_type"):
            record_evidence(
                learner=learner,
                requirement=requirement,
                source=activity.kind,
                reference=reference,
                label=label,
                counts=complete,
                by=by,
                at=at,
            )
    if complete:
        _complete_course_if_due(enrolment=enrolment, learner=learner, at=at)
    return progress


def _complete_course_if_due(*, enrolment: Enrolment, learner: User, at: datetime) -> None:
    """All that is owed is done: write the statement of completion and report the course as evidence. The learner is locked."""
    enrolment.refresh_from_db()
    owed = Activity.objects.owed().filter(module__course=enrolment.course_id)
    done = Progress.objects.filter(enrolment=enrolment, state=Progress.State.COMPLETE).values("activity")
    if enrolment.completed_at or not owed.exists() or owed.exclude(pk__in=done).exists():
        return
    course = enrolment.course
    enrolment.completed_at = at
    enrolment.save(update_fields=["completed_at"])
    if course.hours:
        CompletionStatement.objects.create(
            enrolment=enrolment,
            number=f"SC-{at:%Y}-{enrolment.pk:05d}",
            name=learner.name,
            course_title=course.title,
            hours=course.hours,
            completed_on=at.date(),
        )
        notify(
            recipient=learner,
            kind="course_complete",
            reference=str(enrolment.uuid),
            subject=f"You have completed {course.title}",
            template="courses/mail/complete.txt",
            context={"enrolment": enrolment, "course": course},
            url=f"/statements/{enrolment.uuid}/",
            at=at,
        )
    for requirement in course.satisfies.select_related("credential_type"):
        record_evidence(
            learner=learner,
            requirement=requirement,
            source="course",
            reference=enrolment.uuid,
            label=f"{course.title}, {course.hours} hours, completed {at:%-d %B %Y}",
            by=None,
            at=at,
        )


@transaction.atomic
def complete_lesson(*, learner: User, activity: Activity, at: datetime) -> Progress:
    """A learner has read a lesson. Safe to call twice. Raises Missing when not enrolled, Conflict when the module is not open yet."""
    enrolment = enrolment_of(learner=learner, activity=activity)
    if activity.kind != Activity.Kind.LESSON:
        raise Invalid("not_a_lesson", "Only a lesson is completed by reading it.")
    require_open(enrolment=enrolment, activity=activity)
    return record_result(
        enrolment=enrolment,
        activity=activity,
        state=Progress.State.COMPLETE,
        reference=None,
        label=activity.title,
        by=learner,
        at=at,
    )


def enrolment_of(*, learner: User, activity: Activity) -> Enrolment:
    """The learner's enrolment in the activity's course. Raises Missing when there is none: they may not know of the activity."""
    enrolment = (
        Enrolment.objects.filter(learner=learner, course__modules=activity.module_id).select_related("course").first()
    )
    if enrolment is None:
        raise Missing("not_enrolled", "You are not enrolled in this course.")
    return enrolment


@transaction.atomic
def admit(*, learner: User, activity: Activity, at: datetime) -> Enrolment:
    """The enrolment an examination is taken under: the learner's own, or one made now for a person with an open application.

    An examination is an activity that satisfies a requirement of a credential; its course is open to every applicant, whoever taught them.
    Raises Missing for an activity that is not an examination and not enrolled in, Conflict when there is no open application.
    """
    satisfied = activity.satisfies.values("credential_type")
    if satisfied.exists():
        applied = Application.objects.filter(applicant=learner, closed_at=None, credential_type__in=satisfied)
        if not applied.exists():
            raise Conflict("not_applied", "Apply for the credential first; then you can take its examinations.")
        return enrol(learner=learner, course=activity.module.course, at=at)[0]
    return enrolment_of(learner=learner, activity=activity)


def require_open(*, enrolment: Enrolment, activity: Activity) -> None:
    """Raise Conflict when the activity is withdrawn or modules before it are not complete, naming them."""
    if not activity.is_live:
        raise Conflict("withdrawn", f"“{activity}” has been withdrawn.")
    missing = [module.title for module in unmet_modules(enrolment=enrolment, module=activity.module)]
    if missing:
        raise Conflict("module_closed", f"Complete {' and '.join(missing)} first.")


def unmet_modules(*, enrolment: Enrolment, module: Module) -> list[Module]:
    """The modules that must be complete before `module` opens and are not. One query."""
    done = Progress.objects.filter(enrolment=enrolment, state=Progress.State.COMPLETE).values("activity")
    owed = Activity.objects.owed().exclude(pk__in=done)
    return list(module.requires.filter(activities__in=owed).distinct())


# Where a learner stands


@dataclass(frozen=True)
class Step:
    """One activity of an outline and the learner's state in it: "" (not begun), started, held, failed, complete, or closed."""

    activity: Activity
    state: str


@dataclass(frozen=True)
class Part:
    """One module of an outline: its steps, how many of the owed ones are done, and the modules that keep it closed."""

    module: Module
    steps: list[Step]
    done: int
    owed: int
    closed_by: list[Module]

    @property
    def complete(self) -> bool:
        return self.done == self.owed


def outline(*, enrolment: Enrolment) -> list[Part]:
    """A course as this learner sees it, in order. Four queries, whatever its size."""
    states = dict(Progress.objects.filter(enrolment=enrolment).values_list("activity_id", "state"))
    modules = Module.objects.filter(course=enrolment.course_id, is_live=True).prefetch_related("requires")
    by_module: dict[int, list[Activity]] = {}
    for activity in Activity.objects.filter(module__course=enrolment.course_id, is_live=True).order_by("position"):
        by_module.setdefault(activity.module_id, []).append(activity)
    rows = list(modules.order_by("position"))
    missing = {
        module.pk: sum(
            1
            for activity in by_module.get(module.pk, [])
            if activity.required and states.get(activity.pk) != Progress.State.COMPLETE
        )
        for module in rows
    }
    parts = []
    for module in rows:
        activities = by_module.get(module.pk, [])
        closed_by = [required for required in module.requires.all() if missing.get(required.pk)]
        owed = sum(1 for activity in activities if activity.required)
        steps = [
            Step(activity, states.get(activity.pk, "closed" if closed_by else "")) for activity in activities
        ]
        parts.append(Part(module, steps, owed - missing[module.pk], owed, closed_by))
    return parts


def next_step(parts: Sequence[Part]) -> Activity | None:
    """The first open, owed activity that is not complete; failed and held ones wait for those never begun."""
    open_steps = [
        step
        for part in parts
        if not part.closed_by
        for step in part.steps
        if step.activity.required and step.state != Progress.State.COMPLETE
    ]
    fresh = [step for step in open_steps if step.state in ("", Progress.State.STARTED)]
    failed = [step for step in open_steps if step.state == Progress.State.FAILED]
    chosen = next(iter(fresh or failed), None)
    return chosen.activity if chosen else None


# Teaching


@transaction.atomic
def record_session(
    *, cohort: Cohort, learners: Sequence[User], subject: str, taught_on: Any, minutes: int, by: User, at: datetime
) -> int:
    """An instructor writes who was at a session. One teaching record for each learner and instructor present; returns how many."""
    if not cohort.instructors.filter(pk=by.pk).exists():
        raise Forbidden("not_your_class", "Only an instructor of this class records its sessions.")
    allowed = set(cohort.enrolments.values_list("learner_id", flat=True))
    strangers = [person for person in learners if person.pk not in allowed]
    if strangers:
        raise Invalid("not_in_class", "Some of these people are not in this class.")
    if taught_on > at.date():
        raise Invalid("day_to_come", "The session is still to come.", fields={"taught_on": ["Choose today or a past day."]})
    for learner in sorted(learners, key=lambda person: person.pk):
        record_teaching(
            teacher=by,
            learner=learner,
            subject=subject,
            taught_on=taught_on,
            minutes=minutes,
            source=cohort.uuid,
            by=by,
            at=at,
        )
    return len(learners)


def catalogue() -> QuerySet[Course]:
    """Courses that people may enrol in."""
    return Course.objects.filter(is_open=True).order_by("title")
