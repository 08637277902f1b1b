"""Each role's main path, walked in the browser on the demo's people. Runs after test_screens, since it changes what the demo shows."""

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Demo


def asked(page: Page) -> dict[str, Any]:
    """The attempt as its page holds it."""
    return json.loads(page.locator("#attempt-data").text_content() or "")


def answer_open_question(page: Page) -> None:
    """Give the first answer to the question shown, of whatever type, and wait until the server has it."""
    shown = page.locator("[data-question]")
    shown.locator("input[type=radio], select").first.wait_for()
    if shown.locator("input[type=radio]").count():
        shown.locator("input[type=radio]").first.check()
    else:
        shown.locator("select").first.select_option(index=1)
    expect(page.locator("[data-saved]")).to_contain_text("Saved")


def test_a_student_reads_a_lesson_and_is_led_on(visit):
    student = visit("student")
    page = student.open("/courses/smt-prep/")
    page.get_by_role(
        "link", name=re.compile("Absolute, local, relative|Muscle, tendon")
    ).first.click()
    page.get_by_role("button", name=re.compile("read", re.I)).click()
    page.wait_for_load_state()
    expect(page.locator("h1")).to_be_visible()
    assert "/courses/" in page.url


def test_an_exam_survives_a_lost_network_and_a_killed_server(visit, demo: Demo):
    """An answer given while nothing answers is kept on the device, said to be so, and saved when the server is back."""
    if demo.process is None:
        pytest.skip("needs a demo of its own to kill")
    outsider = visit("outsider")
    page = outsider.open("/home/")
    page.locator("a[href*='/attempts/']").first.click()
    page.locator("[data-player]").wait_for()
    url = page.url.split("#")[0]
    singles = [row["position"] for row in asked(page)["questions"] if row["type"] == "single"]
    page.goto(f"{url}#{singles[-1]}")
    page.reload()
    demo.kill()
    page.locator("[data-question] input[type=radio]").first.check()
    expect(page.locator("[data-connection]")).not_to_be_empty()
    chosen = page.locator("[data-question] input[type=radio]:checked").get_attribute("value")
    demo.start()
    expect(page.locator("[data-saved]")).to_contain_text("Saved")
    page.reload()
    expect(page.locator("[data-question] input[type=radio]:checked")).to_have_value(chosen or "")


def test_without_network_nobody_is_led_out_of_the_examination(visit):
    page = visit("outsider").open("/home/")
    page.locator("a[href*='/attempts/']").first.click()
    page.locator("[data-player]").wait_for()
    whole = page.get_by_role("link", name="All questions")
    page.context.set_offline(True)
    whole.click()
    expect(page.locator("[data-notice]")).to_contain_text("when the network is back")
    expect(page.locator("[data-question]")).to_be_visible()
    page.context.set_offline(False)
    whole.click()
    submit = page.get_by_role("button", name="Submit now")
    submit.wait_for()
    page.context.set_offline(True)
    submit.click()
    expect(page.locator("[data-connection]")).to_contain_text("submit when the network is back")
    expect(submit).to_be_enabled()
    page.context.set_offline(False)


def test_the_outsider_finishes_the_written_exam(visit):
    outsider = visit("outsider", 390)
    page = outsider.open("/home/")
    page.locator("a[href*='/attempts/']").first.click()
    page.locator("[data-player]").wait_for()
    url = page.url.split("#")[0]
    left = [row["position"] for row in asked(page)["responses"] if not row["answer"]]
    assert left
    for position in left:
        page.goto(f"{url}#{position}")
        page.reload()
        answer_open_question(page)
    page.goto(f"{url}submit/")
    page.get_by_role("button", name="Submit now").click()
    page.wait_for_url(re.compile("result"))
    expect(page.locator("h1")).to_contain_text(re.compile("pass", re.I))
    outsider.check("outsider-result-390-light")


def sign_last_sheet(visitor) -> None:
    page = visitor.open("/examine/")
    page.get_by_role("link", name=re.compile("Begun")).first.click()
    expect(page.locator("[data-sign]")).to_be_enabled()
    page.locator("[data-sign]").click()
    page.get_by_label("Type your name").fill("A. Examiner")
    page.get_by_role("button", name="Sign and lock", exact=True).last.click()
    expect(page.locator("[data-signed]")).to_be_visible()
    expect(page.locator("[data-announce]")).to_contain_text("Signed by A. Examiner")


def test_two_signatures_complete_a_credential_that_a_stranger_verifies(visit):
    candidate = visit("candidate")
    page = candidate.open("/record/")
    assert page.locator("a[href*='/record/']").count() <= 1, "not yet certified"
    for examiner in ("examiner1", "examiner2"):
        sign_last_sheet(visit(examiner, 820))
    page = candidate.open("/record/")
    number = re.search(r"SMT-[0-9A-Z]{4}-[0-9A-Z]{4}", page.content())
    assert number, "the credential was not issued"
    stranger = visit(None, 390)
    page = stranger.open("/verify/")
    page.locator("input[name=number]").fill(number.group().lower())
    page.get_by_role("button", name=re.compile("Check")).first.click()
    expect(page.locator("h1")).to_have_text(re.compile("Valid today"))
    stranger.check("stranger-verifies-390-light")


def test_a_registrar_decides_on_a_document(visit):
    registrar = visit("registrar")
    page = registrar.open("/desk/")
    page.locator("a[href*='/registrar/documents/']").first.click()
    page.get_by_role("radio", name=re.compile("More information")).check()
    page.get_by_role("radio", name=re.compile("^[A-Z]+[0-9]+ ")).locator(
        "visible=true"
    ).first.check()
    page.get_by_role("button", name="Record and open next").click()
    page.wait_for_load_state()
    expect(page.locator("body")).to_contain_text(re.compile("recorded|Recorded|decided|Queue"))


def test_a_suspended_credential_says_so_to_anybody(visit):
    stranger = visit(None)
    page = stranger.open("/register/?q=SMT")
    assert page.url
    registrar = visit("registrar")
    page = registrar.open("/registrar/register/?status=suspended")
    number = re.search(r"SMT-[0-9A-Z]{4}-[0-9A-Z]{4}", page.content())
    assert number
    page = stranger.open(f"/verify/{number.group()}/")
    expect(page.locator("h1")).to_have_text(re.compile("Not valid today"))
    expect(page.locator("main")).to_contain_text("Suspended")


def test_an_instructor_cannot_open_a_secure_item(visit):
    instructor = visit("instructor")
    response = instructor.page.goto(f"{instructor.url}/cms/snippets/quizzes/item/?pool=secure")
    assert response is not None
    assert "D5-N-001" not in instructor.page.content()


def test_the_keyboard_alone_verifies_a_credential(visit):
    stranger = visit(None)
    page = stranger.open("/verify/")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text(re.compile("Skip"))
    page.keyboard.press("Enter")
    page.locator("input[name=number]").focus()
    page.keyboard.type("SMT-0000-0000")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_be_visible()
    expect(page.locator("main")).to_contain_text(re.compile("number", re.I))
