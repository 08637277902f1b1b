"""Searching a register of 200,000 by name and number: `python -m bench register`, on PostgreSQL and on SQLite.

What is timed is the public page, asked in process with all its middleware and nothing kept; the client's own part is in it.
`p95_ms` is over all questions, `cpu_ms` what one cost, here and in PostgreSQL, on average; each kind of question is said on its own beside it, with the SQL statements it took.
"""

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from statistics import median, quantiles
from typing import Any

from bench.servers import ROOT, Server

COUNT = int(os.environ.get("BENCH_COUNT", "200000"))
EACH = 60


def register(environment: dict[str, str]) -> str:
    """The benchmark: the database of `environment`, and one of SQLite beside it. Both are filled at the same time, and asked one after the other."""
    with tempfile.TemporaryDirectory() as base:
        on_file = {**environment, "DATABASE_URL": f"sqlite:///{base}/register.sqlite3"}
        began = time.monotonic()
        filling = [_begin("fill", each) for each in (environment, on_file)]
        ended = [process.wait() for process in filling]
        if any(ended):
            sys.exit("The register could not be filled.")
        seconds = time.monotonic() - began
        first, second = _asked("PostgreSQL", environment), _asked("SQLite", on_file)
    return (
        f"register n={first['n']} p95_ms={first['p95']:.1f} sqlite_p95_ms={second['p95']:.1f} cpu_ms={first['cpu']:.1f} "
        f"sql={first['sql']} questions={first['questions']} fill_s={seconds:.0f} load={os.getloadavg()[0]:.1f}"
    )


def _begin(step: str, environment: dict[str, str], **options: Any) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "bench.register", step]
    return subprocess.Popen(command, cwd=ROOT, env=environment, **options)


def _asked(database: str, environment: dict[str, str]) -> dict[str, Any]:
    process = _begin("ask", environment, stdout=subprocess.PIPE)
    said, _errors = process.communicate()
    if process.returncode:
        sys.exit(f"The register on {database} could not be searched.")
    found: dict[str, Any] = json.loads(said.splitlines()[-1])
    for kind in found["kinds"]:
        print(
            f"  {database:10} {kind['p95']:7.1f} ms p95 {kind['median']:7.1f} median {kind['cpu']:7.1f} CPU here {kind['sql']:2} SQL  {kind['name']}",
            file=sys.stderr,
        )
    return found


# In a process of its own


def prepare() -> None:
    """The register's rows, and whose they are."""
    from django.core.management import call_command
    from django.db import connection

    from bench.register_fill import fill, people
    from credentials.models import CredentialType

    call_command("migrate", verbosity=0)
    kind = CredentialType.objects.create(
        code="SMT", edition="2026.1", title="Sports Massage Therapist", issuer_name="Tarn Register of Hands-on Therapy",
        description="Massage and soft-tissue work. " * 6, criteria="Two examinations and six documents. " * 8, scope="Before, between and after events. " * 6,
        limits="No diagnosis.", code_of_conduct=["Stay within your competence."], zone="UTC", validity_years=2, number_prefix="SMT",
        state=CredentialType.State.OPEN,
    )  # fmt: skip
    chance = random.Random(20261128)
    fill(list(people(COUNT, chance)), kind=kind, chance=chance)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def questions(
    names: list[str], numbers: list[str], common: list[str], chance: random.Random
) -> Iterator[tuple[str, str]]:
    """What people type, by kind: right and wrong, about names of thousands and of one."""
    for turn in range(EACH):
        name, number = chance.choice(names), chance.choice(numbers)
        first, surname = name.split()[0], name.split()[-1]
        often = common[turn % len(common)]
        yield "a number", number
        yield "a number in look-alike letters", number.lower().replace("0", "o").replace("1", "l")
        yield "a number with a slip", mistyped(number, chance, least=4)
        yield "a whole name", name
        yield "a whole name, surname first", f"{surname} {first}"
        yield "a surname", surname
        yield "the beginning of a name", surname[:3]
        yield "a surname with a slip", mistyped(surname, chance)
        yield "a name with a slip", f"{first} {mistyped(surname, chance)}"
        yield "a word thousands bear", often
        yield "a word thousands bear, with a slip", mistyped(often, chance)
        yield "two words of thousands, together nobody's", f"{often} {common[turn % 7 - 8]}"
        yield "a name nobody bears", f"Quill{turn} Xantho"


