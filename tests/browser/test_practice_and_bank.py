"""Practice by code and by class list, the screens after a practical, and the station bank in Wagtail: walked once, with axe."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visitor
from tests.browser.test_exam_desks import look, look_inside


def test_practice_by_code_and_by_class_list(visit):
    student = visit("student", 390)
    page = student.open("/practise/")
    page.get_by_role("button", name=re.compile("^Practise")).first.click()
    page.wait_for_url(re.compile(r"/practise/[0-9a-f-]{36}/"))
    if page.get_by_role("button", name="Make a code").count():
        page.get_by_role("button", name="Make a code").click()
    code = page.locator(".practise-big").inner_text()
    page.get_by_label("Or ask somebody of your class").select_option(index=1)
    page.get_by_role("button", name="Ask").click()
    expect(page.get_by_text("Asked").first).to_be_visible()
    student.check("practice-run-390-light")
    peer = visit("candidate", 1280, "dark")
    there = peer.open("/practise/")
    there.locator("#code").fill("NOSUCH")
    there.get_by_role("button", name="Open the sheet").click()
    expect(there.get_by_role("heading", level=1)).to_be_visible()
    there = peer.open("/practise/")
    there.locator("#code").fill(code.lower())
    there.get_by_role("button", name="Open the sheet").click()
    there.locator("[data-line] input").first.wait_for()
    peer.check("practice-sheet-1280-dark")
    a_begun_violation_is_pointed_at(there)


def a_begun_violation_is_pointed_at(page: Page) -> None:
    """Every line is scored, and the one thing that keeps the sheet open is named."""
    for label in page.locator("[data-line] .seg label:last-of-type").all():
        label.click()
    page.locator("[data-global] label").nth(2).click()
    expect(page.locator("[data-sign]")).to_be_enabled()
    page.locator("[data-saw]").first.click()
    expect(page.locator("[data-sign]")).to_be_disabled()
    expect(page.locator("[data-next-words]")).to_contain_text("Next: confirm")
    expect(page.locator("[data-sign-words]")).to_contain_text("or take it back")
    page.get_by_role("button", name="Take it back").click()
    expect(page.locator("[data-sign]")).to_be_enabled()


@pytest.mark.parametrize(
    ("account", "says"),
    [("resat", "Passed"), ("amended", "This result was amended"), ("completing", "To sit again")],
)
def test_a_candidate_reads_what_became_of_a_practical(visit, account, says):
    candidate = visit(account, 390, "dark")
    page = candidate.open("/appointments/")
    page.locator("a[href*='/result/']").first.click()
    expect(page.locator("main")).to_contain_text(says)
    candidate.check(f"practical-{account}-390-dark")


def test_a_chief_examiner_annuls_a_station_whose_sheet_is_lost(visit):
    chief = visit("chief")
    page = chief.open("/adjudicate/")
    page.get_by_role("link", name=re.compile("its sheet is lost")).first.click()
    page.get_by_role("button", name="Annul the station").click()
    expect(page.get_by_role("alert")).to_be_visible()
    look(chief, page.url.removeprefix(chief.url), "annul")
    page.get_by_label(re.compile("Reasons")).fill("The tablet is lost, and nothing had been sent.")
    page.get_by_role("button", name="Annul the station").click()
    expect(page.get_by_role("status").first).to_contain_text("is annulled")


def a_station(visitor: Visitor, query: str) -> str:
    page = visitor.open(f"/cms/snippets/practicals/checklist/?{query}")
    links = page.eval_on_selector_all("main a[href]", "links => links.map(l => l.pathname)")
    found = (re.search(r"/checklist/(?:edit|inspect)/(\d+)/$", path) for path in links)
    return next(match.group(1) for match in found if match)


def test_the_station_bank_in_wagtail(visit):
    author = visit("author")
    number = a_station(author, "q=P-T5")
    page = author.open(f"/cms/snippets/practicals/checklist/edit/{number}/")
    expect(page.locator("#id_title")).to_have_value("Neuromuscular therapy")
    reviewer = visit("reviewer", 1280, "dark")
    page = reviewer.open(f"/cms/snippets/practicals/checklist/life/{a_station(reviewer, 'q=E3')}/")
    page.locator(".bank-life").first.wait_for()
    look_inside(page, ".bank-life", "station-life")
