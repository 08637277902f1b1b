"""Who examines whom: two different people at each station, and nobody a rule keeps from the candidate or from that hour (R2, R3, R4, R34, R56)."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Role, User
from accounts.services import Bar, Conflict, Forbidden, Invalid
from practicals import circuit
from practicals.models import Appointment, Assignment, ExamDay, Station
from practicals.services.bars import bars_of_day
from practicals.services.checks import bar_fields, refuse, require_role
from practicals.services.grid import Grid, examiners_of, lock_day


@dataclass(frozen=True)
class Refused:
    """A place that stays open, and the rule that keeps this examiner from it."""

    appointment: Appointment
    station: Station
    place: str
    examiner: User
    bar: Bar


def _require_examiner(examiner: User) -> None:
    if not examiner.is_active or not examiner.has_role(Role.EXAMINER):
        raise Invalid(
            "not_an_examiner",
            _("%(examiner)s is no examiner.") % {"examiner": examiner},
            fields={"examiner": [_("Choose an examiner.")]},
        )


def _require_drawn(grid: Grid, station: Station) -> None:
    if station.pk not in grid.stations:
        raise Invalid(
            "not_drawn",
            _("%(station)s is no station of this day.") % {"station": station},
            fields={"station": [_("Choose a station of this day.")]},
        )


def _require_place(place: str) -> None:
    if place not in circuit.PLACES:
        raise Invalid("no_such_place", _("Choose A or B."), fields={"place": [_("Choose A or B.")]})


def _require_not_begun(row: Assignment | None) -> None:
    if row and row.assessments.all():
        raise Conflict(
            "sheet_begun",
            _("%(examiner)s has begun to score here.") % {"examiner": row.examiner},
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

    Raises Forbidden by rule, with the facts: R2 the same person twice, R3 taught or colleague, R4 a tie or an objection, R56 examined them before,
    R34 with somebody else then. Conflict when the place's sheet was begun or the appointment is closed; Invalid for a station not of that day
    or a person who is no examiner.
    """
    require_role(by, Role.REGISTRAR)
    if appointment.exam_day_id is None:
        raise Conflict("formative", _("A practical inside a course is scored by its instructor."))
    exam_day = lock_day(appointment.exam_day_id)
    grid = Grid(exam_day)
    refuse(
        bars_of_day(
            exam_day=exam_day, examiners=[examiner], candidates=[appointment.candidate]
        ).get((examiner.pk, appointment.candidate_id), [])
    )
    _require_other_person(grid, appointment, station, place, examiner)
    if appointment.pk not in grid.appointments:
        raise Conflict("appointment_closed", _("This appointment is closed."))
    _require_drawn(grid, station)
    _require_examiner(examiner)
    _require_place(place)
    cell = _sat(grid, appointment, station, place)
    existing = grid.assignments.get((appointment.pk, station.pk, place))
    if existing and existing.examiner_id == examiner.pk:
        return existing
    refuse(list(grid.busy(examiner, [cell]).values()))
    _require_not_begun(existing)
    (row,) = grid.write({cell: examiner}, by=by, at=at)
    return row


def _sat(grid: Grid, appointment: Appointment, station: Station, place: str) -> circuit.Cell:
    cell = grid.cell_of.get((appointment.pk, station.pk, place))
    if cell is None:
        raise Conflict(
            "not_sat",
            _("Candidate %(number)s sits other stations again, not %(station)s.")
            % {"number": appointment.candidate_number, "station": station.checklist.code},
        )
    return cell


def _require_other_person(
    grid: Grid, appointment: Appointment, station: Station, place: str, examiner: User
) -> None:
    for letter in circuit.PLACES:
        row = grid.assignments.get((appointment.pk, station.pk, letter))
        if row and letter != place and row.examiner_id == examiner.pk:
            raise Forbidden(
                "R2",
                _(
                    "Rule R2: %(examiner)s examines at this station already. The two sheets come from two people."
                )
                % {"examiner": examiner},
                fields={"rule": "R2", "since": row.assigned_at.date().isoformat(), "until": None},
            )


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
    """Put an examiner at one place of a station for the whole day. Candidates a rule keeps them from stay as they are and are returned as refused.

    Places whose sheet was begun stay as they are. Raises Forbidden (R2) when the same person stands at the other place.
    """
    require_role(by, Role.REGISTRAR)
    grid = Grid(lock_day(exam_day.pk))
    _require_drawn(grid, station)
    _require_examiner(examiner)
    _require_place(place)
    bars = grid.bars([examiner])
    cells = [cell for cell in grid.cells if (cell.station, cell.place) == (station.pk, place)]
    busy = grid.busy(examiner, cells)
    chosen, stays, refused = {}, [], []
    for cell in cells:
        appointment = grid.appointments[cell.candidate]
        existing = grid.assignments.get((cell.candidate, cell.station, place))
        barred = bars.get((examiner.pk, appointment.candidate_id)) or (
            [busy[cell]] if cell in busy else []
        )
        if existing and existing.examiner_id == examiner.pk and not barred:
            stays.append(existing)
        elif existing and existing.examiner_id != examiner.pk and existing.assessments.all():
            continue
        elif _is_at_other(grid, cell, examiner) and not barred:
            _require_other_person(grid, appointment, station, place, examiner)
        elif barred:
            refused.append(Refused(appointment, station, place, examiner, barred[0]))
        else:
            chosen[cell] = examiner
    return stays + grid.write(chosen, by=by, at=at), refused


def _is_at_other(grid: Grid, cell: circuit.Cell, examiner: User) -> bool:
    other = "B" if cell.place == "A" else "A"
    row = grid.assignments.get((cell.candidate, cell.station, other))
    return row is not None and row.examiner_id == examiner.pk


@transaction.atomic
def auto_assign(
    *, exam_day: ExamDay, by: User | None, at: datetime
) -> tuple[list[Assignment], int]:
    """Fill the open places of a day with its examiners, without any conflict; returns what was assigned and how many places stay open.

    What is assigned already stays. A fixed number of statements, whatever the size of the day. Raises Conflict before the draw, or when the day
    has no examiners.
    """
    require_role(by, Role.REGISTRAR)
    grid = Grid(lock_day(exam_day.pk))
    return fill(grid, by=by, at=at)


def fill(grid: Grid, *, by: User | None, at: datetime) -> tuple[list[Assignment], int]:
    """Fill what is open in a locked grid."""
    examiners = {row.pk: row for row in examiners_of(grid.exam_day)}
    if not grid.stations:
        raise Conflict("not_drawn", _("Draw the stations of this day first."))
    if len(examiners) < len(circuit.PLACES):
        raise Conflict("no_examiners", _("Choose at least two examiners for this day first."))
    people, taken = list(examiners.values()), grid.taken
    proposed = circuit.propose(
        grid.cells, list(examiners), grid.barred(people), taken, grid.away(people)
    )
    chosen = {cell: examiners[examiner] for cell, examiner in proposed.items()}
    made = grid.write(chosen, by=by, at=at)
    return made, len(grid.cells) - len(taken) - len(made)


__all__ = [
    "Refused",
    "assign_examiner",
    "assign_station",
    "auto_assign",
    "bar_fields",
    "bars_of_day",
    "fill",
]
