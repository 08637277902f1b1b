"""What a device and a page are given: an assignment with its whole checklist, a candidate's result, two sheets side by side.

Blindness lives here as much as in the querysets: an examiner's document names neither candidate nor the other examiner, and shows no cut,
weight or total; a candidate's shows no sheet, no points of an examiner and no name.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from accounts.models import User
from practicals.figures import figure_documents, previewed_figures, shown_figures
from practicals.models import (
    GLOBAL_ANCHORS,
    Appointment,
    Assignment,
    Checklist,
    ChecklistVersion,
    ClientModel,
    Criterion,
    ExamDay,
    PracticalAssessment,
    PracticalResult,
)
from practicals.services.clients import clients_of
from practicals.services.recovery import key_of
from practicals.services.timetable import timetable_of
from practicals.sheet import sections


def checklist_document(version: ChecklistVersion) -> dict[str, Any]:
    """A checklist version whole, for use without a network. One query for its lines."""
    content = version.content
    return {
        "code": version.checklist.code,
        "version": version.number,
        "title": content["title"],
        "scenario": content["scenario"],
        "minutes": content["minutes"],
        "candidate_instructions": content["candidate_instructions"],
        "client_script": content["client_script"],
        "equipment": content["equipment"],
        "criteria": [
            {
                "code": line.code,
                "section": line.section,
                "text": line.text,
                "max": line.max_points,
                "critical": line.critical,
                "competence": line.competence,
            }
            for line in version.criteria.all()
        ],
        "violations": content["violations"],
        "figures": figure_documents(version),
        "global_ratings": anchors(content),
    }


def anchors(content: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    """What the global ratings mean: a station's own (of its frozen content), or those of every station."""
    own = (content or {}).get("global_ratings")
    return own or [
        {"value": value, "label": str(word), "text": str(text)}
        for value, word, text in GLOBAL_ANCHORS
    ]


def assignment_summary(assignment: Assignment, sheet: PracticalAssessment | None) -> dict[str, Any]:
    """One row of an examiner's list."""
    appointment = assignment.appointment
    return {
        "uuid": str(assignment.uuid),
        "candidate_number": appointment.candidate_number,
        "starts_at": appointment.starts_at,
        "place": assignment.place,
        "station": assignment.station.checklist.code,
        "title": assignment.checklist_version.content["title"],
        "minutes": assignment.station.minutes,
        "formative": appointment.plan.is_formative,
        "state": sheet_state(sheet),
    }


def sheet_state(sheet: PracticalAssessment | None) -> str:
    """to_score, begun or signed."""
    if sheet is None:
        return "to_score"
    return "signed" if sheet.is_final else "begun"


def assignment_document(
    assignment: Assignment, sheet: PracticalAssessment | None, at: datetime
) -> dict[str, Any]:
    """One assignment with everything a device needs to score it, offline too, and the sheet as last synced."""
    return {
        **assignment_for_device(assignment, sheet),
        "checklist": checklist_document(assignment.checklist_version),
        "global_ratings": anchors(assignment.checklist_version.content),
        "server_time": at,
    }


def assignment_for_device(
    assignment: Assignment,
    sheet: PracticalAssessment | None,
    clients: dict[int, ClientModel] | None = None,
) -> dict[str, Any]:
    """What a device needs of an assignment besides its checklist: where its sheet goes, from when, and how far it is."""
    appointment = assignment.appointment
    day = appointment.exam_day
    if clients is None:
        clients = clients_of([assignment])
    document = {
        **assignment_summary(assignment, sheet),
        "mode": "formative" if appointment.plan.is_formative else "exam",
        "sync_url": "/api/v1/practicals/assessments/{uuid}/",
        "opens_on": day.date if day else None,
        "avoid": appointment.avoid,
        "client": client_document(clients.get(assignment.pk)),
        "sheet": sheet_document(sheet) if sheet else None,
    }
    return {**document, "guard": guard_words(document, appointment.zone)}


