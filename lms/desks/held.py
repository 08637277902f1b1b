"""Practicals as the registrar's queue shows them: held results, sheets that have not come, and passes that an amendment took back.

A chief examiner decides what is held; the registrar sees that it is done in time.
"""

from datetime import datetime

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from credentials.services import DOCUMENT_DAYS, Matter, after_working_days
from practicals.models import PracticalResult
from practicals.services.watching import Waiting, falls, waiting_for_sheets

SHEET_DAYS = 2  # working days in which a missing sheet is looked for


def held_matters(*, at: datetime) -> list[Matter]:
    """One matter for each practical whose newest result is held. One query, and one where rulings are to be read."""
    rows = (
        PracticalResult.objects.newest()
        .filter(outcome=PracticalResult.Outcome.HELD)
        .select_related("appointment__exam_day", "appointment__plan")
        .prefetch_related("appointment__adjudications")
    )
    return [
        Matter(
            key=f"held:{row.appointment.uuid}",
            kind="held",
            who=_("Candidate %(number)s") % {"number": row.appointment.candidate_number},
            reference=date_format(row.appointment.starts_at, "j M Y"),
            what=_("Practical held: %(place)s") % {"place": row.appointment.exam_day.place},
            why=next(
                iter(row.staff_reasons), _("The two examiners differ; a chief examiner decides")
            ),
            url=reverse("exam-day", args=[row.appointment.exam_day.uuid]),
            since=row.at,
            due=row.decide_by or row.at.date(),
        )
        for row in rows
    ]


def waiting_matters(*, at: datetime) -> list[Matter]:
    """One matter for each practical that is over and waits for a sheet. Three queries."""
    return [
        Matter(
            key=f"sheets:{row.appointment.uuid}",
            kind="sheets",
            who=_("Candidate %(number)s") % {"number": row.appointment.candidate_number},
            reference=date_format(row.appointment.starts_at, "j M Y"),
            what=_("Sheets missing: %(place)s") % {"place": row.exam_day.place},
            why=_missing(row),
            url=reverse("exam-day", args=[row.exam_day.uuid]),
            since=row.appointment.starts_at,
            due=after_working_days(row.appointment.starts_at.date(), SHEET_DAYS),
        )
        for row in waiting_for_sheets(at=at)
    ]


def _missing(row: Waiting) -> str:
    if not row.signed and all(sheet.heard_at is None for sheet in row.missing):
        return _("Nothing has come from any tablet: were they examined?")
    where = ", ".join(
        f"{sheet.assignment.station.checklist.code} {sheet.assignment.place} ({sheet.assignment.examiner})"
        for sheet in row.missing[:3]
    )
    more = len(row.missing) - 3
    if more > 0:
        where = ngettext("%(where)s and %(n)d more", "%(where)s and %(n)d more", more) % {
            "where": where,
            "n": more,
        }
    return _("Not signed: %(where)s") % {"where": where}


def fall_matters(*, at: datetime) -> list[Matter]:
    """One matter for each pass that was taken back while a credential rests on it."""
    return [
        Matter(
            key=f"fall:{row.result.uuid}",
            kind="fall",
            who=row.result.appointment.candidate.name,
            reference=row.credentials[0].number,
            what=_("Practical: a pass taken back"),
            why=row.result.why or _("A signed sheet was corrected"),
            url=reverse("practical-fall", args=[row.result.uuid]),
            since=row.result.at,
            due=after_working_days(row.result.at.date(), DOCUMENT_DAYS),
        )
        for row in falls(at=at)
    ]
