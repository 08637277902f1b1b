"""A candidate's whole practical: eight stations on two examiners' tablets, a station the two disagree on, a chief examiner, the result. axe on each screen."""

import json
import re
import subprocess
import sys
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PASSWORD, ROOT, Demo, Visitor, clean
from tests.browser.tablet import Tablet, port_of

EXAMINERS = {"A": ("examiner1", "R. Okafor"), "B": ("examiner2", "S. Haddad")}
APART = "P1"  # the station whose sheets differ


@pytest.fixture
def exam(demo: Demo) -> dict[str, Any]:
    """An exam day today with one candidate, who can sign in."""
    made = subprocess.run(
        [sys.executable, "-m", "tests.browser.table_day", "1"],
        check=True,
        cwd=ROOT,
        env=demo.environment(),
        stdout=subprocess.PIPE,
    )
    day = json.loads(made.stdout)
    ((number, email),) = day["candidates"].items()
    stations = {name.split()[0]: places for name, places in day["both"].items()}
    return {**day, "number": number, "email": email, "stations": stations}


@pytest.fixture
def tablets(browser_type, browser_type_launch_args, demo: Demo, tmp_path):
    made = {
        place: Tablet(
            browser_type, browser_type_launch_args, tmp_path / place, port_of(demo.url), width
        )
        for place, width in (("A", 820), ("B", 1180))
    }
    yield made
    for tablet in made.values():
        tablet.close()


def score(tablet: Tablet, assignment: str, place: str, harsh: bool) -> tuple[list[str], str]:
    """Tap every line and sign. `harsh`: half of the plain lines at 1, and a 0 on a ★ line with its fact. Returns the lines that differ so."""
    tablet.open(assignment)
    lines = tablet.lines()
    star = next(code for code, (_most, critical) in lines.items() if critical)
    plain = [code for code, (most, critical) in lines.items() if most == 2 and not critical]
    lower = plain[::2] if harsh else []
    for code, (most, _critical) in lines.items():
        if harsh and code == star:
            tablet.confirm_zero(code, "Did not ask before touching.")
        else:
            tablet.tap(code, 1 if code in lower else most)
    tablet.rate(2 if harsh else 4)
    if harsh or place == "A":
        clean(tablet.page, f"sheet {place}")
    tablet.sign(EXAMINERS[place][1])
    tablet.confirmed(len(lines))
    return [star, *lower], star


def candidate_of(visit, exam: dict[str, Any]) -> Visitor:
    visitor: Visitor = visit()
    visitor.page.goto(f"{visitor.url}/accounts/login/")
    visitor.page.locator("input[name=login]").fill(exam["email"])
    visitor.page.locator("input[name=password]").fill(PASSWORD)
    visitor.page.get_by_role("button", name="Sign in", exact=True).click()
    visitor.page.wait_for_url(lambda url: "/login" not in url)
    return visitor


def test_two_tablets_a_chief_examiner_and_a_result(visit, exam, tablets):
    candidate = candidate_of(visit, exam)
    page = candidate.open("/appointments/")
    expect(page.locator("main")).to_contain_text(exam["place"])
    candidate.check("practical-appointment-1280-light")

    # Both examiners score all stations, each on a tablet of their own.
    for place, tablet in tablets.items():
        tablet.sign_in(EXAMINERS[place][0])
        tablet.download(exam["day"])
        clean(tablet.page, f"desk of {place}")
    differing, star = [], ""
    for station, assignments in exam["stations"].items():
        for place, tablet in tablets.items():
            harsh = station == APART and place == "B"
            lower, its_star = score(tablet, assignments[place], place, harsh)
            if harsh:
                differing, star = lower, its_star
    for place, tablet in tablets.items():
        clean(tablet.desk(), f"desk of {place} in the evening")
        assert tablet.errors == []

    # The candidate reads that it is held, and until when; nothing of the sheets.
    page = candidate.open("/appointments/")
    page.get_by_role("link", name=re.compile("Practical")).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your result is held")
    expect(page.locator("main")).to_contain_text("will decide by")
    expect(page.locator("main")).not_to_contain_text("Did not ask before touching.")
    candidate.check("practical-held-1280-light")
    result = page.url

    # A chief examiner settles it, line by line.
    chief = visit("chief")
    page = chief.open("/adjudicate/")
    chief.check("chief-desk-1280-light")
    row = page.get_by_role("row").filter(has_text=exam["place"])
    expect(row).to_contain_text("disagree on a critical finding")
    row.get_by_role("link", name=f"Decide {APART}").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(exam["number"])
    expect(page.locator("main")).to_contain_text("Did not ask before touching.")
    chief.check("adjudicate-1280-light")
    page.get_by_role("button", name="Sign the decision").click()
    expect(page.get_by_role("alert").first).to_be_visible()
    chief.check("adjudicate-unfinished-1280-light")
    for code in differing:
        page.locator(f"input[name='line-{code}'][value='2']").check(force=True)
    page.get_by_label("Reasons, as the candidate will read them").fill(
        "Sheet A gives the minute at which consent was asked; the lines are scored as there."
    )
    assert star in differing
    page.get_by_role("button", name="Sign the decision").click()
    expect(page.get_by_role("status").first).to_contain_text("Result: passed")

    # The candidate's result: a pass is a pass.
    page = candidate.open(result.removeprefix(candidate.url))
    expect(page.get_by_role("heading", level=1)).to_have_text("Passed")
    expect(page.locator("main")).not_to_contain_text("percent")
    candidate.check("practical-passed-1280-light")
    report = page.get_by_role("link", name="Report (PDF)").get_attribute("href")
    answer = page.request.get(f"{candidate.url}{report}")
    assert answer.status in (200, 202)
