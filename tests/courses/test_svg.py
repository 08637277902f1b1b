"""What stands inside a page from an author's drawing draws, and does nothing else."""

import pytest

from courses.svg import MAX_LENGTH, findings, sanitised

HEAD = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"'


def drawn(inside: str, attributes: str = "") -> str:
    return sanitised(f"{HEAD} {attributes}>{inside}</svg>")


@pytest.mark.parametrize(
    "evil",
    [
        "<script>alert(1)</script>",
        '<a href="javascript:alert(1)"><text>x</text></a>',
        "<foreignObject><body onload='x()'/></foreignObject>",
        '<image href="https://example.org/x.png"/>',
        "<style>* { display: none }</style>",
        '<animate attributeName="href" to="javascript:x"/>',
        '<set attributeName="onload" to="x()"/>',
    ],
)
def test_what_acts_or_loads_is_taken_out(evil):
    assert drawn(evil).count("<") == 1


def test_handlers_styles_and_foreign_links_are_taken_off():
    clean = drawn(
        '<path d="M0 0" onclick="x()" style="position:fixed" fill="url(https://example.org)"/>'
        '<use href="https://example.org/#a"/><use href="#own"/>',
        'onload="x()"',
    )
    for word in ("onload", "onclick", "style", "example.org"):
        assert word not in clean
    assert 'href="#own"' in clean
    assert 'd="M0 0"' in clean


def test_a_reference_into_the_drawing_itself_stays():
    assert 'clip-path="url(#a)"' in drawn('<g clip-path="url(#a)"/>')


def test_entities_are_not_expanded():
    bomb = '<!DOCTYPE svg [<!ENTITY a "aaaa">]><svg xmlns="http://www.w3.org/2000/svg"><text>&a;</text></svg>'
    assert "aaaa" not in sanitised(bomb)


@pytest.mark.parametrize("text", ["", "no drawing", "<html/>", "<svg/>", "\x00", "<svg" * 9])
def test_what_is_no_drawing_is_nothing_and_says_so(text):
    assert sanitised(text) == ""
    assert findings(text)


def test_a_drawing_that_is_too_large_is_refused():
    assert "simplify" in findings("x" * (MAX_LENGTH + 1))[0]


def test_a_drawing_without_a_view_box_cannot_be_sized():
    assert findings('<svg xmlns="http://www.w3.org/2000/svg"/>') == [
        "The drawing has no viewBox, so it cannot be sized."
    ]
