"""A day in the bureau: what every page costs the roles that open it, before and after.

``BEFORE=REVISION make bench SECTIONS=day`` measures an earlier revision of the program in turn
with this one, page by page; without ``BEFORE`` there is only this one.
"""

import http.client
import itertools
import os
import re
import statistics
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlencode

import psycopg

import web
from gridmgmt.settings import Settings
from gridmgmt.store.engine import make_engine
from tests.benchmarks.day_city import HOST, Program, Served, lent_programs, served
from tests.benchmarks.day_pages import LIST, ROLES, Opened, asked, pages
from tests.benchmarks.load import load_of

# Each page is asked so often, less often where it takes long.
MOST_ROUNDS, LEAST_ROUNDS, ROUNDS_S = 11, 3, 2.0
FRESH = 3
CLIENTS, LOAD_S, THINK_S, P95 = 20, 30, 1.0, "300 ms"
# So many kinds of errors are named.
MOST_ERRORS = 10
# Until what a server does after it has answered is over.
_SETTLED_S = 0.004
# Addresses come with their queries encoded.
_SAFE = "/?&=%+:,"
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@dataclass(frozen=True)
class Cost:
    """What answers cost: milliseconds on the clock, and of processors (server and database)."""

    wall_ms: float
    cpu_ms: float


class Visitor:
    """Somebody of a role who is logged in on a served program, on one open connection."""

    def __init__(self, to: Served, role: str) -> None:
        self._to = to
        self._conn = http.client.HTTPConnection(HOST, to.port, timeout=120)
        self._cookies: dict[str, str] = {}
        self._log_in(role)
        self._backends: list[int] = []

    @property
    def cookie(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self._cookies.items())

    def _log_in(self, role: str) -> None:
        _, page = self._send("GET", "/login", {})
        token = _TOKEN.search(page.decode())
        assert token is not None
        form = {
            "csrf_token": token[1],
            "username": role,
            "password": self._to.program.passwords[role],
        }
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        status, _ = self._send("POST", "/login", kind, urlencode(form))
        assert status == 303, f"{role} cannot log in"

    def _send(
        self, method: str, path: str, headers: dict[str, str], body: str | None = None
    ) -> tuple[int, bytes]:
        headers = {**headers, "Cookie": self.cookie}
        try:
            self._conn.request(method, path, body=body, headers=headers)
            answer = self._conn.getresponse()
        except (OSError, http.client.HTTPException):
            # The server ends a connection that was silent for a while.
            self._conn.close()
            self._conn.request(method, path, body=body, headers=headers)
            answer = self._conn.getresponse()
        for given in answer.headers.get_all("Set-Cookie", []):
            name, _, value = given.partition(";")[0].partition("=")
            self._cookies[name] = value
        return answer.status, answer.read()

    def ask(self, page: Opened) -> int:
        """Ask for a page and return its status."""
        headers = {"Accept-Encoding": "gzip"}
        if page.with_token:
            headers["Authorization"] = f"Bearer {self._to.program.token}"
        status, _ = self._send("GET", quote(page.path, safe=_SAFE), headers)
        return status

    def get_ready(self, page: Opened) -> int:
        """Ask until caches are warm and return the status; then `measured` may be called."""
        self.ask(page)
        status = self.ask(page)
        with psycopg.connect(self._to.program.url) as conn:
            found = conn.execute(
                "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
                " AND pid <> pg_backend_pid()"
            )
            self._backends = [pid for (pid,) in found]
        return status

    def measured(self, page: Opened) -> Cost:
        """Ask once and return what it cost.

        What helpers of the database do that live for one statement is not counted.
        """
        pids = [*_descendants(self._to.pid), *self._backends]
        before = {pid: _cpu_ns(pid) for pid in pids}
        started = time.perf_counter()
        self.ask(page)
        taken = time.perf_counter() - started
        time.sleep(_SETTLED_S)
        # A process that has ended meanwhile has had nothing.
        worked = sum(max(_cpu_ns(pid) - had, 0) for pid, had in before.items())
        return Cost(taken * 1e3, worked / 1e6)


