"""Drawing a form from the bank."""

from collections import Counter
from itertools import chain, combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quizzes.blueprint import Candidate, CannotDraw, Cell, Shortage, draw, faults, mix_in, shuffled

LEVELS = ["recall", "apply"]
TAGS = ["red-flags", "scope", "consent"]


def bank(count, domain="D1", level="apply", start=0, tags=()):
    return [Candidate(start + n, domain, level, frozenset(tags)) for n in range(count)]


def test_each_cell_is_filled_and_nothing_is_asked_twice():
    pool = bank(5, level="recall") + bank(9, start=10) + bank(6, "D2", start=30)
    form = draw([Cell("D1", "recall", 3), Cell("D1", "apply", 4), Cell("D2", "", 2)], pool, {}, 1)
    assert Counter((row.domain, row.level) for row in form) == {
        ("D1", "recall"): 3,
        ("D1", "apply"): 4,
        ("D2", "apply"): 2,
    }
    assert len({row.version for row in form}) == 9


def test_the_same_seed_gives_the_same_form_whatever_order_the_bank_comes_in():
    pool = bank(40)
    form = draw([Cell("D1", "apply", 10)], pool, {}, 7)
    assert draw([Cell("D1", "apply", 10)], list(reversed(pool)), {}, 7) == form
    assert draw([Cell("D1", "apply", 10)], pool, {}, 8) != form


def test_what_was_seen_comes_only_when_the_rest_is_used_up():
    seen = frozenset(range(8))
    form = draw([Cell("D1", "apply", 5)], bank(12), {}, 3, seen)
    assert sum(row.version in seen for row in form) == 1


def test_every_item_is_drawn_about_as_often_as_another():
    counts = Counter(
        row.version for seed in range(400) for row in draw([Cell("D1", "", 5)], bank(20), {}, seed)
    )
    assert min(counts.values()) > 60 and max(counts.values()) < 140


def test_a_must_cover_tag_is_met_by_the_one_item_that_has_it():
    pool = bank(60) + bank(1, start=99, tags=["red-flags"])
    form = draw([Cell("D1", "apply", 2)], pool, {"red-flags": 1}, 5)
    assert 99 in {row.version for row in form}


def test_tags_that_compete_for_one_place_are_met_by_an_item_that_has_both():
    pool = bank(30, tags=["scope"]) + bank(30, start=50, tags=["consent"])
    pool += bank(1, start=99, tags=["scope", "consent"])
    form = draw([Cell("D1", "apply", 1)], pool, {"scope": 1, "consent": 1}, 5)
    assert [row.version for row in form] == [99]


def test_a_cell_of_any_level_takes_what_its_neighbours_leave():
    pool = bank(2, level="recall") + bank(2, start=10)
    form = draw([Cell("D1", "", 2), Cell("D1", "apply", 2)], pool, {}, 1)
    assert Counter(row.level for row in form) == {"recall": 2, "apply": 2}


def test_a_bank_that_is_too_small_is_described_cell_by_cell():
    pool = bank(2) + bank(1, level="recall", start=10)
    with pytest.raises(CannotDraw) as refusal:
        draw([Cell("D1", "apply", 3), Cell("D1", "", 2), Cell("D2", "", 1)], pool, {"scope": 1}, 1)
    assert refusal.value.shortages == [
        Shortage("D1 apply", 3, 2),
        Shortage("D1 any level", 2, 1),
        Shortage("D2 any level", 1, 0),
        Shortage("scope", 1, 0),
    ]
    assert "D1 apply: 2 of 3" in str(refusal.value)


def test_tags_that_cannot_stand_together_are_described():
    pool = bank(1, tags=["scope"]) + bank(1, start=5, tags=["consent"])
    with pytest.raises(CannotDraw) as refusal:
        draw([Cell("D1", "apply", 1)], pool, {"scope": 1, "consent": 1}, 1)
    assert len(refusal.value.shortages) == 1


CANDIDATES = st.lists(
    st.tuples(
        st.sampled_from(["D1", "D2"]),
        st.sampled_from(LEVELS),
        st.frozensets(st.sampled_from(TAGS), max_size=2),
        st.sampled_from([1, 1, 2]),
        st.frozensets(st.integers(0, 8), max_size=1),
    ),
    max_size=8,
).map(
    lambda rows: [Candidate(number, *row[:4], row[4] - {number}) for number, row in enumerate(rows)]
)
CELLS = st.dictionaries(
    st.tuples(st.sampled_from(["D1", "D2"]), st.sampled_from([*LEVELS, ""])),
    st.integers(1, 3),
    max_size=3,
).map(lambda rows: [Cell(domain, level, count) for (domain, level), count in rows.items()])


def subsets(rows):
    return chain.from_iterable(combinations(rows, size) for size in range(len(rows) + 1))


