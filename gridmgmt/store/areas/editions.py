"""Editions, as stored: numbers never come back, no two are in force at once."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.engine import Connection, Row

from gridmgmt.domain.areas.edition import Edition
from gridmgmt.errors import NotFoundError
from gridmgmt.store.schema import editions
from gridmgmt.store.statements import statement

_MAX_NUMBER = 2**31 - 1

_COLUMNS = (
    editions.c.number,
    editions.c.label,
    editions.c.effective_from,
    sa.func.upper(editions.c.in_force).label("in_force_until"),
    editions.c.published_at,
    editions.c.published_by,
    editions.c.tolerance_m2,
    editions.c.withdrawn_at,
)


def list_editions(conn: Connection, *, withdrawn: bool = False) -> list[Edition]:
    """List the editions by number; the withdrawn ones only when asked for."""
    query = sa.select(*_COLUMNS).order_by(editions.c.number)
    if not withdrawn:
        query = query.where(editions.c.withdrawn_at.is_(None))
    return [_from_row(row) for row in conn.execute(query)]


def get_edition(conn: Connection, number: int) -> Edition:
    """Return an edition, withdrawn or not.

    Raises
    ------
    NotFoundError
        when no edition ever had this number
    """
    # A literal wider than the column has no place in its index and is no number of an edition.
    if abs(number) > _MAX_NUMBER:
        raise NotFoundError(kind="edition", key=number)
    row = conn.execute(sa.select(*_COLUMNS).where(editions.c.number == number)).one_or_none()
    if row is None:
        raise NotFoundError(kind="edition", key=number)
    return _from_row(row)


def newest_edition(conn: Connection, *, before: int | None = None) -> Edition | None:
    """Return the standing edition with the highest number (below ``before``), if any.

    It may not be in force yet.
    """
    query = sa.select(*_COLUMNS).where(editions.c.withdrawn_at.is_(None))
    if before is not None:
        query = query.where(editions.c.number < before)
    row = conn.execute(query.order_by(editions.c.number.desc()).limit(1)).one_or_none()
    return None if row is None else _from_row(row)


def wait_for_turn(conn: Connection) -> None:
    """Wait until no other transaction publishes or withdraws; held until this one ends."""
    conn.execute(statement("lock_editions"))


def clock(conn: Connection) -> datetime:
    """Return the database's own present instant, by which an edition is in force or not.

    Not ``now()``, which is when the transaction began, perhaps long before its turn came.
    """
    at: datetime = conn.execute(sa.select(sa.func.clock_timestamp())).scalar_one()
    return at


def open_edition(
    conn: Connection, label: str, effective_from: datetime, tolerance_m2: float, by: str
) -> int:
    """Store an edition in force from an instant on and return its number.

    The standing edition before it ends at that instant; it is shortened first because the
    database never holds two editions in force at once.
    """
    newest = newest_edition(conn)
    if newest is not None:
        _set_in_force(conn, newest.number, Range(newest.effective_from, effective_from))
    highest = sa.select(sa.func.coalesce(sa.func.max(editions.c.number), 0))
    number = int(conn.execute(highest).scalar_one()) + 1
    conn.execute(
        editions.insert().values(
            number=number,
            label=label,
            effective_from=effective_from,
            in_force=Range(effective_from, None),
            tolerance_m2=tolerance_m2,
            published_by=by,
        )
    )
    return number


def close_withdrawn(conn: Connection, number: int) -> None:
    """Mark an edition withdrawn and let the standing one before it go on without an end."""
    before = newest_edition(conn, before=number)
    conn.execute(
        editions.update()
        .where(editions.c.number == number)
        .values(in_force=Range(empty=True), withdrawn_at=sa.func.now())
    )
    if before is not None:
        _set_in_force(conn, before.number, Range(before.effective_from, None))


def _set_in_force(conn: Connection, number: int, in_force: Range[datetime]) -> None:
    conn.execute(editions.update().where(editions.c.number == number).values(in_force=in_force))


def _from_row(row: Row[*tuple[Any, ...]]) -> Edition:
    return Edition(
        number=row.number,
        label=row.label,
        effective_from=row.effective_from,
        in_force_until=row.in_force_until,
        published_at=row.published_at,
        published_by=row.published_by,
        tolerance_m2=row.tolerance_m2,
        withdrawn_at=row.withdrawn_at,
    )
