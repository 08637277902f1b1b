"""At the table: a day without a network on a tablet that is reloaded and killed, a sheet issued anew to another one; every tap is accounted for."""

import json
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import expect

from tests.browser.conftest import AXE_OPTIONS, ROOT, Demo
from tests.browser.tablet import PASSPHRASE, Tablet, port_of

SECRET = "Zanzibar, pressed on, said nothing"  # what must not be readable on the tablet's disk
SIZES = [(768, 1024), (1180, 820), (390, 844)]


@pytest.fixture
def table_day(demo: Demo) -> dict[str, Any]:
    """An exam day today: two candidates, eight stations, assignments of examiner1 by station and number."""
    made = subprocess.run(
        [sys.executable, "-m", "tests.browser.table_day", "2"],
        check=True,
        cwd=ROOT,
        env=demo.environment(),
        stdout=subprocess.PIPE,
    )
    return json.loads(made.stdout)


@pytest.fixture
def tablets(
    browser_type, browser_type_launch_args, demo: Demo, tmp_path
) -> Iterator[Callable[[], Tablet]]:
    made: list[Tablet] = []

    def make(width: int = 820) -> Tablet:
        profile = tmp_path / f"tablet-{len(made)}"
        made.append(
            Tablet(browser_type, browser_type_launch_args, profile, port_of(demo.url), width)
        )
        return made[-1]

    yield make
    for tablet in made:
        tablet.close()


def query(demo: Demo, sql: str, *values: str) -> list[Any]:
    with sqlite3.connect(f"file:{demo.data / 'palpate.sqlite3'}?mode=ro", uri=True) as database:
        return database.execute(sql, values).fetchall()


def ratings(content: str) -> dict[str, int]:
    rows = json.loads(content)["observations"]
    return {row["criterion"]: row["rating"] for row in rows if row["rating"] is not None}


def stored(demo: Demo, assignment: str) -> tuple[dict[str, int], bool]:
    """What counts on the server: line → rating, and whether it is signed."""
    found = query(
        demo,
        "SELECT s.draft, s.final_at FROM practicals_practicalassessment s JOIN practicals_assignment a "
        "ON a.id = s.assignment_id WHERE a.uuid = ? AND s.active",
        assignment.replace("-", ""),
    )
    return (ratings(found[0][0]), found[0][1] is not None) if found else ({}, False)


def beside(demo: Demo, assignment: str) -> list[dict[str, int]]:
    """What is kept beside it for the chief examiner."""
    rows = query(
        demo,
        "SELECT s.content FROM practicals_straysheet s JOIN practicals_assignment a ON a.id = s.assignment_id "
        "WHERE a.uuid = ? ORDER BY s.id",
        assignment.replace("-", ""),
    )
    return [ratings(content) for (content,) in rows]


def score_all(tablet: Tablet, given: dict[str, int], but: int = 0) -> None:
    """Tap every line but the last `but` to full marks."""
    lines = tablet.lines()
    for code, (most, _critical) in list(lines.items())[: len(lines) - but]:
        if code not in given:
            tablet.tap(code, most)
            given[code] = most


def on_disk(tablet: Tablet, text: str) -> bool:
    needles = (text.encode(), text.encode("utf-16-le"))
    return any(
        needle in path.read_bytes()
        for path in tablet.profile.rglob("*")
        if path.is_file()
        for needle in needles
    )


def clean(tablet: Tablet, name: str) -> None:
    """No accessibility violation and nothing cut off, on tablet and phone, in light and dark."""
    for width, height in SIZES:
        for scheme in ("light", "dark"):
            tablet.page.set_viewport_size({"width": width, "height": height})
            tablet.page.emulate_media(color_scheme=scheme)
            overflow = tablet.page.evaluate("document.documentElement.scrollWidth")
            assert overflow <= width, f"{name}: {overflow} px wide in {width} px"
            found = Axe().run(tablet.page, options=AXE_OPTIONS)
            assert found.violations_count == 0, (
                f"{name}-{width}-{scheme}: {found.generate_report()}"
            )
            folder = ROOT / ".cache" / "screens"
            folder.mkdir(parents=True, exist_ok=True)
            tablet.page.screenshot(path=folder / f"{name}-{width}-{scheme}.png")
    tablet.page.set_viewport_size({"width": tablet.width, "height": 1180})
    tablet.page.emulate_media(color_scheme="light")


