"""Clients that hold connections without ever being done, and clients that work beside them.

All of it goes to this machine only. What the slow ones do is what a stranger can do without a
login: headers without an end, bodies and readers of one byte at a time.
"""

import http.client
import selectors
import socket
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

HOST = "127.0.0.1"
# How often each slow client sends or reads its next byte.
DRIP_S = 1.0

HALF_A_HEAD = b"GET /login HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: "


def half_a_body(path: str = "/login", length: int = 50_000) -> bytes:
    """The head of a form and the first bytes of its body."""
    return (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {length}\r\n\r\nusername="
    ).encode()


def a_request(path: str) -> bytes:
    return (
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Encoding: identity\r\n\r\n".encode()
    )


class SlowClients:
    """Some connections held open; one that the server closes is opened again at once."""

    def __init__(
        self, port: int, count: int, first: bytes, *, drip: bytes = b"", reads: bool = False
    ) -> None:
        self.port, self.first, self.drip, self.reads = port, first, drip, reads
        self.reopened = 0
        self._over = threading.Event()
        self._held = [self._open() for _ in range(count)]
        self._thread = threading.Thread(target=self._go_on, daemon=True)
        self._thread.start()

    def _open(self) -> socket.socket | None:
        client = socket.socket()
        if self.reads:
            # Little room, so that the server feels that nobody reads.
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        client.settimeout(5)
        try:
            client.connect((HOST, self.port))
            client.sendall(self.first)
        except OSError:
            client.close()
            return None
        client.setblocking(False)
        return client

    def _go_on(self) -> None:
        while not self._over.wait(DRIP_S):
            for number, client in enumerate(self._held):
                if client is None or not self._lives(client):
                    if client is not None:
                        client.close()
                    self.reopened += 1
                    self._held[number] = self._open()

    def _lives(self, client: socket.socket) -> bool:
        try:
            if self.drip:
                client.send(self.drip)
            got = client.recv(1 if self.reads else 1024)
        except BlockingIOError:
            return True
        except OSError:
            return False
        return bool(got) and self.reads

    def close(self) -> None:
        self._over.set()
        self._thread.join()
        for client in self._held:
            if client is not None:
                client.close()


@contextmanager
def held(clients: SlowClients) -> Iterator[SlowClients]:
    try:
        yield clients
    finally:
        clients.close()


def half_sent_heads(port: int, count: int) -> SlowClients:
    return SlowClients(port, count, HALF_A_HEAD, drip=b"x")


def slow_bodies(port: int, count: int) -> SlowClients:
    return SlowClients(port, count, half_a_body(), drip=b"x")


def slow_readers(port: int, count: int, path: str) -> SlowClients:
    return SlowClients(port, count, a_request(path), reads=True)


class Streams:
    """Open event streams, each read as it comes; counts what arrives."""

    def __init__(self, port: int, count: int, path: str) -> None:
        self.events = [0] * count
        self._over = threading.Event()
        self._selector = selectors.DefaultSelector()
        self._clients = []
        for number in range(count):
            client = socket.create_connection((HOST, port), timeout=10)
            client.sendall(a_request(path))
            client.setblocking(False)
            self._selector.register(client, selectors.EVENT_READ, number)
            self._clients.append(client)
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        while not self._over.is_set():
            for key, _ in self._selector.select(0.2):
                got = b""
                with suppress(OSError):
                    got = key.fileobj.recv(65_536)  # type: ignore[union-attr]
                if not got:
                    self._selector.unregister(key.fileobj)
                self.events[key.data] += got.count(b"data:")

    @property
    def open(self) -> int:
        """How many have not been closed by the server."""
        return len(self._selector.get_map())

    def served(self) -> int:
        """How many got an event so far."""
        return sum(1 for one in self.events if one)

    def close(self) -> None:
        self._over.set()
        self._thread.join()
        for client in self._clients:
            client.close()
        self._selector.close()


@dataclass
class Work:
    """What working clients met: seconds of each answer, and what went wrong."""

    taken_s: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    @property
    def median_s(self) -> float:
        return statistics.median(self.taken_s) if self.taken_s else float("inf")

    @property
    def p95_s(self) -> float:
        if not self.taken_s:
            return float("inf")
        return sorted(self.taken_s)[int(len(self.taken_s) * 0.95)]

    def said(self) -> str:
        return (
            f"{len(self.taken_s)} answers, median {self.median_s * 1000:.0f} ms,"
            f" p95 {self.p95_s * 1000:.0f} ms, {len(self.errors)} errors"
        )


def work(
    port: int,
    paths: tuple[str, ...] = ("/healthz", "/login"),
    *,
    clients: int = 20,
    most_s: float = 6.0,
    think_s: float = 0.2,
    timeout_s: float = 10.0,
    statuses: tuple[int, ...] = (200,),
    headers: dict[str, str] | None = None,
) -> Work:
    """Let clients ask for pages in turn; each pauses between an answer and its next request."""
    met = Work()
    over = time.monotonic() + most_s

    def client(number: int) -> None:
        time.sleep(think_s * number / clients)
        turn = number
        while time.monotonic() < over:
            path = paths[turn % len(paths)]
            turn += 1
            _ask(met, port, path, timeout_s, statuses, headers or {})
            time.sleep(think_s)

    _together([lambda n=n: client(n) for n in range(clients)])  # type: ignore[misc]
    return met


def _ask(
    met: Work,
    port: int,
    path: str,
    timeout_s: float,
    statuses: tuple[int, ...],
    headers: dict[str, str],
) -> None:
    conn = http.client.HTTPConnection(HOST, port, timeout=timeout_s)
    started = time.perf_counter()
    try:
        conn.request("GET", path, headers=headers)
        answer = conn.getresponse()
        answer.read()
    except (OSError, http.client.HTTPException) as error:
        met.errors.append(f"{path}: {error!r}")
    else:
        met.taken_s.append(time.perf_counter() - started)
        if answer.status not in statuses:
            met.errors.append(f"{path}: {answer.status}")
    finally:
        conn.close()


def _together(todo: list[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=one) for one in todo]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
