"""Appointments: offering, answering, cancelling, and who may be offered one."""

import secrets
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from accounts.models import Role, User
from accounts.services import Conflict, Invalid, Missing, lock_learner, notify
from courses.models import Progress
from courses.services import admit
from credentials.models import Application, Credential, Requirement
from practicals.models import (
    Appointment,
    Assignment,
    DateRequest,
    ExamDay,
    ExamPlan,
    PracticalAssessment,
    PracticalResult,
)
from practicals.services.calendars import calendar_of
from practicals.services.checks import require_role
from practicals.services.grid import lock_day
from practicals.services.resits import Record, require_may_sit_again, resit_after, stations_to_sit
from practicals.services.timetable import timetable_of


def undecided(plan: ExamPlan) -> QuerySet[Appointment]:
    """Appointments of an examination, under whichever edition of its plan, that are offered or accepted and not yet decided (a held one is not)."""
    newest = PracticalResult.objects.newest().filter(appointment=OuterRef("pk"))
    decided = newest.exclude(outcome=PracticalResult.Outcome.HELD)
    return Appointment.objects.active().filter(~Exists(decided), plan__activity=plan.activity_id)


def passed(plan: ExamPlan) -> QuerySet[Progress]:
    """Whoever has passed the practical and may still count it: what an earlier credential of the scheme rests on is used up."""
    used_up = Credential.objects.filter(
        holder=OuterRef("enrolment__learner"),
        credential_type__code__in=Requirement.objects.filter(activities=plan.activity_id).values(
            "credential_type__code"
        ),
        issued_at__gte=OuterRef("changed_at"),
    )
    return Progress.objects.filter(
        ~Exists(used_up), activity=plan.activity_id, state=Progress.State.COMPLETE
    )


def eligible_candidates(*, exam_day: ExamDay) -> list[Application]:
    """Open applications whose practical is still to be passed, without an appointment or a wait that reaches beyond the day, by age. One query."""
    plan = exam_day.plan
    applicant = OuterRef("applicant")
    waiting = PracticalResult.objects.filter(
        appointment__plan__activity=plan.activity_id,
        appointment__candidate=applicant,
        outcome=PracticalResult.Outcome.FAILED,
        appointment__exam_day__date__gt=exam_day.date - timedelta(days=plan.retake_wait_days),
    )
    return list(
        Application.objects.filter(
            ~Exists(passed(plan).filter(enrolment__learner=applicant)),
            ~Exists(undecided(plan).filter(candidate=applicant)),
            ~Exists(waiting),
            closed_at=None,
            credential_type__requirements__activities=plan.activity_id,
        )
        .select_related("applicant")
        .order_by("submitted_at", "pk")
        .distinct()
    )


@transaction.atomic
def offer_appointment(
    *, exam_day: ExamDay, candidate: User, by: User | None, at: datetime, avoid: str = ""
) -> Appointment:
    """Offer a candidate a place on an exam day and tell them. Offered already: returns that appointment.

    The candidate has an open application and has not passed. Raises Conflict when the day is over or full, when another appointment is
    still undecided, when the practical is passed, or before a retake is allowed.
    """
    require_role(by, Role.REGISTRAR)
    exam_day = lock_day(exam_day.pk)
    plan = exam_day.plan
    existing = undecided(plan).filter(candidate=candidate).select_related("exam_day").first()
    if existing:
        if existing.exam_day_id == exam_day.pk:
            return existing
        raise Conflict(
            "has_appointment",
            _("%(candidate)s has an appointment already: %(exam_day)s.")
            % {"candidate": candidate, "exam_day": existing.exam_day},
        )
    if exam_day.begins < at:
        raise Conflict("day_over", _("This exam day has begun or is over."))
    lock_learner(candidate.pk)  # what it rests on may be taken back at this moment
    record = _require_may_sit(exam_day=exam_day, candidate=candidate)
    enrolment = admit(learner=candidate, activity=plan.activity, at=at)
    place = _free_place(exam_day)
    appointment = Appointment(
        plan=plan,
        exam_day=exam_day,
        candidate=candidate,
        enrolment=enrolment,
        candidate_number=_new_number(plan),
        place_in_circuit=place,
        resit_of=resit_after(record.last, plan, exam_day.date),
        offered_at=at,
        avoid=avoid,
    )
    appointment.starts_at = begins_of(appointment)
    appointment.save(force_insert=True)
    DateRequest.objects.open().filter(plan__activity=plan.activity_id, candidate=candidate).update(
        closed_at=at, appointment=appointment
    )
    log(
        appointment,
        "practicals.offer",
        user=by,
        data={"candidate": str(candidate.uuid)},
        timestamp=at,
    )
    notify(
        recipient=candidate,
        kind="practical_offered",
        reference=str(appointment.uuid),
        subject=_("Your practical: %(day)s, %(place)s")
        % {"day": date_format(exam_day.date, "j F Y"), "place": exam_day.place},
        template="practicals/mail/offered.txt",
        context={"appointment": appointment, "exam_day": exam_day, "starts_at": local(appointment)},
        url=f"/appointments/{appointment.uuid}/",
        at=at,
    )
    return appointment


