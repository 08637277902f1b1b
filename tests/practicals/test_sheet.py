"""Reading what a device sends: anything at all comes in, only plain bounded values or a clear error go out."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from practicals.decision import Line
from practicals.sheet import MAX_NOTE, Unreadable, blanks, read, sections
from tests.practicals.build import sheet

LINES = tuple(Line(f"P1.{number:02}", 2, critical=number == 1) for number in range(1, 11))
CODES = ["P1.a", "P1.b"]


def wrong(content):
    with pytest.raises(Unreadable) as unreadable:
        read(content, LINES, CODES)
    return unreadable.value.errors


def test_a_whole_sheet_is_read_and_nothing_is_missing():
    content = read(sheet(), LINES, CODES)
    assert content.final and len(content.observations) == 10
    assert blanks(content, LINES) == {}
    assert read(content.plain(), LINES, CODES) == content


def test_a_draft_may_leave_anything_out():
    content = read({"rev": 1}, LINES, CODES)
    assert content.observations == () and not content.final
    assert set(blanks(content, LINES)) == {"observations", "global_rating", "signature"}


def test_the_digest_ignores_the_revision_the_order_and_the_zone():
    one = sheet(rev=1)
    other = sheet(rev=9, started_at="2026-11-28T10:00:00+01:00")
    other["observations"].reverse()
    assert read(one, LINES, CODES).digest == read(other, LINES, CODES).digest
    assert read(one, LINES, CODES).digest != read(sheet(ratings={3: 1}), LINES, CODES).digest


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"rev": "1"}, "rev"),
        ({"rev": -1}, "rev"),
        ({"rev": 2**31}, "rev"),
        ({"rev": True}, "rev"),
        ({"rev": 1.0}, "rev"),
        ({"final": "yes"}, "final"),
        ({"started_at": "yesterday"}, "started_at"),
        ({"started_at": "2026-11-28T09:00:00"}, "started_at"),
        ({"started_at": "0001-01-01T00:00:00+14:00"}, "started_at"),
        ({"started_at": 7}, "started_at"),
        ({"finished_at": "2026-11-28T08:00:00Z"}, "finished_at"),
        ({"observations": {}}, "observations"),
        ({"observations": [1]}, "observations"),
        ({"observations": [{"criterion": "T9.01", "rating": 1}]}, "observations"),
        ({"observations": [{"criterion": ["P1.01"], "rating": 1}]}, "observations"),
        ({"observations": [{"criterion": "P1.01", "rating": 3}]}, "observations"),
        ({"observations": [{"criterion": "P1.01", "rating": True}]}, "observations"),
        ({"observations": [{"criterion": "P1.01", "rating": 1, "note": "a\x00b"}]}, "observations"),
        ({"observations": [{"criterion": "P1.01", "rating": 1, "note": "\ud800"}]}, "observations"),
        (
            {"observations": [{"criterion": "P1.01", "rating": 1, "note": "x" * (MAX_NOTE + 1)}]},
            "observations",
        ),
        ({"observations": [{"criterion": "P1.01"}, {"criterion": "P1.01"}]}, "observations"),
        ({"observations": [{"criterion": "P1.01"}] * 11}, "observations"),
        ({"violations": [{"code": "P9.a", "note": "x"}]}, "violations"),
        ({"violations": "P1.a"}, "violations"),
        ({"global_rating": 0}, "global_rating"),
        ({"global_rating": "3"}, "global_rating"),
        ({"signature": ["R. Okafor"]}, "signature"),
        ({"signature": "x" * 151}, "signature"),
    ],
)
def test_each_wrong_value_is_named(changes, field):
    assert field in wrong({**sheet(), **changes})


@pytest.mark.parametrize("content", [None, [], "sheet", 7, True])
def test_what_is_no_object_is_refused(content):
    assert "body" in wrong(content)


def test_a_zero_on_a_star_line_and_a_violation_need_a_note_to_be_signed():
    content = read(sheet(ratings={1: 0}, violations=[{"code": "P1.a", "note": "  "}]), LINES, CODES)
    errors = blanks(content, LINES)
    assert list(errors["observations"]) == ["P1.01"]
    assert list(errors["violations"]) == ["P1.a"]
    explained = sheet(
        ratings={1: 0}, notes={1: "Not asked"}, violations=[{"code": "P1.a", "note": "09:04 seen"}]
    )
    assert blanks(read(explained, LINES, CODES), LINES) == {}


def test_a_zero_on_any_other_line_needs_none():
    assert blanks(read(sheet(ratings={2: 0}), LINES, CODES), LINES) == {}


json_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4)
    ),
    max_leaves=12,
)
names = st.sampled_from(
    [
        "rev",
        "final",
        "started_at",
        "finished_at",
        "observations",
        "violations",
        "global_rating",
        "signature",
    ]
)


@given(st.dictionaries(names, json_like) | json_like)
def test_nothing_a_device_sends_breaks_it(content):
    try:
        found = read(content, LINES, CODES)
    except Unreadable as unreadable:
        assert unreadable.errors
    else:
        assert read(found.plain(), LINES, CODES) == found
        found.digest.encode()


# Headings


@dataclass
class Named:
    section: str


def headings(*names_in_order):
    return [
        (section.title, len(section.lines))
        for section in sections([Named(name) for name in names_in_order])
    ]


def test_the_headings_of_a_technique_station_are_few_and_keep_the_order():
    found = headings(
        *["Prepare"] * 2, "Consent", "Screen", "Consent", "Screen", *["Technique"] * 5, "Safety", "Technique",
        "Reason", "Communicate", "Drape", "Mechanics", "Aftercare", "Close",
    )  # fmt: skip
    assert found == [
        ("Prepare, consent, screen", 6),
        ("Technique, safety", 7),
        ("Reason, communicate, drape", 3),
        ("Mechanics, aftercare, close", 3),
    ]


def test_short_names_keep_their_capitals():
    assert headings("S", "O", "A", "P", "Treatment", "Consent")[0][0] == "S, O, A"


@given(st.lists(st.sampled_from("ABCDE"), max_size=30))
def test_no_line_is_lost_or_moved_and_no_name_is_headed_twice(names_in_order):
    lines = [Named(name) for name in names_in_order]
    found = sections(lines)
    assert [line for section in found for line in section.lines] == lines
    first = [{line.section for line in section.lines} for section in found]
    assert all(not one & other for index, one in enumerate(first) for other in first[index + 1 :])
