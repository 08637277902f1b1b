"""What an exam plan must be to be examined under, and how two editions of it differ, in words. Pure: values in, values out."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

WHOLE = Decimal(100)


@dataclass(frozen=True)
class Placed:
    """A station of a plan; `letter` is its pair's, empty where it is always there."""

    code: str
    letter: str
    minutes: int
    weight: Decimal
    cut: Decimal


@dataclass(frozen=True)
class Fault:
    """What is wrong with a plan: `code`, with the values a sentence about it needs."""

    code: str
    values: Mapping[str, object]


def drawn_count(stations: Sequence[Placed]) -> int:
    """How many stations a candidate sits: every fixed one, and one of each letter."""
    return sum(not row.letter for row in stations) + len({row.letter for row in stations} - {""})


def total_weight(stations: Sequence[Placed]) -> Decimal:
    """The weight of what a candidate sits; of each pair the heaviest counts."""
    fixed = sum((row.weight for row in stations if not row.letter), Decimal(0))
    heaviest: dict[str, Decimal] = {}
    for row in stations:
        if row.letter:
            heaviest[row.letter] = max(heaviest.get(row.letter, Decimal(0)), row.weight)
    return fixed + sum(heaviest.values(), Decimal(0))


def faults(stations: Sequence[Placed], *, minimum_stations: int) -> list[Fault]:
    """What keeps a plan from being examined under; empty when nothing does."""
    if not stations:
        return [Fault("empty", {})]
    found = []
    twice = [code for code, count in Counter(row.code for row in stations).items() if count > 1]
    if twice:
        found.append(Fault("twice", {"codes": ", ".join(sorted(twice))}))
    letters = sorted({row.letter for row in stations} - {""})
    for letter in letters:
        members = [row for row in stations if row.letter == letter]
        codes = ", ".join(row.code for row in members)
        if len(members) < 2:
            found.append(Fault("alone", {"letter": letter, "codes": codes}))
        if len({row.weight for row in members}) > 1:
            weights = ", ".join(f"{row.code} {said(row.weight)}" for row in members)
            found.append(Fault("unequal", {"letter": letter, "weights": weights}))
    total = total_weight(stations)
    if total != WHOLE:
        over = total - WHOLE
        code = "too_heavy" if over > 0 else "too_light"
        found.append(Fault(code, {"total": said(total), "by": said(abs(over))}))
    count = drawn_count(stations)
    if not 1 <= minimum_stations <= count:
        found.append(Fault("minimum", {"minimum": minimum_stations, "count": count}))
    return found


@dataclass(frozen=True)
class Difference:
    """One thing that differs between two editions: a rule or a station (`what`), its field, before and after; None where it was not there."""

    kind: str  # rule, station
    what: str
    field: str
    before: str | None
    after: str | None


STATION_FIELDS = ("letter", "minutes", "weight", "cut")


def differences(
    before: Sequence[Placed],
    after: Sequence[Placed],
    rules_before: Mapping[str, object],
    rules_after: Mapping[str, object],
) -> list[Difference]:
    """What the later edition changes: the rules first, then stations in the order of the later one, then those that left."""
    found = [
        Difference("rule", name, name, said(rules_before[name]), said(rules_after[name]))
        for name in rules_after
        if rules_before[name] != rules_after[name]
    ]
    old, new = {row.code: row for row in before}, {row.code: row for row in after}
    for code, row in new.items():
        if code not in old:
            found.append(Difference("station", code, "", None, code))
            continue
        found += [
            Difference(
                "station", code, field, said(getattr(old[code], field)), said(getattr(row, field))
            )
            for field in STATION_FIELDS
            if getattr(old[code], field) != getattr(row, field)
        ]
    found += [Difference("station", code, "", code, None) for code in old if code not in new]
    order_before = [code for code in old if code in new]
    order_after = [code for code in new if code in old]
    if order_before != order_after:
        found.append(Difference("order", "", "", ", ".join(order_before), ", ".join(order_after)))
    return found


def said(value: object) -> str:
    """A value as a sentence says it: 12.5, not 12.50."""
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return str(value)
