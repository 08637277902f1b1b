"""The item types that are answered on a figure, in several parts, or at length: what authors are told, what candidates get, what readers see."""

import json

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from accounts.services import Invalid
from quizzes.blocks import ItemBody
from quizzes.frozen import previewed, question, read_back, reasons, same_question, unlabelled
from quizzes.geometry import contains
from quizzes.models import Item, Pool, Response
from quizzes.rules import RULES
from quizzes.scoring import check_answer, earned, is_marked_by_hand, score, worth
from quizzes.services import (
    check_response,
    explained,
    feedback_of,
    load_item,
    questions_of,
    save_response,
    submit_attempt,
)
from quizzes.services.layout import _option_order
from quizzes.services.readiness import sentences_of
from tests.factories import NOW
from tests.quizzes.bank import (
    ANSWERS,
    DRAWING,
    LONG_ANSWERS,
    add_items,
    entry,
    practice_quiz,
    sit,
    version_of,
)

NEW = {name: fields for name, fields in {**ANSWERS, **LONG_ANSWERS}.items() if name in
       ("hotspot", "label", "extended", "case", "essay")}  # fmt: skip


def value_of(kind, **changes):
    """The value of a type's block as the loader makes it, with some of it changed."""
    from quizzes.services.items import _body

    data = {"code": "X", "type": kind, **json.loads(json.dumps(NEW[kind]))}
    for path, value in changes.items():
        *way, last = path.split("__")
        at = data
        for step in way:
            at = at[int(step) if step.isdigit() else step]
        at[int(last) if last.isdigit() else last] = value
    return _body(data)


def block_of(kind):
    return ItemBody().child_blocks[kind]


def cleaned(kind, **changes):
    block = block_of(kind)
    return block.clean(block.to_python(json.loads(json.dumps(value_of(kind, **changes), default=str))))  # fmt: skip


def told(kind, **changes):
    with pytest.raises(ValidationError) as caught:
        cleaned(kind, **changes)
    return " ".join(map(str, sentences_of(caught.value)))


def frozen(kind, **changes):
    parts = block_of(kind).frozen(cleaned(kind, **changes))
    parts.pop("picture", None)
    return {
        "type": kind,
        "stem": "Where?",
        "stimulus": "",
        "points": 1,
        "scoring": {},
        "media": [],
        **parts,
    }


REGION = {"outline": "ellipse 0.3,0.3 0.1,0.1", "text": "One", "rationale": "So."}
PIN = {"place": "0.2,0.2", "label": "A", "where": "There", "rationale": "So."}


@pytest.mark.parametrize(
    ("kind", "changes", "sentence"),
    [
        ("hotspot", {"regions__1__correct": False}, "exactly one region as correct"),
        ("hotspot", {"regions__0__correct": True}, "exactly one region as correct"),
        ("hotspot", {"regions__0__outline": "ellipse 0.7,0.65 0.1,0.2"}, "1 and 2 overlap"),
        ("hotspot", {"regions__0__outline": "ellipse 0.3,0.3 0.4,0.2"}, "beyond the picture"),
        ("hotspot", {"regions__0__outline": "polygon 0.1,0.1 0.2,0.2"}, "three different corners"),
        (
            "hotspot",
            {"regions__0__outline": "polygon 0.1,0.1 0.3,0.3 0.3,0.1 0.1,0.3"},
            "crosses itself",
        ),
        ("hotspot", {"regions__0__outline": "polygon " + "0.1,0.1 " * 1000}, "at most 60"),
        ("hotspot", {"regions__0__outline": "somewhere"}, "Begin with"),
        ("hotspot", {"regions__0__outline": ""}, "required"),
        ("hotspot", {"regions__0__text": "The narrow band below"}, "may stand once"),
        ("hotspot", {"regions": [REGION]}, "minimum number of items is 2"),
        ("hotspot", {"regions": [REGION] * 40}, "maximum number of items is 12"),
        ("hotspot", {"picture": ""}, "required"),
        ("label", {"pins__0__place": "0.8,0.21"}, "1 and 2 stand on the same place"),
        ("label", {"pins__0__place": "1.2,0.2"}, "outside the picture"),
        ("label", {"pins__0__place": "left"}, "two numbers"),
        ("label", {"pins__0__label": "Biceps femoris"}, "may stand once"),
        ("label", {"extra_labels": ["Biceps femoris"]}, "may stand once"),
        ("label", {"pins": [PIN] * 40}, "maximum number of items is 12"),
        ("extended", {"stems__0__answer": "Femoral nerve"}, "“Femoral nerve”"),
        ("extended", {"choices": ["One", "One", "Two"]}, "may stand once"),
        ("extended", {"choices": ["One"]}, "minimum number of items is 3"),
        ("extended", {"stems__1__text": "It winds round the neck of the fibula."}, "stand once"),
        ("case", {"parts__0__options__1__correct": True}, "exactly one option"),
        ("case", {"parts__1__options__1__correct": False}, "exactly one option"),
        ("case", {"parts__1__stem": "What comes first?"}, "may stand once"),
        ("case", {"parts": LONG_ANSWERS["case"]["parts"] * 4}, "maximum number of items is 6"),
        ("case", {"parts": LONG_ANSWERS["case"]["parts"][:1]}, "minimum number of items is 2"),
        ("essay", {"essay__points": 5}, "add up to 6 points; the essay has 5"),
        ("essay", {"essay__tolerance": 6}, "tolerance is smaller"),
        ("essay", {"essay__rubric": []}, "minimum number of items is 1"),
        ("essay", {"essay__points": 5000}, "less than or equal to 50"),
        ("essay", {"essay__rubric__0__text": "Says why, without alarm"}, "may stand once"),
    ],
)
def test_an_author_is_told_what_to_mend(kind, changes, sentence):
    assert sentence in told(kind, **changes)


