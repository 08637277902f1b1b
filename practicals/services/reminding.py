"""Candidates are reminded of their date in good time. Called by the sweep; each step is told once."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import Notice
from accounts.services import notify
from practicals.models import Appointment
from practicals.services.visits import local

KIND = "practical_reminder"
REMIND_DAYS = (2, 14)  # calendar days before, the nearest first


def remind_of_appointments(*, at: datetime) -> int:
    """Write to candidates 14 and 2 days before: what is agreed, or that their answer is missing. Returns how many were told now.

    Whoever is found late is told the nearest step only; who was offered or accepted the date after a step needs no reminder of it. A moved date
    begins anew. Two queries when there is nothing to tell.
    """
    rows = Appointment.objects.active().filter(
        exam_day__isnull=False,
        starts_at__gt=at,
        starts_at__lte=at + timedelta(days=REMIND_DAYS[-1] + 1),
    )
    due: dict[str, Appointment] = {}
    for row in rows.select_related("exam_day", "candidate", "plan__activity"):
        today = at.astimezone(ZoneInfo(row.zone)).date()
        left = (row.day.date - today).days
        step = next((days for days in REMIND_DAYS if 0 < left <= days), None)
        if step is not None and _known_since(row) < row.day.date - timedelta(days=step):
            due[f"{row.uuid}:{row.calendar_sequence}:{row.state}:{step}"] = row
    told = set(
        Notice.objects.filter(kind=KIND, reference__in=due).values_list("reference", flat=True)
    )
    for reference in due.keys() - told:
        _remind(due[reference], reference, at)
    return len(due.keys() - told)


def _known_since(row: Appointment) -> date:
    """The day on which they last heard of the date or said yes to it."""
    return max(row.offered_at, row.answered_at or row.offered_at).date()


def _remind(appointment: Appointment, reference: str, at: datetime) -> None:
    day, accepted = appointment.day, appointment.state == Appointment.State.ACCEPTED
    said = _("Your practical on %(day)s") if accepted else _("Please answer: practical on %(day)s")
    notify(
        recipient=appointment.candidate,
        kind=KIND,
        reference=reference,
        subject=said % {"day": date_format(day.date, "j F Y")},
        template="practicals/mail/reminder.txt",
        context={
            "exam_day": day,
            "starts_at": local(appointment),
            "accepted": accepted,
            "number": appointment.candidate_number,
        },
        url=f"/appointments/{appointment.uuid}/",
        at=at,
    )
