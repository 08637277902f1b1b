"""A small HTTP/1.1 load driver: keep-alive sockets and ready-made request bytes, so that the client costs little."""

import socket
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field


@dataclass
class Outcome:
    """What a run of requests did: statuses counted, seconds each, and the whole in seconds."""

    seconds: float = 0.0
    statuses: dict[int, int] = field(default_factory=dict)
    times: list[float] = field(default_factory=list)

    @property
    def count(self) -> int:
        return sum(self.statuses.values())

    @property
    def rate(self) -> float:
        """Requests per second."""
        return self.count / self.seconds

    def percentile(self, share: float) -> float:
        """Seconds within which `share` (0 to 1) of the requests were answered."""
        ordered = sorted(self.times)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def request_bytes(
    method: str,
    path: str,
    headers: dict[str, str] | None = None,
    body: bytes = b"",
    host: str = "127.0.0.1",
) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", "Connection: keep-alive"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    if body or method in ("POST", "PUT"):
        lines.append(f"Content-Length: {len(body)}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


class Connection:
    """One keep-alive connection."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.socket = self._open()

    def _open(self) -> socket.socket:
        opened = socket.create_connection(("127.0.0.1", self.port), 30)
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return opened

    def send(self, request: bytes) -> tuple[int, bytes]:
        """Send one request; returns status and the whole answer (head and body)."""
        self.socket.sendall(request)
        data = self.socket.recv(65536)
        while b"\r\n\r\n" not in data:
            data += self._more()
        head, _, body = data.partition(b"\r\n\r\n")
        lower = head.lower()
        if b"content-length:" in lower:
            length = int(lower.partition(b"content-length:")[2].split(b"\r\n")[0])
            while len(body) < length:
                body += self._more()
        elif b"transfer-encoding: chunked" in lower:
            while not body.endswith(b"0\r\n\r\n"):
                body += self._more()
        return int(head[9:12]), head + b"\r\n\r\n" + body

    def _more(self) -> bytes:
        data = self.socket.recv(65536)
        if not data:
            raise ConnectionError("The server closed the connection.")
        return data


def drive(port: int, requests: Sequence[Callable[[int], bytes]], each: int) -> Outcome:
    """One connection per entry of `requests`, each sending `each` requests made by calling the entry with 0, 1, 2 …"""
    outcome = Outcome()
    lock = threading.Lock()
    barrier = threading.Barrier(len(requests) + 1)

    def work(make: Callable[[int], bytes]) -> None:
        connection = Connection(port)
        statuses: dict[int, int] = {}
        times = []
        barrier.wait()
        for number in range(each):
            request = make(number)
            began = time.perf_counter()
            status, _answer = connection.send(request)
            times.append(time.perf_counter() - began)
            statuses[status] = statuses.get(status, 0) + 1
        with lock:
            outcome.times += times
            for status, count in statuses.items():
                outcome.statuses[status] = outcome.statuses.get(status, 0) + count

    threads = [threading.Thread(target=work, args=(make,)) for make in requests]
    for thread in threads:
        thread.start()
    barrier.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    outcome.seconds = time.perf_counter() - began
    return outcome
