"""Held practical results as the registrar's queue shows them. The chief examiner decides; the registrar sees that it is done in time."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from credentials.services import Matter
from practicals.models import PracticalResult


def held_matters(*, at: datetime) -> list[Matter]:
    """One matter for each practical whose newest result is held. One query."""
    rows = (
        PracticalResult.objects.newest()
        .filter(outcome=PracticalResult.Outcome.HELD)
        .select_related("appointment__exam_day", "appointment__plan")
    )
    return [
        Matter(
            key=f"held:{row.appointment.uuid}",
            kind="held",
            who=_("Candidate %(number)s") % {"number": row.appointment.candidate_number},
            reference=f"{row.appointment.starts_at:%-d %b %Y}",
            what=_("Practical held: %(place)s") % {"place": row.appointment.exam_day.place},
            why=next(iter(row.staff_reasons), _("The two examiners differ; a chief examiner decides")),
            url=reverse("exam-day", args=[row.appointment.exam_day.uuid]),
            since=row.at,
            due=row.decide_by or row.at.date(),
        )
        for row in rows
    ]
