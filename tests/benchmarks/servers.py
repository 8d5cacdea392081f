"""Servers given the same application, and strangers who hold connections open.

All get two processes of four threads, or one of eight where they know no processes. The others
are asked with the settings they come with: what a deployment gets that does not know better.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from gridmgmt.cli.serving.needs import free_port
from gridmgmt.store.cluster.private import Cluster
from gridmgmt.store.upkeep import migrations
from tests.attacks import slow_clients
from tests.attacks.slow_clients import HOST, SlowClients, Streams, Work, work
from tests.attacks.streaming_pages import LARGE, STREAM
from tests.folders import passable_folder
from tests.worker.counting import eventually

_APP = "tests.attacks.streaming_pages"
_PATHS = ("/login", "/static/css/site.css")
_RUN = (sys.executable, "-m")
_ROOT = Path(__file__).parents[2]
# Long enough for a slow answer, short enough for six servers that give none.
_PATIENCE_S = 5.0


def _waitress_alone(port: int) -> list[str]:
    code = (
        f"import waitress; from {_APP} import make;"
        f" waitress.serve(make(), listen='{HOST}:{port}', threads=8, asyncore_use_poll=True,"
        " connection_limit=1000)"
    )
    return [sys.executable, "-c", code]


def _cheroot(port: int) -> list[str]:
    code = (
        f"from cheroot.wsgi import Server; from {_APP} import make;"
        f" Server(('{HOST}', {port}), make(), numthreads=8).start()"
    )
    return [sys.executable, "-c", code]


def _gunicorn(port: int) -> list[str]:
    options = f"--bind {HOST}:{port} --workers 2 --threads 4 --no-control-socket"
    return [*_RUN, "gunicorn", *options.split(), f"{_APP}:make()"]


def _granian(port: int) -> list[str]:
    options = f"--interface wsgi --port {port} --workers 2 --blocking-threads 4 --http 1"
    return [*_RUN, "granian", *options.split(), "--factory", f"{_APP}:make"]


def _uvicorn(port: int) -> list[str]:
    options = f"--port {port} --workers 2 --factory"
    app = "tests.benchmarks.server_apps:make_asgi"
    return [*_RUN, "uvicorn", *options.split(), app]


def _ours(port: int) -> list[str]:
    return [*_RUN, "tests.attacks.serving_streams", str(port)]


CANDIDATES: dict[str, tuple[str, Callable[[int], list[str]]]] = {
    "gridmgmt serve: waitress": ("waitress", _ours),
    "waitress alone": ("waitress", _waitress_alone),
    "gunicorn, threads": ("gunicorn", _gunicorn),
    "granian, WSGI": ("granian", _granian),
    "uvicorn, a2wsgi": ("uvicorn", _uvicorn),
    "cheroot": ("cheroot", _cheroot),
}
ATTACKS: dict[str, Callable[[int], SlowClients | Streams]] = {
    "12 half-sent heads": lambda port: slow_clients.half_sent_heads(port, 12),
    "60 half-sent heads": lambda port: slow_clients.half_sent_heads(port, 60),
    "60 slow bodies": lambda port: slow_clients.slow_bodies(port, 60),
    "60 slow readers": lambda port: slow_clients.slow_readers(port, 60, LARGE),
    "200 open streams": lambda port: Streams(port, 200, STREAM),
}


@dataclass(frozen=True)
class Met:
    """What 20 people met on one server: when it was quiet, and under each attack."""

    server: str
    quiet: Work
    attacked: dict[str, Work]

    def row(self) -> str:
        cells = [_shown(met, self.quiet) for met in self.attacked.values()]
        quiet_ms = self.quiet.median_s * 1000
        return f"| {self.server} | {quiet_ms:.0f} ms | {' | '.join(cells)} |"


def _shown(met: Work, quiet: Work) -> str:
    if not met.taken_s:
        return "nobody"
    answered = len(met.taken_s) / len(quiet.taken_s)
    return f"{answered:.0%}, {met.median_s / quiet.median_s:.1f}"


@contextmanager
def _served(
    command: list[str], port: int, environ: dict[str, str], log: Path
) -> Iterator[None]:
    with log.open("w") as out:
        server = subprocess.Popen(
            command, env=environ, cwd=_ROOT, stdout=out, stderr=out, start_new_session=True
        )
        try:
            eventually(lambda: bool(work(port, _PATHS[:1], clients=1, most_s=0.1).taken_s))
            work(port, _PATHS, most_s=3)  # what every process does only once
            yield
        finally:
            with suppress(ProcessLookupError):
                os.killpg(server.pid, signal.SIGTERM)
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(server.pid, signal.SIGKILL)
                server.wait()


def _meet(name: str, environ: dict[str, str], log: Path) -> Met:
    port = free_port(HOST, 18_000)
    attacked = {}
    with _served(CANDIDATES[name][1](port), port, environ, log):
        quiet = work(port, _PATHS)
        for what, begin in ATTACKS.items():
            held = begin(port)
            try:
                work(port, _PATHS, clients=1, most_s=2, timeout_s=_PATIENCE_S)
                attacked[what] = work(port, _PATHS, timeout_s=_PATIENCE_S)
            finally:
                held.close()
    return Met(f"{name} {version(CANDIDATES[name][0])}", quiet, attacked)


def measure() -> str:
    """Serve the same empty city with each and hold connections open."""
    with passable_folder() as home:
        cluster = Cluster(home / "home", durable=False)
        cluster.up()
        try:
            cluster.ensure_database("bench")
            url = cluster.url("bench")
            migrations.upgrade(url)
            environ = {
                **os.environ,
                "GRIDMGMT_DATABASE_URL": url,
                "GRIDMGMT_HOME": str(home / "home"),
            }
            met = [_meet(name, environ, home / "server.log") for name in CANDIDATES]
        finally:
            cluster.down()
    heads = " | ".join(ATTACKS)
    rows = "\n".join(one.row() for one in met)
    return f"""20 people ask for the login page and a style sheet, each pausing 0.2 s; beside
them strangers hold connections open, without a login. In a cell: how many answers there were
of those on the quiet site, and how many times as long the median one took.

| server | quiet | {heads} |
|---|---|{"---|" * len(ATTACKS)}
{rows}"""
