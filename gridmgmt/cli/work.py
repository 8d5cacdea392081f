"""What all commands share: one transaction, the dry run, and printing."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any, TypeVar

import click
from sqlalchemy.engine import Connection

from gridmgmt.domain.moments import on_clock
from gridmgmt.settings import Settings
from gridmgmt.store.cluster import address
from gridmgmt.store.engine import transaction
from gridmgmt.store.upkeep.schema_check import checked_engine

Command = TypeVar("Command", bound=Callable[..., Any])


def commit_option(command: Command) -> Command:
    """Add ``--commit``; without it the command is a dry run."""
    return click.option(
        "--commit", is_flag=True, help="Change the data; without it: a dry run."
    )(command)


def json_option(command: Command) -> Command:
    """Add ``--json``, for output that a program reads."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON.")(command)


def crs_option(command: Command) -> Command:
    """Add ``--crs``, with all datums that positions may have."""
    return click.option(
        "--crs",
        metavar="CRS",
        help="Coordinate system: EPSG:n, a .prj/WKT file, a PROJ string, a name from the"
        " deployment's table, gcj02 or bd09; ,yx behind it: north or latitude first.",
    )(command)


def encoding_option(command: Command) -> Command:
    """Add ``--encoding``, for files that do not state their encoding."""
    return click.option("--encoding", help="Encoding of the text, e.g. gb18030.")(command)


def where_option(command: Command) -> Command:
    """Add ``--where``, which chooses features of a layer."""
    return click.option(
        "--where",
        metavar="SQL",
        help="Use only features for which this is true, e.g. \"kind = 'cell'\".",
    )(command)


def mend_option(command: Command) -> Command:
    """Add ``--mend``, for outlines that only the storage grid breaks."""
    return click.option(
        "--mend",
        is_flag=True,
        help="Make outlines valid that only the storage grid (1e-8 degrees) breaks.",
    )(command)


def database_url(settings: Settings) -> str:
    """Return the URL of the bureau's database: of the given server, or the private cluster."""
    return address.database_url(
        settings.database_url, home=settings.home, database=settings.database
    )


@contextmanager
def work(settings: Settings, *, commit: bool | None) -> Iterator[Connection]:
    """Run the one transaction of a command.

    ``commit`` None is for reading only. False does all the work and rolls it back, so that a
    dry run shows exactly what would happen. The last line on stderr says which it was.

    Raises
    ------
    SchemaError
        when the database has another schema than this program
    """
    engine = checked_engine(database_url(settings))
    try:
        with transaction(engine, commit=bool(commit)) as conn:
            yield conn
    finally:
        engine.dispose()
    # Only after the transaction has ended: before that, "committed" might not be true. Reading
    # commands say nothing, since they change nothing.
    if commit is not None:
        say("committed" if commit else "dry run: nothing was changed; add --commit to do it")


def say(words: str) -> None:
    """Print a message on stderr; stdout is for data."""
    click.echo(words, err=True)


def print_json(data: Any) -> None:
    """Print data as JSON."""
    # Chinese text stays readable in a terminal and in grep.
    click.echo(json.dumps(data, ensure_ascii=False, indent=2, default=_json_value))


def _json_value(value: object) -> str:
    """Return a time by the bureau's clock and a day in ISO form, and anything else as text.

    Programs that cut the date off a time get the bureau's day.
    """
    settings = click.get_current_context().find_object(Settings)
    if isinstance(value, datetime) and settings is not None:
        value = on_clock(value, settings.tz)
    return value.isoformat() if isinstance(value, date) else str(value)
