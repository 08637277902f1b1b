"""An examiner's tablet for tests: a browser with a profile of its own that can be killed, behind a network that can be cut."""

import os
import re
import shutil
import signal
import socket
import threading
from contextlib import closing, suppress
from pathlib import Path

from playwright.sync_api import BrowserContext, BrowserType, Locator, Page, expect
from playwright.sync_api import Error as PlaywrightError

from tests.browser.conftest import PASSWORD, PATIENCE

PASSPHRASE = "three quiet words"


class Wire:
    """A network between a tablet and the server: while it is cut, nothing gets through, from a service worker either."""

    def __init__(self, port: int) -> None:
        self.server, self.open = port, True
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.pairs: list[tuple[socket.socket, socket.socket]] = []
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def port(self) -> int:
        return int(self.listener.getsockname()[1])

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _address = self.listener.accept()
                if not self.open:
                    near.close()
                    continue
                far = socket.create_connection(("127.0.0.1", self.server))
                self.pairs.append((near, far))
                for one, other in ((near, far), (far, near)):
                    threading.Thread(target=self._carry, args=(one, other), daemon=True).start()

    @staticmethod
    def _carry(source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError), closing(source), closing(target):
            while data := source.recv(65536):
                target.sendall(data)

    def cut(self) -> None:
        self.open = False
        for pair in self.pairs:
            for end in pair:
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
        self.pairs.clear()

    def mend(self) -> None:
        self.open = True

    def close(self) -> None:
        self.cut()
        self.listener.close()


class Tablet:
    """A browser of an examiner, with the profile in `profile`."""

    def __init__(
        self, browser_type: BrowserType, launch: dict, profile: Path, server: int, width: int = 820
    ) -> None:
        self.browser_type, self.launch, self.profile, self.width = (
            browser_type,
            launch,
            profile,
            width,
        )
        self.wire = Wire(server)
        self.url = f"http://localhost:{self.wire.port}"
        self.errors: list[str] = []
        self.context: BrowserContext
        self.page: Page
        self.start()

    def start(self) -> None:
        self.context = self.browser_type.launch_persistent_context(
            str(self.profile),
            **self.launch,
            viewport={"width": self.width, "height": 1180},
            locale="en-GB",
            has_touch=True,
            reduced_motion="reduce",
        )
        self.page = self.context.pages[0]
        self.page.set_default_timeout(PATIENCE)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))

    def kill(self) -> None:
        """kill -9 of the browser, as an empty battery would; only the processes of this profile."""
        for entry in Path("/proc").iterdir():
            with suppress(OSError, ValueError):
                told = (entry / "cmdline").read_bytes().decode(errors="replace")
                if f"--user-data-dir={self.profile}" in told:
                    os.kill(int(entry.name), signal.SIGKILL)
        with suppress(Exception):
            self.context.close()
        for lock in self.profile.glob("Singleton*"):
            lock.unlink(missing_ok=True)

    def offline(self) -> None:
        self.wire.cut()
        self.context.set_offline(True)

    def online(self) -> None:
        self.wire.mend()
        self.context.set_offline(False)

    def close(self) -> None:
        with suppress(Exception):
            self.context.close()
        self.wire.close()
        shutil.rmtree(self.profile, ignore_errors=True)

    def sign_in(self, account: str) -> None:
        self.page.goto(f"{self.url}/accounts/login/")
        self.give_password(account)

    def sign_in_again(self, account: str, there: Locator) -> None:
        """A killed browser may have lost who is signed in; what was scored does not depend on it."""
        asked = self.page.locator("input[name=login]")
        link = there.get_by_role("link", name="Sign in")
        sent = there.get_by_text("Nothing waits to be sent")
        expect(asked.or_(link).or_(sent)).to_be_visible()
        if link.is_visible():
            with suppress(PlaywrightError):  # the page may be on its way to the same form
                link.click(timeout=5_000)
            expect(asked.or_(sent)).to_be_visible()
        if asked.is_visible():
            self.give_password(account)

    def give_password(self, account: str) -> None:
        self.page.locator("input[name=login]").fill(f"{account}@example.org")
        self.page.locator("input[name=password]").fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in", exact=True).click()
        self.page.wait_for_url(lambda url: "/login" not in url)

    # The desk

    def desk(self) -> Page:
        self.page.goto(f"{self.url}/examine/")
        return self.page

    def download(self, day: str) -> None:
        section = self.desk().locator(f"[data-day='{day}']")
        section.get_by_role("button", name="Download this day").click()
        section.get_by_label("Passphrase", exact=True).fill(PASSPHRASE)
        section.get_by_label("The same again").fill(PASSPHRASE)
        section.get_by_role("button", name="Download and lock").click()
        expect(section.locator("[data-says]")).to_contain_text("Nothing waits to be sent")

    def row(self, assignment: str) -> Locator:
        return self.page.locator(f"[data-task='{assignment}']")

    # A sheet

    def open(self, assignment: str) -> None:
        self.page.goto(f"{self.url}/examine/sheets/{assignment}/")
        self.ready()

    def open_locked(self, assignment: str) -> None:
        self.page.goto(f"{self.url}/examine/sheets/{assignment}/")
        expect(self.page.get_by_label("Passphrase")).to_be_focused()

    def ready(self) -> None:
        self.page.locator("[data-lines]:not([inert]) [data-line]").first.wait_for()

    def lines(self) -> dict[str, tuple[int, bool]]:
        """code → (most points, critical) of the sheet that is open."""
        script = """rows => Object.fromEntries(rows.map(row => [row.dataset.line,
            [row.querySelectorAll('input[type=radio]').length - 1, 'critical' in row.dataset]]))"""
        return self.page.eval_on_selector_all("[data-line]", script)

    def tap(self, code: str, rating: int) -> None:
        line = self.page.locator(f"[data-line='{code}']")
        line.locator("label").nth(rating).tap()
        expect(line.locator(f"input[value='{rating}']")).to_be_checked()

    def confirm_zero(self, code: str, fact: str) -> None:
        self.tap(code, 0)
        self.page.get_by_label(f"What happened on {code}").fill(fact)
        self.page.get_by_role("button", name=f"Confirm 0 for {code}").click()

    def rate(self, value: int) -> None:
        self.page.locator(f".anchors input[value='{value}']").check(force=True)

    def sign(self, name: str) -> None:
        self.page.locator("[data-sign]").click()
        self.page.get_by_label("Type your name").fill(name)
        self.page.locator("[data-sign-dialog]").get_by_role(
            "button", name="Sign and lock", exact=True
        ).click()
        expect(self.page.locator("[data-signed]")).to_be_visible()

    def kept(self, count: int) -> None:
        """As many lines are said to be on this device."""
        expect(self.page.locator("[data-here]")).to_have_text(str(count))

    def confirmed(self, count: int) -> None:
        expect(self.page.locator("[data-confirmed]")).to_have_text(str(count))

    def shown(self) -> dict[str, int]:
        """What the open sheet shows: line → rating."""
        script = (
            "inputs => Object.fromEntries(inputs.map(input => [input.name, Number(input.value)]))"
        )
        return self.page.eval_on_selector_all("[data-line] input:checked", script)


def port_of(url: str) -> int:
    found = re.search(r":(\d+)$", url)
    assert found
    return int(found.group(1))
