"""The report of a decided result as a PDF, which a worker renders into private storage. It says what the screen says: no line, no name of an examiner."""

from datetime import date, timedelta
from typing import IO, Any
from zoneinfo import ZoneInfo

from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from accounts.services import Missing
from credentials.services import letter_pdf
from practicals.models import PracticalResult
from practicals.services.resits import Next, day_of, next_after

LANGUAGE = "en-gb"
APPEAL_DAYS = 30  # domain R48
BANDS = {
    "below": gettext_lazy("Below the standard"),
    "near": gettext_lazy("Near the standard"),
    "above": gettext_lazy("At or above"),
}


def appeal_until(result: PracticalResult) -> date:
    """The last day of an appeal, from the day this version was decided by the place's calendar."""
    decided = result.at.astimezone(ZoneInfo(result.appointment.zone)).date()
    return decided + timedelta(days=APPEAL_DAYS)


def render(*, result: PracticalResult) -> None:
    """Render the PDF where it is not there yet. Safe to call twice; called by the worker."""
    if not storages["private"].exists(result.report_path):
        with override(LANGUAGE):
            content = letter_pdf(**said(result))
        storages["private"].save(result.report_path, ContentFile(content))


def report_file(result: PracticalResult) -> IO[bytes] | None:
    """The report, or None while a worker has yet to render it (which this asks for). Raises Missing of a practice station, and while nothing is decided."""
    from practicals.tasks import render_report

    if result.appointment.exam_day is None or not result.is_decided:
        raise Missing("no_report", _("There is no report of this."))
    if storages["private"].exists(result.report_path):
        return storages["private"].open(result.report_path)
    render_report.enqueue(result.pk)
    return None


def said(result: PracticalResult) -> dict[str, Any]:
    """What the report says."""
    passed = result.outcome == PracticalResult.Outcome.PASSED
    appointment = result.appointment
    lines = [
        _("%(title)s of %(day)s, %(place)s. Candidate %(number)s. Result of %(decided)s.")
        % {
            "title": appointment.plan.activity.title,
            "day": _day(day_of(result)),
            "place": appointment.exam_day.place if appointment.exam_day else "",
            "number": appointment.candidate_number,
            "decided": _day(result.at.astimezone(ZoneInfo(appointment.zone)).date()),
        },
        *_amendment(result),
    ]
    facts = [[_("You can appeal until"), _appeal(result)]]
    if passed:
        lines.append(_("You have passed. A pass is a pass: there is no score."))
    else:
        lines += [" ".join(result.reasons_said()), _bands_note()]
        follows = next_after(result)
        facts = [*(_again(follows) if follows else []), *facts]
    return {
        "title": _("You have passed") if passed else _("Not passed this time"),
        "name": appointment.candidate.name,
        "lines": lines,
        "table": [] if passed else _table(result),
        "facts": facts,
        "foot": _(
            "Two examiners scored each station without seeing each other's sheet. You may ask for a copy of what we hold about you, and for an "
            "adjustment at your next examination. The lines of a station stay secret, so that the next examination is fair. This report is not a credential."
        ),
    }


def _amendment(result: PracticalResult) -> list[str]:
    if not result.is_amended:
        return []
    words = _("This result replaces an earlier one, because a signed sheet was corrected: %(why)s")
    if result.cause == PracticalResult.Cause.TAKEN_BACK:
        words = _("This result replaces an earlier one, because a missing sheet came: %(why)s")
    return [words % {"why": result.why}]


def _bands_note() -> str:
    return _(
        "Below are the stations, and the competences across them, the weakest first. You see bands, not marks: one station is too little for a dependable number."
    )


def _table(result: PracticalResult) -> list[list[str]]:
    own = _day(day_of(result))
    rows = [
        [
            f"{row['code']} {row['title']}",
            _day(date.fromisoformat(row["from"]["day"])) if row.get("from") else own,
            _("Passed") if row["passed"] else str(BANDS[row["band"]]),
        ]
        for row in result.stations
    ]
    across = [
        [str(row["competence"]).capitalize(), "", str(BANDS[row["band"]])]
        for row in result.competences_in_words
    ]
    return [
        [_("Station"), _("Examined"), _("Result")],
        *rows,
        [_("Across the stations:"), "", ""],
        *across,
    ]


def _again(follows: Next) -> list[list[str]]:
    if follows.used_up:
        words = _("By agreement: agree a plan of further learning with the registrar first.")
        return [[_("Another attempt"), words]]
    facts = [[_("You can sit again from"), _day(follows.again_on)]]
    if follows.until:
        what = ", ".join(f"{row['code']} {row['title']}" for row in follows.stations)
        words = _("%(stations)s only. What you passed is carried over until %(day)s.")
        facts.append([_("You sit again"), words % {"stations": what, "day": _day(follows.until)}])
    else:
        facts.append([_("You sit again"), _("The whole practical, with other examiners.")])
    return facts


def _appeal(result: PracticalResult) -> str:
    return _(
        "%(day)s, on how the examination was run or scored. Someone who took no part in the result decides."
    ) % {"day": _day(appeal_until(result))}


def _day(value: date) -> str:
    return date_format(value, "j F Y")