def test_every_tap_of_a_day_offline_is_accounted_for(tablets, table_day, visit, demo: Demo):
    sheets = list(table_day["assignments"].values())
    reissued, half, plain = sheets[0], sheets[1], sheets[2:6]
    given: dict[str, dict[str, int]] = {uuid: {} for uuid in sheets}
    tablet = tablets()
    tablet.sign_in("examiner1")
    tablet.download(table_day["day"])

    # With a network: three lines of one sheet reach the server.
    tablet.open(reissued)
    for code, (most, _critical) in list(tablet.lines().items())[:3]:
        tablet.tap(code, most)
        given[reissued][code] = most
    tablet.confirmed(3)
    sent_before = dict(given[reissued])

    # Without one: the list opens, sheets open, and are scored and signed.
    tablet.offline()
    tablet.desk()
    expect(tablet.page.locator("[data-task]")).to_have_count(16)
    for uuid in plain:
        tablet.open(uuid)
        score_all(tablet, given[uuid])
        tablet.rate(4)
        tablet.sign("M. Novotny")
    tablet.open(reissued)
    assert tablet.shown() == given[reissued]
    score_all(tablet, given[reissued], but=2)
    tablet.kept(len(given[reissued]))

    # A critical 0 and a violation ask for a fact and a second tap; the sheet is reloaded in between.
    tablet.open(half)
    star = next(code for code, (_most, critical) in tablet.lines().items() if critical)
    tablet.confirm_zero(star, SECRET)
    given[half][star] = 0
    tablet.page.get_by_role("button", name="Stop – danger").click()
    tablet.page.locator("[data-stop-list] button").first.click()
    tablet.page.get_by_label("What happened on").fill("Went on after “stop”.")
    tablet.page.get_by_role("button", name="Confirm violation").click()
    tablet.kept(1)
    tablet.page.reload()
    tablet.ready()
    assert tablet.shown() == given[half]
    expect(tablet.page.locator("[data-violation].seen")).to_have_count(1)
    score_all(tablet, given[half], but=3)
    tablet.kept(len(given[half]))

    # The battery is empty. Nothing of it can be read on the disk; the passphrase opens it, a wrong one does not.
    tablet.kill()
    assert not on_disk(tablet, SECRET)
    tablet.start()
    tablet.offline()
    tablet.desk()
    says = tablet.page.locator("[data-says]")
    expect(says).to_contain_text("Sheets with lines that were not sent: 6")
    unlock = tablet.page.get_by_label("Passphrase of this day")
    unlock.fill("three wrong words")
    unlock.press("Enter")
    expect(tablet.page.get_by_text("This is not the passphrase of this day")).to_be_visible()
    unlock.fill(PASSPHRASE)
    unlock.press("Enter")
    expect(tablet.row(plain[0])).to_contain_text("Signed here, not yet confirmed")
    clean(tablet, "table-desk-offline")
    tablet.open(half)
    assert tablet.shown() == given[half]
    score_all(tablet, given[half])

    # Meanwhile the registrar issues the first sheet anew, to another tablet, which goes on from what was sent.
    issue_anew(visit, table_day, reissued)
    other = tablets()
    other.sign_in("examiner1")
    other.open(reissued)
    assert other.shown() == sent_before
    expect(other.page.locator("[data-banner]")).to_contain_text("goes on from the 3 lines sent")
    ours = dict(sent_before)
    for code in list(other.lines())[3:6]:
        other.tap(code, 1)
        ours[code] = 1
    other.confirmed(6)

    # The network is back: everything is sent from the list, and nothing is mixed.
    tablet.desk()
    tablet.online()
    section = tablet.page.locator(f"[data-day='{table_day['day']}']")
    tablet.sign_in_again("examiner1", section)
    expect(section.locator("[data-says]")).to_contain_text(
        "Nothing waits to be sent", timeout=60_000
    )
    expect(tablet.row(reissued)).to_contain_text("Kept beside, not counted")
    for uuid in plain:
        assert stored(demo, uuid) == (given[uuid], True)
        expect(tablet.row(uuid)).to_contain_text("Signed")
    assert stored(demo, half) == (given[half], False)
    assert stored(demo, reissued) == (ours, False)
    assert beside(demo, reissued) == [given[reissued]]

    # Each of the two tablets says where to go on.
    tablet.open(reissued)
    expect(tablet.page.locator("[data-banner]")).to_contain_text("issued anew")
    expect(tablet.page.locator("[data-banner]")).to_contain_text(
        "kept beside for the chief examiner"
    )
    clean(tablet, "table-sheet-beside")
    tablet.open(half)
    tablet.rate(2)
    tablet.sign("M. Novotny")
    expect(tablet.page.locator("[data-announce]")).to_contain_text("Signed by M. Novotny")
    assert stored(demo, half) == (given[half], True)


