"""Appointments: offering, answering, cancelling, and who may be offered one."""

import secrets
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from accounts.models import Role, User
from accounts.services import Conflict, Invalid, Missing, notify
from courses.models import Progress
from courses.services import admit
from credentials.models import Application, Credential
from practicals.models import (
    Appointment,
    Assignment,
    ExamDay,
    ExamPlan,
    PracticalAssessment,
    PracticalResult,
)
from practicals.services.checks import require_role
from practicals.services.resits import Record, require_may_sit_again, resit_after
from practicals.services.timetable import timetable_of


def undecided(plan: ExamPlan) -> QuerySet[Appointment]:
    """Appointments of a plan that are offered or accepted and not yet decided (a held one is not)."""
    newest = PracticalResult.objects.newest().filter(appointment=OuterRef("pk"))
    decided = newest.exclude(outcome=PracticalResult.Outcome.HELD)
    return Appointment.objects.active().filter(~Exists(decided), plan=plan)


def passed(plan: ExamPlan) -> QuerySet[Progress]:
    """Whoever has passed the practical and may still count it: what an earlier credential of the scheme rests on is used up."""
    used_up = Credential.objects.filter(
        holder=OuterRef("enrolment__learner"),
        credential_type__code__in=plan.activity.satisfies.values("credential_type__code"),
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
        appointment__plan=plan,
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
    exam_day = (
        ExamDay.objects.select_for_update(of=("self",))
        .select_related("plan__activity__module__course")
        .get(pk=exam_day.pk)
    )
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
    record = _require_may_sit(exam_day=exam_day, candidate=candidate)
    enrolment = admit(learner=candidate, activity=plan.activity, at=at)
    place = _free_place(exam_day)
    appointment = Appointment.objects.create(
        plan=plan,
        exam_day=exam_day,
        candidate=candidate,
        enrolment=enrolment,
        candidate_number=_new_number(plan),
        place_in_circuit=place,
        starts_at=timetable_of(exam_day).begins_for(place),
        resit_of=resit_after(record.last, plan, exam_day.date),
        offered_at=at,
        avoid=avoid,
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
        % {"day": f"{exam_day.date:%-d %B %Y}", "place": exam_day.place},
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


def local(appointment: Appointment) -> str:
    """When it begins, as the place's clock says: 09:00 on Saturday 28 November 2026."""
    return f"{appointment.starts_at.astimezone(ZoneInfo(appointment.zone)):%H:%M on %A %-d %B %Y}"


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
    appointment = Appointment.objects.select_for_update().get(pk=appointment.pk)
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
    appointment.state, appointment.answered_at = wanted, at
    appointment.save(update_fields=["state", "answered_at"])
    if not accept:
        _free_examiners(appointment)
    log(appointment, f"practicals.{wanted}", user=by, timestamp=at)
    return appointment


@transaction.atomic
def cancel_appointment(
    *, appointment: Appointment, reason: str, by: User, at: datetime
) -> Appointment:
    """A registrar takes an appointment back and tells the candidate why. Raises Conflict once a sheet has been begun."""
    require_role(by, Role.REGISTRAR)
    appointment = (
        Appointment.objects.select_for_update(of=("self",))
        .select_related("exam_day", "candidate")
        .get(pk=appointment.pk)
    )
    if appointment.state == Appointment.State.CANCELLED:
        return appointment
    if not appointment.is_active:
        raise Conflict("appointment_closed", _("This appointment is closed."))
    if PracticalAssessment.objects.filter(assignment__appointment=appointment).exists():
        raise Conflict(
            "sheet_begun", _("An examiner has begun to score; it cannot be cancelled any more.")
        )
    if not reason.strip() or "\x00" in reason:
        raise Invalid(
            "no_reason",
            _("Say why it is cancelled; the candidate reads it."),
            fields={"reason": [_("Say why it is cancelled.")]},
        )
    appointment.state, appointment.answered_at = Appointment.State.CANCELLED, at
    appointment.save(update_fields=["state", "answered_at"])
    _free_examiners(appointment)
    log(appointment, "practicals.cancelled", user=by, data={"reason": reason}, timestamp=at)
    notify(
        recipient=appointment.candidate,
        kind="practical_cancelled",
        reference=str(appointment.uuid),
        subject=_("Your practical on %(day)s is cancelled")
        % {"day": f"{appointment.starts_at:%-d %B %Y}"},
        template="practicals/mail/cancelled.txt",
        context={"appointment": appointment, "reason": reason},
        url="/appointments/",
        at=at,
    )
    return appointment


def _free_examiners(appointment: Appointment) -> None:
    Assignment.objects.filter(appointment=appointment, assessments=None).delete()


@transaction.atomic
def check_identity(*, appointment: Appointment, by: User, at: datetime) -> Appointment:
    """A registrar has seen the candidate's identity document on the day. Safe to call twice."""
    require_role(by, Role.REGISTRAR)
    done = Appointment.objects.filter(
        state=Appointment.State.ACCEPTED, pk=appointment.pk, identity_checked_at=None
    ).update(identity_checked_at=at)
    appointment.refresh_from_db()
    if done:
        log(appointment, "practicals.identity", user=by, timestamp=at)
    elif appointment.identity_checked_at is None:
        raise Conflict("not_accepted", _("The candidate has not accepted this appointment."))
    return appointment
