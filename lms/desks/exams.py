"""How a person stands with the examinations of a credential: what they sat, when they are expected, what is held."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import Exists, F, OuterRef

from accounts.models import User
from courses.models import Activity, Enrolment
from credentials.models import Credential, CredentialType, Requirement
from practicals.models import Appointment, ExamDay, ExamPlan, PracticalResult
from quizzes.models import Quiz
from quizzes.services import Entry, entry_to


@dataclass(frozen=True)
class Visit:
    """An appointment that is offered or accepted, with its day and when it begins by the clock of the place."""

    appointment: Appointment
    day: ExamDay
    starts_at: datetime

    @property
    def is_offered(self) -> bool:
        return self.appointment.state == Appointment.State.OFFERED


@dataclass(frozen=True)
class Exam:
    """One examination: its activity, and as far as there is any, the written entry or the practical's appointment and result."""

    activity: Activity
    enrolled: bool
    quiz: Quiz | None = None
    entry: Entry | None = None
    plan: ExamPlan | None = None
    visit: "Visit | None" = None
    result: PracticalResult | None = None


@dataclass(frozen=True)
class Exams:
    """The examinations of a type by their requirement's primary key."""

    by_requirement: dict[int, Exam] = field(default_factory=dict)

    @property
    def offered(self) -> Visit | None:
        """An appointment whose offer waits for an answer."""
        visits = (exam.visit for exam in self.by_requirement.values())
        return next((visit for visit in visits if visit and visit.is_offered), None)


def exams_of(
    user: User, kind: CredentialType | None, enrolments: Sequence[Enrolment], *, at: datetime
) -> Exams:
    """Every live examination that satisfies a requirement of `kind`."""
    if kind is None:
        return Exams()
    activities = list(
        Activity.objects.filter(
            satisfies__credential_type=kind,
            satisfies__kind=Requirement.Kind.ACTIVITY,
            is_live=True,
        )
        .annotate(requirement_id=F("satisfies"))
        .select_related("module__course")
    )
    enrolled = {row.course_id for row in enrolments}
    quizzes = {row.activity_id: row for row in Quiz.objects.filter(activity__in=activities)}
    in_force = ExamPlan.objects.in_force().filter(activity__in=activities)
    plans = {row.activity_id: row for row in in_force}
    visits = _visits(user, kind, plans)
    seen = [visit.appointment for visit in visits.values()]
    results = {
        row.appointment_id: row
        for row in PracticalResult.objects.newest().filter(appointment__in=seen)
    }
    found = {}
    for activity in activities:
        taking = activity.module.course_id in enrolled
        visit = visits.get(activity.pk)
        found[activity.requirement_id] = Exam(
            activity,
            taking,
            quiz=quizzes.get(activity.pk),
            entry=entry_to(activity=activity, by=user, at=at)
            if taking and activity.pk in quizzes
            else None,
            plan=plans.get(activity.pk),
            visit=visit,
            result=results.get(visit.appointment.pk) if visit else None,
        )
    return Exams(found)


def _visits(user: User, kind: CredentialType, plans: dict[int, ExamPlan]) -> dict[int, Visit]:
    """The person's newest offered or accepted appointment of each plan, by activity; none that an earlier credential rests on. One query."""
    used_up = Credential.objects.filter(
        holder=user, credential_type__code=kind.code, issued_at__gte=OuterRef("offered_at")
    )
    rows = (
        Appointment.objects.active()
        .filter(~Exists(used_up), candidate=user, plan__activity__in=plans)
        .select_related("exam_day", "plan")
        .order_by("starts_at")
    )
    return {
        row.plan.activity_id: Visit(
            row, row.exam_day, row.starts_at.astimezone(ZoneInfo(row.exam_day.zone))
        )
        for row in rows
        if row.exam_day
    }
