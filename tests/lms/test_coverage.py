"""What the bank can cover: the arithmetic of the matrix."""

import pytest

from lms.desks.coverage import Cell, coverage


@pytest.mark.parametrize(
    ("have", "form", "state", "short"),
    [
        (0, 0, "met", 0),  # a cell no form draws from
        (0, 3, "short", 6),
        (5, 3, "short", 1),
        (6, 3, "thin", 0),
        (7, 3, "thin", 0),
        (8, 3, "growing", 0),
        (11, 3, "growing", 0),
        (12, 3, "met", 0),
        (40, 3, "met", 0),
        (2, 1, "thin", 0),  # 1.7 rounded up
    ],
)
def test_two_forms_need_seventeen_tenths_of_one(have, form, state, short):
    cell = Cell(have, form)
    assert (cell.state, cell.short) == (state, short)


def test_a_cell_is_drawn_to_one_scale():
    cell = Cell(have=5, form=3)
    assert len(cell.strokes) == 5
    assert len(cell.missing) == 1
    assert len(cell.dots) == 12 - 6
    assert cell.width >= max([*cell.strokes, *cell.missing, *cell.dots])


def test_the_matrix_adds_up():
    matrix = coverage(
        [("D1", "Ethics"), ("D2", "Anatomy")],
        ["recall", "apply"],
        {("D1", "recall"): 6, ("D1", "apply"): 2, ("D2", "recall"): 20},
        {("D1", "recall"): 3, ("D1", "apply"): 2, ("D2", "recall"): 4},
    )
    assert (matrix.have, matrix.target) == (28, 36)
    assert (matrix.thin, matrix.short) == (1, 2)
    assert matrix.totals == [("recall", 26, 7), ("apply", 2, 2)]
    assert [row.have for row in matrix.rows] == [8, 20]


def test_an_empty_bank_has_an_empty_matrix():
    matrix = coverage([], ["recall"], {}, {})
    assert (matrix.have, matrix.short, matrix.totals) == (0, 0, [])


def test_what_is_drawn_whatever_the_level_comes_from_what_the_levels_leave():
    matrix = coverage(
        [("D1", "Ethics")],
        ["recall", "apply"],
        {("D1", "recall"): 9, ("D1", "apply"): 4},
        {("D1", "recall"): 3, ("D1", ""): 5},
    )
    (row,) = matrix.rows
    assert (row.form, row.rest.have, row.rest.need) == (8, 3 + 4, 9)
    assert (matrix.have, matrix.short) == (13, 2)
