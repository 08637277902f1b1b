"""Whole written examinations over HTTP: many candidates, each on a connection of their own, driven from one asyncio loop on the same machine."""

import asyncio
import json
import random
import subprocess
import sys
import time
from dataclasses import dataclass, field

from bench.driver import request_bytes
from bench.servers import ROOT, Server, serving

CSRF = "b" * 32
AT_ONCE = 16  # connections of `attempt`
ATTEMPTS = 320
SITTINGS = 500
ANSWERS = 24  # of each sitting
BEGIN = 60.0  # seconds in which everybody has begun; all sit at once from then until the first has given all answers
THINK = (2.0, 8.0)  # seconds between two answers of one candidate; a real one takes a minute
HERE = 20.0  # seconds between two signs of life


def prepared(environment: dict[str, str], people: int) -> dict:
    print(f"Loading the content, {people} candidates …", file=sys.stderr)
    made = subprocess.run(
        [sys.executable, "-m", "bench.prepare_written", str(people)],
        check=True,
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
    )
    return json.loads(made.stdout)


class Refused(RuntimeError):
    """The server answered something else than 200 or 201."""


class Candidate:
    """Somebody who sits the quiz over one keep-alive connection."""

    def __init__(self, server: Server, session: str) -> None:
        self.port = server.port
        self.headers = {
            "Cookie": f"sessionid={session}; csrftoken={CSRF}",
            "X-CSRFToken": CSRF,
            "Content-Type": "application/json",
        }
        self.reader: asyncio.StreamReader | None = None
        self.writer: asyncio.StreamWriter | None = None
        self.attempt: dict = {}
        self.acknowledged: dict[int, dict] = {}

    async def send(self, method: str, path: str, body: object = None) -> dict:
        if self.writer is None:
            self.reader, self.writer = await asyncio.open_connection(
                "127.0.0.1", self.port, limit=2**20
            )
        assert self.reader is not None
        data = json.dumps(body).encode() if body is not None else b""
        self.writer.write(request_bytes(method, f"/api/v1/{path}", self.headers, data))
        await self.writer.drain()
        head = await self.reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0])
        content = await self.reader.readexactly(length)
        status = int(head[9:12])
        if status not in (200, 201):
            raise Refused(f"{method} {path}: {status} {content[:200]!r}")
        return json.loads(content)

    async def start(self, activity: str) -> None:
        self.attempt = await self.send("POST", f"activities/{activity}/attempts/")

    async def save(self, question: dict, seq: int = 1) -> float:
        """Seconds until the server acknowledged."""
        answer = {"choice": random.choice(question["options"])["id"]}
        path = f"attempts/{self.attempt['uuid']}/responses/{question['position']}/"
        began = time.perf_counter()
        stored = await self.send("PUT", path, {"answer": answer, "flagged": False, "seq": seq})
        took = time.perf_counter() - began
        self.acknowledged[question["position"]] = stored["answer"]
        return took

    async def submit(self) -> None:
        await self.send("POST", f"attempts/{self.attempt['uuid']}/submit/")

    async def stored(self) -> dict[int, dict]:
        """What the server has. Over a new connection: the old one may have been idle for too long."""
        if self.writer is not None:
            self.writer.close()
            self.writer = None
        attempt = await self.send("GET", f"attempts/{self.attempt['uuid']}/")
        return {row["position"]: row["answer"] for row in attempt["responses"] if row["answer"]}


def attempt(environment: dict[str, str]) -> str:
    """Whole attempts one after the other on AT_ONCE connections: how many a minute, and what one costs."""
    rows = prepared(environment, ATTEMPTS)

    async def whole(candidate: Candidate) -> None:
        await candidate.start(rows["activity"])
        for question in candidate.attempt["questions"]:
            await candidate.save(question)
        await candidate.submit()

    async def run(server: Server, sessions: list[str]) -> float:
        waiting = iter(sessions)

        async def one_after_the_other() -> None:
            for session in waiting:
                await whole(Candidate(server, session))

        began = time.perf_counter()
        await asyncio.gather(*(one_after_the_other() for _place in range(AT_ONCE)))
        return time.perf_counter() - began

    with serving("lms.wsgi:application", environment) as server:
        asyncio.run(run(server, rows["sessions"][:AT_ONCE]))  # warm
        sessions, before = rows["sessions"][AT_ONCE:], server.cpu_seconds()
        seconds = asyncio.run(run(server, sessions))
        cpu = (server.cpu_seconds() - before) * 1000 / len(sessions)
    return f"attempt per_min={60 * len(sessions) / seconds:.0f} cpu_ms={cpu:.0f} sql={rows['sql']}"


@dataclass
class Tally:
    times: list[float] = field(default_factory=list)
    lost: int = 0
    refused: int = 0


def sittings(environment: dict[str, str]) -> str:
    """SITTINGS candidates at once, each answering every few seconds: what was acknowledged and is not stored, what was refused, how long a save took."""
    rows = prepared(environment, SITTINGS)
    tally = Tally()

    async def sit(candidate: Candidate) -> None:
        await asyncio.sleep(random.uniform(0, BEGIN))
        await candidate.start(rows["activity"])
        seen = time.monotonic()
        for question in candidate.attempt["questions"][:ANSWERS]:
            await asyncio.sleep(random.uniform(*THINK))
            try:
                tally.times.append(await candidate.save(question))
                if time.monotonic() - seen > HERE:
                    await candidate.send(
                        "POST", f"attempts/{candidate.attempt['uuid']}/here/", {"unsent": 0}
                    )
                    seen = time.monotonic()
            except Refused as refusal:
                tally.refused += 1
                print(refusal, file=sys.stderr)

    async def run(server: Server) -> None:
        candidates = [Candidate(server, session) for session in rows["sessions"]]
        await asyncio.gather(*(sit(candidate) for candidate in candidates))
        for candidate in candidates:
            stored = await candidate.stored()
            tally.lost += sum(
                stored.get(place) != answer for place, answer in candidate.acknowledged.items()
            )

    with serving("lms.wsgi:application", environment) as server:
        asyncio.run(run(server))
    slow = sorted(tally.times)[int(0.99 * len(tally.times))]
    return f"sittings n={SITTINGS} lost={tally.lost} refused={tally.refused} p99_ms={slow * 1000:.0f} saves={len(tally.times)}"
