"""``gridmgmt serve``: the pages, and beside them the worker."""

import ipaddress
import os
import socket
import sys
from pathlib import Path

import click

from gridmgmt.cli.work import say
from gridmgmt.settings import Settings

# What a request was, without who asked (addresses are personal) and without its parameters
# (texts that were searched for, positions).
_ACCESS = "%(t)s %(m)s %(U)s %(s)s %(B)s bytes %(M)s ms"
_THREADS = 4


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to serve at.")
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=8000,
    show_default=True,
    help="Port to serve at; 0 for any free one.",
)
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    default=2,
    show_default=True,
    help="Processes that answer requests.",
)
@click.pass_obj
def serve(settings: Settings, host: str, port: int, workers: int) -> None:
    """Serve the pages, and run the worker that does their long work.

    The private cluster is started if need be. Ctrl-C or SIGTERM ends both in good order.
    """
    from gridmgmt.cli.serving import listen, ready_database
    from gridmgmt.exchange.reading.reader import OPEN, check_reading

    url = ready_database(settings)
    if not check_reading().left:
        say(f"take care: {OPEN}")
    with listen(host, port) as listening:
        _warn(settings, url, host)
        code = serve_pages(settings, listening, host, workers)
    if code:
        raise click.exceptions.Exit(code)


def serve_pages(
    settings: Settings, listening: socket.socket, host: str, workers: int = 2
) -> int:
    """Serve on a socket until told to stop; 0 when that is why it ended."""
    from gridmgmt.cli.processes import Child, run_together
    from gridmgmt.cli.serving import (
        address_of,
        environment,
        log_to_stderr,
        pages_folder,
        port_of,
        program,
    )

    log_to_stderr()
    env = {**os.environ, **environment(settings)}
    descriptor = listening.fileno()
    pages = Child(
        "the pages", _gunicorn(descriptor, workers, pages_folder()), env, (descriptor,)
    )
    worker = Child("the worker", program("worker"), env)
    say(f"the pages are at {address_of(host, port_of(listening))}  (Ctrl-C ends them)")
    return run_together(pages, worker)


def _gunicorn(descriptor: int, workers: int, folder: Path) -> list[str]:
    options = {
        "--bind": f"fd://{descriptor}",
        "--workers": str(workers),
        "--threads": str(_THREADS),
        "--worker-class": "gthread",
        "--timeout": "120",
        "--graceful-timeout": "10",
        "--access-logfile": "-",
        "--access-logformat": _ACCESS,
        "--pythonpath": str(folder),
        "--name": "gridmgmt",
    }
    if Path("/dev/shm").is_dir():
        # Workers show that they live by a file; on a slow disk that would look like death.
        options["--worker-tmp-dir"] = "/dev/shm"
    given = [part for name, value in options.items() for part in (name, value)]
    return [sys.executable, "-m", "gunicorn", *given, "--no-control-socket", "web:create_app()"]


def _warn(settings: Settings, url: str, host: str) -> None:
    """Say what a person would otherwise find out too late."""
    from gridmgmt.store.accounts import list_accounts
    from gridmgmt.store.engine import transaction
    from gridmgmt.store.schema_check import checked_engine

    engine = checked_engine(url)
    try:
        with transaction(engine, commit=False) as conn:
            nobody = not list_accounts(conn)
    finally:
        engine.dispose()
    if nobody:
        say("nobody can log in yet: gridmgmt account create NAME --role administrator --commit")
    if not _is_local(host) and not settings.https:
        say("passwords travel in the clear to other machines: put a reverse proxy that speaks")
        say("https in front, and set GRIDMGMT_HTTPS=yes and GRIDMGMT_PROXIES=1")


def _is_local(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
