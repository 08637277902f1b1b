"""Taking a course: enrolling, reporting how an activity went, and what that completes."""

from datetime import datetime
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services import Conflict, Invalid, Missing, lock_learner, notify
from courses.models import (
    Activity,
    Cohort,
    CompletionStatement,
    Course,
    Enrolment,
    Module,
    Progress,
)
from courses.services.teaching import record_membership
from credentials.models import Application
from credentials.services import record_evidence


@transaction.atomic
def enrol(
    *, learner: User, course: Course, at: datetime, cohort: Cohort | None = None
) -> tuple[Enrolment, bool]:
    """Enrol a learner; the second value says whether this call did it. Safe to call twice.

    Joining a class writes a teaching record for each of its instructors (R3). Raises Conflict when the course is closed to new
    learners, when it examines a credential the learner has not applied for, or when the learner is in another class of it.
    """
    lock_learner(learner.pk)
    require_may_enrol(learner=learner, course=course, cohort=cohort)
    enrolment, new = Enrolment.objects.get_or_create(
        learner=learner, course=course, defaults={"enrolled_at": at}
    )
    if cohort and enrolment.cohort_id != cohort.pk:
        _join(enrolment=enrolment, cohort=cohort, at=at)
    return enrolment, new


def require_may_enrol(*, learner: User, course: Course, cohort: Cohort | None = None) -> None:
    """Raise what `enrol` would."""
    if cohort and cohort.course_id != course.pk:
        raise Invalid(
            "other_course", _("“%(cohort)s” is a class of another course.") % {"cohort": cohort}
        )
    enrolment = Enrolment.objects.filter(learner=learner, course=course).first()
    if enrolment is None:
        _require_access(learner=learner, course=course)
    elif cohort and enrolment.cohort_id and enrolment.cohort_id != cohort.pk:
        raise Conflict(
            "other_class",
            _("%(learner)s is in another class of this course.") % {"learner": learner},
        )


def _require_access(*, learner: User, course: Course) -> None:
    if not course.is_open:
        raise Conflict(
            "course_closed", _("“%(course)s” takes no new learners.") % {"course": course}
        )
    if course.access == Course.Access.APPLICATION and not may_enter(learner=learner, course=course):
        raise Conflict(
            "apply_first",
            _("Apply for the credential first; the application opens its examinations to you."),
        )


def may_enter(*, learner: User, course: Course) -> bool:
    """Whether the learner has an open application for a credential that this course examines."""
    return Application.objects.filter(
        applicant=learner,
        closed_at=None,
        credential_type__requirements__activities__module__course=course,
    ).exists()


def _join(*, enrolment: Enrolment, cohort: Cohort, at: datetime) -> None:
    enrolment.cohort = cohort
    enrolment.save(update_fields=["cohort"])
    for instructor in cohort.instructors.all():
        record_membership(cohort=cohort, learner=enrolment.learner, instructor=instructor, at=at)


@transaction.atomic(savepoint=False)  # reported from within the reporter's transaction
def record_result(
    *,
    enrolment: Enrolment,
    activity: Activity,
    state: str,
    reference: UUID | None,
    label: str,
    by: User | None,
    at: datetime,
    locked: User | None = None,
) -> Progress:
    """Report how an activity went: started, held, failed or complete. Decides what that completes: activity, course, requirements.

    A complete activity stays complete, unless the same reference that completed it now reports otherwise (a superseding result). As
    evidence each reference stands for itself: a result that is superseded no longer counts, whichever came after it.
    `locked`: the learner, by a caller who holds their lock already.
    """
    learner = locked or lock_learner(enrolment.learner_id)
    complete = state == Progress.State.COMPLETE
    progress = Progress.objects.filter(enrolment=enrolment, activity=activity).first()
    if progress is None:
        progress = Progress.objects.create(
            enrolment=enrolment, activity=activity, state=state, reference=reference, changed_at=at
        )
    elif (progress.state, progress.reference) != (state, reference):
        was_complete = progress.state == Progress.State.COMPLETE
        if complete or not was_complete or progress.reference == reference:
            progress.state, progress.reference, progress.changed_at = state, reference, at
            progress.save(update_fields=["state", "reference", "changed_at"])
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
                locked=True,
            )
    if complete:
        _complete_course_if_due(enrolment=enrolment, learner=learner, at=at)
    return progress


def _complete_course_if_due(*, enrolment: Enrolment, learner: User, at: datetime) -> None:
    """All that is owed is done: write the statement of completion and report the course as evidence. The learner is locked."""
    owed = Activity.objects.owed().filter(module__course=enrolment.course_id)
    done = Progress.objects.filter(enrolment=enrolment, state=Progress.State.COMPLETE).values(
        "activity"
    )
    # What is usual is asked first: something is still owed.
    if owed.exclude(pk__in=done).exists():
        return
    enrolment.refresh_from_db()
    if enrolment.completed_at or not owed.exists():
        return
    course = enrolment.course
    enrolment.completed_at = at
    enrolment.save(update_fields=["completed_at"])
    if course.hours:
        _state_completion(enrolment=enrolment, learner=learner, at=at)
    for requirement in course.satisfies.select_related("credential_type"):
        record_evidence(
            learner=learner,
            requirement=requirement,
            source="course",
            reference=enrolment.uuid,
            label=_("%(title)s, %(hours)s hours, completed %(day)s")
            % {"title": course.title, "hours": course.hours, "day": date_format(at, "j F Y")},
            by=None,
            at=at,
        )


