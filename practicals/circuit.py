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
) -> dict[Cell, Key]:
    """Fill open places: never somebody barred from that candidate, never one person twice at a station.

    `barred` are (examiner, candidate). Prefers who is free in that round, then who stands at that station already, then who has least to do.
    Leaves open what nobody may fill.
    """
    filled = dict(taken)
    busy = {(examiner, cell.round): cell.candidate for cell, examiner in taken.items()}
    load = dict.fromkeys(examiners, 0)
    at_station: dict[tuple[Key, str], Key] = {}
    for cell, examiner in taken.items():
        load[examiner] = load.get(examiner, 0) + 1
        at_station[(cell.station, cell.place)] = examiner
    order = {examiner: index for index, examiner in enumerate(examiners)}
    made = {}
    for cell in wanted:
        if cell in filled:
            continue
        other = filled.get(
            Cell(cell.candidate, cell.station, "B" if cell.place == "A" else "A", cell.round)
        )
        free = [who for who in examiners if who != other and (who, cell.candidate) not in barred]
        if not free:
            continue
        best = min(
            free,
            key=lambda who: (
                busy.get((who, cell.round), cell.candidate) != cell.candidate,
                at_station.get((cell.station, cell.place)) != who,
                load[who],
                order[who],
            ),
        )
        filled[cell] = made[cell] = best
        busy.setdefault((best, cell.round), cell.candidate)
        at_station.setdefault((cell.station, cell.place), best)
        load[best] += 1
    return made


def clashes(filled: Mapping[Cell, Key]) -> list[tuple[Key, tuple[int, int]]]:
    """Examiners who would be with two candidates in one round."""
    seen: dict[tuple[Key, tuple[int, int]], set[Key]] = {}
    for cell, examiner in filled.items():
        seen.setdefault((examiner, cell.round), set()).add(cell.candidate)
    return sorted((key for key, candidates in seen.items() if len(candidates) > 1), key=str)
