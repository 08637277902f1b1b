"""The linter lets nothing through that the register marks as untrue, and lets denial, question and quotation pass."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from courses.claims import BadPattern, lint, lint_all, rule, sentences

REGISTER = Path(__file__).parents[2] / "content" / "registers" / "claims.yaml"


@pytest.fixture(scope="module")
def rules():
    entries = YAML(typ="safe").load(REGISTER.read_text())
    names = ("code", "status", "statement", "patterns")
    return [rule(**{name: entry[name] for name in names}) for entry in entries]


def codes(text, rules):
    return [finding.code for finding in lint(text, rules)]


def test_every_untrue_claim_is_found_in_the_register_s_own_words(rules):
    for entry in rules:
        if entry.status in ("X", "Q"):
            assert entry.code in codes(entry.statement, rules), entry.statement


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("Massage flushes lactic acid from the legs.", "CC1"),
        ("After the race, petrissage removes waste products from tired muscle.", "CC1"),
        ("Firm strokes break up adhesions.", "CC4"),
        ("Deep pressure breaks down scar tissue in a session or two.", "CC4"),
        ("Massage boosts power and endurance.", "CC6"),
        ("Massage speeds the healing of torn muscle.", "CC9"),
    ],
)
def test_a_myth_stated_plainly_is_found(said, code, rules):
    assert code in codes(said, rules)


@pytest.mark.parametrize(
    "said",
    [
        "Massage does not flush lactic acid from the legs.",
        "It is a myth that massage flushes lactic acid from the legs.",
        "Does massage flush lactic acid from the legs?",
        "A client tells you: “Massage flushes lactic acid from the legs.” You answer kindly.",
        "Nobody has shown that firm strokes break up adhesions.",
        "Light activity does more for blood flow than massage.",
    ],
)
def test_denial_question_and_quotation_pass(said, rules):
    assert codes(said, rules) == []


def test_a_quotation_excuses_only_what_stands_inside_it(rules):
    text = "They hear “it feels good.” Massage flushes lactic acid out of tired muscles."
    assert codes(text, rules) == ["CC1"]


def test_a_denial_excuses_only_its_own_sentence(rules):
    text = "It is not magic. Massage flushes lactic acid out of tired muscles."
    assert codes(text, rules) == ["CC1"]


def test_markup_and_abbreviations_hide_nothing(rules):
    text = "<p>Massage, e.g. <b>effleurage</b>, *flushes* lactic acid out of muscles.</p>"
    assert codes(text, rules) == ["CC1"]


def test_a_finding_says_the_sentence_and_why(rules):
    (found,) = lint("Rest well. Massage flushes lactic acid out of muscle.", rules)
    assert found.sentence == "Massage flushes lactic acid out of muscle."
    assert "never stated as true" in str(found)
    assert "CC1" in str(found)


def test_findings_are_kept_by_the_name_of_the_text(rules):
    texts = {"good": "Rest well.", "bad": "Massage flushes lactic acid out of muscle."}
    assert list(lint_all(texts, rules)) == ["bad"]


def test_a_pattern_that_does_not_compile_is_refused():
    with pytest.raises(BadPattern, match="CC99"):
        rule(code="CC99", status="X", statement="x", patterns=["(never closed"])


@given(st.text(alphabet="abXY .!?“”\n", max_size=400))
def test_sentences_lose_and_repeat_no_letter(text):
    def letters(words):
        return [letter for letter in words if letter.isalpha()]

    assert letters("".join(said for said, _own in sentences(text))) == letters(text)


def test_a_huge_text_is_read_in_a_moment(rules):
    assert codes("massage " * 5_000, rules) == []
