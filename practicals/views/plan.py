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
    ExamDay,
    PracticalAssessment,
    PracticalResult,
    Station,
)
from practicals.services import bars_of_day, timetable_of


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
            self.day.appointments.select_related("candidate")
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
    def usual(self) -> dict[tuple[int, str], User]:
        """Who examines at a station's A or B for most candidates."""
        usual = {}
        for station in self.stations:
            for place in circuit.PLACES:
                counted = Counter(
                    row.examiner_id
                    for (_pk, station_id, its_place), row in self.assignments.items()
                    if (station_id, its_place) == (station.pk, place)
                )
                if counted:
                    usual[station.pk, place] = self.people[counted.most_common(1)[0][0]]
        return usual

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
                cells.append(Cell(appointment, self._marks(appointment, station)))
            usual = {
                place: self.usual[station.pk, place]
                for place in circuit.PLACES
                if (station.pk, place) in self.usual
            }
            rows.append(Row(station, usual, cells))
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
                    assigned = any(
                        row.examiner_id == person.pk
                        for key, row in self.assignments.items()
                        if key[0] == appointment.pk
                    )
                    found.append(Refusal(person, appointment, bar, assigned, free))
        return sorted(
            found, key=lambda refusal: (not refusal.assigned, refusal.appointment.candidate_number)
        )

    @property
    def places(self) -> int:
        return len(self.active) * len(self.stations) * len(circuit.PLACES)

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
                _("R3, R4 Nobody examines a person they taught, work with or are tied to"),
                ngettext("%(n)s assignment is barred", "%(n)s assignments are barred", barred)
                % {"n": barred}
                if barred
                else _("No assignment is barred"),
                not barred,
            ),
            self._check(
                _("Nobody in two places at once"),
                clashes or _("Every examiner is with one candidate in a round"),
                not clashes,
            ),
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
        return "; ".join(
            _("%(name)s is with two candidates in round %(round)s")
            % {"name": self.people[examiner], "round": number + 1}
            for examiner, (_wave, number) in circuit.clashes(filled)
        )

    @property
    def round_minutes(self) -> int:
        return int(self.timetable.round / timedelta(minutes=1))