def mistyped(text: str, chance: random.Random, least: int = 1) -> str:
    """A slip of the finger from place `least` on: two letters swapped, one left out, one doubled or one exchanged."""
    place = chance.randrange(least, len(text) - 1)
    match chance.randrange(4):
        case 0:
            return text[:place] + text[place + 1] + text[place] + text[place + 2 :]
        case 1:
            return text[:place] + text[place + 1 :]
        case 2:
            return text[:place] + text[place] + text[place:]
    return text[:place] + chance.choice("aeinrst") + text[place + 1 :]


def commonest() -> list[str]:
    """The words most names have: first names, and the surnames of thousands."""
    from django.db.models import Count

    from credentials.models import NameWord

    rows = NameWord.objects.order_by().values_list("word").annotate(bearers=Count("pk"))
    return [word for word, _bearers in rows.order_by("-bearers")[:60:3]]


def ask() -> None:
    """Ask the public page every question, and print what it took as JSON."""
    from django.core.cache import cache
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from credentials.models import Credential

    chance = random.Random(20261129)
    rows = list(Credential.objects.values_list("name", "number"))
    chance.shuffle(rows)
    asked = list(questions([row[0] for row in rows], [row[1] for row in rows], commonest(), chance))
    client, database = Client(), _database_process()
    before = database.cpu_seconds() if database else 0.0
    took: dict[str, list[float]] = {}
    cpu: dict[str, list[float]] = {}
    sql: dict[str, int] = {}
    kinds = len({kind for kind, _typed in asked})
    for turn, (kind, typed) in enumerate([*asked[:kinds], *asked]):
        cache.clear()  # no answer kept, nobody's share of searches used up
        began, worked = time.perf_counter(), time.process_time()
        response = client.get("/register/", {"q": typed}, headers={"host": "127.0.0.1"})
        spent = (time.perf_counter() - began) * 1000
        if response.status_code not in (200, 400):
            sys.exit(f"/register/?q={typed} answered {response.status_code}")
        if turn >= kinds:  # the first of each kind warms up
            took.setdefault(kind, []).append(spent)
            cpu.setdefault(kind, []).append((time.process_time() - worked) * 1000)
    in_database = database.cpu_seconds() - before if database else 0.0
    for kind, typed in asked[-kinds:]:
        cache.clear()
        with CaptureQueriesContext(connection) as captured:
            client.get("/register/", {"q": typed}, headers={"host": "127.0.0.1"})
        sql[kind] = len(captured)
    by_kind = [
        {
            "name": kind,
            "p95": _p95(times),
            "median": median(times),
            "cpu": _p95(cpu[kind]),
            "sql": sql[kind],
        }
        for kind, times in took.items()
    ]
    everything = [spent for times in took.values() for spent in times]
    worked = sum(sum(times) for times in cpu.values()) + in_database * 1000
    json.dump(
        {"n": len(rows), "p95": _p95(everything), "cpu": worked / len(everything), "questions": len(everything), "sql": max(sql.values()), "kinds": by_kind},
        sys.stdout,
    )  # fmt: skip


def _database_process() -> Server | None:
    """The process of PostgreSQL that answers us, to ask for its CPU; SQLite works in ours."""
    from django.db import connection

    if connection.vendor != "postgresql":
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return Server(port=0, pid=cursor.fetchone()[0])


def _p95(times: list[float]) -> float:
    return quantiles(times, n=20)[18]


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings")
    import django

    django.setup()
    {"fill": prepare, "ask": ask}[sys.argv[1]]()