def test_signed_out_on_the_list_of_the_device_one_link_leads_on(tablets, table_day, demo: Demo):
    """The network was too slow for the list, is there for what is sent, and the server knows nobody: nothing says that it is back."""
    uuid = next(iter(table_day["assignments"].values()))
    tablet = tablets()
    tablet.sign_in("examiner1")
    tablet.download(table_day["day"])
    tablet.wire.cut()
    tablet.context.clear_cookies()
    tablet.open(uuid)
    code = next(iter(tablet.lines()))
    tablet.tap(code, 1)
    tablet.kept(1)
    here = tablet.desk().locator(f"[data-day='{table_day['day']}']")
    expect(tablet.page.get_by_text("There is no network.")).to_be_visible()

    # A network that only flickers takes nobody from this list.
    tablet.page.evaluate("window.stayed = true")
    with tablet.page.expect_event("requestfailed", lambda request: request.method == "HEAD"):
        tablet.page.evaluate("dispatchEvent(new Event('online'))")
    assert tablet.page.evaluate("window.stayed")
    tablet.wire.mend()
    with suppress(PlaywrightError):  # it looks for the network by itself, and may be first
        here.get_by_role("button", name="Send now").click(timeout=2000)
    expect(here.locator("[data-says]")).to_contain_text("You have been signed out", timeout=30_000)
    expect(tablet.page.get_by_text("The network is back.")).to_be_visible()
    expect(tablet.page.get_by_text("There is no network.")).to_be_hidden()
    clean(tablet, "table-desk-signed-out")
    here.get_by_role("link", name="Sign in").click()
    tablet.give_password("examiner1")
    expect(here.locator("[data-says]")).to_contain_text("Nothing waits to be sent")
    assert stored(demo, uuid) == ({code: 1}, False)


