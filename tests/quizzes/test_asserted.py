"""What a question states as true, and what the register of contested claims says to it."""

import pytest

from courses.claims import lint, rule, touched
from quizzes.asserted import asserted

MYTH = "Massage flushes lactic acid out of the muscles."
RULES = [
    rule(
        code="CC1",
        status="X",
        statement="Massage flushes lactic acid out of the muscles.",
        patterns=[r"^(?!.*\b(?:not|says)\b|.*\?).*\bflush\w* .*\blactic acid\b"],
    ),
    rule(
        code="CC11",
        status="X",
        statement="Massage lowers cortisol.",
        patterns=[r"^(?!.*\bnot\b).*\blowers? cortisol\b"],
    ),
]


def single(stem, right, wrong="Something else", **fields):
    return {
        "type": "single",
        "stem": stem,
        "options": [{"id": "a", "text": right}, {"id": "b", "text": wrong}],
        "key": {"choice": "a"},
        "rationales": {"a": "Because.", "b": "It does not."},
        **fields,
    }


def stated(content):
    return {part for part, text in asserted(content).items() if lint(text, RULES)}


def test_a_key_states_what_it_says_and_a_wrong_option_states_nothing():
    assert stated(single("What does massage do?", MYTH)) == {"key"}
    assert stated(single("What does massage do?", "It may soothe.", MYTH)) == set()


def test_a_stem_left_open_and_its_key_are_one_statement():
    assert stated(single("After a race, massage flushes out", "lactic acid")) == {"key"}


@pytest.mark.parametrize(
    "stem",
    ["Which statement is not supported?", "Which of these is a myth?", "Which do you avoid?"],
)
def test_a_myth_may_be_tested_as_a_myth(stem):
    assert stated(single(stem, MYTH)) == set()


def test_stem_stimulus_and_reasons_are_read():
    assert stated(single(f"{MYTH} Why?", "Pressure")) == {"stem"}
    assert stated(single("Why?", "Pressure", stimulus=MYTH)) == {"stimulus"}
    assert stated(single("Why?", "Pressure", rationales={"a": MYTH})) == {"rationales"}


@pytest.mark.parametrize(("key", "found"), [("true", {"key"}), ("false", set())])
def test_true_or_false_states_its_stem_only_when_it_is_keyed_true(key, found):
    options = [{"id": "true", "text": "True"}, {"id": "false", "text": "False"}]
    content = {"type": "truefalse", "stem": MYTH, "options": options, "key": {"choice": key}}
    assert stated(content) == found


def test_pairs_accepted_words_and_the_parts_of_a_case_are_read():
    pairs = {
        "type": "match",
        "stem": "Match.",
        "options": [{"id": "l", "text": "Massage flushes away"}],
        "targets": [{"id": "r", "text": "lactic acid"}],
        "key": {"pairs": {"l": "r"}},
    }
    assert stated(pairs) == {"key"}
    words = {"type": "text", "stem": "?", "key": {"text": MYTH}, "scoring": {"accept": [MYTH]}}
    assert stated(words) == {"key"}
    part = {"id": "p", "stem": "What?", "options": [{"id": "a", "text": MYTH}]}
    case = {"type": "case", "stem": "", "parts": [part], "key": {"parts": {"p": "a"}}}
    assert stated(case) == {"key"}


@pytest.mark.parametrize(
    "text",
    [
        "Massage does not flush lactic acid.",
        "Does massage lower cortisol?",
        "A poster says “massage flushes lactic acid”.",
        "Cortisol is a hormone.",
        "Lactate rises with effort.",
    ],
)
def test_a_text_comes_near_a_claim_whatever_it_says_about_it(text):
    assert touched(text, RULES)


def test_other_texts_come_near_none():
    assert touched("Stop, and send the runner to care now.", RULES) == []
