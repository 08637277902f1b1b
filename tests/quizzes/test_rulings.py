"""What a question counts after a ruling: the arithmetic alone."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizzes.geometry import region_of
from quizzes.rulings import Ruling, counted, faults_of, needs_a_marker, with_key
from quizzes.scoring import earned, worth

SINGLE = {
    "type": "single",
    "options": [{"id": name, "text": name} for name in "abcd"],
    "key": {"choice": "a"},
    "scoring": {},
    "points": 1,
}
PAIRS = {
    "type": "match",
    "options": [{"id": name, "text": name} for name in "abc"],
    "targets": [{"id": name, "text": name} for name in "xyz"],
    "key": {"pairs": {"a": "x", "b": "y", "c": "z"}},
    "scoring": {},
    "points": 3,
}
NUMBER = {
    "type": "numeric",
    "options": [],
    "key": {"value": 110},
    "scoring": {"tolerance": 5},
    "unit": "",
    "points": 1,
}
TEXT = {
    "type": "text",
    "options": [],
    "key": {"text": "soleus"},
    "scoring": {"accept": ["soleus"]},
    "points": 1,
}
SPOT = {
    "type": "hotspot",
    "options": [{"id": "r1", "text": ""}, {"id": "r2", "text": ""}],
    "key": {"x": 0.2, "y": 0.2},
    "scoring": {
        "regions": [
            {"id": "r1", "correct": True, "outline": region_of("ellipse 0.2,0.2 0.1,0.1")},
            {"id": "r2", "correct": False, "outline": region_of("ellipse 0.7,0.7 0.1,0.1")},
        ]
    },
    "points": 1,
}
choices = st.one_of(st.none(), st.sampled_from("abcd").map(lambda name: {"choice": name}))
pairs = st.dictionaries(st.sampled_from("abc"), st.sampled_from("xyz")).map(
    lambda it: {"pairs": it}
)
answered = st.one_of(choices.map(lambda it: (SINGLE, it)), pairs.map(lambda it: (PAIRS, it)))
others = {"single": {"choice": "b"}, "match": {"pairs": {"a": "y", "b": "x", "c": "z"}}}


def count(content, answer, ruling):
    return counted(content, answer, earned(content, answer), ruling)


@given(answered)
def test_a_void_question_is_out_of_the_points_and_of_what_they_are_out_of(pair):
    assert count(*pair, Ruling("void")) is None


@given(answered)
def test_credit_gives_everybody_all(pair):
    assert count(*pair, Ruling("credit")) == (worth(pair[0]), worth(pair[0]))


@given(answered)
def test_what_stands_is_as_it_was_marked(pair):
    assert count(*pair, Ruling("stands")) == count(*pair, None)
    assert count(*pair, None) == (earned(*pair), worth(pair[0]))


@given(answered)
def test_nobody_loses_by_another_right_answer_and_nobody_has_more_than_all(pair):
    content, answer = pair
    ruling = Ruling("rescore", (others[content["type"]],))
    points, out_of = count(content, answer, ruling)
    assert earned(content, answer) <= points <= out_of == worth(content)


@pytest.mark.parametrize(
    ("content", "also"),
    [
        (SINGLE, {"choice": "b"}),
        (PAIRS, {"pairs": {"a": "y", "b": "x", "c": "z"}}),
        (NUMBER, {"value": 90}),
        (TEXT, {"text": "Gastrocnemius"}),
        (SPOT, {"x": 0.7, "y": 0.7}),
    ],
)
def test_the_other_answer_earns_all_and_the_key_still_does(content, also):
    ruling = Ruling("rescore", (also,))
    assert count(content, also, ruling) == count(content, content["key"], ruling)
    assert count(content, also, ruling)[0] == worth(content)
    assert earned(content, also) < worth(content)


def test_the_tolerance_holds_round_the_other_number_too():
    ruling = Ruling("rescore", ({"value": 90},))
    assert [count(NUMBER, {"value": v}, ruling)[0] for v in (85, 84, 108, 97)] == [1, 0, 1, 0]


def test_in_part_right_by_the_other_key_counts_in_part():
    ruling = Ruling("rescore", ({"pairs": {"a": "y", "b": "x", "c": "z"}},))
    assert count(PAIRS, {"pairs": {"a": "y"}}, ruling) == (Decimal(1), Decimal(3))


@pytest.mark.parametrize(
    ("content", "kind", "also"),
    [
        (SINGLE, "rescore", []),
        (SINGLE, "rescore", [{"choice": "a"}]),
        (SINGLE, "rescore", [{"choice": "q"}]),
        (SINGLE, "rescore", [{"choice": None}]),
        (SINGLE, "rescore", [None]),
        (SINGLE, "rescore", ["b"]),
        (SINGLE, "void", [{"choice": "b"}]),
        (TEXT, "rescore", [{"text": " SOLEUS "}]),
        (TEXT, "rescore", [{"text": " "}]),
        (NUMBER, "rescore", [{"value": 112}]),
        (SPOT, "rescore", [{"x": 0.2, "y": 0.2}]),
        (SPOT, "rescore", [{"x": 0.45, "y": 0.45}]),
        ({**TEXT, "type": "essay"}, "rescore", [{"text": "x"}]),
    ],
)
def test_what_is_no_ruling_is_refused(content, kind, also):
    assert faults_of(content, kind, also)


def test_a_ruling_that_names_another_answer_holds():
    assert not faults_of(SINGLE, "rescore", [{"choice": "b"}, {"choice": "c"}])
    assert not faults_of(SINGLE, "void", [])


def test_an_essay_waits_for_markers_unless_a_ruling_has_decided():
    assert needs_a_marker(None, None) and needs_a_marker(None, Ruling("stands"))
    assert not needs_a_marker(None, Ruling("void"))
    assert not needs_a_marker(None, Ruling("credit"))
    assert not needs_a_marker(Decimal(0), None)


def test_the_key_itself_is_left_as_it_was():
    assert with_key(TEXT, {"text": "other"})["scoring"] == {"accept": ["other"]}
    assert TEXT["scoring"] == {"accept": ["soleus"]}


STEMS = {
    **PAIRS,
    "type": "extended",
    "key": {"pairs": {"a": "x", "b": "y", "c": "z"}},
}
whole_keys = st.fixed_dictionaries(dict.fromkeys("abc", st.sampled_from("xyz"))).map(
    lambda pairs: {"pairs": pairs}
)


@given(pairs, st.lists(whole_keys, max_size=3), whole_keys)
def test_stems_that_stand_for_themselves_earn_what_any_key_gives_each(answer, keys, more):
    points, out_of = count(STEMS, answer, Ruling("rescore", tuple(keys)))
    right = [STEMS["key"], *keys]
    expected = sum(
        any(key["pairs"][entry] == given for key in right)
        for entry, given in answer["pairs"].items()
    )
    assert (points, out_of) == (expected, 3)
    assert points <= count(STEMS, answer, Ruling("rescore", (*keys, more)))[0] <= 3
