"""Every main page on the narrowest window (WCAG 1.4.10) and at twice its size: nothing is cut off, nothing is scrolled sideways but a table in a box of
its own. And what a crawl does not reach: forms sent back, menus open, pages that refuse."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import AXE_OPTIONS, Visitor

# 320 CSS px are a window of 1280 at 400 %, and 640 × 450 the same at 200 %.
WINDOWS = [(320, 640), (640, 450)]
PAGES = {
    None: ("/", "/verify/", "/verify/many/", "/register/", "/courses/", "/the-credential/", "/concerns/", "/accounts/login/", "/accounts/signup/"),
    "student": ("/home/", "/application/", "/notices/", "/account/", "/courses/smt-prep/", "/practise/"),
    "candidate": ("/home/", "/appointments/", "/appeals/"),
    "holder": ("/home/", "/record/"),
    "instructor": ("/teach/",),
    "author": ("/items/", "/items/forms/"),
    "reviewer": ("/essays/",),
    "examiner1": ("/examine/",),
    "chief": ("/adjudicate/",),
    "invigilator": ("/invigilate/",),
    "registrar": ("/registrar/", "/registrar/register/", "/registrar/cases/", "/exam-days/", "/sittings/", "/registrar/results/", "/people/invite/"),
}  # fmt: skip

# Whatever reaches beyond the window, unless a box around it scrolls it and holds a table or a drawing. What is only read aloud takes one pixel.
BEYOND = """() => {
  const width = document.documentElement.clientWidth;
  const box = (element) => {
    for (let up = element.parentElement; up; up = up.parentElement)
      if (getComputedStyle(up).overflowX !== "visible") return up;
  };
  const shown = (element) => element.checkVisibility({ visibilityProperty: true }) && element.getBoundingClientRect().width > 1;
  const cut = [...document.body.querySelectorAll(":not(svg *)")].filter((element) => {
    const { left, right } = element.getBoundingClientRect();
    if (!shown(element) || (left >= -1 && right <= width + 1)) return false;
    const around = box(element);
    return !around || (around.clientWidth > 1 && !around.querySelector("table, svg, pre"));
  });
  return cut.map((element) => `${element.tagName}.${element.className} ${element.textContent.trim().slice(0, 40)}`);
}"""


def beyond(page: Page) -> list[str]:
    wide = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    return [f"the page is {wide} px too wide"] * (wide > 0) + page.evaluate(BEYOND)[:5]


@pytest.mark.parametrize("account", PAGES, ids=lambda account: account or "visitor")
def test_nothing_is_cut_off_in_a_narrow_window_or_at_twice_the_size(visit, account):
    visitor = visit(account, 320)
    found = []
    for path in PAGES[account]:
        page = visitor.open(path)
        for width, height in WINDOWS:
            page.set_viewport_size({"width": width, "height": height})
            found += [f"{path} at {width}: {said}" for said in beyond(page)]
    assert not found, "\n".join(found)


# Forms that are sent with nothing in them come back with what is missing.
SENT_EMPTY = [
    (None, "/accounts/login/", "input[name=login]"),
    (None, "/accounts/signup/", "input[name=email]"),
    (None, "/concerns/", "textarea"),
    (None, "/verify/many/", "textarea"),
    ("student", "/application/insurance/", "input[type=file]"),
    ("registrar", "/registrar/cases/new/", "textarea"),
    ("registrar", "/people/invite/", "input[name=email]"),
    ("registrar", "/sittings/new/", "select"),
]


def clean(visitor: Visitor) -> list[str]:
    """What axe finds, in light and in dark, in a narrow and in a wide window."""
    found = []
    for width, scheme in ((320, "light"), (1280, "dark")):
        visitor.page.set_viewport_size({"width": width, "height": 800})
        visitor.page.emulate_media(color_scheme=scheme)
        results = Axe().run(visitor.page, options=AXE_OPTIONS)
        if results.violations_count:
            found.append(f"{visitor.page.url} {width} {scheme}: {results.generate_report()}")
    return found


@pytest.mark.parametrize(("account", "path", "field"), SENT_EMPTY)
def test_a_form_that_came_back_is_clean_and_says_what_is_missing(visit, account, path, field):
    visitor = visit(account)
    page = visitor.open(path)
    form = page.locator("form").filter(has=page.locator(field)).last
    form.evaluate("form => { form.noValidate = true; }")
    form.locator("button:not([type=button]), input[type=submit]").last.click()
    page.wait_for_load_state()
    expect(page.locator("[aria-invalid=true], .errors, [role=alert]").first).to_be_visible()
    assert not (found := clean(visitor)), "\n\n".join(found)


@pytest.mark.parametrize(
    ("account", "path", "status"),
    [
        (None, "/nowhere/", 404),
        (None, "/verify/SMT-0000-0000/", 404),
        (None, "/register/?q=zzzzzz", 200),
        ("student", "/registrar/", 403),
        ("student", "/nowhere/", 404),
        ("invigilator", "/appeals/", 200),
        ("invigilator", "/notices/", 200),
    ],
)
def test_pages_that_refuse_or_have_nothing_to_show_are_clean(visit, account, path, status):
    visitor = visit(account)
    response = visitor.page.goto(f"{visitor.url}{path}")
    assert response.status == status
    assert not (found := clean(visitor)), "\n\n".join(found)


@pytest.mark.parametrize("account", ["student", "registrar"])
def test_the_open_menu_is_clean_and_within_a_narrow_window(visit, account):
    visitor = visit(account, 320)
    page = visitor.open("/home/" if account == "student" else "/registrar/")
    page.locator("details.menu summary").click()
    expect(page.locator("details.menu > ul")).to_be_visible()
    assert beyond(page) == []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        results = Axe().run(page, context="details.menu", options=AXE_OPTIONS)
        assert results.violations_count == 0, results.generate_report()


CHOSEN = """kind => {
  document.querySelector("main").insertAdjacentHTML("beforeend",
    `<fieldset class="${kind}"><label><input type="radio" checked>Chosen</label></fieldset><p id="system" style="color: HighlightText; background: Highlight; forced-color-adjust: none">Chosen</p>`);
  const painted = (selector) => { const { color, backgroundColor } = getComputedStyle(document.querySelector(selector)); return [color, backgroundColor]; };
  return [painted(`fieldset.${kind} label`), painted("#system")];
}"""


@pytest.mark.parametrize("kind", ["seg", "toggle"])
def test_what_is_chosen_is_painted_by_the_system_where_it_has_its_own_colours(visit, kind):
    page = visit("chief").open("/adjudicate/")
    page.emulate_media(forced_colors="active", reduced_motion="reduce")
    chosen, system = page.evaluate(CHOSEN, kind)
    assert chosen == system
