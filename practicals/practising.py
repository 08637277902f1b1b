"""What finished practice sheets say to whoever practised: lines missed, ★ zeros, competences, and where two people saw it differently.

Pure: values in, values out. It certifies nothing, so there is no cut, no pass and no total in it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from practicals.decision import Line


@dataclass(frozen=True)
class Scored:
    """One finished sheet: who scored (`own`: the person who practised), points by line, violations seen, the global rating."""

    name: str
    own: bool
    ratings: dict[str, int]
    notes: dict[str, str]
    violations: dict[str, str]
    global_rating: int


@dataclass(frozen=True)
class LineSeen:
    """One line as each sheet scored it, in their order."""

    line: Line
    points: tuple[int, ...]
    notes: tuple[tuple[str, str], ...]

    @property
    def missed(self) -> bool:
        """Somebody gave less than its points."""
        return min(self.points) < self.line.max_points

    @property
    def star_zero(self) -> bool:
        """It would fail the station: a ★ line on which somebody gave 0."""
        return self.line.critical and min(self.points) == 0

    @property
    def apart(self) -> bool:
        return len(set(self.points)) > 1


@dataclass(frozen=True)
class Competence:
    """Points reached of points open in one competence, in whole percent, as each sheet has it."""

    name: str
    out_of: int
    percents: tuple[int, ...]

    @property
    def lowest(self) -> int:
        return min(self.percents)


@dataclass(frozen=True)
class Report:
    """`lines` in the order of the checklist, `competences` weakest first; percents and points in the order of `sheets`, one's own first."""

    sheets: tuple[Scored, ...]
    lines: tuple[LineSeen, ...]
    competences: tuple[Competence, ...]

    @property
    def missed(self) -> list[LineSeen]:
        """What to work on, ★ zeros first, then what most points are missing of."""
        rows = [row for row in self.lines if row.missed]
        return sorted(rows, key=lambda row: (not row.star_zero, -_missing(row)))

    @property
    def star_zeros(self) -> list[LineSeen]:
        return [row for row in self.lines if row.star_zero]

    @property
    def apart(self) -> list[LineSeen]:
        """Where the sheets differ, the widest first."""
        rows = [row for row in self.lines if row.apart]
        return sorted(rows, key=lambda row: min(row.points) - max(row.points))


def _missing(row: LineSeen) -> Fraction:
    return row.line.max_points - Fraction(sum(row.points), len(row.points))


def report(lines: Sequence[Line], sheets: Sequence[Scored]) -> Report:
    """The report on these sheets, of which there is at least one; every line is rated on each."""
    ordered = tuple(sorted(sheets, key=lambda sheet: not sheet.own))
    seen = tuple(
        LineSeen(
            line,
            tuple(sheet.ratings[line.code] for sheet in ordered),
            tuple(
                (sheet.name, sheet.notes[line.code])
                for sheet in ordered
                if sheet.notes.get(line.code)
            ),
        )
        for line in lines
    )
    return Report(ordered, seen, _competences(lines, ordered))


def _competences(lines: Sequence[Line], sheets: Sequence[Scored]) -> tuple[Competence, ...]:
    found = []
    for name in dict.fromkeys(line.competence for line in lines if line.competence):
        members = [line for line in lines if line.competence == name]
        out_of = sum(line.max_points for line in members)
        percents = tuple(
            sum(sheet.ratings[line.code] for line in members) * 100 // out_of for sheet in sheets
        )
        found.append(Competence(name, out_of, percents))
    return tuple(sorted(found, key=lambda entry: (entry.lowest, entry.name)))