def client_document(client: ClientModel | None) -> dict[str, Any] | None:
    """What an examiner needs to know of the client model at the table: a code, never a name (R39)."""
    if client is None:
        return None
    allergies = _("Allergies: %(what)s") % {"what": client.allergies} if client.allergies else ""
    chaperone = _("A chaperone is present") if client.chaperone else ""
    return {
        "code": client.code,
        "consent_at": client.consent_at,
        "avoid": client.avoid,
        "notes": ". ".join(filter(None, [allergies, client.notes.strip().rstrip("."), chaperone])),
    }


def guard_words(document: dict[str, Any], zone: str) -> dict[str, str] | None:
    """What stands above the lines: where nobody may touch, and of which client model; None when there is neither."""
    client = document.get("client") or {}
    parts = [client.get("avoid"), document["avoid"]]
    avoid = "; ".join(dict.fromkeys(part for part in parts if part))
    said = []
    if client:
        said = [_("Model %(code)s") % {"code": client["code"]}]
        if client["consent_at"]:
            at = client["consent_at"].astimezone(ZoneInfo(zone))
            said.append(_("consent %(time)s") % {"time": f"{at:%H:%M}"})
    words = ". ".join(filter(None, [", ".join(said), client.get("notes")]))
    return {"avoid": avoid, "client": words} if avoid or words else None


def sheet_document(sheet: PracticalAssessment) -> dict[str, Any]:
    """A sheet as it is stored; the answer to every sync."""
    return {
        "uuid": str(sheet.uuid),
        "assignment": str(sheet.assignment.uuid),
        "rev": sheet.rev,
        "final": sheet.is_final,
        "started_at": sheet.draft.get("started_at"),
        "finished_at": sheet.draft.get("finished_at"),
        "observations": sheet.draft.get("observations", []),
        "violations": sheet.draft.get("violations", []),
        "global_rating": sheet.global_rating,
        "signature": sheet.signature,
        "device": sheet.device,
        "issued_anew": sheet.supersedes_id is not None and sheet.written_by_id is None,
        "skew_ms": sheet.skew_ms,
        "synced_at": sheet.synced_at,
        "signed_at": sheet.final_at,
    }


def active_sheet(assignment: Assignment) -> PracticalAssessment | None:
    """The sheet that counts, with its assignment set so that nothing more is asked of the database."""
    sheet = PracticalAssessment.objects.filter(assignment=assignment, active=True).first()
    if sheet:
        sheet.assignment = assignment
    return sheet


def prefetched_sheet(assignment: Assignment) -> PracticalAssessment | None:
    """The sheet that counts, of an assignment whose `assessments` were prefetched as the active ones only."""
    sheet = next(iter(assignment.assessments.all()), None)
    if sheet:
        sheet.assignment = assignment
    return sheet


def sheet_page(
    assignment: Assignment, sheet: PracticalAssessment | None, at: datetime
) -> dict[str, Any]:
    """Context of the examiner's sheet as a page."""
    lines = list(assignment.checklist_version.criteria.all())
    boot = assignment_document(assignment, sheet, at)
    return {
        "page": {
            **station_context(assignment.checklist_version.content, lines),
            "code": assignment.station.checklist.code,
            "minutes": assignment.station.minutes,
            "version": assignment.checklist_version.number,
            "place": assignment.place,
            "candidate_number": assignment.appointment.candidate_number,
            "guard": boot["guard"],
            "formative": assignment.appointment.plan.is_formative,
        },
        "boot": boot,
        "signed": sheet.final_at if sheet else None,
    }


def station_context(content: dict[str, Any], lines: Sequence[Criterion]) -> dict[str, Any]:
    """What the sheet shows of a station, whoever is on the table."""
    return {
        "title": content["title"],
        "scenario": content["scenario"],
        "sections": sections(lines) if lines else [],
        "violations": content["violations"],
        "script": content["client_script"],
        "equipment": content["equipment"],
        "instructions": content["candidate_instructions"],
        "anchors": anchors(content),
        "figures": shown_figures(content),
    }


