"""Scaled scores."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizzes.scaling import scaled
from quizzes.scoring import passes

thousandths = st.integers(0, 200_000).map(lambda n: Decimal(n) / 1000)
percents = st.integers(0, 10_000).map(lambda n: Decimal(n) / 100)


@st.composite
def cases(draw):
    out_of = draw(st.integers(1, 200))
    cut = draw(st.integers(1, 900))
    return {
        "points": min(draw(thousandths), Decimal(out_of)),
        "out_of": Decimal(out_of),
        "pass_percent": draw(percents),
        "cut": cut,
        "top": draw(st.integers(cut + 1, 1000)),
    }


@given(cases())
def test_the_number_says_what_the_points_decided(case):
    passed = passes(case["points"], case["out_of"], case["pass_percent"])
    assert (scaled(**case) >= case["cut"]) == passed


@given(cases(), thousandths)
def test_more_points_never_scale_lower_and_it_stays_on_the_scale(case, more):
    better = {**case, "points": min(case["points"] + more, case["out_of"])}
    assert 0 <= scaled(**case) <= scaled(**better) <= case["top"]


@given(cases())
def test_the_pass_mark_has_the_cut_and_all_points_the_end(case):
    mark = case["out_of"] * case["pass_percent"] / 100
    if mark < case["out_of"]:
        assert scaled(**{**case, "points": mark}) == case["cut"]
    assert scaled(**{**case, "points": case["out_of"]}) == case["top"]


@pytest.mark.parametrize(
    ("points", "expected"),
    [("68", 500), ("67.999", 499), ("84", 650), ("84.05", 650), ("84.054", 651), ("0", 0)],
)
def test_it_rounds_half_up_but_a_fail_never_reaches_the_cut(points, expected):
    """On 68 of 100, 500 to 800: one point is 9.375 on the scale. 84.053 would be 650.497, 84.0534 half."""
    got = scaled(Decimal(points), Decimal(100), Decimal(68), cut=500, top=800)
    assert got == expected