def _require_may_sit(*, exam_day: ExamDay, candidate: User) -> Record:
    plan = exam_day.plan
    if passed(plan).filter(enrolment__learner=candidate).exists():
        raise Conflict(
            "already_passed",
            _("%(candidate)s has passed this practical.") % {"candidate": candidate},
        )
    return require_may_sit_again(candidate=candidate, plan=plan, on=exam_day.date)


def begins_of(appointment: Appointment) -> datetime:
    """When a candidate has to be there: of a re-sit, for the first station that is sat again."""
    rounds, place = timetable_of(appointment.day), appointment.place_in_circuit
    if appointment.resit_of is None or not rounds.stations:
        return rounds.begins_for(place)
    hours = [rounds.at(place, station.pk) for station in stations_to_sit(appointment)]
    return min((hour for hour in hours if hour), default=rounds.begins_for(place))


def local(appointment: Appointment) -> str:
    """When it begins, as the place's clock says: 09:00 on Saturday 28 November 2026."""
    begins = appointment.starts_at.astimezone(ZoneInfo(appointment.zone))
    return _("%(time)s on %(day)s") % {
        "time": f"{begins:%H:%M}",
        "day": date_format(begins, "l j F Y"),
    }


def _free_place(exam_day: ExamDay) -> int:
    taken = set(exam_day.appointments.active().values_list("place_in_circuit", flat=True))
    free = next((place for place in range(exam_day.capacity) if place not in taken), None)
    if free is None:
        raise Conflict(
            "day_full",
            _("All %(capacity)s places of this exam day are taken.")
            % {"capacity": exam_day.capacity},
        )
    return free


def _new_number(plan: ExamPlan) -> str:
    """A number of four figures that nobody of this plan has had: examiners know candidates by it alone."""
    used = set(Appointment.objects.filter(plan=plan).values_list("candidate_number", flat=True))
    for digits in (4, 6):
        for _try in range(200):
            number = str(secrets.randbelow(9 * 10 ** (digits - 1)) + 10 ** (digits - 1))
            if number not in used:
                return number
    raise RuntimeError("Four hundred random candidate numbers in a row were taken.")


@transaction.atomic
def answer_appointment(
    *, appointment: Appointment, accept: bool, by: User, at: datetime
) -> Appointment:
    """The candidate accepts or declines. The same answer again changes nothing; declining after accepting frees the place.

    Raises Missing for anybody else, Conflict once it has begun, was declined or cancelled.
    """
    appointment = lock_appointment(appointment)
    if appointment.candidate_id != by.pk:
        raise Missing("no_appointment", _("There is no such appointment."))
    wanted = Appointment.State.ACCEPTED if accept else Appointment.State.DECLINED
    if appointment.state == wanted:
        return appointment
    if not appointment.is_active:
        raise Conflict(
            "appointment_closed", _("This offer is closed. Ask the registrar for another date.")
        )
    if appointment.starts_at <= at:
        raise Conflict("appointment_begun", _("This appointment has begun or is over."))
    was_accepted = appointment.state == Appointment.State.ACCEPTED
    appointment.state, appointment.answered_at = wanted, at
    appointment.calendar_sequence += was_accepted
    appointment.save(update_fields=["state", "answered_at", "calendar_sequence"])
    if not accept:
        _free_examiners(appointment)
    log(appointment, f"practicals.{wanted}", user=by, timestamp=at)
    if accept or was_accepted:
        _tell_answer(appointment, at)
    return appointment


