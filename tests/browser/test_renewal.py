"""A renewal in the browser: the holder completes and signs it, a registrar decides on each certificate and renews, and anybody sees the new
last day. Every screen at both widths and in both schemes, with nothing for axe to say.
"""

import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import VIEWS

RECORD = "/record/"
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def renewal_of(page: Page) -> str:
    """From one's record to the renewal, as a holder goes; its address."""
    page.locator(".holdings h2 a").first.click()
    page.get_by_role("link", name=re.compile("Go on with it|See how it stands")).click()
    page.wait_for_url(re.compile("/renewal/$"))
    return "/" + page.url.split("/", 3)[3]


def first_waiting(page: Page, who: str) -> str:
    """A registrar's way from the queue to the renewal of somebody; its address."""
    row = page.locator("tr", has_text=who).filter(has_text="Renewal")
    row.get_by_role("link").first.click()
    page.wait_for_url(re.compile("/registrar/renewals/"))
    return "/" + page.url.split("/", 3)[3]


@pytest.mark.parametrize(("width", "scheme"), VIEWS)
def test_the_screens_of_a_renewal(visit, width, scheme):
    holder = visit("holder", width, scheme)
    address = renewal_of(holder.open(RECORD))
    holder.check(f"renewal-holder-{width}-{scheme}")
    holder.open(f"{address}activity/")
    holder.check(f"renewal-activity-{width}-{scheme}")
    holder.page.get_by_role("button", name="Add it").click()
    expect(holder.page.get_by_text("Say what it was.").first).to_be_visible()
    holder.check(f"renewal-activity-errors-{width}-{scheme}")
    registrar = visit("registrar", width, scheme)
    page = registrar.open("/registrar/?kind=renewal")
    first_waiting(page, "Ana")
    registrar.check(f"renewal-desk-{width}-{scheme}")
    page.locator("table.activities th a").first.click()
    page.locator(".viewer").wait_for()
    page.get_by_label(re.compile("^Accepted")).check()
    registrar.check(f"renewal-certificate-{width}-{scheme}")


def add_activity(page: Page, file: Path, **said: Any) -> None:
    page.get_by_role("link", name="Add an activity").click()
    page.get_by_label("What was it?").fill(said["title"])
    page.get_by_label("Who gave it?").fill("Aldermoor College")
    day: date = said["day"]
    first = page.get_by_role("group", name="On which day?")
    for label, value in (("Day", day.day), ("Month", day.month), ("Year", day.year)):
        first.get_by_label(label).fill(str(value))
    page.get_by_label("How many hours?").fill(said["hours"])
    page.get_by_role("radio", name=said["category"]).check()
    page.get_by_label("Certificate").set_input_files(file)
    page.get_by_role("button", name="Add it").click()
    page.wait_for_url(re.compile("/renewal/$"))


def test_a_holder_renews_and_anybody_sees_the_new_last_day(visit, tmp_path):
    holder = visit("holder", 390)
    page = holder.open(RECORD)
    number = page.locator(".holdings .code").first.text_content() or ""
    address = renewal_of(page)
    # What began before the cycle does not count, is said, and is taken out.
    outside = page.locator("tr", has_text="It does not count: it began before your cycle")
    outside.get_by_role("button", name=re.compile("Take out")).click()
    expect(page.get_by_text("1 activity taken out")).to_be_visible()
    file = tmp_path / "certificate.pdf"
    recently = date.today() - timedelta(days=12)
    for count, (title, hours, category) in enumerate(
        (
            ("Heat, cold and the athlete", "4", "Sports safety or pathology"),
            ("Shoulder girdle, hands-on", "6", "Live hands-on learning"),
        )
    ):
        file.write_bytes(PDF + str(count).encode())
        add_activity(page, file, title=title, day=recently, hours=hours, category=category)
        expect(page.get_by_text(f"“{title}” is noted.")).to_be_visible()
    page.get_by_label(re.compile("I took part in every activity")).check()
    page.get_by_role("button", name="Sign and send").click()
    expect(page.locator(".page-head")).to_contain_text("With the register")
    # The registrar: each certificate, then the renewal.
    registrar = visit("registrar")
    desk = registrar.open("/registrar/?kind=renewal")
    row = desk.locator("tr", has_text=number)
    row.get_by_role("link").first.click()
    desk.get_by_role("link", name="Open the next activity").click()
    while desk.get_by_role("button", name="Record and open next").count():
        desk.get_by_label(re.compile("^Accepted")).check()
        desk.get_by_role("radio", name=re.compile("H1")).check()
        with desk.expect_navigation():
            desk.get_by_role("button", name="Record and open next").click()
    expect(desk.get_by_text("Everything is there.")).to_be_visible()
    said = desk.get_by_text("Renewed, it is valid until").text_content() or ""
    last_day = re.search(r"valid until (\d+ \w+ \d{4})", said.replace("\xa0", " "))
    assert last_day
    desk.get_by_role("radio", name=re.compile("N1")).check()
    desk.get_by_role("button", name="Renew it").click()
    expect(desk.get_by_text(f"{number} is renewed.")).to_be_visible()
    # Anybody, and the holder.
    stranger = visit(None)
    answer = stranger.open(f"/verify/{number}/").locator("main")
    expect(answer).to_contain_text(re.compile(last_day[1].replace(" ", r"\s")))
    holder.open(address)
    expect(page.locator(".page-head")).to_contain_text("Renewed")
    holder.check("renewal-done-390-light")