def fills(cells, rows):
    """Whether these rows, all of them, can be put into the cells: by trying every way."""
    if not cells:
        return not rows
    first, *rest = cells
    fitting = [row for row in rows if row.domain == first.domain and first.level in ("", row.level)]
    return any(
        fills(rest, [row for row in rows if row not in chosen])
        for chosen in subsets(fitting)
        if sum(row.points for row in chosen) == first.count
    )


def meets(rows, must_cover):
    counts = Counter(tag for row in rows for tag in row.tags)
    return all(counts[tag] >= least for tag, least in must_cover.items())


def at_peace(rows):
    return not any(
        a.version in b.enemies or b.version in a.enemies for a, b in combinations(rows, 2)
    )


@settings(max_examples=300, deadline=None)
@given(
    cells=CELLS,
    pool=CANDIDATES,
    must_cover=st.dictionaries(st.sampled_from(TAGS), st.integers(1, 2), max_size=3),
    seed=st.integers(0, 2**63),
    seen=st.frozensets(st.integers(0, 9)),
)
def test_a_form_is_drawn_exactly_when_there_is_one(cells, pool, must_cover, seed, seen):
    size = sum(cell.count for cell in cells)
    possible = any(
        sum(row.points for row in rows) == size
        and meets(rows, must_cover)
        and at_peace(rows)
        and fills(cells, list(rows))
        for rows in subsets(pool)
    )
    try:
        form = draw(cells, pool, must_cover, seed, seen)
    except CannotDraw as refusal:
        assert refusal.shortages
        assert not possible
    else:
        assert possible
        assert len(form) == len({row.version for row in form})
        assert fills(cells, form) and meets(form, must_cover) and at_peace(form)
        assert faults(cells, form, must_cover) == []


def test_enemies_never_stand_in_one_form_whichever_of_them_says_so():
    pool = [Candidate(1, "D1", "apply", enemies=frozenset({2})), *bank(3, start=2)]
    for seed in range(60):
        form = {row.version for row in draw([Cell("D1", "", 3)], pool, {}, seed)}
        assert not {1, 2} <= form
    with pytest.raises(CannotDraw) as refusal:
        draw([Cell("D1", "", 4)], pool, {}, 1)
    assert str(refusal.value) == "D1 any level: 3 of 4"


def test_a_case_of_three_questions_takes_three_places():
    pool = [Candidate(1, "D1", "apply", points=3), *bank(2, start=2)]
    forms = [draw([Cell("D1", "apply", 3)], pool, {}, seed) for seed in range(20)]
    assert {tuple(row.version for row in form) for form in forms} == {(1,)}


# Pilot questions


def test_pilot_questions_are_mixed_in_and_not_scored():
    form, pilots = bank(20), bank(5, start=50)
    mixed = mix_in(form, pilots, 3, 9)
    assert sorted(row.version for row, scored in mixed if scored) == list(range(20))
    assert len([row for row, scored in mixed if not scored]) == 3
    assert mix_in(form, pilots, 3, 9) == mixed
    assert [scored for _row, scored in mixed] != [True] * 20 + [False] * 3


def test_a_pilot_question_stands_beside_no_enemy_and_is_one_not_seen_where_there_is_one():
    form = bank(2)
    pilots = [Candidate(50, "D1", "apply", enemies=frozenset({0})), *bank(2, start=60)]
    mixed = mix_in(form, pilots, 5, 1, seen=frozenset({60}))
    assert {row.version for row, scored in mixed if not scored} == {60, 61}
    (only,) = [row for row, scored in mix_in(form, pilots, 1, 1, frozenset({60})) if not scored]
    assert only.version == 61


# Forms by hand


def test_what_is_wrong_with_a_form_by_hand_is_said_cell_by_cell():
    cells = [Cell("D1", "recall", 1), Cell("D1", "apply", 2), Cell("D2", "", 1)]
    form = bank(3) + bank(1, "D3", start=9)
    assert faults(cells, form, {"scope": 1}) == [
        Shortage("D1 recall", 1, 0),
        Shortage("D2 any level", 1, 0),
        Shortage("D1 apply", 2, 3),
        Shortage("D3 apply", 0, 1),
        Shortage("scope", 1, 0),
    ]


# Options


@given(seed=st.integers(0, 2**63), position=st.integers(1, 200))
def test_options_are_shuffled_the_same_way_again(seed, position):
    ids = ["a1b2c3", "d4e5f6", "0719aa", "77ffe0"]
    order = shuffled(seed, position, ids)
    assert sorted(order) == sorted(ids)
    assert shuffled(seed, position, reversed(ids)) == order


@given(seed=st.integers(0, 2**63), key=st.permutations(["a", "b", "c"]))
def test_steps_are_never_shown_in_the_right_order(seed, key):
    assert shuffled(seed, 1, ["a", "b", "c"], avoid=key) != key
