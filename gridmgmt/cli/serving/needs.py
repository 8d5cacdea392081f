"""What serving needs: a database with the right schema, a free port, settings for children."""

import errno
import importlib.util
import logging
import socket
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

from gridmgmt.cli.work import database_url
from gridmgmt.errors import InputError, SettingsError
from gridmgmt.settings import PREFIX, Settings
from gridmgmt.store.cluster.private import Cluster
from gridmgmt.store.upkeep import migrations
from gridmgmt.store.upkeep.schema_check import check_revision

# The number of ports to try after one that is in use.
_TRIED = 50
_CLONE = Path(__file__).resolve().parents[3]


def log_to_stderr() -> None:
    """Write the log to stderr in the same form as the log of the pages."""
    form = "[%(asctime)s] [%(process)d] [%(levelname)s] %(message)s"
    logging.basicConfig(level=logging.INFO, format=form, datefmt="%Y-%m-%d %H:%M:%S %z")
    # The set-up messages of libraries help nobody; the program itself logs what happens to
    # jobs.
    for name in ("alembic", "procrastinate"):
        logging.getLogger(name).setLevel(logging.WARNING)


def start_cluster(settings: Settings) -> None:
    """Start the private cluster if necessary; other servers are started by somebody else."""
    if settings.database_url is None:
        Cluster(settings.home).up()


def ready_database(settings: Settings) -> str:
    """Return the address of a database with the right schema.

    Raises
    ------
    StoreError
        when the database is missing
    SchemaError
        when it has another schema than the program
    """
    url = database_url(settings)
    check_revision(migrations.current(url))
    return url


def listen(host: str, port: int) -> socket.socket:
    """Open a socket on an address.

    The server process gets the open socket, so no other program can take the port in between.

    Raises
    ------
    InputError
        when the port is in use, naming a free port, or cannot be used at all
    """
    try:
        return _bound(host, port)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            free = free_port(host, port + 1)
            message = f"{host}:{port} is taken by another program; {free} is free"
            raise InputError(field="port", message=message) from error
        if error.errno == errno.EACCES:
            message = f"ports below 1024 are root's; {port} is one of them"
            raise InputError(field="port", message=message) from error
        message = f"{host!r} is no address of this machine ({error.strerror or error})"
        raise InputError(field="host", message=message) from error


def free_port(host: str, first: int) -> int:
    """Return a free port from ``first`` on, or any free port if none is near."""
    for port in range(first, min(first + _TRIED, 65_536)):
        try:
            with _bound(host, port):
                return port
        except OSError:
            continue
    with _bound(host, 0) as free:
        return port_of(free)


def port_of(listening: socket.socket) -> int:
    """Return the port of a socket."""
    return int(listening.getsockname()[1])


def address_of(host: str, port: int) -> str:
    """Return the URL that a person types into a browser on this machine."""
    # A browser cannot open the address that means "all of this machine".
    shown = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"


def _bound(host: str, port: int) -> socket.socket:
    family, _, _, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    return socket.create_server(address[:2], family=family)


def environment(settings: Settings) -> dict[str, str]:
    """Return the environment variables that give another process the same settings."""
    written = {}
    for setting in fields(settings):
        value: Any = getattr(settings, setting.name)
        if isinstance(value, bool):
            value = "yes" if value else "no"
        if isinstance(value, tuple):
            value = ",".join(map(str, value))
        if value is not None:
            written[PREFIX + setting.name.upper()] = str(value)
    return written


def pages_folder() -> Path:
    """Return the folder from which the pages are imported.

    Raises
    ------
    SettingsError
        when they are not installed
    """
    if (_CLONE / "web" / "__init__.py").is_file():
        return _CLONE
    found = importlib.util.find_spec("web")
    if found is None or found.origin is None:
        problem = "the pages (package web) are not there: run the program from its clone"
        raise SettingsError([problem])
    return Path(found.origin).parents[1]


def program(*args: str) -> list[str]:
    """Return the command that runs this program with these arguments."""
    return [sys.executable, "-m", "gridmgmt", *args]
