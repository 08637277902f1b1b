"""A calendar entry (RFC 5545): one event with its time zone, a UID that stays and a SEQUENCE that rises. Pure: values in, text out."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

FOLD = 75  # octets in a line, without its end
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Event:
    uid: str
    sequence: int
    begins: datetime
    ends: datetime
    zone: str
    summary: str
    location: str
    description: str
    url: str
    organiser: str
    changed_at: datetime
    cancelled: bool = False


def calendar(event: Event) -> str:
    """The whole object, to be sent or downloaded; of a cancelled event the one that takes it out of a calendar."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Palpate//Practical examinations//EN",
        f"METHOD:{'CANCEL' if event.cancelled else 'PUBLISH'}",
        *time_zone(event.zone, event.begins.year),
        *_event(event),
        "END:VCALENDAR",
    ]
    return "".join(fold(line) for line in lines)


def _event(event: Event) -> Iterator[str]:
    zone = ZoneInfo(event.zone)
    yield "BEGIN:VEVENT"
    yield f"UID:{event.uid}"
    yield f"SEQUENCE:{event.sequence}"
    yield f"DTSTAMP:{event.changed_at.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    yield f"DTSTART;TZID={event.zone}:{event.begins.astimezone(zone):%Y%m%dT%H%M%S}"
    yield f"DTEND;TZID={event.zone}:{event.ends.astimezone(zone):%Y%m%dT%H%M%S}"
    yield f"SUMMARY:{escape(event.summary)}"
    yield f"LOCATION:{escape(event.location)}"
    yield f"DESCRIPTION:{escape(event.description)}"
    yield f"URL:{event.url}"
    yield f"ORGANIZER:mailto:{event.organiser}"
    yield f"STATUS:{'CANCELLED' if event.cancelled else 'CONFIRMED'}"
    yield "TRANSP:OPAQUE"
    if not event.cancelled:
        yield from (
            "BEGIN:VALARM",
            "ACTION:DISPLAY",
            f"DESCRIPTION:{escape(event.summary)}",
            "TRIGGER:-P1D",
            "END:VALARM",
        )
    yield "END:VEVENT"


def time_zone(name: str, year: int) -> Iterator[str]:
    """The rules of a zone about a year: every change of its offset from the year before to the year after, one part each."""
    zone = ZoneInfo(name)
    yield "BEGIN:VTIMEZONE"
    yield f"TZID:{name}"
    first = datetime(year - 1, 1, 1, tzinfo=UTC)
    yield from _observance(zone, first, first)
    for moment in changes(zone, first, datetime(year + 2, 1, 1, tzinfo=UTC)):
        yield from _observance(zone, moment - timedelta(seconds=1), moment)
    yield "END:VTIMEZONE"


def changes(zone: ZoneInfo, since: datetime, until: datetime) -> Iterator[datetime]:
    """The moments at which a zone's offset changes, to the second."""
    moment = since
    while moment < until:
        after = moment + DAY
        if after.astimezone(zone).utcoffset() != moment.astimezone(zone).utcoffset():
            yield _change_between(zone, moment, after)
        moment = after


def _change_between(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    offset = before.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) // 2
        middle = middle.replace(microsecond=0)
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after


def _observance(zone: ZoneInfo, before: datetime, since: datetime) -> Iterator[str]:
    """What holds from a moment on; DTSTART is said by the clock as it went before."""
    old, new = before.astimezone(zone), since.astimezone(zone)
    kind = "DAYLIGHT" if new.dst() else "STANDARD"
    onset = (since + (old.utcoffset() or timedelta())).replace(tzinfo=None)
    yield f"BEGIN:{kind}"
    yield f"DTSTART:{onset:%Y%m%dT%H%M%S}"
    yield f"TZOFFSETFROM:{_offset(old)}"
    yield f"TZOFFSETTO:{_offset(new)}"
    yield f"TZNAME:{new.tzname()}"
    yield f"END:{kind}"


def _offset(moment: datetime) -> str:
    seconds = int((moment.utcoffset() or timedelta()).total_seconds())
    sign, minutes = "-" if seconds < 0 else "+", abs(seconds) // 60
    return f"{sign}{minutes // 60:02}{minutes % 60:02}"


def escape(text: str) -> str:
    """TEXT as the standard writes it."""
    for raw, written in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\r\n", "\n"), ("\n", "\\n")):
        text = text.replace(raw, written)
    return text


def fold(line: str) -> str:
    """One content line, broken where it is longer than 75 octets, never within a letter."""
    parts, size = [""], 0
    for letter in line:
        octets = len(letter.encode())
        if size + octets > FOLD:
            parts.append(" ")
            size = 1
        parts[-1] += letter
        size += octets
    return "\r\n".join(parts) + "\r\n"
