"""An exam day as its page shows it: circuits of rounds, refusals by rule, and what is in order. A fixed number of queries."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from django.db.models import Prefetch
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from accounts.services import Bar
from practicals import circuit
from practicals.models import (
    Appointment,
    Assignment,
    ClientModel,
    ExamDay,
    PracticalAssessment,
    PracticalResult,
    Station,
)
from practicals.services import bars_of_day, engaged_elsewhere, timetable_of
from practicals.services.grid import sat_stations


@dataclass(frozen=True)
class Mark:
    """What is said of A or B in a cell: an examiner other than the station's usual one, an open place, or a refusal by rule."""

    place: str
    kind: str
    words: str


@dataclass(frozen=True)
class Cell:
    appointment: Appointment | None
    marks: list[Mark]
    client: ClientModel | None = None

    @property
    def refused(self) -> bool:
        return any(mark.kind == "refused" for mark in self.marks)

    @property
    def open(self) -> bool:
        return any(mark.kind == "open" for mark in self.marks)


@dataclass(frozen=True)
class Row:
    station: Station
    usual: dict[str, User]
    cells: list[Cell]
    client: ClientModel | None = None


@dataclass(frozen=True)
class Circuit:
    """Everybody once round all stations; more candidates than stations come in a second one."""

    rounds: list[datetime]
    rows: list[Row]
    ends: datetime


@dataclass(frozen=True)
class Refusal:
    """One pair that a rule keeps apart, and who could examine instead."""

    examiner: User
    appointment: Appointment
    bar: Bar
    assigned: bool
    instead: list[User]


