"""The line on the public answer: from the day of granting to the last valid day, coloured by status, with a mark at the day asked about. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

MARGIN = 0.5
ROOM_FOR_A_DATE = 96.0


@dataclass(frozen=True)
class Stroke:
    """A stretch of the line in the colour of a status."""

    x1: float
    x2: float
    status: str


@dataclass(frozen=True)
class Label:
    """Words at a place; `anchor` as SVG means it, `tone` a class."""

    x: float
    y: float
    text: str
    anchor: str = "middle"
    tone: str = ""


@dataclass(frozen=True)
class Lifeline:
    """All a template draws. Lengths are units of a drawing `width` wide and `height` high; the line lies at `y`."""

    width: int
    height: int
    y: float
    strokes: Sequence[Stroke]
    ticks: Sequence[float]
    mark: float
    labels: Sequence[Label] = field(default_factory=list)


@dataclass(frozen=True)
class Stretch:
    """A status from an instant to the next; `until` None means it lasts. `said` is written above it, if anything."""

    status: str
    since: datetime
    until: datetime | None
    said: str = ""


def draw(
    stretches: Sequence[Stretch],
    *,
    width: int,
    begin: tuple[datetime, str, str],
    last: tuple[datetime, str, str],
    mark: tuple[datetime, str],
    now: datetime,
) -> Lifeline:
    """Lay the line out. `begin`, `last` and `mark` are an instant and what is written at it (date, then word, for the first two)."""
    above = any(row.said for row in stretches)
    y = 56.0 if above else 40.0
    first, final = begin[0], max(last[0], now, mark[0])
    seconds = max((final - first).total_seconds(), 1.0)

    def x(moment: datetime) -> float:
        share = (moment - first).total_seconds() / seconds
        return round(min(max(share, 0.0), 1.0) * (width - 2 * MARGIN) + MARGIN, 1)

    strokes = [
        Stroke(x(row.since), x(row.until or now), row.status)
        for row in stretches
        if row.since < now
    ]
    marked, ended = x(mark[0]), x(last[0])
    labels = [
        Label(marked, 16.0, mark[1], _anchor(marked, width)),
        Label(MARGIN, y + 30, begin[1], "start"),
        Label(MARGIN, y + 48, begin[2], "start", "quiet"),
    ]
    if ended > ROOM_FOR_A_DATE * 1.5:
        labels += [
            Label(ended, y + 30, last[1], _anchor(ended, width)),
            Label(ended, y + 48, last[2], _anchor(ended, width), "quiet"),
        ]
    labels += _said(stretches, x, width, y - 12, marked, now)
    return Lifeline(width, int(y + 54), y, strokes, [MARGIN, ended], marked, labels)


def _anchor(x: float, width: int) -> str:
    if x < ROOM_FOR_A_DATE:
        return "start"
    return "end" if x > width - ROOM_FOR_A_DATE else "middle"


def _said(
    stretches: Sequence[Stretch],
    x: Callable[[datetime], float],
    width: int,
    y: float,
    marked: float,
    now: datetime,
) -> list[Label]:
    """The words above stretches: from the newest back, those that run into neither the mark nor one already there."""
    labels: list[Label] = []
    taken = [(marked - 4, marked + 4)]
    for row in reversed([row for row in stretches if row.said]):
        start, end, room = x(row.since), x(row.until or now), 6.8 * len(row.said)
        middle = (start + end) / 2
        for anchor, place, left in (
            ("middle", middle, middle - room / 2),
            ("start", start, start),
            ("end", end, end - room),
            ("end", start, start - room),
        ):
            right = left + room
            free = all(right < begin - 6 or left > finish + 6 for begin, finish in taken)
            if left >= 0 and right <= width and free:
                labels.append(Label(round(place, 1), y, row.said, anchor, row.status))
                taken.append((left, right))
                break
    return labels