def preview_context(checklist: Checklist) -> dict[str, Any]:
    """Context of the examiner's sheet for a draft checklist: what an examiner would see, with nothing behind it."""
    content = checklist.frozen_content
    return {
        "page": {
            **station_context(content, [Criterion(**line) for line in checklist.frozen_lines]),
            "figures": previewed_figures(checklist),
            "code": checklist.code,
            "minutes": content["minutes"],
            "version": "–",
            "place": "A",
            "candidate_number": "0000",
            "guard": None,
            "formative": False,
        },
        "preview": True,
    }


def day_document(
    exam_day: ExamDay, assignments: Sequence[Assignment], examiner: User, at: datetime
) -> dict[str, Any]:
    """A day of one examiner, for a device: each assignment, each checklist once, and its lines as the sheet's page shows them."""
    timetable = timetable_of(exam_day)
    versions = {row.checklist_version_id: row.checklist_version for row in assignments}
    clients = clients_of(assignments)
    return {
        "uuid": str(exam_day.uuid),
        "examiner": str(examiner.uuid),
        "date": exam_day.date,
        "place": exam_day.place,
        "zone": exam_day.zone,
        "server_time": at,
        "recovery_key": key_of(exam_day, at=at).public,
        "global_ratings": anchors(),
        "checklists": {
            str(pk): {
                **checklist_document(version),
                "page": render_to_string(
                    "practicals/includes/sheet_lines.html",
                    {"page": station_context(version.content, list(version.criteria.all()))},
                ),
            }
            for pk, version in versions.items()
        },
        "assignments": [
            {
                **assignment_for_device(row, prefetched_sheet(row), clients),
                "starts_at": timetable.at(row.appointment.place_in_circuit, row.station_id)
                or row.appointment.starts_at,
                "checklist": str(row.checklist_version_id),
            }
            for row in assignments
        ],
    }


def result_document(result: PracticalResult) -> dict[str, Any]:
    """A result as its candidate learns it, in words. A pass says that it is one; a fail says where, by band (R29); nothing says who, or what a line is."""
    held = not result.is_decided
    passed = result.outcome == PracticalResult.Outcome.PASSED
    tells_nothing_more = passed and not result.appointment.plan.is_formative
    return {
        "outcome": result.outcome,
        "version": result.version,
        "at": result.at,
        "decide_by": result.decide_by,
        "total": None if passed or held else result.total,
        "reasons": [] if passed else result.reasons_said(),
        "stations": []
        if tells_nothing_more
        else [_station_told(row, passed, held) for row in result.stations_said()],
        "competences": [] if passed or held else result.competences_in_words,
        "amended": {"at": result.at, "why": result.why, "cause": result.cause}
        if result.is_amended
        else None,
    }


def _station_told(station: dict[str, Any], passed: bool, held: bool) -> dict[str, Any]:
    source = station.get("from")
    return {
        "code": station["code"],
        "title": station["title"],
        "outcome": _station_outcome(station, held),
        "band": None if passed or held else station["band"],
        "reasons": [] if station["passed"] or held else station["reasons"],
        "carried_from": date.fromisoformat(source["day"]) if source else None,
    }


def _station_outcome(station: dict[str, Any], held: bool) -> str:
    """While the whole is not decided, only which stations are held or annulled is said; nothing is released piecemeal."""
    if station.get("annulment"):
        return "annulled"
    if station["held"]:
        return "held"
    if held:
        return "decided"
    return "passed" if station["passed"] else "failed"


def appointment_document(
    appointment: Appointment, result: PracticalResult | None
) -> dict[str, Any]:
    """An appointment as its candidate (or a registrar) sees it."""
    day = appointment.exam_day
    return {
        "uuid": str(appointment.uuid),
        "title": appointment.plan.activity.title,
        "candidate_number": appointment.candidate_number,
        "state": appointment.state,
        "starts_at": appointment.starts_at,
        "zone": appointment.zone,
        "place": day.place if day else None,
        "address": day.address if day else None,
        "bring": day.things_to_bring if day else [],
        "offered_at": appointment.offered_at,
        "answered_at": appointment.answered_at,
        "checked_in_at": appointment.checked_in_at,
        "result": result_document(result) if result else None,
    }
