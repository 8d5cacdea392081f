"""Connections to PostGIS and the one transaction of a command or request."""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine, make_url
from sqlalchemy.exc import OperationalError

from gridmgmt.errors import StoreError
from gridmgmt.store.error_words import withhold_values


def make_engine(url: str) -> Engine:
    """Make an engine for a libpq-style URI.

    The session speaks UTC; the just-in-time compiler is off because its start-up costs more
    than the short statements here gain. A statement is planned for the values it is asked
    with: a plan for any period would read a year as it reads a day, without help and slowly.
    """
    try:
        parsed = make_url(url).set(drivername="postgresql+psycopg")
    except sa.exc.ArgumentError as error:
        message = f"the database URL cannot be read: {error}"
        raise StoreError(message) from error
    options = "-c timezone=UTC -c jit=off -c plan_cache_mode=force_custom_plan"
    engine = sa.create_engine(
        parsed,
        connect_args={"options": options},
        pool_pre_ping=True,
        # What people typed stands neither in errors nor, with them, in the log.
        hide_parameters=True,
    )
    withhold_values(engine)
    return engine


def _remedy(engine: Engine, reason: str) -> str:
    if reason.endswith("does not exist"):
        return "make it with: gridmgmt db migrate"
    # A socket is the private cluster; any other server is somebody else's to start.
    if engine.url.query.get("host"):
        return "is it up? (gridmgmt db up)"
    return "is the server up, and GRIDMGMT_DATABASE_URL right?"


@contextmanager
def transaction(engine: Engine, *, commit: bool) -> Iterator[Connection]:
    """Run one transaction: returning commits (if asked to), raising rolls back.

    Raises
    ------
    StoreError
        when the database cannot be reached
    """
    try:
        conn = engine.connect()
    except OperationalError as error:
        reason = str(error.orig).strip().splitlines()[0]
        message = f"the database does not answer: {reason}; {_remedy(engine, reason)}"
        raise StoreError(message) from error
    with conn:
        yield conn
        if commit:
            conn.commit()
        else:
            conn.rollback()
