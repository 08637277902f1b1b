"""Stations for tests: one somebody wrote, one that passed its review."""

import datetime as dt
from typing import Any

from accounts.models import Role, User
from courses.models import Figure
from practicals.models import Checklist, Pool
from practicals.services import (
    decide_on_checklist,
    ensure_checklist_workflow,
    submit_checklist,
)
from tests.factories import NOW, person

REVIEW_BY = dt.date(2028, 11, 1)
SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"><path d="M0 0L10 10"/></svg>'


def figure(code: str = "knee", **fields: Any) -> Figure:
    said = {"title": "The knee", "svg": SVG, "alt": "A knee from behind.", "credit": "Own drawing"}
    return Figure.objects.create(code=code, **{**said, **fields})


def write_station(author: User, code: str = "W1", *, claims: Any = (), **fields: Any) -> Checklist:
    """A draft that lacks nothing, as its author saved it."""
    lines = [
        ("criterion", {"code": f"{code}.{number}", "section": "Screen", "text": f"Does thing {number}", "max": "2", "critical": number == 1, "competence": "safety"})
        for number in (1, 2, 3)
    ]  # fmt: skip
    station = Checklist(
        **{
            "code": code,
            "title": f"Station {code}",
            "pool": Pool.SECURE,
            "scenario": "A runner, prone.",
            "minutes": 10,
            "candidate_instructions": "Begin when you are ready.",
            "client_script": "You feel tight.",
            "equipment": "table",
            "criteria": lines,
            "violations": [("violation", {"code": f"{code}.a", "text": "Goes on after “stop”"})],
            "reference": "SMT scheme, 2026.",
            "review_by": REVIEW_BY,
            "author": author,
            "live": False,
            **fields,
        }
    )
    station.save()
    station.claims = claims
    station.save_revision(user=author)
    return Checklist.objects.get(pk=station.pk)


def decide(
    station: Checklist, by: User, *, approve: bool = True, comment: str = "Read it line by line."
) -> None:
    decide_on_checklist(
        state=station.current_workflow_task_state, approve=approve, comment=comment, by=by, at=NOW
    )


def review_station(station: Checklist) -> Checklist:
    """Submitted by its author and approved, step by step, by two reviewers and, where it is tagged, a third decision."""
    ensure_checklist_workflow(at=NOW)
    submit_checklist(checklist=station, by=station.author or person(Role.ITEM_AUTHOR), at=NOW)
    first, second = person(Role.ITEM_REVIEWER), person(Role.CHIEF_EXAMINER)
    for by in (first, second, first):
        if station.current_workflow_task_state:
            decide(station, by)
    return Checklist.objects.get(pk=station.pk)
