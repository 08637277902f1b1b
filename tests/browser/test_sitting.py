"""One sitting from the seat to the result: the network goes for minutes, the server is killed, the device dies. Every answer is accounted for."""

import re
import sqlite3
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Demo

PLAYER = re.compile(r"/attempts/[0-9a-f-]{36}/")


def choose(page: Page, position: int, option: int) -> str:
    """Answer a question of the page as it is, without the network's help; returns what was chosen."""
    page.evaluate(f"location.hash = {position}")
    expect(page.locator("#question-text")).to_contain_text(f"Question {position} of")
    choice = page.locator("[data-question] input[type=radio]").nth(option)
    choice.check()
    return choice.get_attribute("value") or ""


def chosen(page: Page, position: int) -> str | None:
    page.evaluate(f"location.hash = {position}")
    expect(page.locator("#question-text")).to_contain_text(f"Question {position} of")
    return page.locator("[data-question] input[type=radio]:checked").get_attribute("value")


def single_choice(page: Page) -> list[int]:
    """Positions of questions with one right option; there is none at place 0."""
    script = "JSON.parse(document.getElementById('attempt-data').textContent).questions.filter(({type}) => type === 'single').map(({position}) => position)"
    return [0, *page.evaluate(script)]


def ready(page: Page) -> None:
    expect(page.locator("[data-player]")).to_be_visible()


def all_sent(page: Page) -> None:
    expect(page.locator("[data-saved]")).to_contain_text("Saved")


def database_answers_too_late(page: Page) -> None:
    """Until the next reload: what is written to IndexedDB never comes to its end, as when a page goes at once."""
    page.evaluate(
        "IDBDatabase.prototype.transaction = () => ({ objectStore: () => ({ put() {}, transaction: {} }) })"
    )


def kept_for_reading(page: Page, uuid: str) -> None:
    """The page is in the worker's cache: from here on it opens without network."""
    page.wait_for_function(
        "async (name) => navigator.serviceWorker.controller && Boolean(await (await caches.open(name)).match(location.pathname))",
        arg=f"palpate-attempt-{uuid}",
    )


def stored(demo: Demo, uuid: str) -> dict[int, str]:
    """What the database holds: position → option."""
    with sqlite3.connect(f"file:{demo.data / 'palpate.sqlite3'}?mode=ro", uri=True) as database:
        rows = database.execute(
            "SELECT r.position, json_extract(r.answer, '$.choice') FROM quizzes_response r "
            "JOIN quizzes_attempt a ON a.id = r.attempt_id WHERE a.uuid = ? AND r.answer IS NOT NULL",
            [uuid.replace("-", "")],
        )
        return dict(rows.fetchall())


def seat_the_student(visit) -> None:
    page = visit("registrar").open("/sittings/")
    page.get_by_role("link", name=re.compile("Tarn Sports Hall")).first.click()
    names = page.get_by_label("Candidate").locator("option").all_inner_texts()
    label = next(name for name in names if name.startswith("Tomas Wieland"))
    page.get_by_label("Candidate").select_option(label=label)
    page.get_by_role("button", name="Give the seat").click()
    expect(page.get_by_role("status")).to_contain_text("is theirs")


