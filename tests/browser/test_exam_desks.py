"""The staff screens of written examinations, as the role that uses each: nothing for axe to say, everything reached by Tab with a visible focus,
and what the screen is for done by keyboard alone.
"""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visitor, clean
from tests.browser.test_item_types import tab_to

WINDOWS = [(390, "light"), (1280, "dark")]
# Of a group of radio buttons Tab reaches one.
CONTROLS = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']"

REACHED = """(within) => {
  const root = document.querySelector(within);
  const shown = (node) => node.checkVisibility({ visibilityProperty: true }) && !node.disabled && !node.closest("[inert]") && node.tabIndex >= 0
    && !(node.closest("details:not([open])") && node.tagName !== "SUMMARY");
  const key = (node) => (node.type === "radio" ? `radio ${node.form?.action} ${node.name}` : null);
  const all = [...root.querySelectorAll(CONTROLS)].filter(shown);
  window.missed = () => {
    const groups = new Set([...window.met].map(key).filter(Boolean));
    return all.filter((node) => !window.met.has(node) && !groups.has(key(node))).map((node) => node.outerHTML.slice(0, 160));
  };
  window.met = new Set();
  window.unseen = [];
  return all.length;
}""".replace("CONTROLS", repr(CONTROLS))
STEP = """() => {
  const node = document.activeElement;
  if (window.met.has(node)) return false;
  window.met.add(node);
  const look = (one) => { const s = getComputedStyle(one); return (s.outlineStyle !== "none" && parseFloat(s.outlineWidth) > 0) || s.boxShadow !== "none"; };
  const framed = [node, node.closest("label"), node.parentElement].filter(Boolean);
  if (node !== document.body && !framed.some(look)) window.unseen.push(node.outerHTML.slice(0, 160));
  return true;
}"""


def walk_by_tab(page: Page, name: str, within: str = "main") -> None:
    """Tab through the page until it begins anew: all that can be used is reached, and seen to be."""
    count = page.evaluate(REACHED, within)
    page.evaluate("document.activeElement?.blur(); window.scrollTo(0, 0)")
    for _press in range(count + 120):
        page.keyboard.press("Tab")
        page.evaluate(STEP)
        if not page.evaluate("window.missed().length"):
            break
    assert page.evaluate("window.missed()") == [], f"{name}: not reached by Tab"
    assert page.evaluate("window.unseen") == [], f"{name}: focus is not seen"


def look(visitor: Visitor, path: str, name: str) -> Page:
    page = visitor.open(path)
    width = page.viewport_size["width"] if page.viewport_size else 0
    visitor.check(f"{name}-{width}")
    walk_by_tab(page, name)
    return page


def href(page: Page, pattern: str) -> str:
    """Where the first link whose address matches leads."""
    found = page.eval_on_selector_all("main a[href]", "links => links.map(l => l.pathname)")
    return next(path for path in found if re.search(pattern, path))


@pytest.mark.parametrize(("width", "scheme"), WINDOWS)
def test_forms(visit, width, scheme):
    reviewer = visit("reviewer", width, scheme)
    page = look(reviewer, "/items/forms/", "forms")
    look(reviewer, href(page, r"/items/forms/[0-9a-f-]{36}/$"), "form")


@pytest.mark.parametrize(("width", "scheme"), WINDOWS)
def test_results_rulings_and_release(visit, width, scheme):
    registrar = visit("registrar", width, scheme)
    page = look(registrar, "/registrar/results/", "results")
    ripple = href(page, r"/rulings/")
    mock = page.get_by_role("link", name="Mock written examination").get_attribute("href") or ""
    page = look(registrar, mock, "key-validation")
    look(registrar, href(page, r"/release/$"), "release")
    look(registrar, ripple, "ripple")


@pytest.mark.parametrize(("width", "scheme"), WINDOWS)
def test_ruling_on_a_question(visit, width, scheme):
    reviewer = visit("reviewer3", width, scheme)
    page = reviewer.open("/registrar/results/")
    page = reviewer.open(
        page.get_by_role("link", name="Mock written examination").get_attribute("href") or ""
    )
    look(reviewer, href(page, r"/questions/"), "ruling")
    # What it would move is shown by keyboard, and nothing is signed.
    tab_to(page, "input[name=kind]")
    page.keyboard.press("Space")
    tab_to(page, "button[name=foresee]")
    page.keyboard.press("Enter")
    ahead = page.get_by_role("region", name="It would move")
    expect(ahead).to_be_focused()
    expect(ahead).to_contain_text("Nothing is written yet.")
    reviewer.check(f"ruling-foreseen-{width}")


