"""What the register's people and the sweep wait for beside 200,000 credentials: `python -m bench desk`.

Each page is asked in process with all its middleware, as in register.py; `sweep` is one whole round of `manage.py sweep` in which nothing is
new, its tasks not run. `queue_ms` is the median of the registrar's queue, `page_ms` the slowest median of all pages, `sweep_ms` that of the
rounds; `sql` are the statements of the queue. Each is said on its own beside it, with the slowest statement of it.
"""

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from statistics import median
from typing import Any

from bench.register import COUNT
from bench.servers import ROOT

EACH = 5


def desk(environment: dict[str, str]) -> str:
    """The benchmark, on the database of `environment`."""
    for step in ("bench.register fill", "bench.desk fill"):
        subprocess.run([sys.executable, "-m", *step.split()], check=True, cwd=ROOT, env=environment)
    process = subprocess.run(
        [sys.executable, "-m", "bench.desk", "ask"], check=True, cwd=ROOT, env=environment, stdout=subprocess.PIPE
    )  # fmt: skip
    found: dict[str, dict[str, Any]] = json.loads(process.stdout.splitlines()[-1])
    for name, row in found.items():
        print(
            f"  {row['ms']:8.1f} ms {row['sql']:3} SQL, slowest {row['slowest']:7.1f} ms  {name}",
            file=sys.stderr,
        )
    pages = [row["ms"] for name, row in found.items() if name != SWEEP]
    queue = found["queue"]
    return (
        f"desk n={COUNT} queue_ms={queue['ms']:.1f} page_ms={max(pages):.1f} sweep_ms={found[SWEEP]['ms']:.1f} "
        f"sql={queue['sql']} pages={len(pages)} load={os.getloadavg()[0]:.1f}"
    )


# In a process of its own

SWEEP = "sweep"
# By name: what a registrar opens, and with what.
PAGES = {
    "queue": "/registrar/",
    "queue, second page": "/registrar/?after={now}~z",
    "queue, expiring": "/registrar/?kind=expiring",
    "queue, expiring, far down": "/registrar/?kind=expiring&after={later}~1",
    "queue, expiring, by name": "/registrar/?kind=expiring&q=mar",
    "queue, papers ending": "/registrar/?kind=ending",
    "queue, papers ending, past their time": "/registrar/?kind=ending&late=1",
    "queue, unsigned": "/registrar/?kind=unsigned",
    "queue, by name": "/registrar/?q=mar",
    "register": "/registrar/register/",
    "register, by name": "/registrar/register/?q=omar+mar",
    "register, by number": "/registrar/register/?q={number}",
    "register, the beginning of a number": "/registrar/register/?q={begins}",
    "register, by address": "/registrar/register/?q=holder77@register.example",
    "register, suspended": "/registrar/register/?status=suspended",
    "register, by name and status": "/registrar/register/?q=mar&status=expired",
    "dossier": "/registrar/credentials/{public_id}/",
    "dossier, as a file": "/registrar/credentials/{public_id}/dossier.json",
    "many at once": "/registrar/many/runs/",
    "cases": "/registrar/cases/",
    "exceptions": "/registrar/exceptions/",
    "matters of the HTTP interface": "/api/v1/matters/",
    "its credentials": "/api/v1/credentials/",
    "its applications": "/api/v1/applications/",
    "its renewals": "/api/v1/renewals/",
    "its runs": "/api/v1/bulk/",
}


def fill() -> None:
    from django.db import connection
    from django.utils import timezone

    from bench.desk_fill import fill_desk
    from credentials.models import CredentialType

    fill_desk(
        CredentialType.objects.get(), chance=random.Random(20261130), today=timezone.now().date()
    )
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def ask() -> None:
    """Open every page as a registrar, go round with the sweep, and print what each took as JSON."""
    from django.contrib.auth.models import Group
    from django.test import Client
    from django.utils import timezone
    from django_tasks_db.models import DBTaskResult

    from accounts.models import Role, User
    from credentials.models import Credential
    from lms.sweep import sweep

    boss = User.objects.filter(email="registrar@bench.example").first() or User.objects.create_user("registrar@bench.example", None, name="Registrar")  # fmt: skip
    boss.groups.set([Group.objects.get_or_create(name=Role.REGISTRAR)[0]])
    client, now = Client(), timezone.now()
    client.force_login(boss)
    some = Credential.objects.order_by("pk")[COUNT // 2]
    facts = {
        "now": now.isoformat(), "later": now.date() + timedelta(days=60), "number": some.number, "begins": some.number[:7],
        "public_id": some.public_id,
    }  # fmt: skip

    def opened(path: str) -> Callable[[], None]:
        def get() -> None:
            answer = client.get(path, headers={"host": "127.0.0.1"})
            if answer.status_code != 200:
                sys.exit(f"{path} answered {answer.status_code}")

        return get

    def once_round() -> None:
        done = sweep(at=timezone.now())
        if None in done.values():
            sys.exit(f"A part of the sweep failed: {done}")
        DBTaskResult.objects.all().delete()

    found = {name: measured(opened(path.format(**facts))) for name, path in PAGES.items()}
    found[SWEEP] = measured(once_round)
    json.dump(found, sys.stdout)


def measured(act: Callable[[], None]) -> dict[str, float]:
    """What it takes once it is warm: its median, its statements and the slowest of them."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    act()
    spent = []
    for _turn in range(EACH):
        began = time.perf_counter()
        act()
        spent.append((time.perf_counter() - began) * 1000)
    with CaptureQueriesContext(connection) as captured:
        act()
    times = [float(row["time"]) * 1000 for row in captured]
    if os.environ.get("BENCH_EXPLAIN"):
        for row in captured:
            if float(row["time"]) > 0.03:
                print(row["time"], row["sql"], file=sys.stderr)
    return {"ms": median(spent), "sql": len(captured), "slowest": max(times, default=0)}


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings")
    import django

    django.setup()
    {"fill": fill, "ask": ask}[sys.argv[1]]()
