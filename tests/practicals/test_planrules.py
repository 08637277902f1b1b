"""What an exam plan must add up to, and how two editions differ."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from practicals.planrules import (
    Placed,
    differences,
    drawn_count,
    faults,
    total_weight,
)


def row(code, weight=50, letter="", minutes=10, cut=60):
    return Placed(code, letter, minutes, Decimal(str(weight)), Decimal(cut))


SMT = [
    row("P1", 15),
    row("P2", 10),
    row("T1", 12.5, "A"),
    row("T6", 12.5, "A"),
    row("T2", 12.5, "B"),
    row("T4", 12.5, "B"),
    row("T3", 12.5, "C"),
    row("T5", 12.5, "C"),
    row("E1", 12.5),
    row("E2", 15),
    row("D1", 10),
]


def codes(stations, minimum=1):
    return [fault.code for fault in faults(stations, minimum_stations=minimum)]


def test_the_eight_stations_of_the_scheme_weigh_a_hundred():
    assert drawn_count(SMT) == 8
    assert total_weight(SMT) == 100
    assert codes(SMT, minimum=6) == []


@pytest.mark.parametrize(
    ("stations", "minimum", "found"),
    [
        ([], 1, ["empty"]),
        ([row("P1"), row("T2", 40)], 1, ["too_light"]),
        ([row("P1"), row("T2", 60)], 1, ["too_heavy"]),
        ([row("P1"), row("T1", 50, "A")], 1, ["alone"]),
        ([row("P1"), row("T1", 50, "A"), row("T6", 40, "A")], 1, ["unequal"]),
        ([row("P1"), row("T2")], 0, ["minimum"]),
        ([row("P1"), row("T2")], 3, ["minimum"]),
        ([row("P1"), row("P1")], 1, ["twice"]),
    ],
)
def test_what_is_wrong_with_a_plan_is_named(stations, minimum, found):
    assert codes(stations, minimum) == found


def test_a_sum_that_is_off_says_by_how_much():
    (fault,) = faults([row("P1"), row("T2", 47.5)], minimum_stations=1)
    assert fault.values == {"total": "97.5", "by": "2.5"}


def test_an_unchanged_edition_differs_in_nothing():
    assert differences(SMT, SMT, {"total_cut": Decimal("65.00")}, {"total_cut": 65}) == []


def test_what_an_edition_changes_is_listed_rules_first():
    before = [row("P1"), row("T1", 25, "A"), row("T6", 25, "A"), row("E1", 25)]
    after = [row("P1", 50, cut=65), row("T6", 25, "A"), row("T1", 25, "A"), row("E2", 25)]
    found = differences(before, after, {"total_cut": Decimal(65)}, {"total_cut": Decimal("67.5")})
    assert [(one.kind, one.what, one.before, one.after) for one in found] == [
        ("rule", "total_cut", "65", "67.5"),
        ("station", "P1", "60", "65"),
        ("station", "E2", None, "E2"),
        ("station", "E1", "E1", None),
        ("order", "", "P1, T1, T6", "P1, T6, T1"),
    ]


@given(st.lists(st.tuples(st.sampled_from("ABC "), st.integers(1, 60)), min_size=1, max_size=9))
def test_a_plan_without_fault_always_weighs_a_hundred_whatever_is_drawn(drawn):
    stations = [
        row(f"S{number}", weight, letter.strip()) for number, (letter, weight) in enumerate(drawn)
    ]
    if codes(stations, minimum=1):
        return
    letters = {one.letter for one in stations} - {""}
    fixed = sum(one.weight for one in stations if not one.letter)
    for pick in (min, max):
        chosen = [
            pick(one.weight for one in stations if one.letter == letter) for letter in letters
        ]
        assert fixed + sum(chosen) == 100
