"""The stations of a day, who is where in which round, and whom they may be examined by. Pure: values in, values out."""

import random
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

Key = int  # primary keys; anything hashable will do
PLACES = ("A", "B")


def draw(stations: Sequence[tuple[Key, str]], seed: int) -> list[Key]:
    """Every fixed station, and one of each letter; `stations` are (key, letter or ""). The same seed draws the same, in the plan's order."""
    chooser = random.Random(seed)
    letters = sorted({letter for _key, letter in stations if letter})
    chosen = {
        letter: chooser.choice([key for key, its_letter in stations if its_letter == letter])
        for letter in letters
    }
    return [key for key, letter in stations if not letter or chosen[letter] == key]


def station_in_round(place: int, round_number: int, stations: int) -> int:
    """Index of the station at which the candidate with this place in the circuit is in a round; everybody moves on by one."""
    return (place + round_number) % stations


def round_at(place: int, station: int, stations: int) -> int:
    """The round in which that candidate is at a station: the other way round."""
    return (station - place) % stations


@dataclass(frozen=True)
class Cell:
    """One place to fill: a candidate at a station, A or B, and the round in which it happens."""

    candidate: Key
    station: Key
    place: str
    round: tuple[int, int]


def cells(candidates: Mapping[Key, int], stations: Sequence[Key]) -> list[Cell]:
    """Every place of a day to be filled. `candidates` are keys by place in the circuit; more than stations come in a second circuit."""
    count = len(stations)
    return [
        Cell(
            candidate,
            stations[station_in_round(place, number, count)],
            letter,
            (place // count, number),
        )
        for candidate, place in candidates.items()
        for number in range(count)
        for letter in PLACES
    ]


def propose(
    wanted: Sequence[Cell],
    examiners: Sequence[Key],
    barred: Collection[tuple[Key, Key]],
    taken: Mapping[Cell, Key],
    away: Collection[tuple[Key, tuple[int, int]]] = (),
) -> dict[Cell, Key]:
    """Fill open places without any conflict: nobody barred from that candidate, nobody in two places in one round, nobody who is away then.

    `barred` are (examiner, candidate), `away` (examiner, round). In each round as many places are filled as can be; among those who may, whoever
    stands at that station already comes first, then who stands at none, then who has least to do. What stays open, nobody is left to fill.
    """
    usual: dict[tuple[Key, str], Key] = {}
    load = dict.fromkeys(examiners, 0)
    busy = set(away)
    for cell, examiner in taken.items():
        usual[cell.station, cell.place] = examiner
        load[examiner] = load.get(examiner, 0) + 1
        busy.add((examiner, cell.round))
    order = {examiner: index for index, examiner in enumerate(examiners)}
    rounds: dict[tuple[int, int], list[Cell]] = {}
    for cell in wanted:
        if cell not in taken:
            rounds.setdefault(cell.round, []).append(cell)
    made = {}
    settled = set(usual.values())

    def best_first(cell: Cell) -> list[Key]:
        there = usual.get((cell.station, cell.place))
        may = [
            who
            for who in examiners
            if (who, cell.round) not in busy and (who, cell.candidate) not in barred
        ]
        return sorted(may, key=lambda who: (who != there, who in settled, load[who], order[who]))

    for number in sorted(rounds):
        may = {cell: best_first(cell) for cell in rounds[number]}
        for cell, examiner in match(may).items():
            made[cell] = examiner
            load[examiner] += 1
            if examiner not in settled and (cell.station, cell.place) not in usual:
                usual[cell.station, cell.place] = examiner
                settled.add(examiner)
    return made


def match(may: Mapping[Cell, Sequence[Key]]) -> dict[Cell, Key]:
    """One examiner for as many cells as there can be, each examiner once: a maximum matching by augmenting paths (Kuhn 1955, Berge 1957).

    `may` says whom each cell would take, the best first. Whoever has the fewest to choose from is served first.
    """
    cell_of: dict[Key, Cell] = {}

    def serve(cell: Cell, tried: set[Key]) -> bool:
        for who in may[cell]:
            if who not in tried and who not in cell_of:
                cell_of[who] = cell
                return True
        for who in may[cell]:
            if who not in tried:
                tried.add(who)
                if serve(cell_of[who], tried):
                    cell_of[who] = cell
                    return True
        return False

    for cell in sorted(may, key=lambda cell: len(may[cell])):
        serve(cell, set())
    return {cell: who for who, cell in cell_of.items()}


def clashes(filled: Mapping[Cell, Key]) -> list[tuple[Key, tuple[int, int]]]:
    """Examiners who would be with two candidates in one round."""
    seen: dict[tuple[Key, tuple[int, int]], set[Key]] = {}
    for cell, examiner in filled.items():
        seen.setdefault((examiner, cell.round), set()).add(cell.candidate)
    return sorted((key for key, candidates in seen.items() if len(candidates) > 1), key=str)
