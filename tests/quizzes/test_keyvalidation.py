import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizzes.keyvalidation import LEAST, Flag, Met, correlation, question_statistics

# LSAT section 6 (Bock and Lieberman 1970): how many of 1,000 people showed each pattern of five questions right or wrong.
LSAT6 = {
    "00000": 3, "00001": 6, "00010": 2, "00011": 11, "00100": 1, "00101": 1, "00110": 3, "00111": 4,
    "01000": 1, "01001": 8, "01011": 16, "01101": 3, "01110": 2, "01111": 15, "10000": 10, "10001": 29,
    "10010": 14, "10011": 81, "10100": 3, "10101": 28, "10110": 15, "10111": 80, "11000": 16, "11001": 56,
    "11010": 21, "11011": 173, "11100": 11, "11101": 61, "11110": 28, "11111": 298,
}  # fmt: skip


def met(patterns: dict[str, int]) -> list[Met]:
    rows, attempt = [], 0
    for pattern, count in patterns.items():
        for _person in range(count):
            rows += [
                Met(attempt, place, 1000 * int(mark), 1000, ("right" if mark == "1" else "wrong",))
                for place, mark in enumerate(pattern)
            ]
            attempt += 1
    return rows


OPTIONS = {question: {"right": True, "wrong": False} for question in range(5)}


def test_published_statistics_of_a_well_known_test_come_out():
    """p and the corrected correlations as R's ltm::descript gives them for LSAT (Rizopoulos 2006)."""
    assert sum(LSAT6.values()) == 1000
    found = question_statistics(met(LSAT6), OPTIONS)
    assert [row.n for row in found] == [1000] * 5
    assert [row.p for row in found] == [0.924, 0.709, 0.553, 0.763, 0.870]
    assert [round(row.r, 4) for row in found] == [0.1128, 0.1532, 0.1728, 0.1444, 0.1216]


def test_choosing_the_key_correlates_as_the_question_does_and_its_opposite_against():
    for row in question_statistics(met(LSAT6), OPTIONS):
        right, wrong = row.options
        assert right.r == pytest.approx(row.r)
        assert wrong.r == pytest.approx(-row.r)
        assert right.n + wrong.n == row.n


def people(count: int, answer) -> list[Met]:
    """Three questions: 0 and 1 are got right by the abler half, 2 as `answer(able, number)` says."""
    rows = []
    for number in range(count):
        able = number % 2 == 0
        for question in (0, 1):
            rows.append(Met(number, question, 1000 * able, 1000))
        chosen = answer(able, number)
        rows.append(Met(number, 2, 1000 * (chosen == "key"), 1000, (chosen,)))
    return rows


KEYS = {2: {"key": True, "other": False, "third": False}}


def flags(answer, count: int = 2 * LEAST) -> tuple[Flag, ...]:
    return question_statistics(people(count, answer), KEYS)[2].flags


def test_a_sound_question_is_not_flagged():
    assert flags(lambda able, number: "key" if able else ("other", "third")[number % 3 == 0]) == ()


def test_a_wrong_key_is_flagged_by_its_distractor():
    assert Flag.DISTRACTOR in flags(lambda able, _number: "other" if able else "key")
    assert Flag.FLAT in flags(lambda able, _number: "other" if able else "key")


def test_what_nobody_or_everybody_knows_is_flagged_and_has_no_correlation():
    nobody = question_statistics(people(60, lambda _able, _number: "other"), KEYS)[2]
    everybody = question_statistics(people(60, lambda _able, _number: "key"), KEYS)[2]
    assert (nobody.r, nobody.flags) == (None, (Flag.HARD,))
    assert (everybody.r, everybody.flags) == (None, (Flag.EASY,))


def test_below_thirty_attempts_there_is_n_to_show_and_nothing_to_flag():
    row = question_statistics(people(LEAST - 1, lambda able, _n: "other" if able else "key"), KEYS)[
        2
    ]
    assert (row.n, row.enough, row.flags) == (LEAST - 1, False, ())
    assert flags(lambda able, _number: "other" if able else "key", count=LEAST) != ()


def test_nothing_met_says_nothing():
    assert question_statistics([], {}) == []


def test_attempts_that_met_different_questions_are_compared_by_share():
    rows = people(60, lambda able, number: "key" if able else "other")
    rows += [Met(number, 3, 3000 * (number % 2 == 0), 3000) for number in range(0, 60, 3)]
    by_question = {row.question: row for row in question_statistics(rows, KEYS)}
    assert by_question[3].n == 20
    assert by_question[2].r == pytest.approx(1.0)


@given(st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 400_000)), min_size=2, max_size=60))
def test_the_correlation_is_that_of_floating_point_where_that_is_sound(pairs):
    x = np.array([a for a, _b in pairs])
    y = np.array([b for _a, b in pairs])
    found = correlation(x, y)
    if x.std() == 0 or y.std() == 0:
        assert found is None
    else:
        assert found == pytest.approx(np.corrcoef(x, y)[0, 1], abs=1e-6)
        assert -1 - 1e-12 <= found <= 1 + 1e-12


@given(st.permutations(range(40)))
def test_the_order_of_the_rows_does_not_matter(order):
    rows = people(40, lambda able, number: "key" if able or number % 5 == 0 else "other")
    mixed = [rows[index] for index in order] + rows[40:]
    assert question_statistics(mixed, KEYS) == question_statistics(rows, KEYS)
