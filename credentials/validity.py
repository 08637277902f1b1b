"""What a credential's status was at an instant, from its events. Pure: values in, values out.

One function answers for the page, the HTTP interface, the QR code, the register and the status list.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
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

# Which events may follow which status; everything else is refused.
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
    """What validity needs of a status event. `valid_until` only of issued and renewed."""

    sequence: int
    kind: str
    effective_at: datetime
    valid_until: date | None = None


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


def standing(events: Sequence[Event], when: datetime, zone: str) -> Standing:
    """The status at `when` (aware): the events effective by then, in order of effect; then the calendar.

    An end (revoked, surrendered, deceased) holds for ever. After the last valid day a credential is expired, suspended or not.
    """
    status, since, valid_until = Status.PENDING, None, None
    for event in _in_effect(events, when):
        if event.valid_until:
            valid_until = event.valid_until
        becomes = _BECOMES.get(event.kind)
        if becomes and becomes is not status and status not in FINAL:
            status, since = becomes, event.effective_at
    if status not in FINAL and valid_until and when > (last := end_of_day(valid_until, zone)):
        return Standing(Status.EXPIRED, last, valid_until)
    return Standing(status, since, valid_until)


def history(events: Sequence[Event], now: datetime, zone: str) -> list[Span]:
    """Every stretch up to `now`, oldest first; agrees with `standing` at each instant."""
    moments = {event.effective_at for event in _in_effect(events, now)}
    moments |= {
        moment
        for event in events
        if event.valid_until
        and (moment := end_of_day(event.valid_until, zone) + timedelta(microseconds=1)) <= now
    }
    spans: list[Span] = []
    for moment in sorted(moments):
        status = standing(events, moment, zone).status
        if spans and spans[-1].status is status:
            continue
        if spans:
            spans[-1] = Span(spans[-1].status, spans[-1].since, moment)
        spans.append(Span(status, moment, None))
    return spans


def _in_effect(events: Sequence[Event], when: datetime) -> list[Event]:
    effective = [event for event in events if event.effective_at <= when]
    return sorted(effective, key=lambda event: (event.effective_at, event.sequence))


def last_valid_day(first: date, years: int) -> date:
    """The day before the anniversary: granted 14 March 2025 for two years is valid until 13 March 2027."""
    try:
        anniversary = first.replace(year=first.year + years)
    except ValueError:
        anniversary = date(first.year + years, 3, 1)
    return anniversary - timedelta(days=1)