def complete_due(*, at: datetime) -> int:
    """Complete the courses in which somebody has done all that is owed since the rest was withdrawn; each on its own, so that one that
    fails holds up no other. Called by the sweep; returns how many were completed.
    """
    done = Progress.objects.filter(
        activity=OuterRef("pk"), enrolment=OuterRef(OuterRef("pk")), state=Progress.State.COMPLETE
    )
    owed = Activity.objects.owed().filter(module__course=OuterRef("course"))
    finished = Enrolment.objects.filter(
        Exists(owed), ~Exists(owed.filter(~Exists(done))), completed_at=None
    )
    completed = 0
    for enrolment in finished.order_by("pk"):
        try:
            with transaction.atomic():
                learner = lock_learner(enrolment.learner_id)
                _complete_course_if_due(enrolment=enrolment, learner=learner, at=at)
            completed += 1
        except Exception:
            structlog.get_logger(__name__).exception(
                "course_not_completed", enrolment=str(enrolment.uuid)
            )
    return completed


def _state_completion(*, enrolment: Enrolment, learner: User, at: datetime) -> None:
    """Write the statement of completion, have it rendered, and tell the learner."""
    from courses.tasks import render_statement

    statement = CompletionStatement.objects.create(
        enrolment=enrolment,
        number=f"SC-{at:%Y}-{enrolment.pk:05d}",
        name=learner.name,
        course_title=enrolment.course.title,
        hours=enrolment.course.hours,
        completed_on=at.date(),
    )
    render_statement.enqueue(statement.pk)
    notify(
        recipient=learner,
        kind="course_complete",
        reference=str(enrolment.uuid),
        subject=_("You have completed %(title)s") % {"title": enrolment.course.title},
        template="courses/mail/complete.txt",
        context={"enrolment": enrolment, "statement": statement},
        url=f"/statements/{enrolment.uuid}/",
        at=at,
    )


@transaction.atomic
def complete_lesson(*, learner: User, activity: Activity, at: datetime) -> Progress:
    """A learner has read a lesson. Safe to call twice. Raises Missing when not enrolled, Conflict when the module is not open yet."""
    enrolment = enrolment_of(learner=learner, activity=activity)
    if activity.kind != Activity.Kind.LESSON:
        raise Invalid("not_a_lesson", _("Only a lesson is completed by reading it."))
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
        Enrolment.objects.filter(learner=learner, course__modules=activity.module_id)
        .select_related("course")
        .first()
    )
    if enrolment is None:
        raise Missing("not_enrolled", _("You are not enrolled in this course."))
    return enrolment


@transaction.atomic
def admit(*, learner: User, activity: Activity, at: datetime) -> Enrolment:
    """The enrolment an examination is taken under: the learner's own, or one made now for a person with an open application.

    An examination is an activity that satisfies a requirement of a credential; its course is open to every applicant, whoever taught them.
    Raises Missing for an activity that is not an examination and not enrolled in, Conflict when there is no open application.
    """
    satisfied = activity.satisfies.values("credential_type")
    if satisfied.exists():
        applied = Application.objects.filter(
            applicant=learner, closed_at=None, credential_type__in=satisfied
        )
        if not applied.exists():
            raise Conflict(
                "not_applied",
                _("Apply for the credential first; then you can take its examinations."),
            )
        return enrol(learner=learner, course=activity.module.course, at=at)[0]
    return enrolment_of(learner=learner, activity=activity)


def require_open(*, enrolment: Enrolment, activity: Activity) -> None:
    """Raise Conflict when the activity is withdrawn or modules before it are not complete, naming them."""
    if not activity.is_live:
        raise Conflict(
            "withdrawn", _("“%(activity)s” has been withdrawn.") % {"activity": activity}
        )
    missing = [
        module.title for module in unmet_modules(enrolment=enrolment, module=activity.module)
    ]
    if missing:
        raise Conflict(
            "module_closed", _("Complete %(which)s first.") % {"which": _(" and ").join(missing)}
        )


def unmet_modules(*, enrolment: Enrolment, module: Module) -> list[Module]:
    """The modules that must be complete before `module` opens and are not. One query."""
    done = Progress.objects.filter(enrolment=enrolment, state=Progress.State.COMPLETE).values(
        "activity"
    )
    owed = Activity.objects.owed().exclude(pk__in=done)
    return list(module.requires.filter(activities__in=owed).distinct())
