"""The number line of two sheets: no words on other words, none outside the drawing."""

from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from hypothesis import example, given
from hypothesis import strategies as st

from practicals.decision import Line, StationFinding, StationRule
from practicals.views.plot import versus_plot

WIDTH = 400
LETTER = 7.4  # units of a bold letter, generously
PERCENT = st.fractions(min_value=0, max_value=100, max_denominator=40)


def finding(a: Fraction, b: Fraction, cut: int, limit: int) -> StationFinding:
    rule = StationRule(
        "P1", "Intake", (Line("P1.1", 2),), Decimal(1), Decimal(cut), discrepancy=Decimal(limit)
    )
    return StationFinding(rule, a, b, None, True, None, (), (), (), {})


def span(x: float, words: object, anchor: str) -> tuple[float, float]:
    width = LETTER * len(str(words))
    begin = {"start": x, "end": x - width, "middle": x - width / 2}[anchor]
    return begin, begin + width


@given(a=PERCENT, b=PERCENT, cut=st.integers(1, 100), limit=st.integers(0, 40))
@example(a=Fraction(18, 23) * 100, b=Fraction(15, 23) * 100, cut=60, limit=10)
@example(a=Fraction(3), b=Fraction(100), cut=64, limit=10)
@example(a=Fraction(100), b=Fraction(99), cut=100, limit=0)
def test_words_stand_clear_of_each_other(a, b, cut, limit):
    plot = versus_plot(finding(a, b, cut, limit))
    axis = [span(tick["x"], tick["label"], "middle") for tick in plot["ticks"] if tick["label"]]
    axis.append(span(plot["cut"]["x"], f"cut {plot['cut']['label']}", "middle"))
    sheets = [span(point["label_x"], point["words"], point["anchor"]) for point in plot["points"]]
    apart = [
        span(plot["apart_x"], f"{plot['apart']} points, limit {plot['limit']}", "middle")
        for _ in range(plot["beyond"])
    ]
    for row in (axis, sheets, apart):
        row.sort()
        assert all(left[1] <= right[0] for left, right in pairwise(row)), row
        assert all(begin >= 0 and end <= WIDTH for begin, end in row), row


def test_the_two_sheets_lie_where_their_percentages_are():
    plot = versus_plot(finding(Fraction(70), Fraction(90), 60, 10))
    ticks = {tick["label"]: tick["x"] for tick in plot["ticks"]}
    assert [point["x"] for point in plot["points"]] == [ticks[70], ticks[90]]
    assert [point["words"] for point in plot["points"]] == ["A 70", "B 90"]