def _descendants(pid: int) -> list[int]:
    """Return the processes that a process has started."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        found += map(int, task.read_text("ascii").split())
    return found


def _cpu_ns(pid: int) -> int:
    """Return how many nanoseconds of processors all threads of a process have had."""
    taken = 0
    for thread in Path(f"/proc/{pid}/task").glob("*/schedstat"):
        try:
            taken += int(thread.read_text("ascii").split()[0])
        except OSError:
            # A thread or process that has just ended.
            continue
    return taken


@dataclass(frozen=True)
class Row:
    """A page with what it cost each program, None where it has no such page."""

    page: Opened
    costs: list[Cost | None]

    @property
    def is_met(self) -> bool | None:
        """Return whether the goal is met, None where there is none."""
        cost = self.costs[-1]
        if cost is None or not self.page.goal:
            return None
        goal = float(self.page.goal.split()[0])
        return (cost.cpu_ms if self.page.goal == LIST else cost.wall_ms) < goal

    def text(self) -> str:
        goal = f"**{self.page.goal}**" if self.is_met is False else self.page.goal
        cells = [_shown(one) for one in self.costs]
        first, last = self.costs[0], self.costs[-1]
        if len(cells) > 1:
            known = first is not None and last is not None
            cells.append(f"{last.wall_ms / first.wall_ms:.2f}" if known else "")
        return f"| {self.page.role} | `{self.page.what}` | {' | '.join(cells)} | {goal} |"


def _shown(cost: Cost | None) -> str:
    return "–" if cost is None else f"{cost.wall_ms:.0f} ({cost.cpu_ms:.0f})"


def _cost_of(page: Opened, visitors: Sequence[Visitor]) -> list[Cost | None]:
    """Ask all in turn; the medians."""
    there = [one for one in visitors if one.get_ready(page) == 200]
    if not there:
        return [None for _ in visitors]
    first = max(one.measured(page).wall_ms for one in there)
    rounds = min(MOST_ROUNDS, max(LEAST_ROUNDS, int(ROUNDS_S * 1e3 / first)))
    taken: dict[Visitor, list[Cost]] = {one: [] for one in there}
    for _ in range(rounds):
        for one in there:
            taken[one].append(one.measured(page))
    return [
        Cost(
            statistics.median(cost.wall_ms for cost in taken[one]),
            statistics.median(cost.cpu_ms for cost in taken[one]),
        )
        if one in taken
        else None
        for one in visitors
    ]


def _rows(programs: Sequence[Program], opened: Sequence[Opened]) -> list[Row]:
    rows = []
    with ExitStack() as stack:
        there = [stack.enter_context(served(one, processes=1)) for one in programs]
        for role in ROLES:
            mine = [one for one in opened if one.role == role]
            visitors = [Visitor(one, role) for one in there]
            rows += [Row(page, _cost_of(page, visitors)) for page in mine]
    return rows


def _opened(program: Program) -> list[Opened]:
    app = web.create_app(Settings(home=program.home, database_url=program.url))
    engine = make_engine(program.url)
    try:
        with engine.connect() as conn:
            return [*asked(conn), *sorted(pages(app, conn), key=lambda one: one.path)]
    finally:
        engine.dispose()
        app.extensions["gridmgmt"].engine.dispose()


def _first_pages(programs: Sequence[Program], opened: Sequence[Opened]) -> str:
    """Start each program several times and ask it for its first page of a case."""
    case = next(one for one in opened if one.what == "/cases/<case_no>")
    taken: dict[str, list[tuple[float, float, float]]] = {one.name: [] for one in programs}
    for _ in range(FRESH):
        for program in programs:
            started = time.perf_counter()
            with served(program, processes=1) as there:
                ready = time.perf_counter()
                visitor = Visitor(there, case.role)
                first = _seconds(visitor, case)
                taken[program.name].append((ready - started, first, _seconds(visitor, case)))
    rows = "\n".join(
        f"| {name} | {' | '.join(f'{_median(found, n):.2f} s' for n in range(3))} |"
        for name, found in taken.items()
    )
    return f"""| program | from the start to the login page | first page of a case | once more |
|---|---|---|---|
{rows}"""


def _median(found: Sequence[tuple[float, ...]], n: int) -> float:
    return statistics.median(one[n] for one in found)


def _seconds(visitor: Visitor, page: Opened) -> float:
    started = time.perf_counter()
    visitor.ask(page)
    return time.perf_counter() - started


def _load(programs: Sequence[Program], rows: Sequence[Row]) -> str:
    """Let people of all roles work at the same time, on two processes.

    They open pages with a goal (neither files nor what programs ask) that each program has.
    """
    lines, errors = [], []
    paths: dict[str, list[str]] = {}
    for row in rows:
        one = row.page
        if one.goal and not one.with_token and None not in row.costs:
            paths.setdefault(one.role, []).append(quote(one.path, safe=_SAFE))
    for program in programs:
        with served(program, processes=2) as there:
            cookies = {role: Visitor(there, role).cookie for role in paths}
            roles = itertools.islice(itertools.cycle(paths), CLIENTS)
            people = [(cookies[role], paths[role]) for role in roles]
            load_of(there.port, people, think_s=THINK_S, lasts_s=5)
            met = load_of(there.port, people, think_s=THINK_S, lasts_s=LOAD_S)
            lines.append(f"{met.row(program.name)} {len(met.errors)} |")
            told = Counter(met.errors).most_common(MOST_ERRORS)
            errors += [f"\n* {program.name}: {count} × `{error}`" for error, count in told]
    table = "\n".join(lines)
    return f"""| program | answers | median | p95 | CPU a request | errors |
|---|---|---|---|---|---|
{table}
{"".join(errors)}""".rstrip()


@contextmanager
def _measured(before: str) -> Iterator[tuple[list[Program], list[Opened]]]:
    with lent_programs(before) as programs:
        yield programs, _opened(programs[-1])


def measure() -> str:
    """Measure all pages of the demo city, in turn with an earlier revision if one is named."""
    before = os.environ.get("BEFORE", "")
    with _measured(before) as (programs, opened):
        rows = _rows(programs, opened)
        fresh = _first_pages(programs, opened)
        loaded = _load(programs, rows)
    judged = [one.is_met for one in rows if one.is_met is not None]
    heads = [f"{one.name}, ms" for one in programs]
    if before:
        heads.append("ratio")
    told = f" “Before” is revision {before}, asked in turn with this one." if before else ""
    text = "\n".join(one.text() for one in rows)
    return f"""The demo city, one client, one process that has answered before. In a cell:
milliseconds on the clock and, in brackets, of processors (server and database), the medians of
{LEAST_ROUNDS} to {MOST_ROUNDS} answers.{told} {sum(judged)} of {len(judged)} goals are met; the
others are in bold.

| role | page | {" | ".join(heads)} | goal |
|---|---|{"---|" * len(heads)}---|
{text}

A process that has just been started:

{fresh}

{CLIENTS} people of all roles open the pages with a goal that were answered above; each waits
{THINK_S:.0f} s between an answer and the next page, for {LOAD_S} s; two processes. The goal:
p95 under {P95}.

{loaded}"""
