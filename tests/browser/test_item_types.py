"""A practice quiz made of every item type: each answered by keyboard alone, checked, explained, with nothing for axe to say."""

import json
import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visitor

TYPES = {
    "single",
    "multiple",
    "truefalse",
    "order",
    "match",
    "numeric",
    "text",
    "hotspot",
    "label",
    "extended",
    "case",
    "essay",
}


def start(visitor: Visitor) -> tuple[str, list[dict]]:
    """Start the quiz, or go on with it, by keyboard; its address and its questions."""
    page = visitor.open("/courses/smt-prep/applied-anatomy/")
    page.get_by_role("link", name=re.compile("Try every kind")).first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("m2-try"))
    page.get_by_role("button", name=re.compile("Start|Go on|Practise")).or_(
        page.get_by_role("link", name=re.compile("Start|Go on|Practise"))
    ).first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/attempts/"))
    page.locator("[data-player]").wait_for()
    questions = json.loads(page.locator("#attempt-data").text_content() or "")["questions"]
    return page.url.split("#")[0], questions


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until something that matches has the focus: what Tab does not reach cannot be used."""
    for _press in range(60):
        if page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"Tab does not reach {selector}")


def choose_in(page: Page, selector: str, downs: int) -> None:
    """In a closed select: a letter or an arrow chooses, without opening it."""
    tab_to(page, selector)
    for _press in range(downs):
        page.keyboard.press("ArrowDown")


def answer(page: Page, question: dict) -> None:
    kind = question["type"]
    if kind in ("single", "truefalse"):
        tab_to(page, "[data-question] input[type=radio]")
        page.keyboard.press("Space")
    elif kind == "multiple":
        tab_to(page, "[data-question] input[type=checkbox]")
        page.keyboard.press("Space")
    elif kind == "order":
        tab_to(page, "[data-move]:not(:disabled)")
        page.keyboard.press("Enter")
    elif kind in ("match", "label", "extended"):
        count = len(question["options"])
        for number in range(count):
            choose_in(page, f"#match-{number}", number + 1)
        # Passing by what another entry has taken has not taken it away.
        for number in range(count):
            expect(page.locator(f"#match-{number}")).to_have_value(
                question["targets"][number]["id"]
            )
    elif kind == "numeric":
        tab_to(page, "#answer")
        page.keyboard.type("12")
    elif kind == "text":
        tab_to(page, "#answer")
        page.keyboard.type("popliteal fossa")
    elif kind == "hotspot":
        tab_to(page, ".target")
        page.keyboard.press("Enter")
        page.keyboard.press("Shift+ArrowRight")
        page.keyboard.press("ArrowUp")
    elif kind == "case":
        for part in range(len(question["parts"])):
            tab_to(page, f"input[name=part-{part}]")
            page.keyboard.press("Space")
    elif kind == "essay":
        tab_to(page, "#answer")
        page.keyboard.type("Please have this examined today.")


@pytest.mark.parametrize(("width", "scheme"), [(390, "light"), (1280, "dark")])
def test_every_type_is_answered_by_keyboard_alone(visit, width, scheme):
    visitor = visit("student", width, scheme)
    address, questions = start(visitor)
    page = visitor.page
    assert {question["type"] for question in questions} == TYPES
    for question in questions:
        kind = question["type"]
        page.goto(f"{address}#{question['position']}")
        page.reload()
        page.locator("[data-question] > *").wait_for()
        if question["media"]:
            page.locator(".fossa svg").wait_for()
        visitor.check(f"kind-{kind}-{width}-{scheme}")
        answer(page, question)
        expect(page.locator("[data-saved]")).to_contain_text("Saved")
        tab_to(page, "[data-check]")
        page.keyboard.press("Enter")
        expect(page.locator(".verdict")).to_be_focused()
        if kind == "essay":
            expect(page.locator(".verdict")).to_contain_text("earns no points")
            expect(page.locator(".rubric li")).not_to_have_count(0)
        visitor.check(f"kind-{kind}-checked-{width}-{scheme}")
    page.goto(f"{address}submit/")
    page.get_by_role("button", name="Submit now").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("result"))
    # An essay counts neither for nor against: 12 of the 13 points are of the other types.
    expect(page.locator("h1")).to_contain_text(re.compile(r"of 13$"))
    visitor.check(f"kinds-result-{width}-{scheme}")


def test_the_marker_is_moved_announced_and_taken_away(visit):
    visitor = visit("student", 390)
    address, questions = start(visitor)
    page = visitor.page
    question = next(row for row in questions if row["type"] == "hotspot")
    page.goto(f"{address}#{question['position']}")
    page.reload()
    page.locator(".fossa svg").wait_for()
    tab_to(page, ".target")
    page.keyboard.press("ArrowRight")
    expect(page.locator("[data-said]")).to_have_text(
        "Marker: 51 % from the left, 50 % from the top."
    )
    page.keyboard.press("Shift+ArrowUp")
    expect(page.locator("#spot-place")).to_have_text(
        "Marker: 51 % from the left, 45 % from the top."
    )
    # A tap puts it where the finger was, whatever the size of the figure.
    box = page.locator(".target").bounding_box()
    assert box is not None and box["width"] < 390
    page.touchscreen.tap(box["x"] + box["width"] / 4, box["y"] + box["height"] / 4)
    expect(page.locator("#spot-place")).to_have_text(
        "Marker: 25 % from the left, 25 % from the top."
    )
    # A described region puts it there; so the choice is the marker, and the marker the choice.
    radio = page.locator("[data-question] input[type=radio]").first
    radio.check()
    option = question["options"][0]
    expect(page.locator("#spot-place")).to_contain_text(f"{round(option['x'] * 100)} % from")
    page.reload()
    expect(page.locator("[data-question] input[type=radio]").first).to_be_checked()
    page.get_by_role("button", name="Take the marker away").click()
    expect(page.locator("#spot-place")).to_have_text("No marker on the figure yet.")
    expect(page.locator("[data-check]")).to_be_hidden()


def edit(visitor: Visitor, code: str) -> Page:
    page = visitor.open(f"/cms/snippets/quizzes/item/?q={code}")
    page.get_by_role("link", name=code, exact=True).first.click()
    page.wait_for_url(re.compile("/edit/"))
    page.locator(".board-picture svg").wait_for()
    return page


def on_board(page: Page, x: float, y: float) -> tuple[float, float]:
    """A place of the board on the screen."""
    stage = page.locator(".board-stage")
    stage.evaluate("(stage) => stage.scrollIntoView({block: 'center'})")
    box = stage.bounding_box()
    assert box is not None
    return box["x"] + x * box["width"], box["y"] + y * box["height"]


def numbers(text: str) -> list[float]:
    return [float(number) for number in re.findall(r"\d\.\d+|\d", text)]


def test_an_author_draws_regions_on_the_figure(visit):
    page = edit(visit("author"), "P-TRY-08")
    fields = page.locator("textarea[data-place=outline]")
    before = fields.nth(0).input_value()
    page.get_by_label("Which one").select_option("1")
    page.get_by_role("button", name="Clear").click()
    page.get_by_label("Ellipse: drag").check()
    page.mouse.move(*on_board(page, 0.3, 0.1))
    page.mouse.down()
    page.mouse.move(*on_board(page, 0.4, 0.3))
    page.mouse.up()
    assert numbers(fields.nth(1).input_value()) == pytest.approx([0.35, 0.2, 0.05, 0.1], abs=0.01)
    page.get_by_label("Which one").select_option("2")
    page.get_by_role("button", name="Clear").click()
    page.get_by_label("Polygon: click each corner").check()
    for corner in ((0.3, 0.65), (0.45, 0.6), (0.48, 0.8), (0.3, 0.85)):
        page.mouse.click(*on_board(page, *corner))
    page.get_by_role("button", name="Take back the last corner").click()
    drawn = numbers(fields.nth(2).input_value())
    assert drawn == pytest.approx([0.3, 0.65, 0.45, 0.6, 0.48, 0.8], abs=0.01)
    # A corner is dragged to another place.
    page.mouse.move(*on_board(page, 0.48, 0.8))
    page.mouse.down()
    page.mouse.move(*on_board(page, 0.47, 0.9))
    page.mouse.up()
    assert numbers(fields.nth(2).input_value())[4:] == pytest.approx([0.47, 0.9], abs=0.01)
    assert fields.nth(0).input_value() == before
    # What is typed is drawn, and what cannot be is said where it stands when the item is handed to its review.
    fields.nth(3).fill("polygon 0.55,0.7 0.7,0.9 0.7,0.7 0.55,0.9")
    expect(page.locator(".board-stage > svg polygon")).to_have_count(3)
    page.get_by_role("button", name="More actions").click()
    page.get_by_role("button", name=re.compile("^Submit to")).click()
    expect(page.get_by_text("The outline of the polygon crosses itself.").first).to_be_visible()


def test_an_author_puts_pins_on_the_figure(visit):
    page = edit(visit("author"), "P-TRY-09")
    fields = page.locator("textarea[data-place=point]")
    page.get_by_label("Which one").select_option("3")
    page.mouse.click(*on_board(page, 0.7, 0.2))
    assert numbers(fields.nth(3).input_value()) == pytest.approx([0.7, 0.2], abs=0.01)
    fields.nth(0).fill("0.3,0.25")
    expect(page.locator(".board-number")).to_have_count(4)
    left = page.locator(".board-number").first.evaluate("(number) => number.style.left")
    assert left == "30%"
