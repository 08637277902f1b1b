"""From final sheets to a result: decided in decision.py, appended here, reported down to courses."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import Role, User
from accounts.services import bars_among, notify
from courses.models import Progress
from courses.services import record_result
from practicals.models import (
    Annulment,
    Appointment,
    Assignment,
    PracticalAssessment,
    PracticalResult,
)
from practicals.services.cases import Case, Grounds, cases_of, grounds_of, said_of
from practicals.services.resits import resit_due, stations_to_sit

STATES = {
    PracticalResult.Outcome.HELD: Progress.State.HELD,
    PracticalResult.Outcome.PASSED: Progress.State.COMPLETE,
    PracticalResult.Outcome.FAILED: Progress.State.FAILED,
    PracticalResult.Outcome.INCOMPLETE: Progress.State.HELD,
}


@transaction.atomic
def decide_if_due(
    *,
    appointment: Appointment,
    by: User | None,
    at: datetime,
    cause: str = PracticalResult.Cause.SIGNED,
    why: str = "",
) -> PracticalResult | None:
    """Decide an appointment whose sheets are all signed, append the result and report it; None while a sheet is missing.

    The caller has locked the appointment. What is decided already, in the same words, is not written again. A new version is carried on to
    the re-sits that rest on it. `cause` says what brought it about, `why` the reason of a correction.
    """
    grounds = grounds_of(appointment)
    if not grounds.complete:
        return None
    said, newest = said_of(grounds.cases, grounds.rule), grounds.newest
    if newest and all(getattr(newest, name) == value for name, value in said.items()):
        return newest
    # Their locks come before the learner's, which the report takes.
    resits = resits_locked(appointment) if newest else []
    result = PracticalResult.objects.append(
        chain=f"appointment:{appointment.uuid}",
        at=at,
        appointment=appointment,
        version=newest.version + 1 if newest else 1,
        decide_by=_decide_by(appointment, said["outcome"], newest, at),
        schema=PracticalResult.SCHEMA,
        cause=cause,
        why=why,
        by=by,
        **said,
    )
    title = appointment.plan.activity.title
    record_result(
        enrolment=appointment.enrolment,
        activity=appointment.plan.activity,
        state=STATES[result.outcome],
        reference=appointment.uuid,
        label=f"{title}: {result.get_outcome_display().lower()}, {date_format(at, 'j F Y')}",
        by=by,
        at=at,
    )
    _tell(result, grounds, at)
    for resit in resits:
        cause = PracticalResult.Cause.CARRIED
        decide_if_due(appointment=resit, by=by, at=at, cause=cause, why=why)
    return result


def resits_locked(appointment: Appointment) -> list[Appointment]:
    """The examinations that carry stations over from this one, locked, and with them those that rest on them in turn.

    Those without a result too: one may be signed at this moment, on the station as it was.
    """
    rows = (
        Appointment.objects.filter(resit_of__appointment=appointment)
        .select_for_update(of=("self",))
        .select_related("plan__activity", "exam_day", "candidate", "enrolment", "resit_of")
        .order_by("pk")
    )
    found = list(rows)
    for row in found:
        resits_locked(row)
    return found


def _decide_by(
    appointment: Appointment, outcome: str, newest: PracticalResult | None, at: datetime
) -> Any:
    if outcome != PracticalResult.Outcome.HELD:
        return None
    if newest and newest.outcome == PracticalResult.Outcome.HELD:
        return newest.decide_by
    return at.date() + timedelta(days=appointment.plan.adjudication_days)


def decide_due(*, at: datetime) -> int:
    """Decide what is signed whole and was not decided. Called by the sweep, for what a fault left behind; returns how many."""
    final = PracticalAssessment.objects.filter(active=True, final_at__isnull=False)
    signed = final.filter(assignment=OuterRef("pk"))
    annulled = Annulment.objects.filter(
        appointment=OuterRef("appointment"), station=OuterRef("station"), end=None
    )
    unsigned = Assignment.objects.filter(
        ~Exists(signed), ~Exists(annulled), appointment=OuterRef("pk")
    )
    waiting = Appointment.objects.filter(
        Exists(final.filter(assignment__appointment=OuterRef("pk"))),
        ~Exists(unsigned),
        results=None,
        exam_day__isnull=False,
    )
    found = 0
    for pk in list(waiting.values_list("pk", flat=True)):
        with transaction.atomic():
            row = (
                Appointment.objects.select_for_update(of=("self",))
                .select_related("plan__activity", "exam_day", "candidate", "enrolment", "resit_of")
                .get(pk=pk)
            )
            found += decide_if_due(appointment=row, by=None, at=at) is not None
    return found


# Telling


def _tell(result: PracticalResult, grounds: Grounds, at: datetime) -> None:
    """The candidate always learns where they stand; chief examiners who may decide learn of what is held."""
    held = result.outcome == PracticalResult.Outcome.HELD
    if held and grounds.newest and grounds.newest.outcome == PracticalResult.Outcome.HELD:
        return
    _tell_candidate(result, grounds.newest, at)
    if not held:
        return
    assert result.decide_by
    appointment = result.appointment
    for chief in _chiefs_who_may_decide(appointment, grounds.cases, at):
        notify(
            recipient=chief,
            kind="practical_to_decide",
            reference=f"{appointment.uuid}:{result.version}",
            subject=_("To decide by %(day)s: candidate %(number)s")
            % {
                "day": date_format(result.decide_by, "j F"),
                "number": appointment.candidate_number,
            },
            template="practicals/mail/to_decide.txt",
            context={"appointment": appointment, "result": result},
            url="/adjudicate/",
            at=at,
        )


def _tell_candidate(result: PracticalResult, before: PracticalResult | None, at: datetime) -> None:
    appointment = result.appointment
    title = appointment.plan.activity.title
    amended = before is not None and result.is_amended
    kind, words = "practical_result", _("%(title)s: your result")
    if amended:
        kind, words = "practical_amended", _("%(title)s: your result was amended")
    elif result.outcome == PracticalResult.Outcome.INCOMPLETE:
        kind, words = "practical_incomplete", _("%(title)s: a station is to be sat again")
    elif result.outcome == PracticalResult.Outcome.HELD:
        kind, words = "practical_held", _("%(title)s: your result is held")
    notify(
        recipient=appointment.candidate,
        kind=kind,
        reference=f"{appointment.uuid}:{result.version}",
        subject=words % {"title": title},
        template=f"practicals/mail/{kind.removeprefix('practical_')}.txt",
        context={
            "appointment": appointment,
            "result": result,
            "before": before,
            "plan": appointment.plan,
        },
        url=f"/appointments/{appointment.uuid}/result/",
        at=at,
    )


def _chiefs_who_may_decide(appointment: Appointment, cases: list[Case], at: datetime) -> list[User]:
    """Chief examiners who neither taught nor examined the candidate; all of them when nobody is free, so that somebody sees it."""
    chiefs = list(
        User.objects.filter(groups__name=Role.CHIEF_EXAMINER, is_active=True).order_by("pk")
    )
    examined = {row.examiner_id for case in cases for row in case.assignments.values()}
    bars = bars_among(
        examiners=chiefs,
        candidates=[appointment.candidate],
        on=at.date(),
        months=appointment.plan.trainer_bar_months,
    )
    free = [
        chief
        for chief in chiefs
        if chief.pk not in examined and (chief.pk, appointment.candidate_id) not in bars
    ]
    return free or chiefs


__all__ = [
    "Case",
    "cases_of",
    "decide_due",
    "decide_if_due",
    "resit_due",
    "stations_to_sit",
]
