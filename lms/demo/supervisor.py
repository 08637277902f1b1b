"""Serves: a web server, a worker and the sweep as children, restarted when one dies, ended together."""

import ctypes
import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from urllib.request import urlopen

HOST = "127.0.0.1"
GRACE = 12  # seconds a child has to end
PAUSE = 1.0  # seconds before a child that died is started again
PR_SET_PDEATHSIG = 1


class Supervisor:
    def __init__(self, *, root: Path, port: int, say: Callable[[str], None]) -> None:
        self.root, self.port, self.say = root, port, say
        self.stopping = False
        self.children: dict[str, subprocess.Popen[bytes]] = {}

    @property
    def commands(self) -> dict[str, list[str]]:
        here = str(Path(sys.executable).parent / "granian")
        manage = [sys.executable, "manage.py"]
        return {
            "web": [
                *(here, "--interface", "wsgi", "--host", HOST, "--port", str(self.port)),
                *("--workers", str(os.cpu_count() or 1), "--blocking-threads", "4"),
                *("--workers-kill-timeout", "5", "--respawn-failed-workers"),
                *("--log-level", "error", "lms.demo.wsgi:application"),
            ],
            "worker": [
                *manage,
                "db_worker",
                "--no-startup-delay",
                "--no-reload",
                "--verbosity",
                "0",
            ],
            "sweep": [*manage, "sweep", "--every", "30"],
        }

    def run(self, when_ready: Callable[[], None]) -> None:
        """Serve until SIGTERM or Ctrl-C. Returns once every child has ended."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._stop)
        for name in self.commands:
            self._start(name)
        ready = False
        while not self.stopping:
            if not ready and self._answers():
                ready = True
                when_ready()
            self._restart_the_dead()
            time.sleep(0.2)
        self._end()

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self.stopping = True

    def _start(self, name: str) -> None:
        # In our own process group, so that whoever kills the group kills everything; and each ends when we do.
        self.children[name] = subprocess.Popen(  # noqa: S603 our own commands
            self.commands[name], cwd=self.root, preexec_fn=end_with_parent, stdin=subprocess.DEVNULL
        )

    def _restart_the_dead(self) -> None:
        for name, child in list(self.children.items()):
            code = child.poll()
            if code is not None and not self.stopping:
                self.say(f"The {name} process ended with {code}; it is started again.")
                time.sleep(PAUSE)
                self._start(name)

    def _answers(self) -> bool:
        """Whether a whole request is answered, not only the port open: loading the application takes some seconds."""
        try:
            with urlopen(f"http://{HOST}:{self.port}/verify/", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def _end(self) -> None:
        for child in self.children.values():
            child.terminate()
        deadline = time.monotonic() + GRACE
        for child in self.children.values():
            try:
                child.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()


def end_with_parent() -> None:
    """In a new child: be told to end when the parent dies, however it dies. On Linux only; elsewhere nothing."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    parent = multiprocessing.parent_process()
    if parent and not parent.is_alive():  # it died before it could be watched
        os.kill(os.getpid(), signal.SIGTERM)


def is_free(port: int) -> bool:
    """Whether nobody listens on this port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True
