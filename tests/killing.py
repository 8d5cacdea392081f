"""Commands that kill their own process at the nth call of a function, before or after it."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from gridmgmt.settings import Settings

_KILLED = """
import importlib, os, signal, sys
(module, path), nth, when = sys.argv[1].split(":"), int(sys.argv[2]), sys.argv[3]
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
        os.kill(os.getpid(), signal.SIGKILL)
    made = real(*args, **named)
    if (mine, when) == (nth, "after"):
        os.kill(os.getpid(), signal.SIGKILL)
    return made
setattr(owner, name, counted)
del sys.argv[1:4]
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


def run_until_killed(settings: Settings, folder: Path, point: Point, *command: str) -> None:
    """Run a command that ends by kill -9 at a point; fails when it comes to its own end."""
    where, nth, when = point
    done = subprocess.run(
        [sys.executable, "-c", _KILLED, where, str(nth), when, *command],
        env=environment(settings),
        cwd=folder,
        capture_output=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == -signal.SIGKILL, (point, done.stderr.decode())
