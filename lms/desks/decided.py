"""Results of examinations as decisions a candidate may appeal against. Given down to credentials, which keeps the appeals."""

from collections.abc import Iterator
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services import Part
from credentials.models import Application, CaseStep
from credentials.services import Decided, Follow, register_decisions, register_follows
from practicals.models import PracticalResult
from quizzes.models import Attempt, IncidentDecision, Pool, Release, ResultVersion

WRITTEN, PRACTICAL = "written", "practical"
Standing = ResultVersion.Standing
Action = CaseStep.Action


def written(person: User) -> Iterator[Decided]:
    """Each written examination that was not passed, or does not count: its newest released result. Two queries."""
    rows = (
        ResultVersion.objects.filter(
            attempt__learner=person, attempt__quiz__pool=Pool.SECURE, release__isnull=False
        )
        .select_related("attempt__quiz__activity", "release")
        .order_by("version")
    )
    newest = {row.attempt_id: row for row in rows}
    against = [
        row
        for row in newest.values()
        if row.standing == Standing.VOID or (row.counts and not row.passed)
    ]
    applications = _applications(person) if against else {}
    for row in against:
        activity = row.attempt.quiz.activity
        yield Decided(
            f"{WRITTEN}:{row.attempt.uuid}",
            _("Result of the examination “%(title)s”") % {"title": activity.title},
            row.release.at.date(),
            application=applications.get(activity.pk),
        )


def behind_written(attempt: UUID) -> Iterator[tuple[Part, int | None]]:
    """Who released a result of it, and who decided on what happened at it."""
    for pk in Release.objects.filter(result__attempt__uuid=attempt).values_list("by", flat=True):
        yield Part.DECIDER, pk
    rows = IncidentDecision.objects.filter(incident__attempt__uuid=attempt)
    for pk in rows.values_list("by", flat=True):
        yield Part.DECIDER, pk


def practical(person: User) -> Iterator[Decided]:
    """Each practical examination that was not passed: the version that holds. Two queries."""
    rows = (
        PracticalResult.objects.newest()
        .filter(
            appointment__candidate=person,
            appointment__exam_day__isnull=False,
            outcome=PracticalResult.Outcome.FAILED,
        )
        .select_related("appointment__plan__activity", "appointment__exam_day")
    )
    applications = _applications(person) if rows else {}
    for row in rows:
        activity = row.appointment.plan.activity
        yield Decided(
            f"{PRACTICAL}:{row.appointment.uuid}",
            _("Result of the examination “%(title)s”") % {"title": activity.title},
            row.at.astimezone(ZoneInfo(row.appointment.zone)).date(),
            application=applications.get(activity.pk),
        )


def behind_practical(appointment: UUID) -> Iterator[tuple[Part, int | None]]:
    """Who ruled on it or corrected a sheet; its examiners are on record as such."""
    rows = PracticalResult.objects.filter(appointment__uuid=appointment)
    for pk in rows.values_list("by", flat=True):
        yield Part.DECIDER, pk


def follows_written(attempt: UUID) -> list[Follow]:
    """What may follow from an appeal against a written examination, and where it is done."""
    row = Attempt.objects.select_related("quiz__activity", "sitting").get(uuid=attempt)
    sitting = reverse("sitting", args=[row.sitting.uuid]) if row.sitting else ""
    return [
        Follow(Action.RESCORE, reverse("quiz-results", args=[row.quiz.activity.uuid])),
        Follow(Action.INCIDENT, sitting),
        Follow(Action.RESIT, reverse("sittings")),
    ]


def follows_practical(appointment: UUID) -> list[Follow]:
    """Of a practical examination: its chief examiner rules or annuls; a new date is a registrar's to give."""
    return [
        Follow(Action.RULE, reverse("chief-appointment", args=[appointment])),
        Follow(Action.RESIT, reverse("exam-days")),
    ]


def _applications(person: User) -> dict[int, Application]:
    """A person's newest application by each activity that counts to what it asks for. One query."""
    rows = Application.objects.filter(applicant=person).order_by("submitted_at")
    return {
        row.activity: row
        for row in rows.annotate(activity=F("credential_type__requirements__activities"))
    }


def register_decided() -> None:
    register_follows(WRITTEN, follows_written)
    register_follows(PRACTICAL, follows_practical)
    register_decisions(WRITTEN, written, behind_written, source="quiz")
    register_decisions(PRACTICAL, practical, behind_practical, source="practical")