@pytest.mark.parametrize(("width", "scheme"), WINDOWS)
def test_essays(visit, width, scheme):
    marker = visit("reviewer", width, scheme)
    page = look(marker, "/essays/", "essays")
    look(marker, href(page, r"/essays/\d+/"), "essay")


@pytest.mark.parametrize(("width", "scheme"), WINDOWS)
def test_sittings_and_incidents(visit, width, scheme):
    registrar = visit("registrar", width, scheme)
    page = look(registrar, "/sittings/", "sittings")
    sitting = href(page, r"/sittings/[0-9a-f-]{36}/$")
    page = look(registrar, sitting, "sitting")
    look(registrar, f"{sitting}set-up/", "sitting-set-up")
    page = registrar.open("/registrar/?kind=incident")
    look(registrar, href(page, r"/incidents/"), "incident")


@pytest.mark.parametrize(("width", "scheme"), WINDOWS)
def test_invigilating(visit, width, scheme):
    invigilator = visit("invigilator", width, scheme)
    page = look(invigilator, "/invigilate/", "invigilate")
    sitting = href(page, r"/invigilate/[0-9a-f-]{36}/$")
    page = look(invigilator, sitting, "seats")
    actions = {"device": "unlock", "time": "credit", "again": "reopen", "report": "incident-report"}
    paths = {action: href(page, rf"/{action}/$") for action in actions}
    for action, name in actions.items():
        look(invigilator, paths[action], name)


def test_time_is_credited_by_keyboard(visit):
    page = visit("invigilator").open("/invigilate/")
    page.goto(page.url.split("/invigilate/")[0] + href(page, r"/invigilate/[0-9a-f-]{36}/$"))
    row = page.get_by_role("row").filter(has_text="Szab")
    expect(row).to_contain_text("Disconnected")
    tab_to(page, "a[id^=credit-]")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/time/$"))
    page.wait_for_load_state()
    tab_to(page, "input[name=minutes]")
    page.keyboard.type("1")
    tab_to(page, "input[name=reason]")
    page.keyboard.type("The switch of the back row.")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("one minute is credited")


# In Wagtail the frame is not ours: what we put into it is looked at.


def an_item(visitor: Visitor, query: str) -> str:
    """The number of the first item a list in Wagtail shows."""
    page = visitor.open(f"/cms/snippets/quizzes/item/?{query}")
    links = page.eval_on_selector_all("main a[href]", "links => links.map(l => l.pathname)")
    found = (re.search(r"/item/(?:edit|inspect)/(\d+)/$", path) for path in links)
    return next(match.group(1) for match in found if match)


def look_inside(page: Page, within: str, name: str) -> None:
    # Wagtail's own bar of buttons lies over whatever is scrolled under it; axe takes that for small targets.
    clean(page, name, within, rules={"target-size": {"enabled": False}})
    walk_by_tab(page, name, within)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_review_and_life_of_an_item(visit, scheme):
    reviewer = visit("reviewer3", 1280, scheme)
    page = reviewer.open(f"/cms/snippets/quizzes/item/life/{an_item(reviewer, 'q=D1-R-001')}/")
    page.locator(".enemies input").wait_for()
    look_inside(page, ".item-life", "item-life")


def test_the_right_option_of_a_stem_is_chosen_from_the_list(visit):
    author = visit("author")
    page = author.open(f"/cms/snippets/quizzes/item/edit/{an_item(author, 'type=extended')}/")
    choice = page.locator("select[id$='-answer-choice']").first
    choice.wait_for()
    words = choice.locator("option").all_inner_texts()
    assert [text[:3] for text in words[1:4]] == ["A. ", "B. ", "C. "]
    field = page.locator("input[data-right-option]").first
    before = field.input_value()
    choice.focus()
    page.keyboard.press("Home")  # nothing is chosen
    page.keyboard.press("ArrowDown")
    if field.input_value() == before:
        page.keyboard.press("ArrowDown")
    expect(field).not_to_have_value(before)
    # An option that is put otherwise stays the right one.
    chosen = field.input_value()
    options = page.locator("input[name*='-choices-'][name$='-value']")
    for each in options.all():
        if each.input_value() == chosen:
            each.fill(f"{chosen}, revised")
            break
    expect(field).to_have_value(f"{chosen}, revised")
    look_inside(page, "[data-contentpath='body']", "item-editor-body")
