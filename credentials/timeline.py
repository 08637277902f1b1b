"""The drawing of a credential's life: status spans, the documents it rests on, today. Pure: dates in, lengths out, drawn by a template.

Lengths are units of a 1200-wide drawing. Time runs from left to right over whole years.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

WIDTH, LEFT, RIGHT = 1200.0, 172.0, 1170.0
TOP, STATUS_HEIGHT, ROW_HEIGHT = 58.0, 14.0, 32.0


@dataclass(frozen=True)
class Stretch:
    """Some state from a day to a day; `until` None means it still lasts."""

    state: str
    word: str
    since: date
    until: date | None


@dataclass(frozen=True)
class Held:
    """What a document proved: from the day it was accepted to its last day (None: no end)."""

    label: str
    spans: Sequence[tuple[date, date | None]]


@dataclass(frozen=True)
class Bar:
    x: float
    width: float
    state: str
    word: str
    title: str
    label_x: float
    anchor: str
    labelled: bool


@dataclass(frozen=True)
class Ahead:
    """What is still to come, with its last day said where it meets neither today's line nor other words."""

    x: float
    width: float
    word: str
    label_x: float
    label_y: float
    anchor: str
    labelled: bool


@dataclass(frozen=True)
class Mark:
    """Something that happened on a day, said under the bar."""

    x: float
    label: str


@dataclass(frozen=True)
class Line:
    x1: float
    x2: float
    open_end: bool
    title: str


@dataclass(frozen=True)
class Track:
    label: str
    y: float
    lines: Sequence[Line]
    note: str
    note_x: float
    note_anchor: str


@dataclass(frozen=True)
class Drawing:
    height: float
    bars: Sequence[Bar]
    ahead: Ahead | None
    marks: Sequence[Mark]
    tracks: Sequence[Track]
    years: Sequence[tuple[float, int]]
    today_x: float
    today: date
    foot: float


@dataclass(frozen=True)
class Days:
    """How the drawing says a day: in full, and where there is little room."""

    full: Callable[[date], str] = date.isoformat
    short: Callable[[date], str] = date.isoformat


def draw(
    stretches: Sequence[Stretch],
    held: Sequence[Held],
    happened: Sequence[tuple[date, str]] = (),
    *,
    today: date,
    valid_until: date | None,
    days: Days = Days(),
) -> Drawing:
    """Lay out the drawing. The years shown reach from the first stretch or document to the last day or today, whichever is later."""
    begun = [row.since for row in stretches] + [
        since for row in held for since, _until in row.spans
    ]
    ends = [today, *([valid_until] if valid_until else [])]
    first = min([*begun, today])
    begin, end = date(first.year, 1, 1), date(max(ends).year + 1, 1, 1)
    scale = (RIGHT - LEFT) / (end - begin).days

    def x(day: date) -> float:
        return round(LEFT + (min(max(day, begin), end) - begin).days * scale, 1)

    foot = TOP + STATUS_HEIGHT + 44 + ROW_HEIGHT * len(held)
    marks = _marks(happened, x)
    return Drawing(
        height=foot + 26,
        bars=_bars(stretches, x, today, days),
        ahead=_ahead(stretches, x, today, valid_until, marks, days),
        marks=marks,
        tracks=[_track(row, x, number, days) for number, row in enumerate(held)],
        years=[(x(date(year, 1, 1)), year) for year in range(begin.year, end.year)],
        today_x=x(today),
        today=today,
        foot=foot,
    )


def _bars(stretches: Sequence[Stretch], x, today: date, days: Days) -> list[Bar]:
    bars: list[Bar] = []
    free = 0.0
    for row in stretches:
        left, right = x(row.since), x(row.until or today)
        width = max(round(right - left, 1), 2.0)
        room = 8.0 * len(row.word) + 8
        fits = left >= free and left + room <= RIGHT + 20
        title = f"{row.word}, {days.full(row.since)}" + (
            f" – {days.full(row.until)}" if row.until else ""
        )
        bars.append(Bar(left, width, row.state, row.word, title, left, "start", fits))
        if fits:
            free = left + room
    return bars


def _marks(happened: Sequence[tuple[date, str]], x) -> list[Mark]:
    """As many labels as stand side by side; the table of events has them all."""
    marks: list[Mark] = []
    for day, label in happened:
        if not marks or x(day) > marks[-1].x + 7.5 * len(marks[-1].label) + 8:
            marks.append(Mark(x(day), label))
    return marks


def _ahead(
    stretches: Sequence[Stretch],
    x,
    today: date,
    valid_until: date | None,
    marks: Sequence[Mark],
    days: Days,
) -> Ahead | None:
    """What is still to come of an active credential, dashed, up to its last day.

    Its label stands over the dashes, right of today; where there is no room, left of today in the row of the marks.
    """
    if not stretches or stretches[-1].state != "active" or not valid_until or valid_until <= today:
        return None
    left, right = x(today), x(valid_until + timedelta(days=1))
    word = days.short(valid_until)
    room = 8.0 * len(f"until {word}") + 8
    width = round(right - left, 1)
    if left + room <= WIDTH:
        return Ahead(left, width, word, max(left + room, right), 46.0, "end", True)
    free = marks[-1].x + 7.5 * len(marks[-1].label) + 8 if marks else LEFT
    return Ahead(left, width, word, left - 8, 92.0, "end", left - 8 - room > free)


def _track(row: Held, x, number: int, days: Days) -> Track:
    lines = [
        Line(
            x(since),
            x(until) if until else RIGHT,
            until is None or x(until) >= RIGHT,
            f"{row.label}: {days.full(since)} – " + (days.full(until) if until else "…"),
        )
        for since, until in row.spans
    ]
    latest = max((until for _since, until in row.spans if until), default=None)
    note = days.short(latest) if latest else ""
    note_x = x(latest) if latest else RIGHT
    anchor = "end" if note_x > RIGHT - 90 else "start"
    y = TOP + STATUS_HEIGHT + 46 + ROW_HEIGHT * number
    return Track(row.label, y, lines, note, note_x, anchor)
