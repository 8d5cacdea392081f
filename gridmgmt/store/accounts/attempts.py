"""Count attempts, such as failed logins, within windows of time."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import Connection

from gridmgmt.store.schema import attempts

_KEY = (attempts.c.kind, attempts.c.subject, attempts.c.window_start)


def add_attempt(conn: Connection, kind: str, subject: str, window_start: datetime) -> int:
    """Count one more attempt within a window and return the new count.

    This is one statement, so that attempts made at the same time are all counted.
    """
    first = insert(attempts).values(
        kind=kind, subject=subject, window_start=window_start, count=1
    )
    counted = first.on_conflict_do_update(
        index_elements=_KEY, set_={"count": attempts.c.count + 1}
    ).returning(attempts.c.count)
    return int(conn.execute(counted).scalar_one())


def count_attempts(conn: Connection, kind: str, subject: str, window_start: datetime) -> int:
    """Return the number of attempts within a window."""
    counted = sa.select(attempts.c.count).where(*_is(kind, subject, window_start))
    return conn.execute(counted).scalar_one_or_none() or 0


def take_back(conn: Connection, kind: str, subject: str, window_start: datetime) -> None:
    """Reduce the count of a window by one attempt, but never below zero."""
    conn.execute(
        attempts.update()
        .where(*_is(kind, subject, window_start), attempts.c.count > 0)
        .values(count=attempts.c.count - 1)
    )


def forget(conn: Connection, kind: str, subject: str, window_start: datetime) -> None:
    """Delete the attempts of one window."""
    conn.execute(attempts.delete().where(*_is(kind, subject, window_start)))


def forget_before(conn: Connection, kind: str, before: datetime) -> None:
    """Delete the attempts of a kind whose windows began before ``before``.

    Rows that another transaction is deleting are skipped: two transactions that wait for each
    other's rows would end in a deadlock.
    """
    old = (
        sa.select(*_KEY)
        .where(attempts.c.kind == kind, attempts.c.window_start < before)
        .with_for_update(skip_locked=True)
    )
    conn.execute(attempts.delete().where(sa.tuple_(*_KEY).in_(old)))


def _is(kind: str, subject: str, window_start: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        attempts.c.kind == kind,
        attempts.c.subject == subject,
        attempts.c.window_start == window_start,
    )
