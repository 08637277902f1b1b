"""A practical inside a course: one instructor scores one learner of a class. It certifies nothing, and it is teaching (R3)."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Role, User
from accounts.services import Conflict, Forbidden, Missing, record_teaching
from courses.models import Activity, Enrolment
from practicals.models import Appointment, Assignment, ExamPlan
from practicals.services.checklists import require_version
from practicals.services.checks import require_role


@transaction.atomic
def start_formative(
    *, instructor: User, enrolment: Enrolment, activity: Activity, at: datetime
) -> Assignment:
    """Begin to score a learner at a practice station; the assignment whose sheet is then written. One begun already is returned.

    Raises Missing for a learner of nobody's or another's class, Conflict for an activity that is withdrawn, of another course, or an examination.
    """
    require_role(instructor, Role.INSTRUCTOR)
    enrolment = (
        Enrolment.objects.select_for_update(of=("self",))
        .select_related("cohort", "learner")
        .get(pk=enrolment.pk)
    )
    if (
        enrolment.cohort is None
        or not enrolment.cohort.instructors.filter(pk=instructor.pk).exists()
    ):
        raise Missing("not_in_class", _("There is no such learner in your classes."))
    if enrolment.learner_id == instructor.pk:
        raise Forbidden("R2", _("Rule R2: nobody scores themselves."))
    plan = _formative_plan(enrolment, activity)
    begun = (
        Assignment.objects.filter(
            appointment__plan=plan,
            appointment__enrolment=enrolment,
            appointment__results=None,
            examiner=instructor,
        )
        .order_by("pk")
        .first()
    )
    if begun:
        return begun
    station = plan.stations.select_related("checklist").order_by("position").get()
    appointment = Appointment.objects.create(
        plan=plan,
        candidate=enrolment.learner,
        enrolment=enrolment,
        candidate_number=initials(enrolment.learner),
        starts_at=at,
        state=Appointment.State.ACCEPTED,
        offered_at=at,
        answered_at=at,
    )
    return Assignment.objects.create(
        appointment=appointment,
        station=station,
        checklist_version=require_version(station.checklist),
        examiner=instructor,
        place=Assignment.Place.A,
        assigned_at=at,
        assigned_by=instructor,
    )


def _formative_plan(enrolment: Enrolment, activity: Activity) -> ExamPlan:
    plan = ExamPlan.objects.filter(activity=activity).in_force().first()
    if plan is None or not plan.is_formative:
        raise Conflict(
            "not_formative", _("“%(activity)s” is not a practice station.") % {"activity": activity}
        )
    if activity.module.course_id != enrolment.course_id:
        raise Conflict(
            "other_course", _("“%(activity)s” belongs to another course.") % {"activity": activity}
        )
    if not activity.is_live:
        raise Conflict(
            "withdrawn", _("“%(activity)s” has been withdrawn.") % {"activity": activity}
        )
    return plan


def initials(person: User) -> str:
    """What stands on a practice sheet instead of a name."""
    letters = [word[0] for word in person.name.split() if word[0].isalpha()]
    return "".join(letters)[:4].upper() or "–"


def record_formative_teaching(
    *, appointment: Appointment, assignment: Assignment, by: User, at: datetime
) -> None:
    """Scoring a learner at a practice station is teaching: it bars the instructor from examining them. The learner is locked inside."""
    record_teaching(
        teacher=by,
        learner=appointment.candidate,
        subject=f"Practice station {assignment.station.checklist.code}",
        taught_on=at.date(),
        minutes=assignment.station.minutes,
        source=appointment.uuid,
        by=by,
        at=at,
    )