def test_a_forgotten_passphrase_loses_nothing(tablets, table_day, visit, demo: Demo):
    uuid = next(iter(table_day["assignments"].values()))
    tablet = tablets()
    tablet.sign_in("examiner1")
    tablet.download(table_day["day"])
    tablet.offline()
    tablet.open(uuid)
    given = {}
    for code, (most, _critical) in list(tablet.lines().items())[:4]:
        tablet.tap(code, most)
        given[code] = most
    tablet.kept(4)
    page = tablet.desk()
    here = page.locator(f"[data-day='{table_day['day']}']")
    page.get_by_role("button", name="Lock", exact=True).click()
    expect(page.get_by_role("button", name="I have forgotten it")).to_be_hidden()

    # With a network it is asked for, allowed by the registrar, and taken; the sheet is sent at once.
    with page.expect_navigation():  # the desk comes back by itself
        tablet.online()
    tablet.desk()
    here.get_by_role("button", name="I have forgotten it").click()
    here.get_by_label("Another phrase").fill("another three words")
    here.get_by_label("Repeat it").fill("another three words")
    clean(tablet, "table-forgotten")
    here.get_by_role("button", name="Ask, and open").click()
    said = here.get_by_text("The number of this device is")
    expect(said).to_be_visible()
    code = re.search(r"device is (\w{6})", said.inner_text())
    assert code and stored(demo, uuid) == ({}, False)
    registrar = visit("registrar")
    there = registrar.open("/exam-days/openings/")
    registrar.check("openings-1280")
    there.get_by_label("How do you know").fill("He stands before me with it.")
    there.get_by_role("button", name=f"Let {code[1]} be opened").click()
    expect(there.get_by_role("status").first).to_contain_text("may be opened")
    here.get_by_role("button", name="Ask, and open").click()
    expect(here.locator("[data-says]")).to_contain_text("Nothing waits to be sent")
    assert stored(demo, uuid) == (given, False)
    assert tablet.errors == []

    # The new one locks it; the old one is nothing any more.
    here.get_by_role("button", name="Lock", exact=True).click()
    unlock = here.get_by_label("Passphrase of this day")
    unlock.fill(PASSPHRASE)
    unlock.press("Enter")
    expect(here.get_by_text("This is not the passphrase of this day")).to_be_visible()
    unlock.fill("another three words")
    unlock.press("Enter")
    expect(here.locator("[data-says]")).to_contain_text("Nothing waits to be sent")


def issue_anew(visit, table_day, assignment: str) -> None:
    page = visit("registrar").open(f"/exam-days/{table_day['day']}/")
    form = page.locator(f"form[action*='{assignment}/reissue/']")
    form.get_by_role("button", name="Issue anew").click()
    expect(page.get_by_role("status").first).to_contain_text("issued anew")


def test_a_second_tablet_is_told_where_a_sheet_is_scored(tablets, table_day, demo: Demo):
    uuid = next(iter(table_day["assignments"].values()))
    first, second = tablets(), tablets()
    for tablet in (first, second):
        tablet.sign_in("examiner1")
    first.open(uuid)
    code = next(iter(first.lines()))
    first.tap(code, 1)
    first.confirmed(1)
    second.open(uuid)
    expect(second.page.locator("[data-banner]")).to_contain_text("is scored on another device")
    expect(second.page.locator("[data-line] input").first).to_be_disabled()
    assert stored(demo, uuid)[0] == {code: 1}


def test_two_windows_of_one_tablet_do_not_write_over_each_other(tablets, table_day):
    uuid = next(iter(table_day["assignments"].values()))
    tablet = tablets()
    tablet.sign_in("examiner1")
    tablet.open(uuid)
    window = tablet.context.new_page()
    window.goto(f"{tablet.url}/examine/sheets/{uuid}/")
    expect(window.locator("[data-banner]")).to_contain_text("open in another window")
    expect(window.locator("[data-line] input").first).to_be_disabled()
    tablet.page.close()
    expect(window.locator("[data-line] input").first).to_be_enabled(timeout=15_000)


def test_the_desk_and_the_sheet_are_clean_in_every_view(tablets, table_day):
    uuid = list(table_day["assignments"].values())[4]
    tablet = tablets()
    tablet.sign_in("examiner1")
    section = tablet.desk().locator(f"[data-day='{table_day['day']}']")
    section.get_by_role("button", name="Download this day").click()
    section.get_by_label("Passphrase", exact=True).fill("short")
    section.get_by_role("button", name="Download and lock").click()
    expect(section.get_by_text("Choose at least 10 characters.")).to_be_visible()
    clean(tablet, "table-desk-download")
    tablet.download(table_day["day"])
    clean(tablet, "table-desk-downloaded")
    tablet.open(uuid)
    lines = tablet.lines()
    star = next(code for code, (_most, critical) in lines.items() if critical)
    tablet.tap(star, 0)
    clean(tablet, "table-sheet-zero")
    tablet.page.get_by_role("button", name="Take it back").click()
    tablet.page.get_by_role("button", name="Stop – danger").click()
    clean(tablet, "table-sheet-stop")
    tablet.page.keyboard.press("Escape")
    tablet.desk()
    section.get_by_role("button", name="Lock", exact=True).click()
    expect(section.get_by_label("Passphrase of this day")).to_be_focused()
    clean(tablet, "table-desk-locked")
    tablet.open_locked(uuid)
    clean(tablet, "table-sheet-locked")


