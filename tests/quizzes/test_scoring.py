"""What answers must look like and what they are worth."""

import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizzes import scoring
from quizzes.scoring import (
    Band,
    Mark,
    bands,
    check_answer,
    earned,
    fold,
    is_answered,
    is_marked_by_hand,
    passes,
    score,
    worth,
)

OPTIONS = [{"id": name, "text": name.upper()} for name in "abcd"]
TARGETS = [{"id": name, "text": name} for name in "wxyz"]
CONTENTS = {
    "single": {"options": OPTIONS, "key": {"choice": "b"}},
    "multiple": {"options": OPTIONS, "key": {"choices": ["a", "c"]}},
    "truefalse": {
        "options": [{"id": "true", "text": "True"}, {"id": "false", "text": "False"}],
        "key": {"choice": "true"},
    },
    "order": {"options": OPTIONS, "key": {"order": ["c", "a", "d", "b"]}},
    "match": {
        "options": OPTIONS[:3],
        "targets": TARGETS,
        "key": {"pairs": {"a": "x", "b": "w", "c": "z"}},
    },
    "numeric": {"options": [], "key": {"value": 7.5}, "scoring": {"tolerance": 0.2}},
    "text": {
        "options": [],
        "key": {"text": "assent"},
        "scoring": {"accept": ["assent", "informed assent"]},
    },
    "hotspot": {
        "options": [
            {"id": "a", "text": "the round one", "x": 0.2, "y": 0.2},
            {"id": "b", "text": "the square one", "x": 0.7, "y": 0.7},
        ],
        "key": {"x": 0.7, "y": 0.7},
        "scoring": {
            "regions": [
                {
                    "id": "a",
                    "correct": False,
                    "outline": {"shape": "ellipse", "x": 0.2, "y": 0.2, "rx": 0.1, "ry": 0.1},
                },
                {
                    "id": "b",
                    "correct": True,
                    "outline": {
                        "shape": "polygon",
                        "points": [[0.6, 0.6], [0.8, 0.6], [0.8, 0.8], [0.6, 0.8]],
                    },
                },
            ]
        },
    },
    "label": {
        "options": OPTIONS[:3],
        "targets": TARGETS,
        "key": {"pairs": {"a": "x", "b": "w", "c": "z"}},
    },
    "extended": {
        "options": OPTIONS[:3],
        "targets": TARGETS,
        "key": {"pairs": {"a": "x", "b": "x", "c": "z"}},
    },
    "case": {
        "points": 2,
        "options": [],
        "parts": [
            {"id": "p", "text": "First?", "options": OPTIONS[:2]},
            {"id": "q", "text": "Then?", "options": OPTIONS[2:]},
        ],
        "key": {"parts": {"p": "b", "q": "c"}},
    },
    "essay": {
        "points": 6,
        "options": [],
        "key": {"text": "Stop, and send her to a doctor today."},
        "scoring": {"rubric": [{"id": "r", "text": "Stops", "points": 6}], "tolerance": 1},
    },
}
BY_MACHINE = [kind for kind in CONTENTS if kind != "essay"]


def content(kind):
    return {"type": kind, "scoring": {}, **CONTENTS[kind]}


@pytest.mark.parametrize("kind", BY_MACHINE)
def test_the_key_is_an_answer_of_the_right_shape_and_worth_everything(kind):
    asked = content(kind)
    assert check_answer(asked, asked["key"]) == []
    assert score(asked, asked["key"]) == 1
    assert earned(asked, asked["key"]) == worth(asked)


def test_what_an_essay_earns_only_people_can_say():
    essay = content("essay")
    assert check_answer(essay, essay["key"]) == []
    assert score(essay, essay["key"]) is None
    assert earned(essay, essay["key"]) is None
    assert [kind for kind in CONTENTS if is_marked_by_hand(content(kind))] == ["essay"]


@pytest.mark.parametrize("answer", [None, {"text": ""}, {"text": " \n "}])
def test_an_essay_not_written_earns_nothing(answer):
    assert score(content("essay"), answer) == 0


@pytest.mark.parametrize("kind", CONTENTS)
def test_no_answer_may_be_stored_and_is_worth_nothing(kind):
    assert check_answer(content(kind), None) == []
    assert score(content(kind), None) == 0


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        ("single", {"choice": "a"}),
        ("truefalse", {"choice": "false"}),
        ("multiple", {"choices": ["a"]}),
        ("multiple", {"choices": ["a", "b", "c"]}),
        ("multiple", {"choices": []}),
        ("numeric", {"value": 7.71}),
        ("numeric", {"value": 7.29}),
        ("text", {"text": "consent"}),
        ("text", {"text": "  "}),
        ("match", {"pairs": {}}),
    ],
)
def test_a_wrong_choice_number_or_word_is_worth_nothing(kind, answer):
    assert check_answer(content(kind), answer) == []
    assert score(content(kind), answer) == 0


