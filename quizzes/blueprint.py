"""Drawing a form from an item bank. Pure: values in, values out, and the same seed gives the same form for ever.

Nothing here uses a random generator: whatever is left to chance is ordered by SHA-256 of the seed and the thing's own name, which any
language can repeat.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

TRIES = 40  # free draws before the must-cover minimums are reserved first
STEPS = 20_000  # of the search for such a reservation


@dataclass(frozen=True)
class Cell:
    """So many items of a domain at a level; an empty level means any."""

    domain: str
    level: str
    count: int


@dataclass(frozen=True)
class Candidate:
    """A version that may be drawn: its id, its place in the blueprint, and the must-cover tags it counts to."""

    version: int
    domain: str
    level: str
    tags: frozenset[str] = frozenset()


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
    """A form: each cell filled, each tag of `must_cover` at least so often, versions not in `seen` first, in a random order.

    Forms are drawn freely until one meets the tags, so that every form that does is equally likely; where that does not happen, items for
    the tags are set aside first. Raises CannotDraw.
    """
    pool = list({candidate.version: candidate for candidate in candidates}.values())
    _require_enough(cells, pool, must_cover)
    for attempt in range(TRIES):
        form = _fill(cells, pool, frozenset(), seed, attempt, seen)
        if not _unmet(form, must_cover):
            return _in_order(form, seed)
    reserved = _Search(cells, pool, must_cover, seed, seen).reserve()
    return _in_order(_fill(cells, pool, reserved, seed, TRIES, seen), seed)


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
    there = Counter((candidate.domain, candidate.level) for candidate in pool)
    shortages = []
    for cell in _narrow_first(cells):
        levels = [key for key in there if key[0] == cell.domain and cell.level in ("", key[1])]
        found = sum(there[key] for key in levels)
        if found < cell.count:
            shortages.append(
                Shortage(f"{cell.domain} {cell.level or 'any level'}", cell.count, found)
            )
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


def _fits(cell: Cell, candidate: Candidate) -> bool:
    return candidate.domain == cell.domain and cell.level in ("", candidate.level)


def _narrow_first(cells: Sequence[Cell]) -> list[Cell]:
    """Cells that name a level before those that take any, so that these get what is left."""
    return sorted(cells, key=lambda cell: (cell.domain, not cell.level, cell.level))


def _fill(
    cells: Sequence[Cell],
    pool: Sequence[Candidate],
    reserved: frozenset[int],
    seed: int,
    attempt: int,
    seen: frozenset[int],
) -> list[Candidate]:
    """Fill every cell: what is reserved, then what was not seen, each in the order of chance."""
    order = sorted(
        pool,
        key=lambda row: (
            row.version not in reserved,
            row.version in seen,
            rank(seed, attempt, row.version),
        ),
    )
    form: list[Candidate] = []
    taken: set[int] = set()
    for cell in _narrow_first(cells):
        fitting = [row for row in order if row.version not in taken and _fits(cell, row)]
        form += fitting[: cell.count]
        taken.update(row.version for row in fitting[: cell.count])
    return form


class _Search:
    """Looks for a set of items that meets every must-cover minimum and fits into the cells: depth first, the scarcest tag first."""

    def __init__(
        self,
        cells: Sequence[Cell],
        pool: Sequence[Candidate],
        must_cover: Mapping[str, int],
        seed: int,
        seen: frozenset[int],
    ) -> None:
        self.must_cover = must_cover
        self.room = Counter[tuple[str, str]]()
        for cell in cells:
            self.room[cell.domain, cell.level] += cell.count
        self.order = sorted(
            (row for row in pool if row.tags & must_cover.keys()),
            key=lambda row: (row.version in seen, rank(seed, "reserve", row.version)),
        )
        self.steps = STEPS
        self.nearest = _unmet([], must_cover)

    def reserve(self) -> frozenset[int]:
        """The versions to set aside. Raises CannotDraw, with what the nearest attempt still lacked."""
        found = self._search([], self.order)
        if found is None:
            least = self.must_cover
            raise CannotDraw(
                [
                    Shortage(tag, least[tag], least[tag] - lacks)
                    for tag, lacks in self.nearest.items()
                ]
            )
        return frozenset(row.version for row in found)

    def _search(self, chosen: list[Candidate], left: Sequence[Candidate]) -> list[Candidate] | None:
        unmet = _unmet(chosen, self.must_cover)
        if not unmet:
            return chosen
        if sum(unmet.values()) < sum(self.nearest.values()):
            self.nearest = unmet
        self.steps -= 1
        open_rows = [row for row in left if self._has_room([*chosen, row])]
        supply = Counter(tag for row in open_rows for tag in row.tags)
        if self.steps < 0 or any(supply[tag] < need for tag, need in unmet.items()):
            return None
        tag = min(unmet, key=lambda name: (supply[name] - unmet[name], name))
        tried: set[int] = set()
        for row in open_rows:
            if tag not in row.tags:
                continue
            tried.add(row.version)
            rest = [other for other in open_rows if other.version not in tried]
            found = self._search([*chosen, row], rest)
            if found is not None:
                return found
        return None

    def _has_room(self, rows: Sequence[Candidate]) -> bool:
        """Whether these fit into the cells: what a level's own cell cannot hold, the domain's cell of any level must."""
        wanted = Counter((row.domain, row.level) for row in rows)
        spare = Counter[str]()
        for (domain, level), count in wanted.items():
            spare[domain] += max(0, count - self.room[domain, level])
        return all(count <= self.room[domain, ""] for domain, count in spare.items())


# Options


def shuffled(seed: int, position: int, ids: Iterable[str], avoid: Sequence[str] = ()) -> list[str]:
    """Option ids in the order this attempt shows them at this position; never in the order `avoid`, where there is another."""
    order = sorted(ids, key=lambda key: rank(seed, position, key))
    if len(order) > 1 and order == list(avoid):
        order = order[1:] + order[:1]
    return order
