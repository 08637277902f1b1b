"""What an item bank can cover: items against what the examination draws, cell by cell. Pure: values in, values out.

Two forms that share no more than 30 % of their questions need 1.7 times what one form takes (domain.md R22); the target is four forms' worth.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil

STROKE, STEP, HEIGHT = 3, 5, 19  # px


@dataclass(frozen=True)
class Cell:
    """Items of one domain and level: how many there are, and how many one form takes."""

    have: int
    form: int

    @property
    def need(self) -> int:
        """For two forms."""
        return ceil(self.form * 17 / 10)

    @property
    def target(self) -> int:
        return self.form * 4

    @property
    def short(self) -> int:
        return max(0, self.need - self.have)

    @property
    def spare(self) -> int:
        return self.have - self.need

    @property
    def state(self) -> str:
        """short, thin (none or one to spare), met (the target), or growing."""
        if self.short:
            return "short"
        if self.have >= self.target:
            return "met"
        return "thin" if self.spare <= 1 else "growing"

    # The drawing, all cells to one scale.

    @property
    def strokes(self) -> list[int]:
        return [STEP * number for number in range(self.have)]

    @property
    def missing(self) -> list[int]:
        return [STEP * number for number in range(self.have, self.need)]

    @property
    def dots(self) -> list[int]:
        return [STEP * number + 1 for number in range(max(self.have, self.need), self.target)]

    @property
    def mark(self) -> int:
        """Where what two forms need ends."""
        return STEP * self.need - 1

    @property
    def width(self) -> int:
        return STEP * max(self.have, self.target, 1) + 2


@dataclass(frozen=True)
class DomainRow:
    """One domain of the matrix: its cells by level, in the order of the columns; and what a form draws from it whatever the level."""

    code: str
    title: str
    cells: list[tuple[str, Cell]]
    any_level: int = 0

    @property
    def have(self) -> int:
        return sum(cell.have for _level, cell in self.cells)

    @property
    def form(self) -> int:
        return sum(cell.form for _level, cell in self.cells) + self.any_level

    @property
    def rest(self) -> Cell:
        """What the levels leave over, against what is drawn whatever the level."""
        return Cell(sum(max(0, cell.spare) for _level, cell in self.cells), self.any_level)


@dataclass(frozen=True)
class Coverage:
    """The whole matrix and what it comes to."""

    levels: list[str]
    rows: list[DomainRow]

    @property
    def cells(self) -> list[Cell]:
        """All that has to hold enough."""
        by_level = [cell for row in self.rows for _level, cell in row.cells]
        return by_level + [row.rest for row in self.rows if row.any_level]

    @property
    def have(self) -> int:
        return sum(row.have for row in self.rows)

    @property
    def target(self) -> int:
        return sum(cell.target for cell in self.cells)

    @property
    def thin(self) -> int:
        """How many cells are too thin for two forms."""
        return sum(cell.short > 0 for cell in self.cells)

    @property
    def short(self) -> int:
        """How many items are to be written."""
        return sum(cell.short for cell in self.cells)

    @property
    def totals(self) -> list[tuple[str, int, int]]:
        """By level: items there are, items a form takes."""
        columns = zip(*(row.cells for row in self.rows), strict=True)
        return [
            (
                column[0][0],
                sum(cell.have for _l, cell in column),
                sum(cell.form for _l, cell in column),
            )
            for column in columns
        ]


def coverage(
    domains: Sequence[tuple[str, str]],
    levels: Sequence[str],
    have: Mapping[tuple[str, str], int],
    form: Mapping[tuple[str, str], int],
) -> Coverage:
    """`domains`: (code, title) in order; `have` and `form`: counts by (domain code, level), in `form` also by (domain code, "")."""
    rows = [
        DomainRow(
            code,
            title,
            [
                (level, Cell(have.get((code, level), 0), form.get((code, level), 0)))
                for level in levels
            ],
            form.get((code, ""), 0),
        )
        for code, title in domains
    ]
    return Coverage(list(levels), rows)
