"""What exists in the demonstration only, and does not exist anywhere else."""

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.mail import get_connection
from django.core.mail.message import EmailMessage
from django.urls import reverse

from accounts.services import open_account
from lms.demo import outbox, supervisor
from lms.demo.acts import CIRCUIT, Clock
from lms.demo.cast import ACCOUNTS, EVERYBODY, PASSWORD
from lms.page_cache import FullPageCacheMiddleware
from tests.factories import NOW

LONDON = ZoneInfo("Europe/London")
PATHS = ["/demo/", "/outbox/", "/outbox/20261123-101010-1.log/"]


@pytest.fixture
def demo(settings, tmp_path, db):
    settings.DEMO = True
    settings.EMAIL_FILE_PATH = tmp_path / "outbox"
    for part in ACCOUNTS[:2]:
        open_account(email=part.email, name=part.name, password=PASSWORD, by=None, at=NOW)
    return settings


def send(settings, subject: str, body: str = "Hello") -> None:
    backend = "django.core.mail.backends.filebased.EmailBackend"
    connection = get_connection(backend, file_path=str(settings.EMAIL_FILE_PATH))
    EmailMessage(subject, body, "a@example.org", ["b@example.org"], connection=connection).send()


@pytest.mark.django_db
@pytest.mark.parametrize("path", PATHS)
def test_outside_the_demonstration_there_is_nothing(client, path):
    assert client.get(path).status_code == 404
    assert client.post("/demo/view-as/", {"account": "student"}).status_code == 404
    assert b"demo-bar" not in client.get("/verify/").content


def test_the_bar_is_on_every_page_and_needs_no_cookie(client, demo):
    page = client.get("/verify/")
    assert b"demo-bar" in page.content
    assert b"csrfmiddlewaretoken" not in page.content
    assert not page.cookies
    assert FullPageCacheMiddleware.may_keep(page.wsgi_request, page)


def test_one_views_as_somebody_else_and_as_nobody(client, demo):
    student, candidate = ACCOUNTS[:2]
    assert student.email in client.get("/demo/").content.decode()
    answer = client.post("/demo/view-as/", {"account": student.key})
    assert answer.headers["Location"] == reverse("home")
    assert student.name in client.get("/home/").content.decode()
    client.post("/demo/view-as/", {"account": candidate.key})
    assert candidate.name in client.get("/home/").content.decode()
    client.post("/demo/view-as/", {"account": "nobody"})
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("account", ["", "root", "\x00", "x" * 5000, "chief"])
def test_one_is_nobody_who_does_not_play(client, demo, account):
    assert client.post("/demo/view-as/", {"account": account}).status_code == 404
    assert client.get("/demo/view-as/").status_code == 405


def test_viewing_as_asks_for_the_token_of_the_form(demo):
    from django.test import Client

    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/demo/view-as/", {"account": "student"}).status_code == 403


def test_the_outbox_shows_the_newest_mail_first(client, demo):
    assert "No mail has been sent yet" in client.get("/outbox/").content.decode()
    send(demo, "First: Größe")
    os.utime(next(demo.EMAIL_FILE_PATH.iterdir()), (1, 1))
    send(demo, "Second", "See http://127.0.0.1:8000/verify/ <script>")
    said = client.get("/outbox/").content.decode()
    assert said.index("Second") < said.index("First: Größe")
    mail = outbox.newest()[0]
    page = client.get(f"/outbox/{mail.name}/").content.decode()
    assert 'href="http://127.0.0.1:8000/verify/"' in page
    assert "<script>" not in page.split('class="mail"')[1].split("</article>")[0]


def test_mails_that_share_a_file_are_all_there(client, demo):
    send(demo, "First")
    (file,) = demo.EMAIL_FILE_PATH.iterdir()
    file.write_bytes(file.read_bytes() + file.read_bytes().replace(b"First", b"Second"))
    second, first = outbox.newest()
    assert (first.subject, second.subject) == ("First", "Second")
    assert "Second" in client.get(f"/outbox/{second.name}/").content.decode()


