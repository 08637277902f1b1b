"""What a credential's status was at an instant, from its events. Pure: values in, values out.

One function answers for the page, the HTTP interface, the QR code, the register and the status list.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo


class Status(StrEnum):
    PENDING = "pending"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    LAPSED = "lapsed"
    EXPIRED = "expired"
    REVOKED = "revoked"
    SURRENDERED = "surrendered"
    DECEASED = "deceased"


VALID = frozenset({Status.ACTIVE})
FINAL = frozenset({Status.REVOKED, Status.SURRENDERED, Status.DECEASED})

_BECOMES = {
    "issued": Status.ACTIVE,
    "reinstated": Status.ACTIVE,
    "suspended": Status.SUSPENDED,
    "revoked": Status.REVOKED,
    "surrendered": Status.SURRENDERED,
    "deceased": Status.DECEASED,
}

# Which events may follow which status; everything else is refused. A withdrawal of what is still to come changes no status.
MAY_FOLLOW: dict[Status, frozenset[str]] = {
    Status.PENDING: frozenset({"issued"}),
    Status.ACTIVE: frozenset(
        {"suspended", "revoked", "surrendered", "deceased", "renewed", "scope_changed", "corrected"}
    ),
    Status.SUSPENDED: frozenset({"reinstated", "revoked", "surrendered", "deceased"}),
    Status.LAPSED: frozenset({"renewed", "revoked", "surrendered", "deceased"}),
    Status.EXPIRED: frozenset({"revoked", "deceased"}),
}


@dataclass(frozen=True)
class Event:
    """What validity needs of a status event. `valid_until` only of issued and renewed; `withdraws` is the sequence of one that never takes effect."""

    sequence: int
    kind: str
    effective_at: datetime
    valid_until: date | None = None
    withdraws: int | None = None


@dataclass(frozen=True)
class Standing:
    """The status at an instant, since when, and the last valid day as then known."""

    status: Status
    since: datetime | None
    valid_until: date | None

    @property
    def valid(self) -> bool:
        return self.status in VALID


@dataclass(frozen=True)
class Span:
    """A stretch of one status; `until` None means it still lasts."""

    status: Status
    since: datetime
    until: datetime | None


def end_of_day(day: date, zone: str) -> datetime:
    """The last instant of a day in a time zone."""
    midnight = datetime.combine(day + timedelta(days=1), time.min, ZoneInfo(zone))
    return midnight - timedelta(microseconds=1)


def start_of_day(day: date, zone: str) -> datetime:
    """The first instant of a day in a time zone."""
    return datetime.combine(day, time.min, ZoneInfo(zone))


def late_until(last: date, months: int) -> date:
    """The last day on which a late renewal is taken, `months` after the last valid day."""
    index = last.year * 12 + last.month - 1 + months
    year, month = divmod(index, 12)
    first_of_next = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    return min(
        date(year, month + 1, 1) + timedelta(days=last.day - 1), first_of_next - timedelta(days=1)
    )


def standing(events: Sequence[Event], when: datetime, zone: str, late_months: int = 0) -> Standing:
    """The status at `when` (aware): the events effective by then, in order of effect; then the calendar.

    An end (revoked, surrendered, deceased) holds for ever. After the last valid day a credential is lapsed while a late renewal is open
    (`late_months`), then expired; one that was suspended on its last day is expired at once.
    """
    status, since, valid_until = Status.PENDING, None, None
    for event in _in_effect(events, when):
        if event.valid_until:
            if valid_until and since and event.effective_at > end_of_day(valid_until, zone):
                since = event.effective_at  # renewed late: in force again from then
            valid_until = event.valid_until
        becomes = _BECOMES.get(event.kind)
        if becomes and becomes is not status and status not in FINAL:
            status, since = becomes, event.effective_at
    if status in FINAL or not valid_until or when <= (last := end_of_day(valid_until, zone)):
        return Standing(status, since, valid_until)
    if status is Status.ACTIVE and late_months:
        closes = end_of_day(late_until(valid_until, late_months), zone)
        if when <= closes:
            return Standing(Status.LAPSED, last, valid_until)
        return Standing(Status.EXPIRED, closes, valid_until)
    return Standing(Status.EXPIRED, last, valid_until)


def history(events: Sequence[Event], now: datetime, zone: str, late_months: int = 0) -> list[Span]:
    """Every stretch up to `now`, oldest first; agrees with `standing` at each instant."""
    effective = _in_effect(events, now)
    moments = {event.effective_at for event in effective}
    for event in effective:
        if event.valid_until:
            days = {event.valid_until, late_until(event.valid_until, late_months)}
            moments |= {end_of_day(day, zone) + timedelta(microseconds=1) for day in days}
    spans: list[Span] = []
    for moment in sorted(moment for moment in moments if moment <= now):
        status = standing(events, moment, zone, late_months).status
        if spans and spans[-1].status is status:
            continue
        if spans:
            spans[-1] = Span(spans[-1].status, spans[-1].since, moment)
        spans.append(Span(status, moment, None))
    return spans


@dataclass(frozen=True)
class Misfit:
    """Why an event cannot be written: which event could not stand, and the status it would have to follow."""

    event: Event
    status: Status


def misfit(
    events: Sequence[Event], new: Event, now: datetime, zone: str, late_months: int = 0
) -> Misfit | None:
    """What an event dated anywhere in the life of a credential would break, or None.

    It must be allowed to follow the status just before it, and what takes effect after it must still be allowed to follow: an end
    alone may be dated before what was written earlier, which then has no effect. After an end that holds now nothing is written.
    """
    held = standing(events, now, zone, late_months).status
    before = standing(events, new.effective_at, zone, late_months).status
    for status in (held, before):
        if status in FINAL or (status is before and new.kind not in MAY_FOLLOW[status]):
            return Misfit(new, status)
    if new.kind in {"revoked", "surrendered", "deceased"}:
        return None
    together = [*events, new]
    for later in _in_effect(events, datetime.max.replace(tzinfo=UTC)):
        if later.effective_at <= new.effective_at:
            continue
        earlier = [
            row
            for row in together
            if (
                row is not later
                and (row.effective_at, row.sequence) < (later.effective_at, later.sequence)
            )
            or row.withdraws
        ]
        status = standing(earlier, later.effective_at, zone, late_months).status
        was = standing(
            [row for row in earlier if row is not new], later.effective_at, zone, late_months
        ).status
        if later.kind in MAY_FOLLOW.get(was, ()) and later.kind not in MAY_FOLLOW.get(status, ()):
            return Misfit(later, status)
    return None


def _in_effect(events: Sequence[Event], when: datetime) -> list[Event]:
    withdrawn = {event.withdraws for event in events if event.withdraws is not None}
    effective = [
        event
        for event in events
        if event.effective_at <= when
        and event.withdraws is None
        and event.sequence not in withdrawn
    ]
    return sorted(effective, key=lambda event: (event.effective_at, event.sequence))


def last_valid_day(first: date, years: int) -> date:
    """The day before the anniversary: granted 14 March 2025 for two years is valid until 13 March 2027."""
    try:
        anniversary = first.replace(year=first.year + years)
    except ValueError:
        anniversary = date(first.year + years, 3, 1)
    return anniversary - timedelta(days=1)
