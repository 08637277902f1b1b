"""A PostgreSQL server of our own in a temporary directory: no service, no port, no password, gone afterwards.

    python -m bench.postgres COMMAND …     runs COMMAND with DATABASE_URL pointing at it

It uses the machine's PostgreSQL programs (Debian: apt-get install postgresql), also as root, for whom they refuse to run: then as `postgres`.
Durability is off: this is for tests and measurements.
"""

import contextlib
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path


def programs() -> Path:
    """The newest PostgreSQL's directory of programs."""
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/postgres"),
        key=lambda path: int(path.parts[4].split(".")[0]),
    )
    if found:
        return found[-1].parent
    on_path = shutil.which("postgres")
    if on_path:
        return Path(on_path).parent
    sys.exit("No PostgreSQL programs here. On Debian: apt-get install postgresql")


@contextlib.contextmanager
def running() -> Iterator[str]:
    """Yields the DATABASE_URL of a fresh, empty server."""
    binaries = programs()
    with tempfile.TemporaryDirectory(prefix="palpate-pg-") as base:
        person: dict[str, object] = {}
        if os.getuid() == 0:
            owner = pwd.getpwnam("postgres")
            os.chown(base, owner.pw_uid, owner.pw_gid)
            person = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}
        data = f"{base}/data"
        quiet = {"stdout": subprocess.DEVNULL, "cwd": base, **person}
        initdb = [
            binaries / "initdb",
            "--no-sync",
            "-A",
            "trust",
            "-U",
            "palpate",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            data,
        ]
        subprocess.run(initdb, check=True, **quiet)  # type: ignore[call-overload]
        options = {
            "listen_addresses": "",
            "unix_socket_directories": base,
            "fsync": "off",
            "full_page_writes": "off",
            "synchronous_commit": "off",
            "max_connections": "200",
            "shared_buffers": "256MB",
        }
        arguments = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        with Path(base, "log").open("w") as log:
            server = subprocess.Popen(
                [binaries / "postgres", "-D", data, *arguments], stderr=log, **quiet
            )  # type: ignore[call-overload]
        try:
            _wait(binaries, base, server)
            subprocess.run(
                [binaries / "createdb", "-h", base, "-U", "palpate", "palpate"], check=True
            )
            yield f"postgres://palpate@{base.replace('/', '%2F')}/palpate"
        finally:
            server.terminate()
            server.wait(20)


def _wait(binaries: Path, base: str, server: subprocess.Popen) -> None:
    for _try in range(200):
        ready = subprocess.run(
            [binaries / "pg_isready", "-q", "-h", base, "-U", "palpate"], check=False
        )
        if ready.returncode == 0:
            return
        if server.poll() is not None:
            sys.exit(f"PostgreSQL did not start:\n{Path(base, 'log').read_text()}")
        time.sleep(0.05)
    sys.exit("PostgreSQL did not answer within ten seconds.")


if __name__ == "__main__":
    with running() as url:
        result = subprocess.run(sys.argv[1:], check=False, env={**os.environ, "DATABASE_URL": url})
    sys.exit(result.returncode)
