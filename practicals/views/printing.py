"""An exam day on paper. Names of candidates stand on the registrar's papers alone."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from practicals.documents import client_document
from practicals.models import Appointment, Assignment
from practicals.views.plan import DayPlan

PARTS: dict[str, str | Promise] = {
    "grid": _("The whole day"),
    "examiners": _("A page for each examiner"),
    "door": _("List at the door"),
    "cards": _("Cards of the stations"),
}


@dataclass(frozen=True)
class Turn:
    """One candidate of an examiner, by number, and what is to be known of the client model."""

    at: datetime
    assignment: Assignment
    client: dict[str, Any] | None


@dataclass(frozen=True)
class ExaminerPage:
    examiner: User
    turns: list[Turn]


def tasks_by_examiner(plan: DayPlan) -> list[ExaminerPage]:
    """Every examiner of a day with their candidates in the order of the clock, by name. No further query."""
    turns: dict[int, list[Turn]] = {}
    numbers = {row.pk: row for row in plan.active}
    for (pk, station, _place), row in plan.assignments.items():
        at = plan.timetable.at(numbers[pk].place_in_circuit, station)
        if at is None:
            continue
        client = plan.client_places.get((pk, station)) or plan.client_places.get((None, station))
        row.appointment = numbers[pk]
        turns.setdefault(row.examiner_id, []).append(Turn(at, row, client_document(client)))
    return [
        ExaminerPage(person, sorted(turns.get(person.pk, []), key=lambda turn: turn.at))
        for person in sorted(plan.people.values(), key=lambda one: (one.name, one.pk))
        if turns.get(person.pk)
    ]


def door_list(plan: DayPlan) -> list[Appointment]:
    """Who is expected, in the order in which they come."""
    expected: list[Any] = [row for row in plan.appointments if row.is_active]
    return sorted(expected, key=lambda row: (row.starts_at, row.candidate.name))
