"""Each block of a lesson: what it shows, what it refuses."""

import pytest
from bs4 import BeautifulSoup
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from wagtail.documents.models import Document
from wagtail.models import Collection

from cms.blocks import LessonBody, linked_pages
from cms.rendering import render_body
from courses.models import Figure

pytestmark = pytest.mark.django_db

BODY = LessonBody()
EVIL = "<script>alert(1)</script>"


def value(*blocks):
    return BODY.normalize(list(blocks))


def shown(*blocks, number=""):
    """The blocks as HTML, and as a tree."""
    html = render_body(value(*blocks), number=number)
    return html, BeautifulSoup(html, "html.parser")


def test_a_figure_is_a_numbered_plate_with_its_words(figure):
    html, tree = shown(("figure", {"figure": figure}), number="5.2")
    assert "Plate 5.2" in html
    assert tree.select('[role="img"]')[0].get("aria-label") == "A knee from behind"
    assert tree.select("svg path")
    assert tree.select(".fig-key li")[0].get("value") == "3"
    assert "Palpate, own drawing" in html


def test_two_figures_are_told_apart_by_a_letter(figure):
    html, _tree = shown(
        ("figure", {"figure": figure}), ("figure", {"figure": figure}), number="2.1"
    )
    assert "Plate 2.1a" in html
    assert "Plate 2.1b" in html


def test_a_figure_that_would_act_is_drawn_without_acting(figure):
    Figure.objects.update(
        svg=f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1" onload="x()">{EVIL}</svg>'
    )
    html, _tree = shown(("figure", {"figure": Figure.objects.get()}))
    assert "script" not in html
    assert "onload" not in html


def test_a_contraindication_carries_its_letter_and_word(entry):
    block = {"klass": "A", "title": "One calf swollen", "text": "Stop.", "register": entry}
    html, tree = shown(("contraindication", block))
    assert tree.select(".callout.a .ring")[0].text == "A"
    assert "Absolute." in html
    assert "case reports" in html


def test_a_callout_of_another_class_than_the_register_s_is_refused(entry):
    block = {"klass": "L", "title": "T", "text": "T", "register": entry}
    with pytest.raises(ValidationError):
        BODY.clean(value(("contraindication", block)))


def test_research_shows_verdict_safe_wording_and_sources(claim):
    html, tree = shown(("research", {"claim": claim, "text": "Twelve people gripped."}))
    assert "Not true" in html
    assert tree.select(".status.fail")
    assert "Light activity does more for blood flow." in html
    assert "Wiltshire 2010" in html
    assert tree.select(".margin-note h2")[0].text == "What the research says"


def test_steps_say_how_much_and_what_to_watch():
    steps = [{"text": "Stroke", "dose": "three", "watch": "the knee"}, {"text": "Rest"}]
    _html, tree = shown(("steps", {"title": "Effleurage", "steps": steps}))
    items = tree.select("ol li")
    assert len(items) == 2
    assert "three" in items[0].get_text()
    assert "Watch" not in items[1].get_text()


def test_key_terms_are_a_list_of_definitions():
    _html, tree = shown(("terms", {"terms": [{"term": "End-feel", "meaning": "What is felt."}]}))
    assert [tree.select("dl dt")[0].text, tree.select("dl dd")[0].text] == [
        "End-feel",
        "What is felt.",
    ]


def test_the_answer_to_a_case_is_behind_a_disclosure():
    block = {
        "title": "Two heats",
        "text": "A runner",
        "question": "What first?",
        "answer": "Screen.",
    }
    _html, tree = shown(("vignette", block))
    assert "Screen." in tree.select("details")[0].get_text()
    assert "What first?" not in tree.select("details")[0].get_text()