@pytest.mark.parametrize("name", ["..", "../secret-key", "x.log", "20261123-101010-1.log", "%00"])
def test_the_outbox_opens_no_other_file(client, demo, name):
    (demo.EMAIL_FILE_PATH.parent / "secret-key").write_text("secret")
    assert client.get(f"/outbox/{name}/").status_code == 404


def test_nobody_plays_twice():
    assert len({part.key for part in EVERYBODY}) == len(EVERYBODY)
    assert len({part.name for part in EVERYBODY}) == len(EVERYBODY)
    assert all(part.sees for part in ACCOUNTS)


# Serving


def children(tmp_path, **commands: str) -> dict[str, list[str]]:
    """Child processes that write that they run into a file of their own."""
    beginning = "import os, signal, sys, time, pathlib\npathlib.Path(sys.argv[1]).open('a').write(f'{os.getpid()}\\n')\n"
    return {
        name: [sys.executable, "-c", beginning + code, str(tmp_path / name)]
        for name, code in commands.items()
    }


def run(tmp_path, grace: float = 12, **commands: str) -> subprocess.Popen:
    """A supervisor of these children in a process of its own, as the demonstration has one."""
    code = (
        "import sys, json, pathlib\n"
        "from lms.demo import supervisor\n"
        "supervisor.GRACE = float(sys.argv[2])\n"
        "class Mine(supervisor.Supervisor):\n"
        "    commands = json.loads(sys.argv[1])\n"
        "Mine(root=pathlib.Path('.'), port=1, say=print).run(lambda: None)\n"
    )
    import json

    return subprocess.Popen(
        [sys.executable, "-c", code, json.dumps(children(tmp_path, **commands)), str(grace)]
    )


def pids(tmp_path, name: str, count: int = 1) -> list[int]:
    """The processes a child has been so far, once there were `count`."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        file = tmp_path / name
        found = file.read_text().split() if file.exists() else []
        if len(found) >= count:
            return [int(pid) for pid in found]
        time.sleep(0.05)
    raise AssertionError(f"{name} did not start {count} times")


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def gone(pid: int) -> bool:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and alive(pid):
        time.sleep(0.05)
    return not alive(pid)


WAITS = "time.sleep(60)"


def test_a_child_that_dies_is_started_again(tmp_path):
    process = run(tmp_path, web=WAITS, worker=WAITS)
    try:
        (first,) = pids(tmp_path, "web")
        os.kill(first, signal.SIGKILL)
        assert len(pids(tmp_path, "web", 2)) == 2
        assert len(pids(tmp_path, "worker")) == 1
    finally:
        process.terminate()
        assert process.wait(20) == 0


def test_it_ends_with_all_its_children_even_one_that_does_not_listen(tmp_path, monkeypatch):
    deaf = "signal.signal(signal.SIGTERM, signal.SIG_IGN)\ntime.sleep(60)"
    process = run(tmp_path, grace=2, web=WAITS, worker=deaf)
    everyone = pids(tmp_path, "web") + pids(tmp_path, "worker")
    began = time.monotonic()
    process.terminate()
    assert process.wait(20) == 0
    assert time.monotonic() - began < 20
    assert not any(map(alive, everyone))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children of a parent's death")
def test_children_end_when_the_supervisor_is_killed(tmp_path):
    process = run(tmp_path, web=WAITS)
    (child,) = pids(tmp_path, "web")
    process.kill()
    process.wait(10)
    assert gone(child)


def test_a_taken_port_is_noticed():
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert not supervisor.is_free(taken.getsockname()[1])
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert supervisor.is_free(port)


@pytest.mark.parametrize(
    "day", [datetime(2026, 1, 20), datetime(2026, 3, 29), datetime(2026, 7, 1)]
)
@pytest.mark.parametrize("hours", range(24))
def test_whenever_it_is_set_up_its_practical_took_place_by_day_and_is_over(day, hours):
    now = (day + timedelta(hours=hours, minutes=47)).replace(tzinfo=LONDON)
    begins = Clock(now).circuit_just_over()
    assert begins.hour >= 8 and begins.minute % 30 == 0
    assert (begins + CIRCUIT).hour < 18
    assert (now.astimezone(UTC) - begins.astimezone(UTC)) >= CIRCUIT
    assert (begins.date() == now.date()) == (hours >= 10)
