"""``gridmgmt serve``: serve the pages, with the worker beside them."""

import ipaddress
import os
import socket
import sys
from typing import TYPE_CHECKING

import click

from gridmgmt.cli.numbers import WholeRangeParam
from gridmgmt.cli.work import say
from gridmgmt.settings import Settings

if TYPE_CHECKING:
    from gridmgmt.cli.serving.processes import Child

# The number of requests that one process answers at the same time; others wait without a
# thread.
_THREADS = 8


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    type=WholeRangeParam(0, 65_535),
    default=8000,
    show_default=True,
    help="Port to listen on; 0: any free port.",
)
@click.option(
    "--workers",
    type=WholeRangeParam(1, 64),
    default=2,
    show_default=True,
    help="Number of processes that answer requests.",
)
@click.option(
    "--without-worker",
    is_flag=True,
    help="Serve only the pages; gridmgmt worker then runs separately.",
)
@click.pass_obj
def serve(
    settings: Settings, host: str, port: int, workers: int, *, without_worker: bool
) -> None:
    """Serve the pages, and run the worker for long work.

    Starts the private cluster if necessary, and restarts it after a crash. Ctrl-C or SIGTERM
    ends everything in good order.
    """
    from gridmgmt.cli.serving.needs import listen, ready_database, start_cluster
    from gridmgmt.exchange.reading.reader import check_reading

    start_cluster(settings)
    url = ready_database(settings)
    # Before serving: the operator must know if files of strangers cannot be read in isolation.
    for warning in check_reading().warnings:
        say(f"take care: {warning}")
    with listen(host, port) as listening:
        _warn(settings, url, host)
        code = serve_pages(settings, listening, host, workers, without_worker=without_worker)
    if code:
        raise click.exceptions.Exit(code)


def serve_pages(
    settings: Settings,
    listening: socket.socket,
    host: str,
    workers: int = 2,
    application: str = "web:create_app",
    *,
    without_worker: bool = False,
) -> int:
    """Serve on a socket until stopped; return 0 if it was stopped."""
    from gridmgmt.cli.serving.cluster_keeper import ClusterKeeper
    from gridmgmt.cli.serving.needs import (
        address_of,
        environment,
        log_to_stderr,
        port_of,
        program,
    )
    from gridmgmt.cli.serving.processes import Child, run_together

    log_to_stderr()
    env = {**os.environ, **environment(settings)}
    pages = [
        _pages(f"process {number} of the pages", listening.fileno(), application, env)
        for number in range(1, workers + 1)
    ]
    worker = [] if without_worker else [Child("the worker", program("worker"), env)]
    say(f"the pages are at {address_of(host, port_of(listening))}  (Ctrl-C ends them)")
    return run_together(pages, worker, ClusterKeeper(settings).tend)


def _pages(name: str, descriptor: int, application: str, env: dict[str, str]) -> "Child":
    from gridmgmt.cli.serving.needs import pages_folder
    from gridmgmt.cli.serving.processes import Child, Pulse

    pulse = Pulse()
    options = {
        "--socket": str(descriptor),
        "--beat": str(pulse.descriptor),
        "--threads": str(_THREADS),
        "--application": application,
    }
    given = [part for option, value in options.items() for part in (option, value)]
    command = [sys.executable, "-m", "gridmgmt.cli.serving.pages_process", *given]
    path = os.pathsep.join(filter(None, (str(pages_folder()), env.get("PYTHONPATH"))))
    fds = (descriptor, pulse.descriptor)
    return Child(name, command, {**env, "PYTHONPATH": path}, fds, pulse)


def _warn(settings: Settings, url: str, host: str) -> None:
    """Print warnings about the settings that people would otherwise notice too late."""
    from gridmgmt.store.accounts.accounts import list_accounts
    from gridmgmt.store.engine import transaction
    from gridmgmt.store.upkeep.schema_check import checked_engine

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
