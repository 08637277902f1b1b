"""The circuit, pure: whatever the day and the bars, no cell has a conflict, and as many places are filled as can be."""

import random
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from practicals import circuit

SEEDS = 1000


def a_day(seed: int):
    """Candidates, stations, examiners, bars, what is taken and who is away, all from one seed."""
    chance = random.Random(seed)
    stations = list(range(chance.randint(1, 8)))
    candidates = {number: number for number in range(chance.randint(1, 2 * len(stations) + 1))}
    examiners = [f"x{number}" for number in range(chance.randint(2, 2 * len(stations) + 2))]
    cells = circuit.cells(candidates, stations)
    bars = {(who, whom) for who in examiners for whom in candidates if chance.random() < 0.15}
    rounds = sorted({cell.round for cell in cells})
    away = {(who, number) for who in examiners for number in rounds if chance.random() < 0.05}
    taken, busy = {}, set()
    for cell in cells:
        who = chance.choice(examiners)
        if chance.random() < 0.3 and (who, cell.round) not in busy:
            taken[cell] = who
            busy.add((who, cell.round))
    return cells, examiners, bars, taken, away


@settings(max_examples=SEEDS, deadline=None)
@given(st.integers(0, 2**32))
def test_no_seed_ever_makes_a_cell_with_a_conflict(seed):
    cells, examiners, bars, taken, away = a_day(seed)
    made = circuit.propose(cells, examiners, bars, taken, away)
    busy = {(who, cell.round) for cell, who in taken.items()}
    for cell, who in made.items():
        assert cell not in taken
        assert (who, cell.candidate) not in bars
        assert (who, cell.round) not in away
        assert (who, cell.round) not in busy, "in two places at once, or twice at one station"
        busy.add((who, cell.round))


def most(may: dict) -> int:
    """The most cells that can be filled, tried in every way: only for a few."""
    if not may:
        return 0
    cell, *rest = may
    others = {other: may[other] for other in rest}
    without = most(others)
    return max(
        [without]
        + [
            1 + most({other: [one for one in whom if one != who] for other, whom in others.items()})
            for who in may[cell]
        ]
    )


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.sets(st.integers(0, 4), max_size=4), min_size=1, max_size=5),
)
def test_as_many_places_are_filled_as_can_be(choices):
    may = {
        circuit.Cell(number, number, "A", (0, 0)): sorted(whom)
        for number, whom in enumerate(choices)
    }
    assert len(circuit.match(may)) == most(may)


def test_whoever_stands_at_a_station_stays_there_all_day():
    stations, people = list(range(8)), [f"x{number}" for number in range(16)]
    made = circuit.propose(
        circuit.cells({number: number for number in range(8)}, stations), people, set(), {}
    )
    assert len(made) == 8 * 8 * 2
    for station in stations:
        for place in "AB":
            there = {
                who for cell, who in made.items() if (cell.station, cell.place) == (station, place)
            }
            assert len(there) == 1


def test_who_is_away_in_a_round_is_used_in_the_others():
    cells = circuit.cells({0: 0}, [0, 1])
    made = circuit.propose(cells, ["x", "y"], set(), {}, {("x", (0, 0))})
    assert {(cell.round, who) for cell, who in made.items()} == {
        ((0, 0), "y"),
        ((0, 1), "x"),
        ((0, 1), "y"),
    }


@given(st.integers(1, 12), st.integers(1, 8))
def test_rounds_follow_each_other_without_a_gap(candidates, stations):
    cells = circuit.cells({number: number for number in range(candidates)}, list(range(stations)))
    numbers = sorted({cell.round for cell in cells})
    for before, after in pairwise(numbers):
        assert after in ((before[0], before[1] + 1), (before[0] + 1, 0))
