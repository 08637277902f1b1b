"""Browser tests run against the demo as people get it: `manage.py demo`, its own database, real Chromium, no mock."""

import fcntl
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT, AxeResults
from playwright.sync_api import Browser, BrowserContext, Cookie, Page, expect

ROOT = Path(__file__).resolve().parents[2]
SCREENS = ROOT / ".cache" / "screens"
# A picture of every screen that is checked, for whoever wants to look at them; without, only of those that fail.
PICTURES = os.environ.get("PALPATE_PICTURES", "1") == "1"
PASSWORD = "palpate-demo"
AXE_OPTIONS = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],  # what is right need not be described node by node
}

# How long to wait for what a person would see, in ms. A busy machine is slow and not broken.
PATIENCE = 60_000
expect.set_options(timeout=PATIENCE)


@dataclass
class Demo:
    """A running demo: its address, its data, and a way to kill and start it again."""

    url: str
    data: Path
    port: int
    process: subprocess.Popen[bytes] | None

    def environment(self) -> dict[str, str]:
        return {
            **{name: value for name, value in os.environ.items() if name != "DATABASE_URL"},
            "DATA_DIR": str(self.data),
            "PORT": str(self.port),
            "DJANGO_SETTINGS_MODULE": "lms.settings",
        }

    def run(self, *options: str) -> "subprocess.Popen[bytes]":
        with (self.data / "demo.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "manage.py", "demo", *options],
                cwd=ROOT,
                env=self.environment(),
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def prepare(self) -> None:
        if self.run("--prepare").wait():
            pytest.exit(f"The demo could not be set up:\n{self.said()}")

    def said(self) -> str:
        return (self.data / "demo.log").read_text()[-4000:]

    def start(self) -> None:
        self.process = self.run()
        deadline = time.monotonic() + 420
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                pytest.exit(f"The demo did not start:\n{self.said()}")
            try:
                with urllib.request.urlopen(f"{self.url}/verify/", timeout=5):
                    return
            except OSError:
                time.sleep(0.3)
        pytest.exit("The demo did not answer within seven minutes.")

    def stop(self) -> None:
        assert self.process
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)

    def kill(self) -> None:
        """kill -9 of everything the demo runs, as a power cut would."""
        assert self.process
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(10)


def free_port() -> int:
    """Below those the system lends to whoever connects: while a killed demo is down, nobody sits in its place."""
    for port in random.sample(range(20_000, 32_000), 100):
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    pytest.exit("No port is free between 20000 and 32000.")


def prepared(shared: Path, port: int) -> Path:
    """The data of a demo that was set up and never served: by whichever worker comes first, for all of them; or before, by `manage.py demo --prepare`."""
    given = os.environ.get("PALPATE_DEMO_PREPARED")
    if given:
        return Path(given)
    data, done = shared / "prepared", shared / "prepared.done"
    with (shared / "prepared.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            data.mkdir()
            Demo("", data, port, None).prepare()
            done.touch()
    return data


@pytest.fixture(scope="session")
def demo(tmp_path_factory, worker_id) -> Iterator[Demo]:
    given = os.environ.get("PALPATE_DEMO_URL")
    if given:  # a demo that runs already, while working on a screen
        yield Demo(given.rstrip("/"), Path(os.environ.get("DATA_DIR", ROOT / "var")), 0, None)
        return
    port, base = free_port(), tmp_path_factory.getbasetemp()
    whole = prepared(base if worker_id == "master" else base.parent, port)
    own = shutil.copytree(whole, tmp_path_factory.mktemp("demo"), dirs_exist_ok=True)
    # `localhost`, because passkeys are refused on a numeric address.
    running = Demo(f"http://localhost:{port}", own, port, None)
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def base_url(demo: Demo) -> str:
    return demo.url


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, object]:
    return {
        "executable_path": shutil.which("chromium") or "/usr/bin/chromium",
        "args": [
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--no-first-run",
            "--disable-dev-shm-usage",
            "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost",
        ],
    }


VIEWS = [(390, "light"), (1280, "light"), (390, "dark"), (1280, "dark")]


def violations(page: Page, within: str | None = None, **options: Any) -> AxeResults:
    """What axe has to say against the page as it is now, or a part of it."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    script = "([within, options]) => axe.run(within ?? document, options)"
    return AxeResults(page.evaluate(script, [within, {**AXE_OPTIONS, **options}]))


def clean(page: Page, name: str, within: str | None = None, **options: Any) -> None:
    found = violations(page, within, **options)
    assert found.violations_count == 0, f"{name}: {found.generate_report()}"


@dataclass
class Visitor:
    """Somebody at a browser: signed in or not, of one window size and colour scheme."""

    page: Page
    url: str
    account: str | None

    def open(self, path: str) -> Page:
        response = self.page.goto(f"{self.url}{path}")
        assert response is not None and response.status < 400, (
            f"{path}: {response and response.status}"
        )
        return self.page

    def sign_in(self) -> "Visitor":
        self.page.goto(f"{self.url}/accounts/login/")
        self.page.locator("input[name=login]").fill(f"{self.account}@example.org")
        self.page.locator("input[name=password]").fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in", exact=True).click()
        self.page.wait_for_url(lambda url: "/login" not in url)
        return self

    def check(self, name: str) -> None:
        """No accessibility violation, nothing wider than the window."""
        self.page.evaluate("document.fonts.ready")
        if PICTURES:
            self.picture(name)
        try:
            self.fits(name)
            clean(self.page, name)
        except AssertionError:
            self.picture(name)
            raise

    def fits(self, name: str) -> None:
        width = self.page.viewport_size["width"] if self.page.viewport_size else 0
        overflow = self.page.evaluate("document.documentElement.scrollWidth")
        assert overflow <= width, (
            f"{name}: the page is {overflow} px wide in a window of {width} px"
        )

    def picture(self, name: str) -> None:
        SCREENS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=SCREENS / f"{name}.png", full_page=True)


@pytest.fixture(scope="session")
def computers() -> dict[str, list[Cookie]]:
    """By account: the cookies of a person's one computer, by which an examination knows it, and by which they stay signed in, whichever window they open."""
    return {}


@pytest.fixture
def visit(browser: Browser, demo: Demo, computers) -> Iterator[Callable[..., Visitor]]:
    """visit("student", 390, "dark") opens a browser window as that person; `computer="phone"`: on another device than usual."""
    windows: list[tuple[str | None, str, BrowserContext]] = []

    def remember() -> None:
        for account, computer, context in windows:
            kept = {"device", "sessionid", "csrftoken"} if account else {"device"}
            cookies = [cookie for cookie in context.cookies() if cookie["name"] in kept]
            if cookies:
                computers[computer] = cookies

    def open_window(
        account: str | None = None,
        width: int = 1280,
        scheme: str = "light",
        computer: str = "",
    ) -> Visitor:
        remember()
        name = f"{account} {computer}"
        context = browser.new_context(
            viewport={"width": width, "height": 900 if width > 500 else 844},
            color_scheme=scheme,
            locale="en-GB",
            has_touch=width < 500,
            reduced_motion="reduce",
        )
        context.set_default_timeout(PATIENCE)
        windows.append((account, name, context))
        context.add_cookies(computers.get(name, []))
        visitor = Visitor(context.new_page(), demo.url, account)
        known = any(cookie["name"] == "sessionid" for cookie in computers.get(name, []))
        return visitor if known or not account else visitor.sign_in()

    yield open_window
    remember()
    for _account, _computer, context in windows:
        context.close()