class DayPlan:
    def __init__(self, day: ExamDay) -> None:
        self.day = day
        self.timetable = timetable_of(day)
        self.stations = self.timetable.stations
        self.examiners = list(day.examiners.order_by("name", "pk"))

    @cached_property
    def appointments(self) -> list[Appointment]:
        """Everybody ever offered a place, those who take one first, in the order of the circuit."""
        sheets = PracticalAssessment.objects.filter(active=True)
        rows = (
            self.day.appointments.select_related("candidate", "resit_of")
            .prefetch_related(
                Prefetch(
                    "assignments",
                    Assignment.objects.select_related(
                        "examiner", "station__checklist"
                    ).prefetch_related(Prefetch("assessments", sheets)),
                ),
                Prefetch("results", PracticalResult.objects.order_by("-version")),
            )
            .order_by("place_in_circuit", "pk")
        )
        return sorted(rows, key=lambda row: not row.is_active)

    @cached_property
    def active(self) -> list[Appointment]:
        return [row for row in self.appointments if row.is_active]

    @cached_property
    def assignments(self) -> dict[tuple[int, int, str], Assignment]:
        return {
            (row.pk, assignment.station_id, assignment.place): assignment
            for row in self.active
            for assignment in row.assignments.all()
        }

    @cached_property
    def people(self) -> dict[int, User]:
        """The examiners of the day, and whoever else is assigned."""
        assigned = {row.examiner_id: row.examiner for row in self.assignments.values()}
        return assigned | {person.pk: person for person in self.examiners}

    @cached_property
    def bars(self) -> dict[tuple[int, int], list[Bar]]:
        return bars_of_day(
            exam_day=self.day,
            examiners=list(self.people.values()),
            candidates=[row.candidate for row in self.active],
        )

    @cached_property
    def sat(self) -> dict[int, set[int]]:
        """Of re-sits: the stations that are sat again."""
        return sat_stations(self.day, self.active, self.stations)

    def sits(self, appointment: Appointment, station: Station) -> bool:
        return appointment.pk not in self.sat or station.pk in self.sat[appointment.pk]

    @cached_property
    def clients(self) -> list[ClientModel]:
        return list(self.day.clients.order_by("code"))

    @cached_property
    def client_places(self) -> dict[tuple[int | None, int], ClientModel]:
        """Who lies on the table, by appointment (None: for everybody) and station."""
        people = {row.pk: row for row in self.clients}
        return {
            (row.appointment_id, row.station_id): people[row.client_id]
            for row in self.day.client_places.all()
        }

    @cached_property
    def assigned_to(self) -> dict[int, set[int]]:
        """The examiners assigned to each candidate."""
        found: dict[int, set[int]] = {}
        for (pk, _station, _place), row in self.assignments.items():
            found.setdefault(pk, set()).add(row.examiner_id)
        return found

    @cached_property
    def elsewhere(self) -> dict[int, list[Any]]:
        return engaged_elsewhere(exam_day=self.day, examiners=list(self.people.values()))

    @cached_property
    def usual(self) -> dict[tuple[int, str], User]:
        """Who examines at a station's A or B for most candidates."""
        counted: dict[tuple[int, str], Counter[int]] = {}
        for (_pk, station, place), row in self.assignments.items():
            counted.setdefault((station, place), Counter())[row.examiner_id] += 1
        return {key: self.people[found.most_common(1)[0][0]] for key, found in counted.items()}

    @cached_property
    def circuits(self) -> list[Circuit]:
        if not self.stations:
            return []
        count = self.timetable.count
        by_place = {row.place_in_circuit: row for row in self.active}
        waves = max((place // count for place in by_place), default=-1) + 1
        return [self._circuit(wave, by_place) for wave in range(waves)]

    def _circuit(self, wave: int, by_place: dict[int, Appointment]) -> Circuit:
        count = self.timetable.count
        begins = self.timetable.begins_for(wave * count)
        rounds = [begins + self.timetable.round * number for number in range(count)]
        rows = []
        for index, station in enumerate(self.stations):
            cells = []
            for number in range(count):
                appointment = by_place.get(wave * count + (index - number) % count)
                if appointment and not self.sits(appointment, station):
                    appointment = None
                own = self.client_places.get((appointment.pk, station.pk)) if appointment else None
                cells.append(Cell(appointment, self._marks(appointment, station), own))
            usual = {
                place: self.usual[station.pk, place]
                for place in circuit.PLACES
                if (station.pk, place) in self.usual
            }
            client = self.client_places.get((None, station.pk))
            rows.append(Row(station, usual, cells, client))
        return Circuit(rounds, rows, rounds[-1] + self.timetable.round)

    def _marks(self, appointment: Appointment | None, station: Station) -> list[Mark]:
        if appointment is None:
            return []
        marks = []
        for place in circuit.PLACES:
            usual = self.usual.get((station.pk, place))
            assignment = self.assignments.get((appointment.pk, station.pk, place))
            examiner = assignment.examiner if assignment else usual
            bars = self.bars.get((examiner.pk, appointment.candidate_id)) if examiner else None
            if bars:
                marks.append(Mark(place, "refused", bars[0].rule))
            elif assignment is None:
                marks.append(Mark(place, "open", ""))
            elif usual and assignment.examiner_id != usual.pk:
                marks.append(Mark(place, "other", str(assignment.examiner)))
        return marks

    @cached_property
    def refusals(self) -> list[Refusal]:
        """Every pair of an examiner and a candidate of the day that a rule keeps apart."""
        found = []
        for appointment in self.active:
            free = [
                one for one in self.examiners if (one.pk, appointment.candidate_id) not in self.bars
            ]
            for person in self.people.values():
                for bar in self.bars.get((person.pk, appointment.candidate_id), [])[:1]:
                    assigned = person.pk in self.assigned_to.get(appointment.pk, ())
                    found.append(Refusal(person, appointment, bar, assigned, free))
        return sorted(
            found, key=lambda refusal: (not refusal.assigned, refusal.appointment.candidate_number)
        )

    @property
    def places(self) -> int:
        sat = sum(len(self.sat.get(row.pk, self.stations)) for row in self.active)
        return sat * len(circuit.PLACES)

    @property
    def open_places(self) -> int:
        return self.places - len(self.assignments)

    @property
    def signed(self) -> int:
        return sum(1 for sheet in self._sheets() if sheet.is_final)

    def _sheets(self) -> list[PracticalAssessment]:
        return [sheet for row in self.assignments.values() for sheet in row.assessments.all()]

    @property
    def under_way(self) -> list[tuple[Assignment, PracticalAssessment]]:
        """Sheets begun and not signed: a lost device can be replaced."""
        return [
            (row, sheet)
            for row in self.assignments.values()
            for sheet in row.assessments.all()
            if not sheet.is_final
        ]

    @property
    def checks(self) -> list[dict[str, Any]]:
        """What must be in order, what was found, and whether it is."""
        candidates = {row.pk: row.candidate_id for row in self.active}
        barred = sum(
            1
            for (pk, _station, _place), row in self.assignments.items()
            if (row.examiner_id, candidates[pk]) in self.bars
        )
        clashes = self._clashes()
        accepted = [row for row in self.active if row.state == Appointment.State.ACCEPTED]
        filled = len(self.assignments)
        codes = ", ".join(station.checklist.code for station in self.stations)
        return [
            self._check(
                _("R2 Two independent examiners at each station"),
                _("%(filled)s of %(all)s places filled, no person twice at a station")
                % {"filled": filled, "all": self.places},
                filled == self.places and self.places > 0,
            ),
            self._check(
                _("R3, R4, R56 Nobody examines whom they taught, know or examined before"),
                ngettext("%(n)s assignment is barred", "%(n)s assignments are barred", barred)
                % {"n": barred}
                if barred
                else _("No assignment is barred"),
                not barred,
            ),
            self._check(
                _("R34 Nobody in two places at once"),
                clashes or _("Every examiner is with one candidate in a round"),
                not clashes,
            ),
            self._clients_check(),
            self._check(
                _("Same stations for everybody"),
                _("%(codes)s; drawn with seed %(seed)s") % {"codes": codes, "seed": self.day.seed}
                if self.stations
                else _("The stations are not drawn yet"),
                bool(self.stations),
            ),
            self._check(
                _("Every candidate has answered"),
                _("%(accepted)s of %(all)s accepted")
                % {"accepted": len(accepted), "all": len(self.active)},
                bool(self.active) and len(accepted) == len(self.active),
            ),
        ]

    @staticmethod
    def _check(rule: str, words: str, in_order: bool) -> dict[str, Any]:
        return {"rule": rule, "found": words, "in_order": in_order}

    def _clients_check(self) -> dict[str, Any]:
        ready = [row for row in self.clients if row.is_ready]
        stopped = [row.code for row in self.clients if row.withdrew_at]
        found = _("%(ready)s of %(all)s have consented") % {
            "ready": len(ready),
            "all": len(self.clients),
        }
        if not self.clients:
            found = _("No client model is written down for this day")
        if stopped:
            found += ". " + _("Stopped: %(codes)s") % {"codes": ", ".join(stopped)}
        return self._check(
            _("R39 Client models, screening and consent"),
            found,
            bool(self.clients) and len(ready) == len(self.clients),
        )

    def _clashes(self) -> str:
        if not self.stations:
            return ""
        cells = circuit.cells(
            {row.pk: row.place_in_circuit for row in self.active},
            [station.pk for station in self.stations],
        )
        filled = {
            cell: self.assignments[cell.candidate, cell.station, cell.place].examiner_id
            for cell in cells
            if (cell.candidate, cell.station, cell.place) in self.assignments
        }
        found = [
            _("%(name)s is with two candidates in round %(round)s")
            % {"name": self.people[examiner], "round": number + 1}
            for examiner, (_wave, number) in circuit.clashes(filled)
        ]
        for cell, examiner in filled.items():
            begins = self.begins(cell.round)
            found += [
                _("%(name)s is at %(day)s then")
                % {"name": self.people[examiner], "day": one.exam_day}
                for one in self.elsewhere.get(examiner, ())
                if one.overlaps(begins, begins + self.timetable.round)
            ]
        return "; ".join(dict.fromkeys(found))

    def begins(self, number: tuple[int, int]) -> datetime:
        wave, turn = number
        return self.timetable.begins + self.timetable.round * (wave * self.timetable.count + turn)

    @cached_property
    def places_of(self) -> list[tuple[User, int, int]]:
        """Who examines on the day: of how many places they hold, and how many are signed, by name."""
        held = Counter(row.examiner_id for row in self.assignments.values())
        signed = Counter(
            row.examiner_id
            for row in self.assignments.values()
            if any(sheet.is_final for sheet in row.assessments.all())
        )
        people = sorted(self.people.values(), key=lambda one: (one.name, one.pk))
        return [(one, held[one.pk], signed[one.pk]) for one in people]

    @property
    def round_minutes(self) -> int:
        return int(self.timetable.round / timedelta(minutes=1))
