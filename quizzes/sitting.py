"""The clock of one attempt: when it ends, how breaks and credits move that, and whether an answer may be kept now. Pure.

While somebody is on a break, `due_at` is what it would be if they took all that is left of it; when they come back early, it moves back
by what they did not use. So `due_at` is at every moment the last one at which an answer can come, and nothing has to wake up when a break
runs out: whoever looks next finds it over (`settled`), and finds the same whenever they look.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from math import ceil


@dataclass(frozen=True)
class Sat:
    """Where an attempt stands. `due_at` None: without a limit, and so without breaks or credits."""

    due_at: datetime | None
    break_left: int = 0  # seconds
    paused_at: datetime | None = None
    closed_at: datetime | None = None


class CannotBe(Exception):
    """This cannot happen now; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def begun(
    at: datetime, *, minutes: int | None, factor: Decimal = Decimal(1), break_minutes: int = 0
) -> Sat:
    """The clock at the start: the quiz's minutes times the person's factor."""
    if minutes is None:
        return Sat(None)
    return Sat(at + timedelta(seconds=ceil(minutes * 60 * factor)), break_minutes * 60)


def settled(sat: Sat, at: datetime) -> Sat:
    """The same, with a break ended that has used itself up by `at`, and closed if its time is up."""
    if sat.closed_at:
        return sat
    if sat.paused_at and at >= sat.paused_at + timedelta(seconds=sat.break_left):
        sat = replace(sat, paused_at=None, break_left=0)
    if sat.due_at and sat.due_at <= at:
        sat = replace(sat, closed_at=sat.due_at, paused_at=None)
    return sat


def takes_answers(sat: Sat, at: datetime) -> bool:
    sat = settled(sat, at)
    return sat.closed_at is None and sat.paused_at is None


def seconds_left(sat: Sat, at: datetime) -> float | None:
    """What the candidate's clock shows; it stands still on a break. None without a limit."""
    sat = settled(sat, at)
    if sat.closed_at:
        return 0
    if sat.due_at is None:
        return None
    if sat.paused_at:
        return (sat.due_at - sat.paused_at).total_seconds() - sat.break_left
    return (sat.due_at - at).total_seconds()


def breaks_off(sat: Sat, at: datetime) -> Sat:
    """A break begins. A second beginning changes nothing."""
    sat = _open(sat, at)
    if sat.paused_at:
        return sat
    if sat.due_at is None or not sat.break_left:
        raise CannotBe("no_break_left")
    return replace(sat, paused_at=at, due_at=sat.due_at + timedelta(seconds=sat.break_left))


def comes_back(sat: Sat, at: datetime) -> Sat:
    """A break ends; a second begun counts as a whole one. Without a break nothing changes."""
    sat = _open(sat, at)
    if sat.paused_at is None or sat.due_at is None:
        return sat
    left = sat.break_left - min(sat.break_left, seconds_of_break(sat, at))
    return replace(
        sat, paused_at=None, break_left=left, due_at=sat.due_at - timedelta(seconds=left)
    )


def seconds_of_break(sat: Sat, at: datetime) -> int:
    """How long the break has lasted, as far as there was any left."""
    if sat.paused_at is None:
        return 0
    return min(sat.break_left, ceil((at - sat.paused_at).total_seconds()))


def is_credited(sat: Sat, at: datetime, seconds: int) -> Sat:
    """Time is given for what was lost."""
    sat = _open(sat, at)
    if sat.due_at is None:
        raise CannotBe("no_limit")
    return replace(sat, due_at=sat.due_at + timedelta(seconds=seconds))


def is_submitted(sat: Sat, at: datetime) -> Sat:
    """Closed at `at`, or when its time was up if that was before."""
    sat = settled(sat, at)
    return sat if sat.closed_at else replace(comes_back(sat, at), closed_at=at)


def _open(sat: Sat, at: datetime) -> Sat:
    sat = settled(sat, at)
    if sat.closed_at:
        raise CannotBe("closed")
    return sat
