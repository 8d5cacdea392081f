"""People who ask a server for pages at the same time, and what they met."""

import http.client
import os
import random
import statistics
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.benchmarks.measuring import shown

SEED = 20261122


@dataclass
class Load:
    """What the clients met: seconds of each answer, and what went wrong.

    ``cpu_s`` are the seconds that the processors of the machine worked, without the clients.
    """

    taken_s: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    cpu_s: float = 0.0

    @property
    def p95_s(self) -> float:
        return statistics.quantiles(self.taken_s, n=20)[-1]

    def row(self, who: str) -> str:
        asked = len(self.taken_s)
        median = shown(statistics.median(self.taken_s))
        cpu = 1000 * self.cpu_s / asked
        return f"| {who} | {asked:,} | {median} | {shown(self.p95_s)} | {cpu:.0f} ms |"


def ask(
    port: int, cookie: str, path: str, conn: http.client.HTTPConnection
) -> tuple[int, float]:
    started = time.perf_counter()
    conn.request("GET", path, headers={"Cookie": cookie, "Accept-Encoding": "gzip"})
    answer = conn.getresponse()
    answer.read()
    return answer.status, time.perf_counter() - started


def load_of(
    port: int, people: Sequence[tuple[str, list[str]]], *, think_s: float, lasts_s: float
) -> Load:
    """Let people ask for a while; each has a cookie and questions, of which one is drawn."""
    met = Load()
    busy, own = busy_s(), time.process_time()
    over = time.monotonic() + lasts_s
    lock = threading.Lock()

    def person(number: int) -> None:
        draw = random.Random(SEED + number)
        cookie, paths = people[number]
        conn = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        time.sleep(draw.random() * think_s)
        while time.monotonic() < over:
            path = draw.choice(paths)
            try:
                status, taken_s = ask(port, cookie, path, conn)
            except (OSError, http.client.HTTPException) as error:
                # Keep-alive ends when the server likes; that is no failure, asking again is.
                conn.close()
                try:
                    status, taken_s = ask(port, cookie, path, conn)
                except (OSError, http.client.HTTPException):
                    status, taken_s = 0, 0.0
                    with lock:
                        met.errors.append(f"{path}: {error!r}")
                    continue
            with lock:
                met.taken_s.append(taken_s)
                if status != 200:
                    met.errors.append(f"{path}: {status}")
            time.sleep(think_s)

    threads = [threading.Thread(target=person, args=(n,)) for n in range(len(people))]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    met.cpu_s = busy_s() - busy - (time.process_time() - own)
    return met


def busy_s() -> float:
    """Return how many seconds the processors of this machine have worked since its start."""
    fields = Path("/proc/stat").read_text("utf-8").splitlines()[0].split()[1:]
    worked = sum(map(int, fields[:3])) + sum(map(int, fields[5:7]))
    return worked / os.sysconf("SC_CLK_TCK")
