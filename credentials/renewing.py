"""What a renewal asks and what counts for it, from the rules of an edition. Pure: values in, values out.

Rules are data (`CredentialType.renewal`): total hours, minima and maxima by category, documents, a signature, the window in which a renewal is
begun. An hour is what the edition says it is. Other bodies' rules (contact hours, units, approval of providers, several bodies at once) come as
further fields of `Rules` and further `Verdict`s; whoever asks `assess` needs no change then.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from credentials.validity import late_until

ZERO = Decimal(0)


@dataclass(frozen=True)
class Category:
    """Some of the hours are about this: at least, at most, or as many as one likes."""

    code: str
    title: str
    minimum: Decimal = ZERO
    maximum: Decimal | None = None


@dataclass(frozen=True)
class Rules:
    """What an edition asks of a renewal. `opens_months` before the last valid day it may be begun; None: from the first day of the cycle.

    `audit_percent` of the renewals that are sent are drawn by lot (R46).
    """

    hours: Decimal
    categories: Sequence[Category]
    documents: Sequence[str]
    agreement: bool
    opens_months: int | None = None
    audit_percent: Decimal = ZERO

    @property
    def asks_something(self) -> bool:
        return bool(self.hours or self.categories or self.documents or self.agreement)

    def category(self, code: str) -> Category | None:
        return next((row for row in self.categories if row.code == code), None)


@dataclass(frozen=True)
class Cycle:
    """The period the hours fall into: its days, from when a renewal may be begun, and until when a late one is taken."""

    first: date
    last: date
    opens: date
    closes: date

    def late_on(self, day: date) -> bool:
        return day > self.last

    def ends(self, today: date) -> date:
        """The last day an activity may have: that of the cycle, or in the late months the last of these."""
        return self.closes if self.late_on(today) else self.last


class Verdict(StrEnum):
    COUNTS = "counts"
    PARTLY = "partly"  # its category is full before it is through
    FULL = "full"  # its category was full already
    UNKNOWN_CATEGORY = "unknown_category"
    BEFORE = "before"
    AFTER = "after"
    TO_COME = "to_come"
    USED_BEFORE = "used_before"
    NOT_ACCEPTED = "not_accepted"
    ASKED = "asked"  # a registrar asked for more information


# What cannot count as it stands, whatever else is sent: it is taken out or replaced before a renewal is sent.
AGAINST_THE_RULES = frozenset(
    {
        Verdict.UNKNOWN_CATEGORY,
        Verdict.BEFORE,
        Verdict.AFTER,
        Verdict.TO_COME,
        Verdict.USED_BEFORE,
    }
)


@dataclass(frozen=True)
class Activity:
    """One activity as it is claimed; `decision` is a registrar's: accepted, not_accepted, more_information, or empty."""

    key: str
    first_day: date
    last_day: date
    hours: Decimal
    category: str
    sha256: str
    decision: str = ""


@dataclass(frozen=True)
class Assessed:
    """What the rules say of one activity, and how many of its hours count."""

    activity: Activity
    verdict: Verdict
    counted: Decimal


@dataclass(frozen=True)
class Share:
    """One category: the hours that count, those beyond its maximum, and those still missing from its minimum."""

    category: Category
    counted: Decimal
    over: Decimal
    missing: Decimal


@dataclass(frozen=True)
class Tally:
    """What counts of everything claimed, and what is still missing: `missing` hours in all, those of the minima among them."""

    rows: Sequence[Assessed]
    shares: Sequence[Share]
    total: Decimal
    missing: Decimal

    @property
    def complete(self) -> bool:
        return self.missing == 0

    @property
    def against_the_rules(self) -> list[Assessed]:
        return [row for row in self.rows if row.verdict in AGAINST_THE_RULES]

    def counted_in(self, code: str) -> Decimal:
        return next((row.counted for row in self.shares if row.category.code == code), ZERO)


def read(renewal: Mapping[str, Any]) -> Rules:
    """The rules as an edition holds them."""
    categories = [
        Category(
            code=str(row["code"]),
            title=str(row["title"]),
            minimum=Decimal(str(row.get("minimum_hours") or 0)),
            maximum=Decimal(str(row["maximum_hours"])) if row.get("maximum_hours") else None,
        )
        for row in renewal.get("categories", ())
    ]
    opens = renewal.get("opens_months")
    return Rules(
        hours=Decimal(str(renewal.get("hours") or 0)),
        categories=categories,
        documents=[str(code) for code in renewal.get("documents", ())],
        agreement=bool(renewal.get("agreement")),
        opens_months=int(opens) if opens is not None else None,
        audit_percent=Decimal(str(renewal.get("audit_percent") or 0)),
    )


def drawn(seed: str, renewal: str, percent: Decimal) -> bool:
    """Whether a renewal is drawn for audit. Anybody who has the seed can draw again: SHA-256 of `seed:renewal` as a number in [0, 1)."""
    lot = int.from_bytes(hashlib.sha256(f"{seed}:{renewal}".encode()).digest())
    return lot * 100 < percent * 2**256


def cycle(rules: Rules, *, first: date, last: date, late_months: int) -> Cycle:
    """The cycle that ends on `last`, the last valid day."""
    opens = first
    if rules.opens_months is not None:
        opens = max(first, late_until(last, -rules.opens_months))
    return Cycle(first, last, opens, late_until(last, late_months))


def assess(
    rules: Rules,
    period: Cycle,
    activities: Iterable[Activity],
    *,
    used: Collection[str],
    today: date,
) -> Tally:
    """What counts of the activities, in the order they were added. `used` are certificates (SHA-256) that counted for earlier renewals."""
    seen, filled, over = set(used), dict[str, Decimal](), dict[str, Decimal]()
    rows = []
    for row in activities:
        verdict = _verdict(rules, period, row, seen, today)
        counted = ZERO
        if verdict is Verdict.COUNTS:
            seen.add(row.sha256)
            before = filled.get(row.category, ZERO)
            counted = _room(rules, row.category, before, row.hours)
            filled[row.category] = before + counted
            over[row.category] = over.get(row.category, ZERO) + row.hours - counted
            if counted < row.hours:
                verdict = Verdict.PARTLY if counted else Verdict.FULL
        rows.append(Assessed(row, verdict, counted))
    shares = [
        Share(
            category,
            counted := filled.get(category.code, ZERO),
            over.get(category.code, ZERO),
            max(category.minimum - counted, ZERO),
        )
        for category in rules.categories
    ]
    total = sum((row.counted for row in rows), ZERO)
    missing = max(rules.hours - total, sum((row.missing for row in shares), ZERO), ZERO)
    return Tally(rows, shares, total, missing)


def _verdict(
    rules: Rules, period: Cycle, row: Activity, seen: Collection[str], today: date
) -> Verdict:
    if row.decision == "not_accepted":
        return Verdict.NOT_ACCEPTED
    if row.decision == "more_information":
        return Verdict.ASKED
    if rules.categories and rules.category(row.category) is None:
        return Verdict.UNKNOWN_CATEGORY
    if row.first_day < period.first:
        return Verdict.BEFORE
    if row.last_day > today:
        return Verdict.TO_COME
    if row.last_day > period.ends(today):
        return Verdict.AFTER
    if row.sha256 in seen:
        return Verdict.USED_BEFORE
    return Verdict.COUNTS


def _room(rules: Rules, code: str, filled: Decimal, hours: Decimal) -> Decimal:
    category = rules.category(code)
    if category is None or category.maximum is None:
        return hours
    return min(hours, max(category.maximum - filled, ZERO))