def test_the_order_of_choices_does_not_matter():
    assert score(content("multiple"), {"choices": ["c", "a"]}) == 1


@pytest.mark.parametrize(
    ("order", "worth"),
    [("cadb", "1"), ("cabd", "0.333"), ("bdac", "0"), ("adbc", "0.667"), ("acdb", "0.333")],
)
def test_an_order_is_worth_the_share_of_its_neighbouring_pairs(order, worth):
    assert score(content("order"), {"order": list(order)}) == Decimal(worth)


def test_a_matching_is_worth_the_share_of_its_pairs():
    assert score(content("match"), {"pairs": {"a": "x", "b": "z"}}) == Decimal("0.333")
    assert score(content("match"), {"pairs": {"a": "x", "b": "w", "c": "y"}}) == Decimal("0.667")


def test_a_diagram_is_worth_the_share_of_its_pins():
    assert score(content("label"), {"pairs": {"a": "x", "b": "z"}}) == Decimal("0.333")


def test_an_extended_matching_counts_each_stem_and_an_option_may_stand_again():
    answer = {"pairs": {"a": "x", "b": "x", "c": "x"}}
    assert check_answer(content("extended"), answer) == []
    assert score(content("extended"), answer) == Decimal("0.667")


def test_each_part_of_a_case_set_earns_a_point():
    answer = {"parts": {"p": "b", "q": "d"}}
    assert check_answer(content("case"), answer) == []
    assert score(content("case"), answer) == Decimal("0.5")
    assert earned(content("case"), answer) == 1


@pytest.mark.parametrize(
    ("x", "y", "points"),
    [(0.7, 0.7, 1), (0.6, 0.6, 1), (0.8, 0.65, 1), (0.81, 0.65, 0), (0.2, 0.2, 0), (0, 1, 0)],
)
def test_a_point_counts_inside_a_right_region_and_on_its_edge(x, y, points):
    assert check_answer(content("hotspot"), {"x": x, "y": y}) == []
    assert score(content("hotspot"), {"x": x, "y": y}) == points


@given(st.floats(0, 1), st.floats(0, 1))
def test_every_point_of_a_picture_is_an_answer_worth_all_or_nothing(x, y):
    assert check_answer(content("hotspot"), {"x": x, "y": y}) == []
    inside = 0.6 <= x <= 0.8 and 0.6 <= y <= 0.8
    near = any(abs(value - edge) < 1e-6 for value in (x, y) for edge in (0.6, 0.8))
    assert near or score(content("hotspot"), {"x": x, "y": y}) == inside


def partial_answers(kind):
    """Every pin, stem or part answered somehow, or left out."""
    asked = content(kind)
    field = "parts" if kind == "case" else "pairs"
    choices = {
        row["id"]: [other["id"] for other in row.get("options", asked.get("targets", []))]
        for row in asked["parts" if kind == "case" else "options"]
    }
    given_to = st.fixed_dictionaries(
        {}, optional={name: st.sampled_from(ids) for name, ids in choices.items()}
    )
    return given_to.map(lambda pairs: {field: pairs})


@pytest.mark.parametrize("kind", ["label", "extended", "case"])
@given(st.data())
def test_what_is_right_in_part_earns_its_share(kind, data):
    asked, answer = content(kind), data.draw(partial_answers(kind))
    (field,) = answer
    if check_answer(asked, answer):
        assert kind == "label" and len(set(answer[field].values())) < len(answer[field])
        return
    right = sum(answer[field].get(name) == told for name, told in asked["key"][field].items())
    assert score(asked, answer) == round(Decimal(right) / len(asked["key"][field]), 3)
    assert earned(asked, answer) <= worth(asked)


@pytest.mark.parametrize("value", [7.5, 7.3, 7.7, 7, 8])
def test_a_number_counts_within_its_tolerance_as_people_write_it(value):
    assert score(content("numeric"), {"value": value}) == (1 if 7.3 <= value <= 7.7 else 0)