def test_the_keyboard_alone_downloads_a_day_and_signs_a_sheet(tablets, table_day, demo: Demo):
    uuid = list(table_day["assignments"].values())[-1]
    tablet = tablets()
    tablet.sign_in("examiner1")
    tablet.desk()
    keyboard, page = tablet.page.keyboard, tablet.page

    def tab_to(script: str, most: int = 250) -> None:
        for _step in range(most):
            keyboard.press("Tab")
            if page.evaluate(f"(at => {script})(document.activeElement)"):
                return
        raise AssertionError(f"not reached by Tab: {script}")

    here = f"at.closest(\"[data-day='{table_day['day']}']\")"
    page.locator(f"[data-day='{table_day['day']}'] [data-act=download]").wait_for()
    tab_to(f"{here} && at.dataset.act === 'download'")
    keyboard.press("Enter")
    keyboard.type(PASSPHRASE)
    keyboard.press("Tab")
    keyboard.type(PASSPHRASE)
    keyboard.press("Enter")
    expect(page.locator(f"[data-day='{table_day['day']}'] [data-says]")).to_contain_text(
        "Nothing waits to be sent", timeout=30_000
    )
    tab_to(f"at.closest(\"[data-task='{uuid}']\")", 40)
    keyboard.press("Enter")
    tablet.ready()
    given = {}
    for code, (most, _critical) in tablet.lines().items():
        tab_to(f"at.name === '{code}'", 12)
        for _step in range(most):
            keyboard.press("ArrowRight")
        given[code] = most
    tab_to("at.name === 'global'", 12)
    for _step in range(3):
        keyboard.press("ArrowRight")
    tab_to("'sign' in at.dataset", 6)
    keyboard.press("Enter")
    keyboard.type("M. Novotny")
    keyboard.press("Enter")
    expect(page.locator("[data-announce]")).to_contain_text("Signed by M. Novotny")
    assert stored(demo, uuid) == (given, True)


def test_a_tap_on_a_slow_tablet(tablets, table_day, capsys):
    """From the finger to the paint, on a CPU slowed to a quarter; printed, not judged: machines differ."""
    tablet = tablets()
    tablet.sign_in("examiner1")
    tablet.open(next(iter(table_day["assignments"].values())))
    tablet.context.new_cdp_session(tablet.page).send("Emulation.setCPUThrottlingRate", {"rate": 4})
    tablet.page.evaluate("""() => { window.taps = []; new PerformanceObserver((list) => { for (const entry of list.getEntries())
        if (entry.name === 'click') window.taps.push(entry.duration); }).observe({ type: 'event', durationThreshold: 16, buffered: true }); }""")
    given: dict[str, int] = {}
    score_all(tablet, given)
    tablet.page.wait_for_timeout(500)
    times = sorted(tablet.page.evaluate("window.taps"))
    tablet.kept(len(given))
    with capsys.disabled():
        sys.stdout.write(
            f"\ntap n={len(times)} median_ms={times[len(times) // 2]:.0f} max_ms={times[-1]:.0f} throttled=4\n"
        )


def test_the_day_is_an_application_of_its_own(visit, demo: Demo):
    page = visit("examiner1").open("/examine/")
    manifest = page.evaluate(
        "fetch(document.querySelector('link[rel=manifest]').href).then(answer => answer.json())"
    )
    assert (manifest["start_url"], manifest["scope"]) == ("/examine/", "/examine/")
    sizes = page.evaluate(
        """icons => Promise.all(icons.map(async ({ src }) => {
            const picture = await createImageBitmap(await (await fetch(src)).blob());
            return `${picture.width}x${picture.height}`; }))""",
        manifest["icons"],
    )
    assert sizes == [icon["sizes"] for icon in manifest["icons"]]
    scope = page.evaluate(
        "navigator.serviceWorker.ready.then(found => new URL(found.scope).pathname)"
    )
    assert scope == "/examine/"