def test_every_answer_survives_a_lost_network_a_killed_server_and_a_dead_laptop(visit, demo: Demo):
    if demo.process is None:
        pytest.skip("needs a demo of its own to kill")
    seat_the_student(visit)
    student = visit("student")
    page = student.open(start_page(demo))
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.get_by_text("Tick the box to agree.").first).to_be_visible()
    page.get_by_label("I have read this and agree to it.").check()
    page.get_by_role("button", name="Start", exact=True).click()
    page.wait_for_url(PLAYER)
    ready(page)
    uuid = page.url.split("/attempts/")[1][:36]
    given: dict[int, str] = {}
    q = single_choice(page)  # q[1] to q[8]

    # With network.
    given[q[1]] = choose(page, q[1], 0)
    all_sent(page)
    page.reload()
    ready(page)
    kept_for_reading(page, uuid)

    # The network is cut for minutes; the page is reloaded without it.
    page.clock.install()
    page.context.set_offline(True)
    given[q[2]] = choose(page, q[2], 1)
    given[q[3]] = choose(page, q[3], 2)
    expect(page.locator("[data-connection]")).to_contain_text("You are offline")
    page.clock.fast_forward("04:00")
    expect(page.locator("[data-saved]")).to_contain_text("2 to send")
    page.reload()
    ready(page)
    assert {position: chosen(page, position) for position in given} == given
    given[q[4]] = choose(page, q[4], 3)
    page.context.set_offline(False)
    page.clock.fast_forward("00:40")
    all_sent(page)
    assert stored(demo, uuid) == given

    # kill -9 while an answer is on its way; started again, it arrives.
    demo.kill()
    given[q[5]] = choose(page, q[5], 0)
    expect(page.locator("[data-connection]")).to_contain_text("You are offline")
    database_answers_too_late(page)
    given[q[1]] = choose(page, q[1], 2)
    page.reload()
    ready(page)
    assert (chosen(page, q[5]), chosen(page, q[1])) == (given[q[5]], given[q[1]])
    demo.start()
    page.clock.fast_forward("00:40")
    all_sent(page)
    assert stored(demo, uuid) == given

    # The laptop dies; another device is let in by the invigilator, and by nobody else.
    phone = visit("student", 390, computer="phone")
    refused = phone.page.goto(f"{demo.url}/attempts/{uuid}/")
    assert refused is not None and refused.status == 409
    expect(phone.page.locator("h1")).to_have_text("Ask the invigilator")
    phone.check("other-device-390-light")
    unlock_the_seat(visit)
    phone.page.reload()
    ready(phone.page)
    assert {position: chosen(phone.page, position) for position in given} == given
    given[q[6]] = choose(phone.page, q[6], 1)
    all_sent(phone.page)

    # The old laptop is shut out, and says so.
    choose(page, q[7], 0)
    expect(page.locator("[data-connection]")).to_contain_text("on another device")
    assert stored(demo, uuid) == given

    # The network goes once more, and the clock closes the attempt meanwhile: what comes then is kept beside.
    phone.page.context.set_offline(True)
    late = choose(phone.page, q[8], 1)
    expect(phone.page.locator("[data-saved]")).to_contain_text("1 to send")
    run_out(demo, uuid)
    phone.page.context.set_offline(False)
    phone.page.wait_for_url(re.compile("result"))
    expect(phone.page.locator("#late")).to_contain_text(f"question {q[8]},")
    phone.check("late-390-light")
    assert stored(demo, uuid) == given

    # The invigilator gives back what was lost, with that answer; it stands in the questions again.
    give_back(visit, q[8])
    given[q[8]] = late
    assert stored(demo, uuid) == given
    phone.page.goto(f"{demo.url}/attempts/{uuid}/")
    ready(phone.page)
    assert chosen(phone.page, q[8]) == late
    phone.page.goto(f"{demo.url}/attempts/{uuid}/submit/")
    phone.page.get_by_role("button", name="Submit now").click()
    phone.page.wait_for_url(re.compile("result"))
    assert stored(demo, uuid) == given


def run_out(demo: Demo, uuid: str) -> None:
    """As if the end of the time had come a minute ago, and nothing had been heard for ten before it."""
    now = datetime.now(UTC)
    moments = [f"{now - timedelta(minutes=ago):%Y-%m-%d %H:%M:%S.%f}" for ago in (1, 11, 11)]
    with sqlite3.connect(demo.data / "palpate.sqlite3", timeout=20) as database:
        (pk,) = database.execute(
            "SELECT id FROM quizzes_attempt WHERE uuid = ?", [uuid.replace("-", "")]
        ).fetchone()
        database.execute(
            "UPDATE quizzes_attempt SET due_at = ?, seen_at = ? WHERE id = ?", [*moments[:2], pk]
        )
        database.execute(
            "UPDATE quizzes_response SET saved_at = ? WHERE attempt_id = ? AND saved_at IS NOT NULL",
            [moments[2], pk],
        )


def give_back(visit, position: int) -> None:
    invigilator = visit("invigilator")
    page = invigilator.open("/invigilate/")
    page.get_by_role("link", name=re.compile("Tarn Sports Hall")).first.click()
    row = page.get_by_role("row").filter(has_text="Tomas Wieland")
    expect(row).to_contain_text("after the time")
    row.get_by_role("link", name=re.compile("Give the attempt back")).click()
    page.get_by_label(re.compile(f"Question {position}, came")).check()
    page.get_by_label("Minutes").fill("10")
    page.get_by_label("What happened").fill("The network of the hall.")
    invigilator.check("give-back-1280-light")
    page.get_by_role("button", name="Give the attempt back").click()
    expect(page.get_by_role("status").first).to_contain_text("open again")


def start_page(demo: Demo) -> str:
    with sqlite3.connect(f"file:{demo.data / 'palpate.sqlite3'}?mode=ro", uri=True) as database:
        (found,) = database.execute(
            "SELECT a.uuid FROM courses_activity a JOIN quizzes_sitting s JOIN quizzes_quiz q "
            "ON q.id = s.quiz_id AND q.activity_id = a.id LIMIT 1"
        ).fetchone()
    return f"/activities/{UUID(found)}/quiz/"


def unlock_the_seat(visit) -> None:
    page = visit("invigilator").open("/invigilate/")
    page.get_by_role("link", name=re.compile("Tarn Sports Hall")).first.click()
    row = page.get_by_role("row").filter(has_text="Tomas Wieland")
    expect(row).to_contain_text("Another device asks to be let in")
    row.get_by_role("link", name=re.compile("Let another device in")).click()
    page.get_by_label("Reason").fill("The laptop has died.")
    page.get_by_role("button", name="Let another device in").click()
    expect(page.get_by_role("status").first).to_contain_text("let in")
