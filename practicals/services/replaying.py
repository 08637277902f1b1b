"""Deriving every stored result again from the frozen sheets and the rulings it names, and saying where what is stored is something else."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from practicals.models import PracticalResult
from practicals.services.cases import Case, cases_named, cases_of, rule_of, said_of

BATCH = 100
WITH = ("appointment__plan", "appointment__exam_day", "appointment__resit_of")
# What a result of schema 1 says as one of schema 2 does. Its reasons are sentences, and it does not name its rule.
OF_SCHEMA_1 = (
    "code",
    "weight",
    "cut",
    "percent_a",
    "percent_b",
    "difference",
    "percent",
    "band",
    "held",
    "passed",
    "critical",
    "triggers",
)


@dataclass(frozen=True)
class Differs:
    """One thing a stored result says otherwise than its sheets and rulings do."""

    result: PracticalResult
    what: str
    stored: Any
    derived: Any

    def __str__(self) -> str:
        row = self.result.appointment
        return f"candidate {row.candidate_number}, appointment {row.uuid}, version {self.result.version}: {self.what} is stored as {self.stored!r} and derived as {self.derived!r}"


@dataclass
class Replay:
    """How many results were derived again, and what differs."""

    results: int
    differs: list[Differs]


def replay() -> Replay:
    """Derive every result, of every version: from what it names, by the rule it was decided by, with no clock and no plan of today.

    Seven queries for every hundred results, and those of `cases_of` for each newest one.
    """
    count, differs = 0, []
    for results in _batches():
        count += len(results)
        try:
            cases = cases_named(results)
        except KeyError:
            differs += [Differs(row, "what it names", "…", None) for row in results if _lacks(row)]
            continue
        for result, its_cases in zip(results, cases, strict=True):
            differs += derived_otherwise(result, its_cases)
    return Replay(count, [*differs, *out_of_date()])


def _batches() -> Iterator[list[PracticalResult]]:
    rows = PracticalResult.objects.select_related(*WITH).order_by("pk")
    last = 0
    while results := list(rows.filter(pk__gt=last)[:BATCH]):
        yield results
        last = results[-1].pk


def _lacks(result: PracticalResult) -> bool:
    """Whether a sheet or ruling it names is not there."""
    try:
        cases_named([result])
    except KeyError:
        return True
    return False


def derived_otherwise(result: PracticalResult, cases: list[Case]) -> Iterator[Differs]:
    """What one result says that its own sheets and rulings do not."""
    derived = said_of(cases, rule_of(result, result.appointment.plan))
    for name in ("outcome", "total"):
        if getattr(result, name) != derived[name]:
            yield Differs(result, name, getattr(result, name), derived[name])
    yield from _stations(result, derived["stations"])
    if result.schema > 1:
        for name in ("competences", "reasons", "rule"):
            if getattr(result, name) != derived[name]:
                yield Differs(result, name, getattr(result, name), derived[name])


def _stations(result: PracticalResult, derived: Sequence[dict[str, Any]]) -> Iterator[Differs]:
    for stored, again in zip(result.stations, derived, strict=True):
        names = (
            OF_SCHEMA_1 if result.schema == 1 else [name for name in again if name != "position"]
        )
        for name in names:
            if stored.get(name) != again[name]:
                what = f"station {again['code']}, {name}"
                yield Differs(result, what, stored.get(name), again[name])


def out_of_date() -> Iterator[Differs]:
    """Newest results that do not rest on the sheets and rulings in force."""
    for result in PracticalResult.objects.newest().select_related(*WITH):
        named = {(row["code"], *row["sheets"], row["ruling"]) for row in result.stations}
        in_force = {
            (
                case.rule.code,
                *(str(case.sheets[place].uuid) for place in case.places if place in case.sheets),
                str(case.ruling.uuid) if case.ruling else None,
            )
            for case in cases_of(result.appointment)
        }
        if named != in_force:
            yield Differs(
                result, "what it rests on", sorted(named, key=str), sorted(in_force, key=str)
            )
