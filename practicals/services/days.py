"""An exam day is set up, moved, made smaller or cancelled; whoever has a place hears of it, and nobody loses one silently."""

from collections.abc import Collection
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from wagtail.log_actions import log

from accounts.models import Role, User
from accounts.services import Conflict, Invalid, notify
from practicals.models import Appointment, Assignment, ExamDay, ExamPlan, PracticalAssessment
from practicals.services.calendars import calendar_of
from practicals.services.checks import require_role
from practicals.services.grid import lock_day
from practicals.services.visits import begins_of, local, require_reason, take_back


@transaction.atomic
def set_day(
    *, exam_day: ExamDay, examiners: Collection[User], by: User | None, at: datetime
) -> ExamDay:
    """Save a day with the values it carries now, a new one or a changed one, and its examiners.

    Moved to another hour, every candidate is asked again; at another place, they are told. Raises Invalid by field for a day that is over, fewer
    places than are taken, another plan than candidates were offered, or an examiner left out who is assigned; Conflict when it is cancelled or,
    moved, already begun.
    """
    require_role(by, Role.REGISTRAR, Role.ADMINISTRATOR)
    _require_to_come(exam_day, at)
    _require_examination(exam_day)
    if exam_day.pk is None:
        exam_day.save()
        exam_day.examiners.set(examiners)
        return exam_day
    before = lock_day(exam_day.pk)
    active = list(
        Appointment.objects.active()
        .filter(exam_day=before)
        .select_for_update(of=("self",))
        .select_related("candidate", "resit_of", "plan__activity")
        .order_by("place_in_circuit")
    )
    _require_possible(before, exam_day, active, examiners)
    moved = before.begins != exam_day.begins
    elsewhere = (before.place, before.address) != (exam_day.place, exam_day.address)
    if moved and PracticalAssessment.objects.filter(assignment__appointment__in=active).exists():
        raise Conflict(
            "sheet_begun", _("Examiners have begun to score; the day is not moved any more.")
        )
    exam_day.save()
    exam_day.examiners.set(examiners)
    if moved or elsewhere:
        for appointment in active:
            appointment.exam_day = exam_day
            _move(appointment, ask_again=moved, at=at)
    return exam_day


def _require_to_come(exam_day: ExamDay, at: datetime) -> None:
    held = ExamDay.objects.filter(pk=exam_day.pk).values_list("date", flat=True).first()
    today = at.astimezone(ZoneInfo(exam_day.zone)).date()
    if exam_day.date < today and held != exam_day.date:
        said = _("Choose today or a day to come.")
        raise Invalid("day_over", said, fields={"date": [said]})


def _require_examination(exam_day: ExamDay) -> None:
    """A day is set up for an examination whose edition is in force; one that exists keeps its own."""
    plan = exam_day.plan
    kept = ExamDay.objects.filter(pk=exam_day.pk, plan=plan).exists()
    if plan.is_formative or not (kept or plan.state == ExamPlan.State.IN_FORCE):
        said = _("Choose an examination whose edition is in force.")
        raise Invalid("not_in_force", said, fields={"plan": [said]})


def _require_possible(
    before: ExamDay, now: ExamDay, active: list[Appointment], examiners: Collection[User]
) -> None:
    errors: dict[str, list[str]] = {}
    if now.capacity < len(active):
        errors["capacity"] = [
            ngettext(
                "One place is taken. Keep it, or cancel the appointment first.",
                "%(n)s places are taken. Keep them, or cancel appointments first.",
                len(active),
            )
            % {"n": len(active)}
        ]
    if now.plan_id != before.plan_id and before.appointments.exists():
        errors["plan"] = [_("Candidates were offered this examination; set up another day.")]
    gone = (
        Assignment.objects.filter(appointment__in=active)
        .exclude(examiner__in=[person.pk for person in examiners])
        .filter(examiner__in=before.examiners.all())
        .values_list("examiner__name", flat=True)
    )
    names = sorted(set(gone))
    if names:
        errors["examiners"] = [
            _(
                "Assigned on this day: %(names)s. Take them off on the plan of the day, where their places are filled again."
            )
            % {"names": ", ".join(names)}
        ]
    if errors:
        raise Invalid("not_possible", _("The day cannot be changed so."), fields=errors)


def _move(appointment: Appointment, *, ask_again: bool, at: datetime) -> None:
    """Tell a candidate of the new hour or place; of a new hour they are asked again."""
    appointment.starts_at = begins_of(appointment)
    appointment.calendar_sequence += 1
    if ask_again:
        appointment.state, appointment.answered_at = Appointment.State.OFFERED, None
    appointment.save(update_fields=["starts_at", "calendar_sequence", "state", "answered_at"])
    day = appointment.day
    said = (
        _("Moved: your practical, now %(day)s")
        if ask_again
        else _("Your practical is at another place")
    )
    notify(
        recipient=appointment.candidate,
        kind="practical_moved",
        reference=f"{appointment.uuid}:{appointment.calendar_sequence}",
        subject=said % {"day": date_format(day.date, "j F Y")} if ask_again else said,
        template="practicals/mail/moved.txt",
        context={
            "exam_day": day,
            "starts_at": local(appointment),
            "ask_again": ask_again,
        },
        url=f"/appointments/{appointment.uuid}/",
        calendar=calendar_of(appointment=appointment, at=at),
        at=at,
    )


@transaction.atomic
def cancel_day(*, exam_day: ExamDay, reason: str, by: User | None, at: datetime) -> ExamDay:
    """Cancel a whole day: every appointment is cancelled, candidates and examiners are told why. Safe to call twice.

    Raises Conflict once a sheet was begun, Invalid without a reason.
    """
    require_role(by, Role.REGISTRAR)
    exam_day = (
        ExamDay.objects.select_for_update(of=("self",))
        .select_related("plan__activity")
        .get(pk=exam_day.pk)
    )
    if exam_day.cancelled_at:
        return exam_day
    if PracticalAssessment.objects.filter(assignment__appointment__exam_day=exam_day).exists():
        raise Conflict(
            "sheet_begun",
            _("An examiner has begun to score on this day; cancel the appointments one by one."),
        )
    reason = require_reason(reason)
    people = {person.pk: person for person in exam_day.examiners.all()}
    active = (
        Appointment.objects.active()
        .filter(exam_day=exam_day)
        .select_for_update(of=("self",))
        .select_related("candidate", "exam_day__plan", "plan__activity")
        .prefetch_related("assignments__examiner")
        .order_by("pk")
    )
    for appointment in active:
        people |= {row.examiner_id: row.examiner for row in appointment.assignments.all()}
        take_back(appointment, reason=reason, by=by, at=at)
    exam_day.cancelled_at, exam_day.why_cancelled = at, reason
    exam_day.save(update_fields=["cancelled_at", "why_cancelled"])
    log(exam_day, "practicals.day_cancelled", user=by, data={"reason": reason}, timestamp=at)
    for person in people.values():
        notify(
            recipient=person,
            kind="exam_day_cancelled",
            reference=str(exam_day.uuid),
            subject=_("Cancelled: exam day %(day)s") % {"day": exam_day},
            template="practicals/mail/day_cancelled.txt",
            context={"exam_day": exam_day, "reason": reason},
            url="/examine/",
            at=at,
        )
    return exam_day
