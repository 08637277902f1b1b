from hypothesis import given
from hypothesis import strategies as st

from credentials.scheme_diff import changes, laid_over

EDITION = {
    "edition": "2026.1",
    "title": "Sports Massage Therapist",
    "validity_years": 2,
    "code_of_conduct": ["I screen each client.", "I keep a record."],
    "renewal": {"hours": 24},
    "requirements": [
        {"code": "insurance", "title": "Insurance", "expires": True},
        {"code": "licence", "title": "Licence", "expires": True},
    ],
    "reasons": [{"code": "S1", "text": "The licence has ended."}],
}


def told(after) -> list[tuple[str, str, str, str, str]]:
    found = changes(EDITION, {**EDITION, **after})
    return [(row.part, row.name, row.field, row.before, row.after) for row in found]


def test_an_edition_that_says_the_same_has_no_changes():
    assert told({"edition": "2027.1"}) == []


def test_a_word_or_a_number_that_changed_is_told_with_both():
    assert told({"validity_years": 3}) == [("validity_years", "", "", "2", "3")]
    assert told({"renewal": {"hours": 30}}) == [("renewal", "", "hours", "24", "30")]


def test_rows_are_told_by_their_code_added_changed_or_removed():
    first, _second = EDITION["requirements"]
    new = [{**first, "expires": False}, {"code": "dbs", "title": "Background check"}]
    assert told({"requirements": new}) == [
        ("requirements", "insurance", "expires", "yes", "no"),
        ("requirements", "dbs", "", "", "Background check"),
        ("requirements", "licence", "", "Licence", ""),
    ]


def test_a_sentence_of_the_code_is_told_by_its_number():
    conduct = ["I screen each client.", "I ask before I touch.", "I keep a record."]
    assert told({"code_of_conduct": conduct}) == [
        ("code_of_conduct", "2", "", "", "I ask before I touch.")
    ]


words = st.lists(st.sampled_from(["a", "b", "c", "d", "e"]), max_size=8).map(" ".join)


@given(words, words)
def test_laid_over_each_other_two_texts_are_both_whole(before, after):
    pieces = list(laid_over(before, after))
    assert "".join(row.text for row in pieces if row.how != "gone").split() == after.split()
    assert [row.text for row in pieces if row.how == "new"] or len(pieces) >= bool(after)
    kept = "".join(row.text for row in pieces if row.how != "new").split()
    assert kept == before.split()


def test_what_a_renewal_asks_is_told_without_its_codes():
    def edition(least):
        row = {"code": "ethics", "title": "Ethics and law", "minimum_hours": least}
        return {"renewal": {"hours": 24, "categories": [row]}}

    [change] = changes(edition(3), edition(4))
    assert (change.before, change.after) == (
        "Ethics and law, minimum hours 3",
        "Ethics and law, minimum hours 4",
    )
