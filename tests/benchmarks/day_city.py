"""The demo city, served by this program and by an earlier revision of it side by side.

Both have a copy of the same city: the earlier program built it, this one brought its copy up to
its own schema. So a figure differs by the program alone.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from gridmgmt.cli.demo.database import NAME
from gridmgmt.cli.serving.needs import free_port
from gridmgmt.store.cluster.private import Cluster
from gridmgmt.store.upkeep import migrations
from tests.folders import passable_folder

HOST = "127.0.0.1"
_ROOT = Path(__file__).parents[2]
_READY_S = 300.0
# What set-up brings and git does not have.
_LIBRARIES = Path("web/static/vendor")
_CATALOGUES = "web/translations/*/LC_MESSAGES/messages.po"
# A token is asked more often here than any program may.
_CALLS = "1000000"
_ACCOUNTS = """
import json, sys
from datetime import UTC, datetime
from gridmgmt.cli.demo.accounts import renew
from gridmgmt.services.accounts import tokens
from gridmgmt.store.accounts.accounts import find_account
from gridmgmt.store.engine import make_engine, transaction
with transaction(make_engine(sys.argv[1]), commit=True) as conn:
    passwords = {one.username: one.password for one in renew(conn)}
    caller = find_account(conn, "duty_chief")
    made = tokens.create(conn, caller, "benchmark", days=1, now=datetime.now(UTC))
print(json.dumps({"passwords": passwords, "token": made.secret}))
"""


@dataclass(frozen=True)
class Program:
    """A revision of the program with a copy of the city, and who can log in there."""

    name: str
    root: Path
    home: Path
    url: str
    passwords: Mapping[str, str]
    token: str


@dataclass(frozen=True)
class Served:
    """A program that answers on a port; ``pid`` is its parent process."""

    program: Program
    port: int
    pid: int


@contextmanager
def lent_programs(before: str) -> Iterator[list[Program]]:
    """Build the city and give this program, and first the earlier one if there is a revision.

    Parameters
    ----------
    before : a revision in git; empty: none
    """
    with ExitStack() as stack:
        folder = stack.enter_context(passable_folder())
        roots = {"after": _ROOT}
        if before:
            roots = {"before": stack.enter_context(_checked_out(before)), **roots}
        cluster = Cluster(folder / "home")
        cluster.up()
        stack.callback(cluster.down)
        first = next(iter(roots.values()))
        home = {"GRIDMGMT_HOME": str(folder / "home")}
        _run(first, home, "-m", "gridmgmt", "demo", "--no-serve")
        yield [_lent(cluster, name, root, folder / name) for name, root in roots.items()]


def _lent(cluster: Cluster, name: str, root: Path, home: Path) -> Program:
    database = f"day_{name}"
    with psycopg.connect(cluster.url("postgres"), autocommit=True) as conn:
        made = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        conn.execute(made.format(sql.Identifier(database), sql.Identifier(NAME)))
        conn.execute("VACUUM ANALYZE")
    url = cluster.url(database)
    if root == _ROOT:
        migrations.upgrade(url)
    home.mkdir()
    told = json.loads(_run(root, {}, "-c", _ACCOUNTS, url))
    return Program(name, root, home, url, told["passwords"], told["token"])


@contextmanager
def _checked_out(revision: str) -> Iterator[Path]:
    """Give a work tree of a revision, with what set-up would bring."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name) / "tree"
        git = ("git", "-C", str(_ROOT), "worktree")
        subprocess.run([*git, "add", "--quiet", "--detach", str(root), revision], check=True)
        try:
            shutil.copytree(_ROOT / _LIBRARIES, root / _LIBRARIES)
            for written in root.glob(_CATALOGUES):
                compiled = ("-i", str(written), "-o", str(written.with_suffix(".mo")))
                pybabel = Path(sys.executable).parent / "pybabel"
                subprocess.run([pybabel, "--quiet", "compile", *compiled], check=True)
            yield root
        finally:
            subprocess.run([*git, "remove", "--force", str(root)], check=True)


def _environment(root: Path, settings: Mapping[str, str]) -> dict[str, str]:
    ours = {name: value for name, value in os.environ.items() if "GRIDMGMT" not in name}
    # The work tree comes before the program that is installed here.
    return {**ours, "PYTHONPATH": str(root), **settings}


def _run(root: Path, settings: Mapping[str, str], *command: str) -> str:
    done = subprocess.run(
        [sys.executable, *command],
        cwd=root,
        env=_environment(root, settings),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        message = f"{command} failed:\n{done.stderr[-4000:]}"
        raise RuntimeError(message)
    return done.stdout


@contextmanager
def served(program: Program, *, processes: int) -> Iterator[Served]:
    """Serve a program on a port of its own, without the worker, from its first answer on."""
    port = free_port(HOST, 18_000)
    settings = {
        "GRIDMGMT_HOME": str(program.home),
        "GRIDMGMT_DATABASE_URL": program.url,
        "GRIDMGMT_API_CALLS": _CALLS,
    }
    options = ("--port", str(port), "--workers", str(processes), "--without-worker")
    written = program.home / "serve.log"
    with written.open("a") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "gridmgmt", "serve", *options],
            cwd=program.root,
            env=_environment(program.root, settings),
            stdout=log,
            stderr=log,
        )
        try:
            _wait(server, port, written)
            yield Served(program, port, server.pid)
        finally:
            server.terminate()
            server.wait(30)


def _wait(server: "subprocess.Popen[bytes]", port: int, written: Path) -> None:
    until = time.monotonic() + _READY_S
    while time.monotonic() < until:
        if server.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"http://{HOST}:{port}/login", timeout=60):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.02)
    message = f"the server does not answer:\n{written.read_text()[-4000:]}"
    raise RuntimeError(message)
