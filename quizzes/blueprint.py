"""Drawing a form from an item bank. Pure: values in, values out, and the same seed gives the same form for ever.

Nothing here uses a random generator: whatever is left to chance is ordered by SHA-256 of the seed and the thing's own name, which any
language can repeat.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

TRIES = 40  # free draws before the search begins
STEPS = 20_000  # of the search


@dataclass(frozen=True)
class Cell:
    """So many points of a domain at a level; an empty level means any."""

    domain: str
    level: str
    count: int


@dataclass(frozen=True)
class Candidate:
    """A version that may be drawn: its id, its place in the blueprint, the must-cover tags it counts to, how many places it takes, and the
    versions it may not stand beside.
    """

    version: int
    domain: str
    level: str
    tags: frozenset[str] = frozenset()
    points: int = 1
    enemies: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Shortage:
    """What a bank lacks: `what` (a cell as "D5 apply", or a must-cover tag), how many were wanted, how many there are."""

    what: str
    wanted: int
    found: int

    def __str__(self) -> str:
        return f"{self.what}: {self.found} of {self.wanted}"


class CannotDraw(ValueError):
    """No form can be drawn from these items; `shortages` says where."""

    def __init__(self, shortages: Sequence[Shortage]) -> None:
        super().__init__("; ".join(map(str, shortages)))
        self.shortages = list(shortages)


def rank(seed: int, *names: object) -> str:
    """Where chance puts a thing: sort by it."""
    return hashlib.sha256(":".join(map(str, (seed, *names))).encode()).hexdigest()


def draw(
    cells: Sequence[Cell],
    candidates: Iterable[Candidate],
    must_cover: Mapping[str, int],
    seed: int,
    seen: frozenset[int] = frozenset(),
) -> list[Candidate]:
    """A form: each cell filled exactly, each tag of `must_cover` at least so often, no two enemies, versions not in `seen` first, in a random order.

    Forms are drawn freely until one holds, so that every form that does is equally likely; where that does not happen, one is searched for.
    Raises CannotDraw.
    """
    pool = list({candidate.version: candidate for candidate in candidates}.values())
    _require_enough(cells, pool, must_cover)
    for attempt in range(TRIES):
        form = _fill(cells, pool, seed, attempt, seen)
        if form is not None and not _unmet(form, must_cover):
            return _in_order(form, seed)
    return _in_order(_Search(cells, pool, must_cover, seed, seen).form(), seed)


def mix_in(
    form: Sequence[Candidate],
    pilots: Iterable[Candidate],
    count: int,
    seed: int,
    seen: frozenset[int] = frozenset(),
) -> list[tuple[Candidate, bool]]:
    """A form with up to `count` pilot questions among its own, each with whether it is scored; none beside an enemy, what was seen last."""
    chosen: list[Candidate] = []
    taken = {row.version for row in form}
    for row in sorted(
        pilots, key=lambda row: (row.version in seen, rank(seed, "pilot", row.version))
    ):
        if (
            len(chosen) < count
            and row.version not in taken
            and not are_enemies(row, [*form, *chosen])
        ):
            chosen.append(row)
    mixed = [(row, True) for row in form] + [(row, False) for row in chosen]
    return sorted(mixed, key=lambda pair: rank(seed, "place", pair[0].version))


def are_enemies(row: Candidate, others: Iterable[Candidate]) -> bool:
    """Whether one of `others` may not stand in the same form, whichever of the two says so."""
    return any(other.version in row.enemies or row.version in other.enemies for other in others)


def faults(
    cells: Sequence[Cell], form: Sequence[Candidate], must_cover: Mapping[str, int]
) -> list[Shortage]:
    """How a form that was put together by hand misses the blueprint: cells with too few or too many points, tags with too few questions."""
    left = _Bins(cells)
    over: Counter[str] = Counter()
    for row in sorted(form, key=lambda row: -row.points):
        place = next(iter(left.places_for(row)), None)
        if place is None:
            over[f"{row.domain} {row.level}"] += row.points
        else:
            left.room[place] -= row.points
    found = [
        Shortage(left.name(place), cell.count, cell.count - left.room[place])
        for place, cell in enumerate(left.cells)
        if left.room[place]
    ]
    for name, points in sorted(over.items()):
        domain, level = name.split(" ", 1)
        wanted = sum(
            cell.count for cell in cells if cell.domain == domain and cell.level in ("", level)
        )
        found.append(Shortage(name, wanted, wanted + points))
    unmet = _unmet(form, must_cover)
    return found + [
        Shortage(tag, must_cover[tag], must_cover[tag] - lacks) for tag, lacks in unmet.items()
    ]


def _in_order(form: Iterable[Candidate], seed: int) -> list[Candidate]:
    return sorted(form, key=lambda candidate: rank(seed, "place", candidate.version))


def _unmet(form: Iterable[Candidate], must_cover: Mapping[str, int]) -> dict[str, int]:
    """How many more of each tag a form needs."""
    counts = Counter(tag for candidate in form for tag in candidate.tags)
    return {tag: least - counts[tag] for tag, least in must_cover.items() if counts[tag] < least}


def _require_enough(
    cells: Sequence[Cell], pool: Sequence[Candidate], must_cover: Mapping[str, int]
) -> None:
    """Refuse what cannot be met whatever is drawn. A cell of any level takes what the domain's other cells leave."""
    there: Counter[tuple[str, str]] = Counter()
    for row in pool:
        there[row.domain, row.level] += row.points
    shortages = []
    for cell in _narrow_first(cells):
        levels = [key for key in there if key[0] == cell.domain and cell.level in ("", key[1])]
        found = sum(there[key] for key in levels)
        if found < cell.count:
            shortages.append(Shortage(_name(cell), cell.count, found))
        for key in levels:
            taken = min(there[key], cell.count if cell.level else 0)
            there[key] -= taken
        if not cell.level:
            _take_any(there, levels, cell.count)
    drawable = [row for row in pool if any(_fits(cell, row) for cell in cells)]
    tagged = Counter(tag for candidate in drawable for tag in candidate.tags)
    shortages += [
        Shortage(tag, least, tagged[tag])
        for tag, least in must_cover.items()
        if tagged[tag] < least
    ]
    if shortages:
        raise CannotDraw(shortages)


