"""What the marks of an essay come to."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizzes.essaymarks import decide, faults_of

points = st.integers(0, 20).map(Decimal)
tolerances = st.integers(0, 40).map(lambda n: Decimal(n) / 2)


@given(points, points, tolerances)
def test_two_within_the_tolerance_have_their_mean_and_others_wait_for_a_third(a, b, tolerance):
    verdict = decide({"A": a, "B": b}, tolerance)
    if abs(a - b) <= tolerance:
        assert verdict.points == (a + b) / 2 and not verdict.waits_for
    else:
        assert verdict.points is None and verdict.waits_for == "C"


@given(points, points, points, tolerances)
def test_a_third_decides_only_where_two_differ(a, b, c, tolerance):
    verdict = decide({"A": a, "B": b, "C": c}, tolerance)
    assert verdict.points == ((a + b) / 2 if abs(a - b) <= tolerance else c)


@given(points, points, tolerances)
def test_it_does_not_matter_who_was_first(a, b, tolerance):
    assert decide({"A": a, "B": b}, tolerance) == decide({"A": b, "B": a}, tolerance)


def test_one_mark_decides_nothing():
    assert decide({}, Decimal(1)).waits_for == "A"
    assert decide({"A": Decimal(6)}, Decimal(1)).waits_for == "B"


@pytest.mark.parametrize(
    "lines",
    [None, [], {}, {"x": 1}, {"x": 1, "y": 3}, {"x": 1, "y": -1}, {"x": 1, "y": 1.0}, {"x": True, "y": 1}, {"x": 1, "y": "1"}, {"x": 1, "y": 1, "z": 0}],
)  # fmt: skip
def test_lines_of_the_wrong_shape_are_refused(lines):
    assert faults_of(lines, {"x": 2, "y": 2})


def test_whole_points_up_to_what_a_line_is_worth_hold():
    assert not faults_of({"x": 0, "y": 2}, {"x": 2, "y": 2})