@pytest.mark.parametrize("text", ["ASSENT", "  informed   Assent\n", "ássent", "Ａssent"])
def test_text_is_compared_without_case_accents_and_extra_blanks(text):
    assert score(content("text"), {"text": text}) == 1


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        ("single", "b"),
        ("single", []),
        ("single", {}),
        ("single", {"choice": "e"}),
        ("single", {"choice": ["a"]}),
        ("single", {"choice": None}),
        ("single", {"choice": "a", "right": True}),
        ("single", {"choices": ["a"]}),
        ("truefalse", {"choice": True}),
        ("multiple", {"choices": "ab"}),
        ("multiple", {"choices": ["a", "a"]}),
        ("multiple", {"choices": ["a", "e"]}),
        ("multiple", {"choices": [["a"]]}),
        ("order", {"order": ["a", "b", "c"]}),
        ("order", {"order": ["a", "b", "c", "c"]}),
        ("order", {"order": ["a", "b", "c", "e"]}),
        ("match", {"pairs": [["a", "x"]]}),
        ("match", {"pairs": {"d": "x"}}),
        ("match", {"pairs": {"a": "a"}}),
        ("match", {"pairs": {"a": "x", "b": "x"}}),
        ("match", {"pairs": {"a": ["x"]}}),
        ("numeric", {"value": "7.5"}),
        ("numeric", {"value": True}),
        ("numeric", {"value": None}),
        ("numeric", {"value": math.nan}),
        ("numeric", {"value": math.inf}),
        ("numeric", {"value": -math.inf}),
        ("numeric", {"value": 10**400}),
        ("text", {"text": 7}),
        ("text", {"text": "a\0b"}),
        ("text", {"text": "\ud800"}),
        ("text", {"text": "x" * (scoring.TEXT_MAX + 1)}),
        ("hotspot", {"x": 0.5}),
        ("hotspot", {"x": 0.5, "y": 1.01}),
        ("hotspot", {"x": -0.01, "y": 0.5}),
        ("hotspot", {"x": "0.5", "y": 0.5}),
        ("hotspot", {"x": True, "y": 0.5}),
        ("hotspot", {"x": math.nan, "y": 0.5}),
        ("hotspot", {"x": 0.5, "y": 0.5, "region": "b"}),
        ("hotspot", {"choice": "b"}),
        ("label", {"pairs": {"a": "x", "b": "x"}}),
        ("label", {"pairs": {"d": "x"}}),
        ("extended", {"pairs": {"a": "a"}}),
        ("extended", {"pairs": {"a": ["x"]}}),
        ("extended", {"pairs": {"d": "x"}}),
        ("case", {"parts": {"p": "c"}}),
        ("case", {"parts": {"r": "a"}}),
        ("case", {"parts": ["a"]}),
        ("case", {"parts": {"p": None}}),
        ("essay", {"text": "x" * (scoring.ESSAY_MAX + 1)}),
        ("essay", {"text": "a\0b"}),
        ("essay", {"words": "Much"}),
    ],
)
def test_an_answer_of_another_shape_is_refused_in_words(kind, answer):
    problems = check_answer(content(kind), answer)
    assert len(problems) == 1
    assert problems[0].endswith(".")


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from("abcdwxyz"),
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.dictionaries(st.text() | st.sampled_from("abcd"), inner, max_size=5)
    ),
    max_leaves=8,
)
FIELDS = st.sampled_from(["choice", "choices", "order", "pairs", "value", "text"])


@given(
    kind=st.sampled_from(sorted(CONTENTS)), answer=JSON | st.dictionaries(FIELDS, JSON, max_size=2)
)
def test_whatever_is_sent_is_refused_or_can_be_scored(kind, answer):
    asked = content(kind)
    if check_answer(asked, answer) == []:
        assert 0 <= score(asked, answer) <= 1
        assert isinstance(is_answered(answer), bool)


@given(order=st.permutations(list("abcd")))
def test_only_the_right_order_is_worth_everything(order):
    assert (score(content("order"), {"order": order}) == 1) == (order == ["c", "a", "d", "b"])


@given(st.text())
def test_folding_twice_is_folding_once(text):
    assert fold(fold(text)) == fold(text)


@given(st.text(alphabet=st.characters(codec="ascii")))
def test_case_and_blanks_do_not_matter(text):
    assert fold(f"  {text.upper()}\t") == fold(text)


# Result


def test_a_pass_mark_of_68_is_passed_with_68_of_100():
    assert passes(Decimal(68), Decimal(100), Decimal(68))
    assert not passes(Decimal("67.999"), Decimal(100), Decimal(68))


def test_bands_stand_weakest_first_and_say_how_many_questions():
    def marks(domain, right, of):
        return [Mark(domain, Decimal(number < right)) for number in range(of)]

    found = bands([*marks("D1", 7, 10), *marks("D2", 6, 10), *marks("D3", 5, 10)], Decimal(68))
    assert [(row.domain, row.items, row.band) for row in found] == [
        ("D3", 10, Band.BELOW),
        ("D2", 10, Band.NEAR),
        ("D1", 10, Band.GOOD),
    ]


MARKS = st.builds(
    Mark,
    st.sampled_from(["D1", "D2", "D3"]),
    st.decimals(0, 1, places=3, allow_nan=False),
)


@given(marks=st.lists(MARKS, min_size=1), mark=st.decimals(0, 100, places=2, allow_nan=False))
def test_bands_agree_with_the_pass_mark(marks, mark):
    found = bands(marks, mark)
    assert sum(row.items for row in found) == len(marks)
    for row in found:
        rows = [entry for entry in marks if entry.domain == row.domain]
        points = sum((entry.points for entry in rows), Decimal(0))
        assert (row.band is Band.GOOD) == passes(points, Decimal(len(rows)), mark)
