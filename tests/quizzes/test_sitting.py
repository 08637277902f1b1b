"""The clock of an attempt, whatever happens to it in whatever order."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizzes.sitting import (
    CannotBe,
    Sat,
    begun,
    breaks_off,
    comes_back,
    is_credited,
    is_submitted,
    seconds_left,
    settled,
    takes_answers,
)
from tests.factories import NOW

SECOND = dt.timedelta(seconds=1)


def later(seconds):
    return NOW + dt.timedelta(seconds=seconds)


# What can happen, with how many seconds pass before it.
EVENTS = st.lists(
    st.tuples(
        st.sampled_from(["break", "back", "credit", "look", "submit"]),
        st.floats(0, 1500, allow_nan=False).map(lambda x: round(x, 3)),
    ),
    max_size=25,
)


def happen(sat: Sat, name: str, at: dt.datetime) -> Sat:
    match name:
        case "break":
            return breaks_off(sat, at)
        case "back":
            return comes_back(sat, at)
        case "credit":
            return is_credited(sat, at, 90)
        case "submit":
            return is_submitted(sat, at)
    return settled(sat, at)


def run(events, *, looks=()):
    """Every state on the way with its moment; `looks`: places at which somebody looks in between."""
    sat, at = begun(NOW, minutes=60, break_minutes=10), NOW
    states = [(at, sat)]
    for number, (name, wait) in enumerate(events):
        if number in looks:
            sat = settled(sat, at + dt.timedelta(seconds=wait / 2))
        at += dt.timedelta(seconds=wait)
        try:
            sat = happen(sat, name, at)
        except CannotBe:
            sat = settled(sat, at)
        states.append((at, sat))
    return states


@given(EVENTS)
def test_the_break_never_gives_more_than_there_is_and_the_clock_never_gives_less(events):
    """Time at the questions, as the server counts it, is the hour and the credits: never more than a second of rounding a break beside it."""
    at_work, credit, breaks = 0.0, 0, 0
    before_at, before = NOW, begun(NOW, minutes=60, break_minutes=10)
    for at, sat in run(events)[1:]:
        resting = 0.0
        if before.paused_at:
            over = min(at, before.paused_at + dt.timedelta(seconds=before.break_left))
            resting = max(0.0, (over - before_at).total_seconds())
        until = min(at, sat.closed_at or at, before.closed_at or at)
        at_work += max(0.0, (until - before_at).total_seconds() - resting)
        if before.due_at and sat.due_at and not before.paused_at and not sat.paused_at:
            credit += round((sat.due_at - before.due_at).total_seconds())
        breaks += bool(sat.paused_at) and not before.paused_at
        before_at, before = at, sat
    assert 0 <= before.break_left <= 600
    credited = len([name for name, _wait in events if name == "credit"]) * 90
    assert at_work <= 3600 + credited + breaks + 0.001
    if before.closed_at and before.closed_at == before.due_at:
        assert at_work >= 3600 + credit - 0.001


@given(EVENTS, st.sets(st.integers(0, 25)))
def test_who_looks_in_between_changes_nothing(events, looks):
    """The sweep, a heartbeat and the desk may settle at any moment; the end is the same."""
    at, sat = run(events)[-1]
    _at, looked_at = run(events, looks=looks)[-1]
    assert settled(sat, at) == settled(looked_at, at)


@given(EVENTS)
def test_a_closed_attempt_stays_as_it_is(events):
    states = run(events)
    closed = [sat for _at, sat in states if sat.closed_at]
    assert all(sat == closed[0] for sat in closed)
    for at, sat in states:
        if sat.closed_at:
            assert sat.closed_at <= at and not takes_answers(sat, at)
            assert seconds_left(sat, at) == 0


@given(EVENTS, st.floats(0, 4000, allow_nan=False))
def test_an_answer_is_taken_exactly_while_the_clock_runs(events, more):
    at, sat = run(events)[-1]
    at += dt.timedelta(seconds=more)
    left, after = seconds_left(sat, at), seconds_left(sat, at + SECOND)
    assert left is not None and after is not None
    if takes_answers(sat, at):
        assert left > 0 and after < left
    elif not settled(sat, at).closed_at:
        assert after <= left  # stands still, until the break is used up


@given(EVENTS)
def test_settling_is_done_once(events):
    at, sat = run(events)[-1]
    assert settled(settled(sat, at), at) == settled(sat, at)


@given(
    st.integers(1, 400),
    st.decimals("1", "3", places=2),
    st.integers(0, 240),
)
def test_a_factor_never_takes_a_second(minutes, factor, rest):
    sat = begun(NOW, minutes=minutes, factor=factor, break_minutes=rest)
    left = seconds_left(sat, NOW)
    assert left >= minutes * 60 and left >= float(minutes * 60 * factor)
    assert sat.break_left == rest * 60


def test_a_break_stops_the_clock_and_moves_the_end_on_by_what_was_taken():
    sat = breaks_off(begun(NOW, minutes=60, break_minutes=10), later(600))
    assert seconds_left(sat, later(700)) == seconds_left(sat, later(600)) == 3000
    assert not takes_answers(sat, later(700))
    back = comes_back(sat, later(720))
    assert back.due_at == later(3600 + 120) and back.break_left == 480
    assert takes_answers(back, later(720)) and seconds_left(back, later(720)) == 3000


def test_a_break_that_nobody_ends_is_over_when_it_is_used_up():
    sat = breaks_off(begun(NOW, minutes=60, break_minutes=10), later(600))
    assert takes_answers(sat, later(1200))
    assert settled(sat, later(9000)).closed_at == later(4200)


def test_without_a_limit_there_are_no_breaks_and_no_credits():
    sat = begun(NOW, minutes=None, break_minutes=10)
    assert seconds_left(sat, later(99)) is None and takes_answers(sat, later(10**6))
    for call, code in (
        (lambda: breaks_off(sat, NOW), "no_break_left"),
        (lambda: is_credited(sat, NOW, 9), "no_limit"),
    ):
        with pytest.raises(CannotBe) as caught:
            call()
        assert caught.value.code == code


def test_submitting_on_a_break_closes_at_that_moment():
    sat = breaks_off(begun(NOW, minutes=60, break_minutes=10), later(600))
    assert is_submitted(sat, later(700)).closed_at == later(700)


def test_extra_time_is_a_factor():
    assert begun(NOW, minutes=150, factor=Decimal("1.25")).due_at == later(150 * 75)