def test_more_than_one_region_is_right_where_the_author_says_so():
    content = frozen("hotspot", several=True, regions__0__correct=True)
    for x, y in ((0.3, 0.3), (0.75, 0.65)):
        assert score(content, {"x": x, "y": y}) == 1
    assert score(content, {"x": 0.5, "y": 0.5}) == 0


@pytest.mark.parametrize("kind", NEW)
def test_the_key_of_a_frozen_item_is_worth_everything(kind):
    content = frozen(kind)
    assert check_answer(content, content["key"]) == []
    assert is_marked_by_hand(content) or earned(content, content["key"]) == worth(content)
    assert worth(content) == {"case": 2, "essay": 6}.get(kind, 1)


@pytest.mark.parametrize("kind", NEW)
def test_ids_are_new_each_time_and_say_the_same(kind):
    one, other = frozen(kind), frozen(kind)
    assert json.dumps(one) != json.dumps(other)
    assert same_question(one, other)


CHANGES = {
    "hotspot": {"regions__0__outline": "ellipse 0.3,0.3 0.1,0.1"},
    "label": {"pins__0__place": "0.25,0.2"},
    "extended": {"stems__0__answer": "Sural nerve"},
    "case": {"parts__0__options__0__rationale": "Always."},
    "essay": {"essay__rubric__0__text": "Ends the treatment"},
}


@pytest.mark.parametrize("kind", NEW)
def test_what_is_changed_is_another_question(kind):
    assert not same_question(frozen(kind), frozen(kind, **CHANGES[kind]))


@pytest.mark.parametrize("kind", NEW)
def test_a_candidate_reads_how_it_is_marked_as_its_author_does(kind):
    asked = question(frozen(kind), position=1, option_order=[], media_url="")
    assert asked["rule"] == str(RULES[kind]) == str(block_of(kind).meta.help_text)
    assert asked["points"] == worth(frozen(kind))


SECRETS = {
    "hotspot": ["outline", "polygon", "correct", "Muscle bears", "0.6, 0.6"],
    "label": ["It is round", "key"],
    "extended": ["There it lies on bone", "key"],
    "case": ["Look, then touch", "key", "correct"],
    "essay": ["Stops the treatment", "Stop, say why", "tolerance"],
}


@pytest.mark.parametrize("kind", NEW)
def test_a_question_gives_nothing_of_its_key_away(kind):
    text = json.dumps(question(frozen(kind), position=1, option_order=[], media_url=""))
    assert not [word for word in SECRETS[kind] if word in text]


@pytest.mark.parametrize("kind", NEW)
def test_readers_of_the_bank_see_all_of_it(kind):
    text = json.dumps(read_back(frozen(kind)))
    assert all(word in text for word in SECRETS[kind] if word != "correct")


def test_each_region_has_a_point_of_its_own_to_choose():
    content = frozen("hotspot")
    regions = {row["id"]: row for row in content["scoring"]["regions"]}
    for option in question(content, position=1, option_order=[], media_url="")["options"]:
        assert contains(regions[option["id"]]["outline"], option["x"], option["y"])
        told_right = score(content, {"x": option["x"], "y": option["y"]}) == 1
        assert told_right == regions[option["id"]]["correct"]


@given(st.floats(0, 1), st.floats(0, 1))
def test_a_marker_is_explained_by_the_region_it_lies_in(x, y):
    content = frozen("hotspot")
    rows = reasons(content, order=[], answer={"x": x, "y": y})
    hit = [row for row in rows if row["given"]]
    assert len(hit) <= 1
    assert [row["verdict"] for row in rows if row["right"]] == [
        "right" if score(content, {"x": x, "y": y}) else "missed"
    ]


def test_pins_stems_and_the_alphabet_keep_their_places():
    label, extended = frozen("label"), frozen("extended")
    for seed in range(20):
        order = _option_order(seed, 1, label)
        assert order[:2] == [pin["id"] for pin in label["options"]]
        order = _option_order(seed, 1, extended)
        ids = [row["id"] for row in [*extended["options"], *extended["targets"]]]
        assert order == ids
    assert [row["text"] for row in extended["targets"]] == sorted(
        row["text"] for row in extended["targets"]
    )


