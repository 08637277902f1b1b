"""python -m bench NAME: measures beside a floor in the same run and prints one line `NAME key=value …`.

    save     saving an answer: SQL statements, and CPU per request as a ratio to a bare DRF view (session, user, one UPDATE)
    page     a lesson, signed in: SQL statements, and CPU per request as a ratio to a bare Wagtail page of ten blocks
    verify   checking a credential: SQL statements when not cached, and rate as a ratio to an empty view
    visitor  a public page from the full-page cache: rate as a ratio to an empty view
    attempt  whole attempts of 50 questions, each answer saved singly: how many a minute, server CPU and SQL statements of one
    sittings 500 candidates at once who answer every few seconds: answers lost and refused, and the 99th percentile of a save
    sync     an examiner's day of sixty sheets: bytes and seconds of its download, then seconds until all sixty are sent and signed
    issue    2,000 credentials awarded and signed in one batch that is killed twice: what is lost or doubled, seconds, and CPU of one signature
    statuslist a full status list, its places drawn at random: milliseconds until it is built and signed, and its bytes
    finalise an exam day of 60 candidates, eight stations, two examiners: seconds and SQL statements until every result is decided
    desk     a registrar's pages and a round of the sweep beside 200,000 credentials: medians of the queue, the slowest page and the round
    register searching a register of 200,000 by name and number, right and mistyped: the 95th percentile on PostgreSQL, and on SQLite

Servers are granian on PostgreSQL; ours and the floor take turns, so that what else the machine does hits both.
"""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from statistics import median

from bench import desk, finalise, issue, postgres, register, statuslist, written
from bench import sync as tablet
from bench.driver import drive, request_bytes
from bench.servers import ROOT, Server, serving

ROUNDS = 5
EACH = 60
CSRF = "b" * 32


def prepared(environment: dict[str, str]) -> dict:
    """Fill the database; returns what bench.prepare prints."""
    print("Loading the content …", file=sys.stderr)
    subprocess.run(
        [sys.executable, "-m", "bench.prepare_floor"],
        check=True,
        cwd=ROOT,
        env={**environment, "DJANGO_SETTINGS_MODULE": "bench.floor.settings"},
        stdout=sys.stderr,
    )
    made = subprocess.run(
        [sys.executable, "-m", "bench.prepare"],
        check=True,
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
    )
    return json.loads(made.stdout)


Makers = list[Callable[[int], bytes]]


def cpu_ms(server: Server, makers: Makers) -> float:
    """Server CPU per request in milliseconds over one round."""
    before = server.cpu_seconds()
    outcome = drive(server.port, makers, EACH)
    if set(outcome.statuses) != {200}:
        sys.exit(f"Not every request was answered with 200: {outcome.statuses}")
    return (server.cpu_seconds() - before) * 1000 / outcome.count


def rate(server: Server, makers: Makers) -> float:
    outcome = drive(server.port, makers, EACH * 4)
    if set(outcome.statuses) != {200}:
        sys.exit(f"Not every request was answered with 200: {outcome.statuses}")
    return outcome.rate


def compare(
    measure: Callable[[Server, Makers], float],
    ours: tuple[Server, Callable[[int], Makers]],
    floor: tuple[Server, Callable[[int], Makers]],
) -> tuple[float, float, float]:
    """Take turns, the first of each to warm up; returns medians of ours and floor, and the median of the ratios."""
    pairs = []
    for turn in range(ROUNDS + 1):
        pairs.append((measure(ours[0], ours[1](turn)), measure(floor[0], floor[1](turn))))
    pairs = pairs[1:]
    return (
        median(a for a, _b in pairs),
        median(b for _a, b in pairs),
        median(a / b for a, b in pairs),
    )


def headers(session: str) -> dict[str, str]:
    return {
        "Cookie": f"sessionid={session}; csrftoken={CSRF}",
        "X-CSRFToken": CSRF,
        "Content-Type": "application/json",
    }


def same(request: bytes, connections: int = 16) -> Callable[[int], Makers]:
    return lambda _turn: [lambda _number: request] * connections