def lock_appointment(appointment: Appointment) -> Appointment:
    """The appointment as it is, locked, with what its rules read."""
    return (
        Appointment.objects.select_for_update(of=("self",))
        .select_related("exam_day__plan", "plan__activity", "candidate")
        .get(pk=appointment.pk)
    )


def _tell_answer(appointment: Appointment, at: datetime) -> None:
    """The date as it stands, with its entry for the candidate's calendar, or what takes that out again."""
    if appointment.exam_day is None:
        return
    accepted = appointment.state == Appointment.State.ACCEPTED
    said = (
        _("Agreed: %(day)s, %(place)s") if accepted else _("You do not come on %(day)s, %(place)s")
    )
    notify(
        recipient=appointment.candidate,
        kind="practical_accepted" if accepted else "practical_declined",
        reference=f"{appointment.uuid}:{appointment.calendar_sequence}",
        subject=said
        % {
            "day": date_format(appointment.exam_day.date, "j F Y"),
            "place": appointment.exam_day.place,
        },
        template="practicals/mail/answered.txt",
        context={
            "accepted": accepted,
            "exam_day": appointment.exam_day,
            "appointment": appointment,
            "starts_at": local(appointment),
        },
        url=f"/appointments/{appointment.uuid}/" if accepted else "/appointments/",
        calendar=calendar_of(appointment=appointment, at=at),
        at=at,
    )


@transaction.atomic
def cancel_appointment(
    *, appointment: Appointment, reason: str, by: User, at: datetime
) -> Appointment:
    """A registrar takes an appointment back and tells the candidate why. Raises Conflict once a sheet has been begun."""
    require_role(by, Role.REGISTRAR)
    appointment = lock_appointment(appointment)
    if appointment.state == Appointment.State.CANCELLED:
        return appointment
    if not appointment.is_active:
        raise Conflict("appointment_closed", _("This appointment is closed."))
    if PracticalAssessment.objects.filter(assignment__appointment=appointment).exists():
        raise Conflict(
            "sheet_begun", _("An examiner has begun to score; it cannot be cancelled any more.")
        )
    take_back(appointment, reason=require_reason(reason), by=by, at=at)
    return appointment


def require_reason(reason: str) -> str:
    """Raise Invalid unless something is said that a candidate can read."""
    if not reason.strip() or "\x00" in reason:
        raise Invalid(
            "no_reason",
            _("Say why it is cancelled; the candidate reads it."),
            fields={"reason": [_("Say why it is cancelled.")]},
        )
    return reason.strip()


def take_back(appointment: Appointment, *, reason: str, by: User | None, at: datetime) -> None:
    """Cancel a locked appointment that has no sheet, free its places and tell the candidate."""
    appointment.state, appointment.answered_at = Appointment.State.CANCELLED, at
    appointment.calendar_sequence += 1
    appointment.save(update_fields=["state", "answered_at", "calendar_sequence"])
    _free_examiners(appointment)
    log(appointment, "practicals.cancelled", user=by, data={"reason": reason}, timestamp=at)
    notify(
        recipient=appointment.candidate,
        kind="practical_cancelled",
        reference=str(appointment.uuid),
        subject=_("Your practical on %(day)s is cancelled")
        % {"day": date_format(appointment.starts_at, "j F Y")},
        template="practicals/mail/cancelled.txt",
        context={"appointment": appointment, "reason": reason},
        url="/appointments/",
        calendar=calendar_of(appointment=appointment, at=at) if appointment.exam_day else "",
        at=at,
    )


def _free_examiners(appointment: Appointment) -> None:
    Assignment.objects.filter(appointment=appointment, assessments=None).delete()
