"""Commands that kill themselves, or the database server, at the nth call of a function."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from gridmgmt.settings import Settings
from gridmgmt.store.cluster.postmaster import is_alive

_PATIENCE_S = 60.0

_KILLED = """
import importlib, os, signal, sys
from tests.killing import strike
(module, path), nth, when = sys.argv[1].split(":"), int(sys.argv[2]), sys.argv[3]
victim = int(sys.argv[4])
owner = importlib.import_module(module)
*owners, name = path.split(".")
for one in owners:
    owner = getattr(owner, one)
real, calls = getattr(owner, name), 0
def counted(*args, **named):
    global calls
    calls += 1
    mine = calls
    if (mine, when) == (nth, "before"):
        strike(victim or os.getpid())
    made = real(*args, **named)
    if (mine, when) == (nth, "after"):
        strike(victim or os.getpid())
    return made
setattr(owner, name, counted)
del sys.argv[1:5]
from gridmgmt.cli import main
main()
"""


class Point(NamedTuple):
    """Where a process ends: ``module:function``, at which call, before or after it."""

    where: str
    nth: int
    when: str


def environment(settings: Settings) -> dict[str, str]:
    """The variables of a command that works on the same database."""
    return {
        **os.environ,
        "GRIDMGMT_DATABASE_URL": str(settings.database_url),
        "GRIDMGMT_ACTOR": settings.actor,
        "GRIDMGMT_HOME": str(settings.home),
    }


def strike(pid: int) -> None:
    """Kill -9 a process and its children, as when a machine loses its power.

    A server's postmaster alone would leave behind processes that go on with their transaction.
    """
    if pid != os.getpid():
        # A stopped postmaster starts no process that would be missed below.
        os.kill(pid, signal.SIGSTOP)
    kill(*_children(pid), pid)


def kill(*pids: int) -> None:
    """Kill -9 processes and wait for their end, which the kernel may take a while to bring."""
    for one in pids:
        with suppress(ProcessLookupError):
            os.kill(one, signal.SIGKILL)
    deadline = time.monotonic() + _PATIENCE_S
    while left := [one for one in pids if is_alive(one)]:
        assert time.monotonic() < deadline, f"still alive after kill -9: {left}"
        time.sleep(0.005)


def _children(pid: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        # The name, in brackets, may have spaces in it.
        with suppress(OSError):
            if int(stat.read_text().rpartition(")")[2].split()[1]) == pid:
                found.append(int(stat.parent.name))
    return found


def run_until_killed(settings: Settings, folder: Path, point: Point, *command: str) -> None:
    """Run a command that ends by kill -9 at a point; fails when it comes to its own end."""
    done = _run(settings, folder, point, 0, *command)
    assert done.returncode == -signal.SIGKILL, (point, done.stderr)


def run_while_server_dies(
    settings: Settings, folder: Path, point: Point, server: int, *command: str
) -> subprocess.CompletedProcess[str]:
    """Run a command that kills the processes of a server at a point, and goes on without it."""
    return _run(settings, folder, point, server, *command)


def _run(
    settings: Settings, folder: Path, point: Point, victim: int, *command: str
) -> subprocess.CompletedProcess[str]:
    where, nth, when = point
    root = str(Path(__file__).parents[1])
    return subprocess.run(
        [sys.executable, "-c", _KILLED, where, str(nth), when, str(victim), *command],
        env={**environment(settings), "PYTHONPATH": root},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
