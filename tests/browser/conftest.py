"""Browser tests run against the demo as people get it: `manage.py demo`, its own database, real Chromium, no mock."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page

ROOT = Path(__file__).resolve().parents[2]
SCREENS = ROOT / ".cache" / "screens"
PASSWORD = "palpate-demo"
AXE_OPTIONS = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


@dataclass
class Demo:
    """A running demo: its address, its data, and a way to kill and start it again."""

    url: str
    data: Path
    port: int
    process: subprocess.Popen[bytes]

    def environment(self) -> dict[str, str]:
        return {
            **{name: value for name, value in os.environ.items() if name != "DATABASE_URL"},
            "DATA_DIR": str(self.data),
            "PORT": str(self.port),
            "DJANGO_SETTINGS_MODULE": "lms.settings",
        }

    def start(self) -> None:
        log = (self.data / "demo.log").open("ab")
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "demo"],
            cwd=ROOT,
            env=self.environment(),
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        deadline = time.monotonic() + 420
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                pytest.exit(
                    f"The demo did not start:\n{(self.data / 'demo.log').read_text()[-4000:]}"
                )
            try:
                with urllib.request.urlopen(f"{self.url}/verify/", timeout=5):
                    return
            except OSError:
                time.sleep(0.3)
        pytest.exit("The demo did not answer within seven minutes.")

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(25)

    def kill(self) -> None:
        """kill -9 of everything the demo runs, as a power cut would."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(10)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def demo(tmp_path_factory) -> Iterator[Demo]:
    given = os.environ.get("PALPATE_DEMO_URL")
    if given:  # a demo that runs already, while working on a screen
        yield Demo(given.rstrip("/"), Path(os.environ.get("DATA_DIR", ROOT / "var")), 0, None)  # type: ignore[arg-type]
        return
    port = free_port()
    # `localhost`, because passkeys are refused on a numeric address.
    running = Demo(f"http://localhost:{port}", tmp_path_factory.mktemp("demo"), port, None)  # type: ignore[arg-type]
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
        """No accessibility violation, nothing wider than the window; keep a picture."""
        width = self.page.viewport_size["width"] if self.page.viewport_size else 0
        self.page.evaluate("document.fonts.ready")
        SCREENS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=SCREENS / f"{name}.png", full_page=True)
        overflow = self.page.evaluate("document.documentElement.scrollWidth")
        assert overflow <= width, (
            f"{name}: the page is {overflow} px wide in a window of {width} px"
        )
        results = Axe().run(self.page, options=AXE_OPTIONS)
        assert results.violations_count == 0, f"{name}: {results.generate_report()}"


@pytest.fixture(scope="session")
def computers() -> dict[str, dict]:
    """By account: the cookie by which an examination knows the one computer of a person, whichever window they open."""
    return {}


@pytest.fixture
def visit(browser: Browser, demo: Demo, computers) -> Iterator[Callable[..., Visitor]]:
    """visit("student", 390, "dark") opens a browser window as that person; `computer="phone"`: on another device than usual."""
    contexts: list[tuple[str, BrowserContext]] = []

    def remember() -> None:
        for computer, context in contexts:
            for cookie in context.cookies():
                if cookie["name"] == "device":
                    computers[computer] = cookie

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
        contexts.append((name, context))
        if name in computers:
            context.add_cookies([computers[name]])
        visitor = Visitor(context.new_page(), demo.url, account)
        return visitor.sign_in() if account else visitor

    yield open_window
    remember()
    for _name, context in contexts:
        context.close()