def test_the_options_of_each_part_come_in_the_attempts_order():
    content = frozen("case")
    seen = set()
    for seed in range(20):
        order = _option_order(seed, 1, content)
        asked = question(content, position=1, option_order=order, media_url="")
        assert [part["text"] for part in asked["parts"]] == ["What comes first?", "Who decides?"]
        seen.add(asked["parts"][0]["options"][0]["text"])
    assert seen == {"Look", "Knead"}


def test_a_figure_to_answer_on_names_nothing():
    drawn = unlabelled(DRAWING)
    assert "m-edge" in drawn
    assert not [word for word in ("The knee", "Semitendinosus", "lead", "<text") if word in drawn]


# With the bank


@pytest.mark.django_db
@pytest.mark.parametrize("kind", NEW)
def test_an_entry_of_each_type_is_loaded_once(kind):
    add_items(0)
    data = entry(kind)
    item, new = load_item(data=data, pool=Pool.PRACTICE, at=NOW)
    assert (new, load_item(data=data, pool=Pool.PRACTICE, at=NOW)[1]) == (True, False)
    assert version_of(item).points == worth(version_of(item).content)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "lack", "sentence"),
    [
        ("hotspot", {"figure": ""}, "choose one"),
        ("label", {"figure": ""}, "choose one"),
        ("case", {"stimulus": ""}, "begins with its case"),
    ],
)
def test_a_type_says_what_else_it_needs(kind, lack, sentence):
    add_items(0)
    with pytest.raises(Invalid, match=sentence):
        load_item(data=entry(kind, **lack), pool=Pool.PRACTICE, at=NOW)
    assert not Item.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["hotspot", "label"])
def test_the_kept_figure_and_the_preview_name_nothing(kind):
    (item,) = add_items(1, kind)
    (medium,) = version_of(item).content["media"]
    assert medium["alt"].startswith("A knee from behind")
    (shown,) = previewed(item)["asked"]["media"]
    assert "m-edge" in shown["drawing"]
    assert "Semitendinosus" not in shown["drawing"] + shown["alt"]


def asked_in_practice(kind):
    """A practice attempt at one question of this type, whatever a draw would make of its points."""
    (item,) = add_items(1, kind)
    add_items(1, "truefalse", domain="D2")
    attempt = sit(practice_quiz(("D2", "", 1)))
    version = version_of(item)
    order = _option_order(attempt.seed, 2, version.content)
    Response.objects.create(attempt=attempt, position=2, item_version=version, option_order=order)
    from quizzes.frozen import versions_asked

    versions_asked.cache_clear()
    return attempt, version.content


def answer_and_check(attempt, answer):
    learner = attempt.learner
    save_response(
        uuid=attempt.uuid, position=2, answer=answer, flagged=False, seq=1, by=learner, at=NOW
    )
    return check_response(uuid=attempt.uuid, position=2, by=learner, at=NOW)


@pytest.mark.django_db
def test_each_part_of_a_case_is_explained():
    attempt, content = asked_in_practice("case")
    first, second = content["parts"]
    given = {"parts": {**content["key"]["parts"], second["id"]: second["options"][0]["id"]}}
    response = answer_and_check(attempt, given)
    said = explained(attempt, response, content)
    assert (said["earned"], said["points"]) == (1.0, 2)
    assert [part["earned"] for part in said["parts"]] == [1, 0]
    assert [part["text"] for part in said["parts"]] == [first["text"], second["text"]]
    verdicts = {row["text"]: row["verdict"] for row in said["parts"][1]["options"]}
    assert verdicts == {"The coach": "wrong", "The team doctor": "missed"}


@pytest.mark.django_db
def test_an_essay_in_practice_is_compared_and_counts_for_nothing():
    attempt, content = asked_in_practice("essay")
    response = answer_and_check(attempt, {"text": "Stop at once."})
    assert (response.points, response.open) == (None, False)
    said = explained(attempt, response, content)
    assert said["earned"] is None
    assert said["solution"] == content["key"]["text"]
    assert [line["points"] for line in said["rubric"]] == [2, 2, 2]
    again = check_response(uuid=attempt.uuid, position=2, by=attempt.learner, at=NOW)
    assert again.points is None
    submit_attempt(uuid=attempt.uuid, by=attempt.learner, at=NOW)
    attempt.refresh_from_db()
    assert feedback_of(attempt)["out_of"] == 1  # the other question alone


@pytest.mark.django_db
def test_an_essay_before_it_is_checked_shows_neither_model_nor_rubric():
    attempt, content = asked_in_practice("essay")
    text = json.dumps(questions_of(attempt))
    assert content["key"]["text"] not in text and "Stops the treatment" not in text
