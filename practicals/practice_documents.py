"""What a device and a page are given of practice: a sheet with everything to score it, a run with what its sheets say."""

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from practicals.blocks import COMPETENCES
from practicals.documents import anchors, checklist_document, station_context
from practicals.models import PracticeRun, PracticeSheet
from practicals.practising import LineSeen, Report
from practicals.services.formative import initials

NAMES = dict(COMPETENCES)


def practice_sheet_document(sheet: PracticeSheet) -> dict[str, Any]:
    """A sheet as it is stored, in the shape of an examiner's; the answer to every sync."""
    draft = sheet.draft
    return {
        "uuid": str(sheet.uuid),
        "assignment": str(sheet.uuid),
        "rev": sheet.rev,
        "final": sheet.is_final,
        "started_at": draft.get("started_at"),
        "finished_at": draft.get("finished_at"),
        "observations": draft.get("observations", []),
        "violations": draft.get("violations", []),
        "global_rating": draft.get("global_rating"),
        "signature": draft.get("signature", ""),
        "synced_at": sheet.synced_at,
        "signed_at": sheet.final_at,
    }


def practice_boot(sheet: PracticeSheet, at: datetime) -> dict[str, Any]:
    """A practice sheet with everything a device needs to score it, in the shape of an assignment. Nothing of it is certified."""
    run = sheet.run
    content = run.version.content
    address = f"/api/v1/practicals/practice/sheets/{sheet.uuid}/"
    return {
        "uuid": str(sheet.uuid),
        "mode": "practice",
        "sync_url": address,
        "look_url": address,
        "opens_on": None,
        "candidate_number": initials(run.performer),
        "station": run.version.checklist.code,
        "title": content["title"],
        "minutes": content["minutes"],
        "performer": run.performer.name,
        "own": sheet.scorer_id == run.performer_id,
        "guard": None,
        "checklist": checklist_document(run.version),
        "global_ratings": anchors(content),
        "sheet": practice_sheet_document(sheet),
        "server_time": at,
    }


def practice_page(sheet: PracticeSheet, at: datetime) -> dict[str, Any]:
    """Context of the sheet's page for practice."""
    run = sheet.run
    own = sheet.scorer_id == run.performer_id
    back = reverse("practice-run", args=[run.uuid]) if own else reverse("practice")
    return {
        "page": {
            **station_context(run.version.content, list(run.version.criteria.all())),
            "code": run.version.checklist.code,
            "minutes": run.version.content["minutes"],
            "version": run.version.number,
            "place": "",
            "candidate_number": initials(run.performer),
            "guard": None,
            "formative": True,
            "practice": True,
            "own": own,
            "back": back,
        },
        "boot": practice_boot(sheet, at),
        "signed": sheet.final_at,
    }


def run_document(run: PracticeRun, report: Report | None, at: datetime) -> dict[str, Any]:
    """A run for whoever practised: its sheets by who scores them, and the report once there is one."""
    return {
        "uuid": str(run.uuid),
        "station": run.version.checklist.code,
        "title": run.version.content["title"],
        "activity": str(run.activity.uuid),
        "version": run.version.number,
        "begun_at": run.begun_at,
        "code": run.code if run.code_is_open(at) else None,
        "code_until": run.code_until if run.code_is_open(at) else None,
        "sheets": [
            {
                "uuid": str(row.uuid) if row.scorer_id == run.performer_id else None,
                "scorer": row.scorer.name,
                "own": row.scorer_id == run.performer_id,
                "state": sheet_state(row),
            }
            for row in run.sheets.all()
        ],
        "report": report_document(report) if report else None,
    }


def sheet_state(sheet: PracticeSheet) -> str:
    """asked, begun or finished."""
    if sheet.is_final:
        return "finished"
    return "begun" if sheet.rev else "asked"


def report_document(report: Report) -> dict[str, Any]:
    return {
        "sheets": [
            {
                "scorer": row.name,
                "own": row.own,
                "global_rating": row.global_rating,
                "violations": row.violations,
            }
            for row in report.sheets
        ],
        "missed": [_line(row) for row in report.missed],
        "star_zeros": [row.line.code for row in report.star_zeros],
        "apart": [row.line.code for row in report.apart],
        "competences": [
            {
                "competence": row.name,
                "name": competence_name(row.name),
                "out_of": row.out_of,
                "percents": list(row.percents),
            }
            for row in report.competences
        ],
    }


def _line(row: LineSeen) -> dict[str, Any]:
    return {
        "code": row.line.code,
        "text": row.line.text,
        "critical": row.line.critical,
        "max": row.line.max_points,
        "points": list(row.points),
        "notes": [{"scorer": name, "note": note} for name, note in row.notes],
    }


def competence_name(code: str) -> str:
    return str(NAMES.get(code, code))


def practice_words() -> dict[str, str]:
    """What the sheet's script says in practice instead of at an examination."""
    return {
        "nextSign": _("Next: finish"),
        "missing": _(
            "{n} still to score. Every line and the global rating need a score before you can finish."
        ),
        "complete": _("Everything is scored. After finishing, the sheet takes no more changes."),
        "signed": _("Finished by {name}, {time}. This sheet takes no more changes."),
        "signedHere": _(
            "Finished on this device and not yet confirmed. Leave this page open; it is sent as soon as there is a network."
        ),
        "refused": _("The server does not take this sheet; everything is kept on this device."),
    }
