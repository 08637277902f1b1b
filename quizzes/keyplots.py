"""What key validation looks like: where the marks of its pictures stand, and what its flags mean in words. Pure: values in, values out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from quizzes.keyvalidation import TOO_EASY, TOO_FLAT, TOO_HARD, Flag, QuestionStatistics

LEFT, RIGHT, TOP, BOTTOM = 56, 620, 16, 300  # px of the scatter
LOWEST, HIGHEST = -0.6, 1.0  # r


def x_of(p: float) -> float:
    return round(LEFT + p * (RIGHT - LEFT), 1)


def y_of(r: float) -> float:
    share = (min(max(r, LOWEST), HIGHEST) - LOWEST) / (HIGHEST - LOWEST)
    return round(BOTTOM - share * (BOTTOM - TOP), 1)


@dataclass(frozen=True)
class Mark:
    """A question in the scatter; `label` only where it is flagged, beside the mark on the side that has room."""

    x: float
    y: float
    label: str
    left: bool


@dataclass(frozen=True)
class Scatter:
    """p against r: marks, and the lines beyond which a question is flagged."""

    marks: tuple[Mark, ...]
    hard: float = x_of(TOO_HARD)
    easy: float = x_of(TOO_EASY)
    flat: float = y_of(TOO_FLAT)
    ticks_p: tuple[tuple[float, str], ...] = tuple(
        (x_of(step / 5), f"{step / 5:.1f}") for step in range(6)
    )
    ticks_r: tuple[tuple[float, str], ...] = tuple(
        (y_of(step / 5), f"{step / 5:.1f}".replace("-", "\N{MINUS SIGN}")) for step in range(-3, 6)
    )


def scatter(rows: Iterable[tuple[str, QuestionStatistics]]) -> Scatter | None:
    """The picture of questions by code; None where none has been met often enough."""
    marks = [
        Mark(x_of(row.p), y_of(row.r), code if row.flags else "", x_of(row.p) > (LEFT + RIGHT) / 2)
        for code, row in rows
        if row.enough and row.r is not None
    ]
    return Scatter(tuple(_apart(marks))) if marks else None


def _apart(marks: Sequence[Mark]) -> list[Mark]:
    """The same, the labels of neighbours on different sides."""
    placed: list[Mark] = []
    for mark in sorted(marks, key=lambda row: (row.y, row.x)):
        near = [
            row
            for row in placed
            if row.label and mark.label and abs(row.y - mark.y) < 14 and row.left == mark.left
        ]
        placed.append(Mark(mark.x, mark.y, mark.label, not mark.left) if near else mark)
    return placed


@dataclass(frozen=True)
class OptionBar:
    """An option of a question: its letter by how often it was chosen, so that a letter says nothing of the order on the screen."""

    option: str
    letter: str
    n: int
    share: float
    percent: int
    r: float | None
    right: bool


def bars(row: QuestionStatistics) -> list[OptionBar]:
    ordered = sorted(row.options, key=lambda entry: (-entry.share, entry.option))
    return [
        OptionBar(
            entry.option,
            chr(ord("A") + place),
            entry.n,
            entry.share,
            round(entry.share * 100),
            entry.r,
            entry.right,
        )
        for place, entry in enumerate(ordered)
    ]


ORDER = (Flag.DISTRACTOR, Flag.FLAT, Flag.HARD, Flag.EASY)
