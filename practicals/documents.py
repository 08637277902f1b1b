"""What a device and a page are given: an assignment with its whole checklist, a candidate's result, two sheets side by side.

Blindness lives here as much as in the querysets: an examiner's document names neither candidate nor the other examiner, and shows no cut,
weight or total; a candidate's shows no sheet, no points of an examiner and no name.
"""

from datetime import date, datetime
from typing import Any

from practicals.models import (
    GLOBAL_ANCHORS,
    Appointment,
    Assignment,
    Checklist,
    ChecklistVersion,
    Criterion,
    PracticalAssessment,
    PracticalResult,
)
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
    }


def anchors() -> list[dict[str, Any]]:
    return [
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
        **assignment_summary(assignment, sheet),
        "avoid": assignment.appointment.avoid,
        "checklist": checklist_document(assignment.checklist_version),
        "global_ratings": anchors(),
        "sheet": sheet_document(sheet) if sheet else None,
        "server_time": at,
    }


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
    return next(iter(assignment.assessments.all()), None)


def sheet_page(
    assignment: Assignment, sheet: PracticalAssessment | None, at: datetime
) -> dict[str, Any]:
    """Context of the examiner's sheet as a page."""
    lines = list(assignment.checklist_version.criteria.all())
    content = assignment.checklist_version.content
    return {
        "page": {
            "code": assignment.station.checklist.code,
            "title": content["title"],
            "scenario": content["scenario"],
            "minutes": assignment.station.minutes,
            "version": assignment.checklist_version.number,
            "place": assignment.place,
            "candidate_number": assignment.appointment.candidate_number,
            "avoid": assignment.appointment.avoid,
            "formative": assignment.appointment.plan.is_formative,
            "sections": sections(lines),
            "violations": content["violations"],
            "script": content["client_script"],
            "equipment": content["equipment"],
            "instructions": content["candidate_instructions"],
            "anchors": anchors(),
        },
        "boot": assignment_document(assignment, sheet, at),
        "signed": sheet.final_at if sheet else None,
    }


def preview_context(checklist: Checklist) -> dict[str, Any]:
    """Context of the examiner's sheet for a draft checklist: what an examiner would see, with nothing behind it."""
    content = checklist.frozen_content
    lines = [Criterion(**line) for line in checklist.frozen_lines]
    return {
        "page": {
            "code": checklist.code,
            "title": content["title"],
            "scenario": content["scenario"],
            "minutes": content["minutes"],
            "version": "–",
            "place": "A",
            "candidate_number": "0000",
            "avoid": "",
            "formative": False,
            "sections": sections(lines) if lines else [],
            "violations": content["violations"],
            "script": content["client_script"],
            "equipment": content["equipment"],
            "instructions": content["candidate_instructions"],
            "anchors": anchors(),
        },
        "preview": True,
    }


def result_document(result: PracticalResult) -> dict[str, Any]:
    """A result as its candidate learns it, in words. A pass says that it is one; a fail says where, by band (R29); nothing says who, or what a line is."""
    held = result.outcome == PracticalResult.Outcome.HELD
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
        "amended": {"at": result.at, "why": result.why} if result.is_amended else None,
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
    """While the whole is held, only which stations are held is said; nothing is released piecemeal."""
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
        "result": result_document(result) if result else None,
    }
