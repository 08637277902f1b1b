"""Does the key hold? Statistics of questions over the attempts of an administration, before its results are released. Pure: values in, values out.

For each question (always with n, the attempts that met it):

    p         mean share of its points that was earned                                      Crocker & Algina 1986
    r         correlation of the question with the rest of the attempt, itself left out     Henrysson 1963
    options   share of those who chose it, and correlation of choosing it with the rest     Haladyna 2004

Where attempts met different questions (a draw for each) the rest is the share of its points that was earned: an aid to the eye, not
comparable from form to form. What flags a question (domain.md R27): p below 0.2 or above 0.95, r below 0.10, a wrong option whose
correlation beats the key's. Below LEAST attempts nothing is flagged: there is only n to show. Points are whole thousandths and every sum is of
whole numbers, so nothing is lost to rounding before the last division.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import sqrt

import numpy as np

LEAST = 30
TOO_HARD, TOO_EASY, TOO_FLAT = 0.2, 0.95, 0.10
WHOLE = 1_000_000  # the rest of an attempt, as a share of its points, in millionths


@dataclass(frozen=True)
class Met:
    """One attempt met one question: points earned and possible in thousandths, and the options chosen (empty for other types, or none)."""

    attempt: int
    question: int
    earned: int
    possible: int
    chosen: tuple[str, ...] = ()


class Flag(StrEnum):
    HARD = "hard"
    EASY = "easy"
    FLAT = "flat"
    DISTRACTOR = "distractor"


@dataclass(frozen=True)
class OptionStatistics:
    """`share` of those who met the question; `r` None where nobody or everybody chose it, or all rests are the same."""

    option: str
    right: bool
    n: int
    share: float
    r: float | None


@dataclass(frozen=True)
class QuestionStatistics:
    question: int
    n: int
    p: float
    r: float | None
    options: tuple[OptionStatistics, ...]
    flags: tuple[Flag, ...]

    @property
    def enough(self) -> bool:
        """Whether there are enough attempts to say anything."""
        return self.n >= LEAST


def question_statistics(
    rows: Iterable[Met], options: Mapping[int, Mapping[str, bool]]
) -> list[QuestionStatistics]:
    """The statistics of every question met, in order of question. `options`: of questions with options, each option id and whether it is right."""
    table = sorted(rows, key=lambda row: (row.question, row.attempt))
    if not table:
        return []
    attempts = {name: place for place, name in enumerate({row.attempt: None for row in table})}
    place = np.array([attempts[row.attempt] for row in table])
    earned = np.array([row.earned for row in table], dtype=np.int64)
    possible = np.array([row.possible for row in table], dtype=np.int64)
    rest = _rest(place, earned, possible, len(attempts))
    numbers = np.array([row.question for row in table])
    found = []
    for question in dict.fromkeys(row.question for row in table):
        at = np.flatnonzero(numbers == question)
        met = [table[index] for index in at]
        found.append(
            _of_one(question, met, earned[at], possible[at], rest[at], options.get(question, {}))
        )
    return found


def _rest(place: np.ndarray, earned: np.ndarray, possible: np.ndarray, attempts: int) -> np.ndarray:
    """For each row the rest of its attempt: points earned, where all rests are out of the same; else their share in millionths."""
    totals, of = np.zeros(attempts, dtype=np.int64), np.zeros(attempts, dtype=np.int64)
    np.add.at(totals, place, earned)
    np.add.at(of, place, possible)
    left, out_of = totals[place] - earned, of[place] - possible
    if np.all(of == of[0]) and np.all(possible == possible[0]):
        return left
    return np.where(out_of > 0, left * WHOLE // np.maximum(out_of, 1), 0)


def _of_one(
    question: int,
    met: Sequence[Met],
    earned: np.ndarray,
    possible: np.ndarray,
    rest: np.ndarray,
    options: Mapping[str, bool],
) -> QuestionStatistics:
    n = len(met)
    p = int(earned.sum()) / int(possible.sum())
    r = correlation(earned, rest)
    rows = tuple(_of_option(name, right, met, rest) for name, right in options.items())
    return QuestionStatistics(question, n, p, r, rows, _flags(n, p, r, rows))


def _of_option(name: str, right: bool, met: Sequence[Met], rest: np.ndarray) -> OptionStatistics:
    chose = np.array([name in row.chosen for row in met], dtype=np.int64)
    n = int(chose.sum())
    return OptionStatistics(name, right, n, n / len(met), correlation(chose, rest))


def _flags(
    n: int, p: float, r: float | None, options: Sequence[OptionStatistics]
) -> tuple[Flag, ...]:
    if n < LEAST:
        return ()
    flags = []
    if p < TOO_HARD:
        flags.append(Flag.HARD)
    if p > TOO_EASY:
        flags.append(Flag.EASY)
    if r is not None and r < TOO_FLAT:
        flags.append(Flag.FLAT)
    keys = [row.r for row in options if row.right and row.r is not None]
    wrong = [row.r for row in options if not row.right and row.r is not None]
    if keys and wrong and max(wrong) > min(keys):
        flags.append(Flag.DISTRACTOR)
    return tuple(flags)


def correlation(x: np.ndarray, y: np.ndarray) -> float | None:
    """Pearson's r of whole numbers, from whole sums of any size; None where either does not vary."""
    xs, ys, n = x.tolist(), y.tolist(), len(x)
    sum_x, sum_y = sum(xs), sum(ys)
    spread_x = n * sum(value * value for value in xs) - sum_x * sum_x
    spread_y = n * sum(value * value for value in ys) - sum_y * sum_y
    if spread_x <= 0 or spread_y <= 0:
        return None
    together = n * sum(a * b for a, b in zip(xs, ys, strict=True)) - sum_x * sum_y
    return together / (sqrt(spread_x) * sqrt(spread_y))