def _take_any(
    there: Counter[tuple[str, str]], levels: Sequence[tuple[str, str]], count: int
) -> None:
    for key in levels:
        taken = min(there[key], count)
        there[key] -= taken
        count -= taken


def _name(cell: Cell) -> str:
    return f"{cell.domain} {cell.level or 'any level'}"


def _fits(cell: Cell, candidate: Candidate) -> bool:
    return candidate.domain == cell.domain and cell.level in ("", candidate.level)


def _narrow_first(cells: Sequence[Cell]) -> list[Cell]:
    """Cells that name a level before those that take any, so that these get what is left."""
    return sorted(cells, key=lambda cell: (cell.domain, not cell.level, cell.level))


def _fill(
    cells: Sequence[Cell],
    pool: Sequence[Candidate],
    seed: int,
    attempt: int,
    seen: frozenset[int],
) -> list[Candidate] | None:
    """Fill every cell with what was not seen, then with what was, each in the order of chance; None where a cell stays open."""
    order = sorted(pool, key=lambda row: (row.version in seen, rank(seed, attempt, row.version)))
    form: list[Candidate] = []
    taken: set[int] = set()
    barred: set[int] = set()
    for cell in _narrow_first(cells):
        room = cell.count
        for row in order:
            if room == 0:
                break
            free = row.version not in taken and row.version not in barred
            if free and row.points <= room and _fits(cell, row) and taken.isdisjoint(row.enemies):
                form.append(row)
                taken.add(row.version)
                barred |= row.enemies
                room -= row.points
        if room:
            return None
    return form


class _Bins:
    """The cells of a form and how many places each still has."""

    def __init__(self, cells: Sequence[Cell]) -> None:
        self.cells = _narrow_first(cells)
        self.room = [cell.count for cell in self.cells]

    def name(self, place: int) -> str:
        return _name(self.cells[place])

    def places_for(self, row: Candidate) -> list[int]:
        """The cells that could hold this row now."""
        return [
            place
            for place, cell in enumerate(self.cells)
            if _fits(cell, row) and row.points <= self.room[place]
        ]


