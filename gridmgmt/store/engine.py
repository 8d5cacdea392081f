"""Connections to PostGIS and the one transaction of a command or request."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine, make_url
from sqlalchemy.exc import OperationalError

from gridmgmt.errors import StoreError
from gridmgmt.store.error_words import withhold_values

# A server that is there answers in far less; one that is gone would be waited for for minutes.
_CONNECT_S = 10


@dataclass(frozen=True)
class Timeouts:
    """How long the database lets a session go on, in seconds; 0: for ever.

    ``lock_s`` is the wait for what somebody else holds, ``idle_s`` the silence within a
    transaction after which the session is ended, since it may hold up others.
    """

    statement_s: float = 0.0
    lock_s: float = 0.0
    idle_s: float = 0.0

    @property
    def options(self) -> str:
        """Return them as libpq's options.

        >>> Timeouts(statement_s=1.5).options
        '-c statement_timeout=1500'
        """
        limits = {
            "statement_timeout": self.statement_s,
            "lock_timeout": self.lock_s,
            "idle_in_transaction_session_timeout": self.idle_s,
        }
        given = (
            f"-c {name}={seconds * 1000:.0f}" for name, seconds in limits.items() if seconds
        )
        return " ".join(given)


NO_TIMEOUTS = Timeouts()


def make_engine(url: str, timeouts: Timeouts = NO_TIMEOUTS) -> Engine:
    """Make an engine for a libpq-style URI.

    The session speaks UTC; the just-in-time compiler is off because its start-up costs more
    than the short statements here gain. A statement is planned for the values it is asked
    with: a plan for any period would read a year as it reads a day, without help and slowly.
    A connection is tried before it is lent, so that a database that was away is asked anew.
    """
    try:
        parsed = make_url(url).set(drivername="postgresql+psycopg")
    except sa.exc.ArgumentError as error:
        message = f"the database URL cannot be read: {error}"
        raise StoreError(message) from error
    options = "-c timezone=UTC -c jit=off -c plan_cache_mode=force_custom_plan"
    engine = sa.create_engine(
        parsed,
        connect_args={
            "options": f"{options} {timeouts.options}".rstrip(),
            "connect_timeout": _CONNECT_S,
        },
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