def save(ours: Server, floor: Server, rows: dict) -> str:
    def our_saves(turn: int) -> Makers:
        def maker(sitting: dict) -> Callable[[int], bytes]:
            def make(number: int) -> bytes:
                position, answer = sitting["answers"][number % len(sitting["answers"])]
                body = {"answer": answer, "flagged": False, "seq": 10 + turn * EACH + number}
                path = f"/api/v1/attempts/{sitting['attempt']}/responses/{position}/"
                return request_bytes(
                    "PUT", path, headers(sitting["session"]), json.dumps(body).encode()
                )

            return make

        return [maker(sitting) for sitting in rows["sittings"]]

    def floor_saves(turn: int) -> Makers:
        def maker(index: int, sitting: dict) -> Callable[[int], bytes]:
            def make(number: int) -> bytes:
                body = {
                    "answer": {"choice": "a1b2c3"},
                    "flagged": False,
                    "seq": 10 + turn * EACH + number,
                }
                path = f"/save/{index + 1}/"
                return request_bytes(
                    "PUT", path, headers(sitting["session"]), json.dumps(body).encode()
                )

            return make

        return [maker(index, sitting) for index, sitting in enumerate(rows["sittings"])]

    mine, bare, ratio = compare(cpu_ms, (ours, our_saves), (floor, floor_saves))
    return (
        f"save sql={rows['save_sql']} ratio={ratio:.2f} cpu_ms={mine:.2f} floor_cpu_ms={bare:.2f}"
    )


def page(ours: Server, floor: Server, rows: dict) -> str:
    session = headers(rows["sittings"][0]["session"])
    mine, bare, ratio = compare(
        cpu_ms,
        (ours, same(request_bytes("GET", rows["lesson"], session))),
        (floor, same(request_bytes("GET", "/bare/", session))),
    )
    return (
        f"page sql={rows['page_sql']} ratio={ratio:.2f} cpu_ms={mine:.2f} floor_cpu_ms={bare:.2f}"
    )


def verify(ours: Server, floor: Server, rows: dict) -> str:
    mine, bare, ratio = compare(
        rate,
        (ours, same(request_bytes("GET", f"/verify/{rows['number']}/"))),
        (floor, same(request_bytes("GET", "/empty/"))),
    )
    return (
        f"verify sql={rows['verify_sql']} ratio={ratio:.2f} per_s={mine:.0f} floor_per_s={bare:.0f}"
    )


def visitor(ours: Server, floor: Server, rows: dict) -> str:
    mine, bare, ratio = compare(
        rate,
        (ours, same(request_bytes("GET", "/"))),
        (floor, same(request_bytes("GET", "/empty/"))),
    )
    return f"visitor ratio={ratio:.2f} per_s={mine:.0f} floor_per_s={bare:.0f}"


# Beside a floor, in one run; and on their own, each on a database of its own.
MEASURES = {"save": save, "page": page, "verify": verify, "visitor": visitor}
WHOLE = {
    "attempt": written.attempt,
    "sittings": written.sittings,
    "sync": tablet.sync,
    "finalise": finalise.finalise,
    "issue": issue.issue,
    "statuslist": statuslist.statuslist,
    "register": register.register,
    "desk": desk.desk,
}


def main() -> None:
    names = sys.argv[1:] or [*MEASURES, *WHOLE]
    unknown = [name for name in names if name not in MEASURES and name not in WHOLE]
    if unknown:
        sys.exit(
            f"There is no benchmark “{unknown[0]}”. There are: {', '.join([*MEASURES, *WHOLE])}."
        )
    compared = [name for name in names if name in MEASURES]
    if compared:
        compare_with_floor(compared)
    for name in names:
        if name in WHOLE:
            with database() as environment:
                print(WHOLE[name](environment), flush=True)


@contextlib.contextmanager
def database() -> Iterator[dict[str, str]]:
    """The environment of a fresh PostgreSQL and an empty data directory, with the static files collected."""
    with postgres.running() as url, tempfile.TemporaryDirectory() as data:
        environment = {
            **os.environ,
            "DATABASE_URL": url,
            "DATA_DIR": data,
            "PUBLIC_URL": "http://127.0.0.1",
        }
        subprocess.run(
            [sys.executable, "manage.py", "collectstatic", "--noinput", "-v0"],
            check=True,
            cwd=ROOT,
            env=environment,
        )
        yield environment


def compare_with_floor(names: list[str]) -> None:
    with database() as environment:
        rows = prepared(environment)
        with (
            serving("lms.wsgi:application", environment) as ours,
            serving("bench.floor.wsgi:application", environment) as floor,
        ):
            for name in names:
                print(MEASURES[name](ours, floor, rows), flush=True)


if __name__ == "__main__":
    main()