class _Search:
    """Looks for a form depth first: rows for the scarcest must-cover tag, then rows for the first cell that has room."""

    def __init__(
        self,
        cells: Sequence[Cell],
        pool: Sequence[Candidate],
        must_cover: Mapping[str, int],
        seed: int,
        seen: frozenset[int],
    ) -> None:
        self.must_cover = must_cover
        self.bins = _Bins(cells)
        self.order = sorted(
            (row for row in pool if self.bins.places_for(row)),
            key=lambda row: (row.version in seen, rank(seed, "search", row.version)),
        )
        self.steps = STEPS
        self.nearest: list[Shortage] = []
        self.distance = 0

    def form(self) -> list[Candidate]:
        """Raises CannotDraw, with what the nearest attempt still lacked."""
        found = self._search([], self.order, frozenset())
        if found is None:
            raise CannotDraw(self.nearest)
        return found

    def _open_cells(self) -> list[Shortage]:
        return [
            Shortage(self.bins.name(place), cell.count, cell.count - self.bins.room[place])
            for place, cell in enumerate(self.bins.cells)
            if self.bins.room[place]
        ]

    def _search(
        self,
        chosen: list[Candidate],
        left: Sequence[Candidate],
        barred: frozenset[tuple[int, int]],
    ) -> list[Candidate] | None:
        """A form that goes on from `chosen` with rows of `left`; `barred` are rows that led nowhere in a cell."""
        unmet = _unmet(chosen, self.must_cover)
        if not unmet and not any(self.bins.room):
            return chosen
        self.steps -= 1
        supply = Counter(tag for row in left for tag in row.tags)
        lacks = [
            Shortage(tag, self.must_cover[tag], self.must_cover[tag] - need + supply[tag])
            for tag, need in unmet.items()
            if supply[tag] < need
        ]
        if lacks or self.steps < 0:
            return self._gives_up(lacks or self._open_cells())
        if unmet:
            tag = min(unmet, key=lambda name: (supply[name] - unmet[name], name))
            rows = [row for row in left if tag in row.tags]
            return self._try_everywhere(chosen, left, rows, barred)
        place = next(index for index, room in enumerate(self.bins.room) if room)
        rows = [
            row
            for row in left
            if place in self.bins.places_for(row) and (row.version, place) not in barred
        ]
        there = self.bins.cells[place].count - self.bins.room[place]
        there += sum(row.points for row in rows)
        if there < self.bins.cells[place].count:
            wanted = self.bins.cells[place].count
            return self._gives_up([Shortage(self.bins.name(place), wanted, there)])
        for row in rows:
            found = self._take(chosen, left, row, place, barred)
            if found is not None:
                return found
            barred |= {(row.version, place)}
        return self._gives_up(self._open_cells()[:1])

    def _try_everywhere(
        self,
        chosen: list[Candidate],
        left: Sequence[Candidate],
        rows: Sequence[Candidate],
        barred: frozenset[tuple[int, int]],
    ) -> list[Candidate] | None:
        """One of `rows` is needed: take each in turn into each cell; one that led nowhere is out of the question."""
        for row in rows:
            for place in self.bins.places_for(row):
                found = self._take(chosen, left, row, place, barred)
                if found is not None:
                    return found
            left = [other for other in left if other.version != row.version]
        return self._gives_up(
            [
                Shortage(tag, least, least - need)
                for tag, least in self.must_cover.items()
                if (need := _unmet(chosen, self.must_cover).get(tag, 0))
            ]
        )

    def _take(
        self,
        chosen: list[Candidate],
        left: Sequence[Candidate],
        row: Candidate,
        place: int,
        barred: frozenset[tuple[int, int]],
    ) -> list[Candidate] | None:
        self.bins.room[place] -= row.points
        rest = [
            other
            for other in left
            if other.version != row.version
            and not are_enemies(other, [row])
            and self.bins.places_for(other)
        ]
        found = self._search([*chosen, row], rest, barred)
        if found is None:
            self.bins.room[place] += row.points
        return found

    def _gives_up(self, lacks: list[Shortage]) -> list[Candidate] | None:
        """No form this way; what was lacking is remembered where it was the least."""
        distance = sum(row.wanted - row.found for row in lacks)
        if not self.nearest or distance < self.distance:
            self.nearest, self.distance = lacks, distance
        return None


# Options


def shuffled(seed: int, position: int, ids: Iterable[str], avoid: Sequence[str] = ()) -> list[str]:
    """Option ids in the order this attempt shows them at this position; never in the order `avoid`, where there is another."""
    order = sorted(ids, key=lambda key: rank(seed, position, key))
    if len(order) > 1 and order == list(avoid):
        order = order[1:] + order[:1]
    return order
