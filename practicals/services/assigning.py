"""Who examines whom: two different people at each station, nobody who taught the candidate or is tied to them (R2, R3, R4)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from accounts.models import Role, User
from accounts.services import Bar, Conflict, Forbidden, Invalid, bars_among
from practicals import circuit
from practicals.models import (
    Appointment,
    Assignment,
    ChecklistVersion,
    ExamDay,
    PracticalAssessment,
    Station,
)
from practicals.services.checklists import require_version
from practicals.services.checks import bar_fields, refuse, require_role


@dataclass(frozen=True)
class Refused:
    """A place that stays open, and the rule that keeps this examiner from it."""

    appointment: Appointment
    station: Station
    place: str
    examiner: User
    bar: Bar


def bars_of_day(*, exam_day: ExamDay, examiners: Sequence[User], candidates: Sequence[User]):
    """Every bar between these people on the day, by (examiner, candidate) primary keys. Three queries."""
    return bars_among(
        examiners=examiners,
        candidates=candidates,
        on=exam_day.date,
        months=exam_day.plan.trainer_bar_months,
    )


def _version_of(station: Station, exam_day: ExamDay) -> ChecklistVersion:
    """The version scored at a station that day: the one already assigned there, so that everybody is scored on the same lines."""
    pinned = (
        ChecklistVersion.objects.filter(
            assignments__station=station, assignments__appointment__exam_day=exam_day
        )
        .order_by("pk")
        .first()
    )
    return pinned or require_version(station.checklist)


def _require_examiner(examiner: User) -> None:
    if not examiner.is_active or not examiner.has_role(Role.EXAMINER):
        raise Invalid(
            "not_an_examiner",
            _("%(examiner)s is no examiner.") % {"examiner": examiner},
            fields={"examiner": [_("Choose an examiner.")]},
        )


def _require_drawn(exam_day: ExamDay, station: Station) -> None:
    if not exam_day.stations.filter(pk=station.pk).exists():
        raise Invalid(
            "not_drawn",
            _("%(station)s is no station of this day.") % {"station": station},
            fields={"station": [_("Choose a station of this day.")]},
        )


@transaction.atomic
def assign_examiner(
    *,
    appointment: Appointment,
    station: Station,
    place: str,
    examiner: User,
    by: User | None,
    at: datetime,
) -> Assignment:
    """Put an examiner at A or B of one candidate's station, in place of whoever is there. Safe to call twice.

    Raises Forbidden by rule (R2 the same person twice, R3 taught or colleague, R4 a declared tie) with since when; Conflict when the place's
    sheet was begun or the appointment is closed; Invalid for a station not of that day or a person who is no examiner.
    """
    require_role(by, Role.REGISTRAR)
    appointment = (
        Appointment.objects.select_for_update(of=("self",))
        .select_related("exam_day__plan", "candidate")
        .get(pk=appointment.pk)
    )
    exam_day = appointment.exam_day
    if exam_day is None:
        raise Conflict("formative", _("A practical inside a course is scored by its instructor."))
    refuse(
        bars_of_day(
            exam_day=exam_day, examiners=[examiner], candidates=[appointment.candidate]
        ).get((examiner.pk, appointment.candidate_id), [])
    )
    there = {row.place: row for row in appointment.assignments.filter(station=station)}
    _require_other_person(there, place, examiner)
    if not appointment.is_active:
        raise Conflict("appointment_closed", _("This appointment is closed."))
    _require_drawn(exam_day, station)
    _require_examiner(examiner)
    if place not in circuit.PLACES:
        raise Invalid("no_such_place", _("Choose A or B."), fields={"place": [_("Choose A or B.")]})
    return _put(
        appointment,
        station,
        place,
        examiner,
        there.get(place),
        _version_of(station, exam_day),
        by,
        at,
    )


def _require_other_person(there: dict[str, Assignment], place: str, examiner: User) -> None:
    for row in there.values():
        if row.place != place and row.examiner_id == examiner.pk:
            raise Forbidden(
                "R2",
                _(
                    "Rule R2: %(examiner)s examines at this station already. The two sheets come from two people."
                )
                % {"examiner": examiner},
                fields={"rule": "R2", "since": row.assigned_at.date().isoformat(), "until": None},
            )


def _put(
    appointment: Appointment,
    station: Station,
    place: str,
    examiner: User,
    existing: Assignment | None,
    version: ChecklistVersion,
    by: User | None,
    at: datetime,
) -> Assignment:
    """Write the assignment; the appointment is locked and everything else is checked."""
    if existing and existing.examiner_id == examiner.pk:
        return existing
    data = {"station": station.checklist.code, "place": place, "examiner": str(examiner.uuid)}
    if existing is None:
        existing = Assignment.objects.create(
            appointment=appointment,
            station=station,
            checklist_version=version,
            examiner=examiner,
            place=place,
            assigned_at=at,
            assigned_by=by,
        )
    else:
        if PracticalAssessment.objects.filter(assignment=existing).exists():
            raise Conflict(
                "sheet_begun",
                _("%(examiner)s has begun to score here.") % {"examiner": existing.examiner},
            )
        existing.examiner, existing.assigned_at, existing.assigned_by = examiner, at, by
        existing.save(update_fields=["examiner", "assigned_at", "assigned_by"])
    log(appointment, "practicals.assign", user=by, data=data, timestamp=at)
    return existing


@transaction.atomic
def assign_station(
    *,
    exam_day: ExamDay,
    station: Station,
    place: str,
    examiner: User,
    by: User | None,
    at: datetime,
) -> tuple[list[Assignment], list[Refused]]:
    """Put an examiner at one place of a station for the whole day. Candidates a rule keeps them from stay open and are returned as refused.

    Candidates whose sheet there was begun keep their examiner. Raises Invalid as `assign_examiner` does.
    """
    require_role(by, Role.REGISTRAR)
    appointments = list(_active_locked(exam_day))
    _require_drawn(exam_day, station)
    _require_examiner(examiner)
    version = _version_of(station, exam_day)
    bars = bars_of_day(
        exam_day=exam_day, examiners=[examiner], candidates=[a.candidate for a in appointments]
    )
    made, refused = [], []
    for appointment in appointments:
        there = {
            row.place: row for row in appointment.assignments.all() if row.station_id == station.pk
        }
        existing = there.get(place)
        barred = bars.get((examiner.pk, appointment.candidate_id))
        if barred:
            refused.append(Refused(appointment, station, place, examiner, barred[0]))
            continue
        if existing and existing.examiner_id != examiner.pk and existing.assessments.exists():
            continue
        _require_other_person(there, place, examiner)
        made.append(_put(appointment, station, place, examiner, existing, version, by, at))
    return made, refused


def _active_locked(exam_day: ExamDay):
    return (
        Appointment.objects.active()
        .filter(exam_day=exam_day)
        .select_for_update(of=("self",))
        .select_related("candidate")
        .prefetch_related("assignments")
        .order_by("pk")
    )


@transaction.atomic
def auto_assign(
    *, exam_day: ExamDay, by: User | None, at: datetime
) -> tuple[list[Assignment], int]:
    """Fill the open places of a day with its examiners, without any conflict; returns what was assigned and how many places stay open.

    What is assigned already stays. Raises Conflict before the draw, or when the day has no examiners.
    """
    require_role(by, Role.REGISTRAR)
    exam_day = ExamDay.objects.select_related("plan").get(pk=exam_day.pk)
    appointments = {row.pk: row for row in _active_locked(exam_day)}
    stations = {
        row.pk: row for row in exam_day.stations.select_related("checklist").order_by("position")
    }
    examiners = {
        row.pk: row
        for row in exam_day.examiners.filter(is_active=True, groups__name=Role.EXAMINER).order_by(
            "name", "pk"
        )
    }
    if not stations:
        raise Conflict("not_drawn", _("Draw the stations of this day first."))
    if len(examiners) < len(circuit.PLACES):
        raise Conflict("no_examiners", _("Choose at least two examiners for this day first."))
    cells = circuit.cells(
        {pk: row.place_in_circuit for pk, row in appointments.items()}, list(stations)
    )
    by_cell = {(cell.candidate, cell.station, cell.place): cell for cell in cells}
    taken = {
        by_cell[pk, assignment.station_id, assignment.place]: assignment.examiner_id
        for pk, row in appointments.items()
        for assignment in row.assignments.all()
        if (pk, assignment.station_id, assignment.place) in by_cell
    }
    candidates = {row.candidate_id: pk for pk, row in appointments.items()}
    bars = bars_of_day(
        exam_day=exam_day,
        examiners=list(examiners.values()),
        candidates=[row.candidate for row in appointments.values()],
    )
    barred = {(examiner, candidates[candidate]) for examiner, candidate in bars}
    proposed = circuit.propose(cells, list(examiners), barred, taken)
    versions = {pk: _version_of(station, exam_day) for pk, station in stations.items()}
    made = [
        _put(
            appointments[cell.candidate],
            stations[cell.station],
            cell.place,
            examiners[examiner],
            None,
            versions[cell.station],
            by,
            at,
        )
        for cell, examiner in proposed.items()
    ]
    return made, len(cells) - len(taken) - len(made)


__all__ = [
    "Refused",
    "assign_examiner",
    "assign_station",
    "auto_assign",
    "bar_fields",
    "bars_of_day",
]