def test_a_table_has_real_headings():
    table = {
        "columns": [{"type": "text", "heading": "Movement"}, {"type": "text", "heading": "Range"}],
        "rows": [{"values": ["Flexion", "120"]}],
        "caption": "Hip",
    }
    _html, tree = shown(("table", {"table": table}))
    assert [cell.text for cell in tree.select('thead th[scope="col"]')] == ["Movement", "Range"]
    assert tree.select('tbody th[scope="row"]')[0].get_text() == "Flexion"
    assert tree.select("caption")[0].text == "Hip"


CHECK = {
    "stem": "Why lighten here?",
    "options": [
        {"text": "The vessels", "correct": True, "why": "They lie in fat."},
        {"text": "The patella", "correct": False, "why": "It lies in front."},
    ],
}


def test_a_check_answers_without_a_script():
    _html, tree = shown(("check", CHECK))
    answers = tree.select("details [data-option]")
    assert [bool(answer.get("data-correct") is not None) for answer in answers] == [True, False]
    assert "They lie in fat." in answers[0].get_text()
    assert not tree.select("form")
    assert "not counted" in tree.get_text()


@pytest.mark.parametrize("correct", [[], [0, 1]])
def test_a_check_has_exactly_one_right_answer(correct):
    options = [{**option, "correct": n in correct} for n, option in enumerate(CHECK["options"])]
    with pytest.raises(ValidationError):
        BODY.clean(value(("check", {**CHECK, "options": options})))


def film_of(name):
    if not Collection.objects.exists():
        Collection.add_root(name="Root")
    return Document.objects.create(title=name, file=ContentFile(b"x", name=name))


def test_a_film_has_captions(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path
    block = {"title": "Draping", "film": film_of("film.mp4"), "captions": film_of("film.vtt")}
    BODY.clean(value(("video", block)))
    _html, tree = shown(("video", block))
    track = tree.select("video track")[0]
    assert (track.get("kind"), track.get("src")[-4:]) == ("captions", ".vtt")
    assert tree.select("video source")[0].get("type") == "video/mp4"


def test_a_film_without_captions_or_with_something_else_is_refused(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path
    film, captions = film_of("film.mp4"), film_of("words.pdf")
    for block in ({"film": film, "captions": None}, {"film": film, "captions": captions}):
        with pytest.raises(ValidationError):
            BODY.clean(value(("video", {"title": "T", **block})))


def test_references_are_a_numbered_list():
    _html, tree = shown(("references", {"references": ["One 2001", "Two 2002"]}))
    assert [item.text for item in tree.select("ol li")] == ["One 2001", "Two 2002"]


def test_whatever_is_typed_is_text(claim, entry):
    html, _tree = shown(
        ("steps", {"title": EVIL, "steps": [{"text": EVIL, "dose": EVIL, "watch": EVIL}]}),
        ("contraindication", {"klass": "A", "title": EVIL, "text": EVIL, "register": entry}),
        ("research", {"claim": claim, "text": EVIL}),
        ("terms", {"terms": [{"term": EVIL, "meaning": EVIL}]}),
        ("vignette", {"title": EVIL, "text": EVIL, "question": EVIL, "answer": EVIL}),
        ("check", {"stem": EVIL, "options": [{"text": EVIL, "correct": True, "why": EVIL}]}),
        ("references", {"references": [EVIL]}),
    )
    assert "<script" not in html


def test_links_are_found_however_the_editor_writes_them():
    stored = '<a linktype="page" id="12">x</a> <a id=\\"7\\" linktype=\\"page\\">y</a> <a href="/z/">z</a>'
    assert linked_pages(stored) == {12, 7}


def test_a_link_to_a_page_that_is_gone_keeps_its_words():
    html, _tree = shown(("text", '<p><a linktype="page" id="999">gone</a></p>'))
    assert "<a>gone</a>" in html


def test_a_body_whose_figure_was_deleted_still_shows_the_rest():
    html = render_body(
        BODY.to_python(
            [
                {"type": "figure", "value": {"figure": 999}},
                {"type": "text", "value": "<p>The rest.</p>"},
            ]
        )
    )
    assert "The rest." in html
