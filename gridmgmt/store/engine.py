"""Connections to PostGIS and the one transaction of a command or request."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine, make_url
from sqlalchemy.exc import OperationalError

from gridmgmt.errors import StoreError
from gridmgmt.sentence import Sentence
from gridmgmt.store.error_words import withhold_values

# A server that runs answers much faster. Without a limit, libpq would wait minutes for one that
# is gone.
_CONNECT_S = 10


@dataclass(frozen=True)
class Timeouts:
    """Time limits of a database session in seconds; 0 means no limit.

    ``lock_s`` is the longest wait for a lock. ``idle_s`` is the longest silence within a
    transaction: then the session is ended, since it may hold up others.
    """

    statement_s: float = 0.0
    lock_s: float = 0.0
    idle_s: float = 0.0

    @property
    def options(self) -> str:
        """Return the limits as libpq options.

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
    """Return an engine for a libpq-style URI.

    Sessions use UTC. The just-in-time compiler is off: its start costs more than these short
    statements gain. Each statement is planned for its actual values: one plan for all periods
    would read a year in the way that fits a day, and slowly. A connection is tested before use,
    so that the program recovers after the database was away.
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
        # Parameters are what people typed. They must not appear in errors, and so not in the
        # log.
        hide_parameters=True,
    )
    withhold_values(engine)
    return engine


@contextmanager
def plans_kept(conn: Connection) -> Iterator[None]:
    """Let PostgreSQL keep plans while many rows are written, in the transaction of ``conn``.

    It checks each foreign key of each row by a statement of its own. In the sessions of
    ``make_engine`` each of these would be planned anew, which takes longer than all the rest of
    writing the row. The plans are kept until the tables are analysed again.
    """
    conn.exec_driver_sql("SET LOCAL plan_cache_mode = auto")
    yield
    # Not after an error: that ends the transaction, or rolls back to before this statement.
    conn.exec_driver_sql("SET LOCAL plan_cache_mode = force_custom_plan")


def _remedy(engine: Engine, reason: str) -> str:
    if reason.endswith("does not exist"):
        return "make it with: gridmgmt db migrate"
    # A socket means the private cluster. Other servers are started by somebody else.
    if engine.url.query.get("host"):
        return "is it up? (gridmgmt db up)"
    return "is the server up, and GRIDMGMT_DATABASE_URL right?"


@contextmanager
def transaction(engine: Engine, *, commit: bool) -> Iterator[Connection]:
    """Run one transaction: returning commits (if ``commit``), raising rolls back.

    Raises
    ------
    StoreError
        when the database cannot be reached
    """
    try:
        conn = engine.connect()
    except OperationalError as error:
        reason = str(error.orig).strip().splitlines()[0]
        raise StoreError(
            Sentence("the database does not answer: {}; {}", reason, _remedy(engine, reason))
        ) from error
    with conn:
        yield conn
        if commit:
            conn.commit()
        else:
            conn.rollback()
