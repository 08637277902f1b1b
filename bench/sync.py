"""An examiner's day on a tablet: everything is downloaded once, sixty sheets are scored, and all are sent. Run by `python -m bench sync`.

Eight stations of the real plan; what is sent is signed, every line with its time and some with a note. Sent as a tablet does, three at once.
"""

import json
import os
import subprocess
import sys
import threading
import time
from datetime import timedelta
from typing import Any
from uuid import uuid4

from bench.driver import Connection, request_bytes
from bench.servers import ROOT, Server, serving

CSRF = "b" * 32
SHEETS = 60
AT_ONCE = 3  # as in practicals/static/practicals/sheet/send.js
CANDIDATES = 8


def sync(environment: dict[str, str]) -> str:
    print(f"Preparing a day of {SHEETS} sheets …", file=sys.stderr)
    command = [sys.executable, "-m", "bench.sync"]
    made = subprocess.run(command, check=True, cwd=ROOT, env=environment, stdout=subprocess.PIPE)
    rows = json.loads(made.stdout)
    with serving("lms.wsgi:application", environment) as server:
        for _worker in range(4):
            sent(server, rows["warm"], "POST", rows["path"])
        began = time.perf_counter()
        status, body = sent(server, rows["session"], "POST", rows["path"])
        down = time.perf_counter() - began
        day = json.loads(body)
        if status != 200 or len(day["assignments"]) != SHEETS:
            sys.exit(f"The download answered {status} with {len(day.get('assignments', []))}")
        began, before = time.perf_counter(), server.cpu_seconds()
        answers = send_all(
            server, rows["session"], [sheet_of(row, day) for row in day["assignments"]]
        )
        up, cpu = time.perf_counter() - began, server.cpu_seconds() - before
    refused = [status for status in answers if status not in (200, 201)]
    return (
        f"sync sheets={len(answers)} bytes={len(body)} seconds={up:.2f} down_s={down:.2f} cpu_s={cpu:.2f} refused={len(refused)} "
        f"sql_down={rows['sql_down']} sql_sheet={rows['sql_sheet']}"
    )


def headers(session: str) -> dict[str, str]:
    return {
        "Cookie": f"sessionid={session}; csrftoken={CSRF}",
        "X-CSRFToken": CSRF,
        "Content-Type": "application/json",
    }


def sent(
    server: Server, session: str, method: str, path: str, content: Any = None
) -> tuple[int, bytes]:
    body = json.dumps({} if content is None else content).encode()
    connection = Connection(server.port)
    status, answer = connection.send(request_bytes(method, path, headers(session), body))
    connection.socket.close()
    return status, answer.partition(b"\r\n\r\n")[2]


def send_all(server: Server, session: str, sheets: list[tuple[str, dict[str, Any]]]) -> list[int]:
    """The status of each; AT_ONCE connections, each taking the next."""
    waiting, statuses = iter(sheets), []
    lock = threading.Lock()

    def work() -> None:
        connection = Connection(server.port)
        while True:
            with lock:
                sheet = next(waiting, None)
            if sheet is None:
                return
            path, content = sheet
            request = request_bytes("PUT", path, headers(session), json.dumps(content).encode())
            statuses.append(connection.send(request)[0])

    threads = [threading.Thread(target=work) for _place in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return statuses


def sheet_of(row: dict[str, Any], day: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """A signed sheet: full marks, and a note on every third line."""
    checklist, at = day["checklists"][row["checklist"]], day["server_time"]
    marks = [
        {
            "criterion": line["code"],
            "rating": line["max"],
            "note": "" if number % 3 else "Pressure check after the first minute.",
            "at": at,
        }
        for number, line in enumerate(checklist["criteria"])
    ]
    content = {
        "assignment": row["uuid"],
        "version": checklist["version"],
        "device": "tablet",
        "device_time": at,
        "rev": len(marks) + 2,
        "final": True,
        "started_at": at,
        "finished_at": at,
        "observations": marks,
        "violations": [],
        "global_rating": 4,
        "signature": "R. Okafor",
    }
    return row["sync_url"].replace("{uuid}", str(uuid4())), content


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lms.settings")
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    json.dump(prepare(), sys.stdout)


def prepare() -> dict[str, Any]:
    """A day of sixty sheets for one examiner, to measure, and as many for the other, to warm up and count statements on."""
    from bench.finalise import Day, day_of, plan_of_eight, somebody
    from bench.prepare import session_of, statements
    from practicals.models import Assignment
    from practicals.services import draw_stations

    class Tablet(Day):
        def __init__(self) -> None:
            self.plan, self.kind = plan_of_eight()
            self.day, self.at = day_of(self.plan, CANDIDATES)
            self.examiners = [somebody("Examiner", "examiner") for _place in "AB"]
            draw_stations(exam_day=self.day, by=None, at=self.at - timedelta(days=3), seed=7)
            for number in range(CANDIDATES):
                self.appointment(number)
            first = Assignment.objects.filter(examiner=self.examiners[0])
            Assignment.objects.filter(pk__in=[row.pk for row in first[SHEETS:]]).delete()

        @property
        def path(self) -> str:
            return f"/api/v1/practicals/days/{self.day.uuid}/download/"

    tablet = Tablet()
    measured, warm = (session_of(examiner) for examiner in tablet.examiners)
    return {
        "session": measured,
        "warm": warm,
        "path": tablet.path,
        "sql_down": statements(warm, "POST", tablet.path, {"device": "tablet", "seq": 1}),
        "sql_sheet": statements_of_a_sheet(warm, tablet.path),
    }


def statements_of_a_sheet(session: str, path: str) -> int:
    """SQL statements of sending one signed sheet, in process and warm."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from bench.prepare import cookies

    client = Client(enforce_csrf_checks=True)
    client.cookies.load(cookies(session))
    said = {"X-CSRFToken": CSRF, "Host": "127.0.0.1"}
    day = client.post(path, {}, "application/json", headers=said).json()
    counted = 0
    for row in day["assignments"][:2]:
        path, content = sheet_of(row, day)
        with CaptureQueriesContext(connection) as captured:
            answer = client.put(path, content, "application/json", headers=said)
        if answer.status_code != 201:
            sys.exit(f"A sheet was answered with {answer.status_code}: {answer.content[:300]!r}")
        counted = len(captured)
    return counted


if __name__ == "__main__":
    main()
