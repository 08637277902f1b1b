"""Every place of an exam day to be filled by an examiner, as it is under the lock of the day."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from functools import cached_property

from django.db.models import Prefetch
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from accounts.models import Role, User
from accounts.services import Bar, Conflict
from practicals import circuit
from practicals.models import (
    Appointment,
    Assignment,
    ChecklistVersion,
    ExamDay,
    PracticalAssessment,
    Station,
)
from practicals.services.bars import Bars, bars_of_day, engaged_elsewhere
from practicals.services.resits import sat_again
from practicals.services.stations import version_to_examine
from practicals.services.timetable import timetable_of

Place = tuple[int, int, str]  # appointment, station, A or B


def lock_day(exam_day_id: int) -> ExamDay:
    """The day, locked: whatever fills or frees its places does so one after the other. Raises Conflict when the day is cancelled."""
    exam_day = (
        ExamDay.objects.select_for_update(of=("self",))
        .select_related("plan__activity__module__course")
        .get(pk=exam_day_id)
    )
    if exam_day.cancelled_at:
        raise Conflict("day_cancelled", _("This exam day is cancelled."))
    return exam_day


class Grid:
    """Made inside a transaction, after `lock_day`. Locks the appointments that take a place."""

    def __init__(self, exam_day: ExamDay) -> None:
        self.exam_day = exam_day
        self.timetable = timetable_of(exam_day)
        self.stations = {row.pk: row for row in self.timetable.stations}
        sheets = PracticalAssessment.objects.only("pk", "assignment_id", "final_at", "active")
        rows = (
            Appointment.objects.active()
            .filter(exam_day=exam_day)
            .select_for_update(of=("self",))
            .select_related("candidate", "resit_of", "plan")
            .prefetch_related(
                Prefetch(
                    "assignments",
                    Assignment.objects.select_related("examiner").prefetch_related(
                        Prefetch("assessments", sheets)
                    ),
                )
            )
            .order_by("pk")
        )
        self.appointments = {row.pk: row for row in rows}
        for row in self.appointments.values():
            row.exam_day = exam_day
        self.assignments: dict[Place, Assignment] = {
            (pk, assignment.station_id, assignment.place): assignment
            for pk, row in self.appointments.items()
            for assignment in row.assignments.all()
        }

    @cached_property
    def cells(self) -> list[circuit.Cell]:
        """Every place there is, of a re-sit only those of the stations that are sat again."""
        whole = circuit.cells(
            {pk: row.place_in_circuit for pk, row in self.appointments.items()},
            list(self.stations),
        )
        sat = sat_stations(self.exam_day, self.appointments.values(), list(self.stations.values()))
        return [
            cell
            for cell in whole
            if cell.candidate not in sat or cell.station in sat[cell.candidate]
        ]

    @cached_property
    def cell_of(self) -> dict[Place, circuit.Cell]:
        return {(cell.candidate, cell.station, cell.place): cell for cell in self.cells}

    @property
    def taken(self) -> dict[circuit.Cell, int]:
        return {
            self.cell_of[place]: row.examiner_id
            for place, row in self.assignments.items()
            if place in self.cell_of
        }

    def bars(self, examiners: Sequence[User]) -> Bars:
        return bars_of_day(
            exam_day=self.exam_day,
            examiners=examiners,
            candidates=[row.candidate for row in self.appointments.values()],
        )

    def barred(self, examiners: Sequence[User]) -> set[tuple[int, int]]:
        """(examiner, appointment) that a rule keeps apart."""
        of = {row.candidate_id: pk for pk, row in self.appointments.items()}
        return {(examiner, of[candidate]) for examiner, candidate in self.bars(examiners)}

    def begins(self, cell: circuit.Cell) -> datetime:
        wave, number = cell.round
        return self.timetable.begins + self.timetable.round * (wave * self.timetable.count + number)

    def away(self, examiners: Sequence[User]) -> dict[tuple[int, tuple[int, int]], str]:
        """In which rounds these examiners are at another exam day, and where."""
        elsewhere = engaged_elsewhere(exam_day=self.exam_day, examiners=examiners)
        rounds = {cell.round: self.begins(cell) for cell in self.cells} if elsewhere else {}
        return {
            (examiner, number): str(one.exam_day)
            for examiner, engagements in elsewhere.items()
            for one in engagements
            for number, begins in rounds.items()
            if one.overlaps(begins, begins + self.timetable.round)
        }

    def busy(self, examiner: User, cells: Iterable[circuit.Cell]) -> dict[circuit.Cell, Bar]:
        """Those of `cells` at whose hour the examiner is elsewhere already (R34), and where. One query, or two."""
        at_work = {cell.round: cell for cell, who in self.taken.items() if who == examiner.pk}
        away = self.away([examiner])
        found = {}
        for cell in cells:
            there, hour = at_work.get(cell.round), f"{self.begins(cell):%H:%M}"
            if there and (there.candidate, there.station) != (cell.candidate, cell.station):
                said = _(
                    "%(examiner)s is with candidate %(number)s at %(station)s then (%(hour)s)."
                )
                found[cell] = said % {
                    "examiner": examiner,
                    "number": self.appointments[there.candidate].candidate_number,
                    "station": self.stations[there.station].checklist.code,
                    "hour": hour,
                }
            elif (examiner.pk, cell.round) in away:
                said = _("%(examiner)s examines elsewhere then (%(hour)s): %(day)s.")
                place = away[examiner.pk, cell.round]
                found[cell] = said % {"examiner": examiner, "hour": hour, "day": place}
        day = self.exam_day.date
        return {cell: Bar("R34", day, day, words) for cell, words in found.items()}

    @cached_property
    def versions(self) -> dict[int, ChecklistVersion]:
        """The version scored at each station: the one assigned there already, so that everybody is scored on the same lines."""
        pinned = (
            ChecklistVersion.objects.filter(assignments__appointment__exam_day=self.exam_day)
            .distinct()
            .order_by("-pk")
        )
        by_checklist = {row.checklist_id: row for row in pinned}
        return {
            pk: by_checklist.get(row.checklist_id) or version_to_examine(row.checklist)
            for pk, row in self.stations.items()
        }

    def write(
        self, chosen: dict[circuit.Cell, User], *, by: User | None, at: datetime
    ) -> list[Assignment]:
        """Put these examiners there, whatever their number with two statements and one entry in the log. Everything is checked."""
        new, changed = [], []
        for cell, examiner in chosen.items():
            place = (cell.candidate, cell.station, cell.place)
            row = self.assignments.get(place)
            if row is None:
                row = self.assignments[place] = Assignment(
                    appointment=self.appointments[cell.candidate],
                    station=self.stations[cell.station],
                    checklist_version=self.versions[cell.station],
                    place=cell.place,
                )
                new.append(row)
            else:
                changed.append(row)
            row.examiner, row.assigned_at, row.assigned_by = examiner, at, by
        Assignment.objects.bulk_create(new)
        if changed:
            Assignment.objects.bulk_update(changed, ["examiner", "assigned_at", "assigned_by"])
        if chosen:
            log(self.exam_day, "practicals.assign", user=by, data=self._said(chosen), timestamp=at)
        return new + changed

    def _said(self, chosen: dict[circuit.Cell, User]) -> dict[str, list[list[str]]]:
        """Who was put where, by the numbers and codes of the day."""
        return {
            "assigned": [
                [
                    self.appointments[cell.candidate].candidate_number,
                    f"{self.stations[cell.station].checklist.code}{cell.place}",
                    str(examiner.uuid),
                ]
                for cell, examiner in chosen.items()
            ]
        }

    def free(self, places: Collection[Place], *, by: User | None, at: datetime, why: str) -> None:
        """Leave these places open again; none has a sheet."""
        rows = [self.assignments.pop(place) for place in places]
        Assignment.objects.filter(pk__in=[row.pk for row in rows]).delete()
        if rows:
            data = {"freed": [str(row.uuid) for row in rows], "why": why}
            log(self.exam_day, "practicals.free", user=by, data=data, timestamp=at)


def sat_stations(
    exam_day: ExamDay, appointments: Iterable[Appointment], stations: list[Station]
) -> dict[int, set[int]]:
    """Of those who sit only some stations again: which, by the appointment's primary key. One query, none without a re-sit."""
    again = [row for row in appointments if row.resit_of]
    if not again:
        return {}
    letters = dict(
        Station.objects.filter(plan=exam_day.plan_id).values_list("checklist__code", "drawn_from")
    )
    return {
        row.pk: {station.pk for station in sat_again(row.resit_of, stations, letters)}
        for row in again
        if row.resit_of
    }


def examiners_of(exam_day: ExamDay) -> list[User]:
    """Who examines on a day, by name."""
    return list(
        exam_day.examiners.filter(is_active=True, groups__name=Role.EXAMINER).order_by("name", "pk")
    )
