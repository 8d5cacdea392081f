"""Read and write editions: numbers are never used twice, and only one edition is in force."""

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
    """List editions by number; with ``withdrawn``, the withdrawn editions too."""
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
    # A number too large for the column cannot be the number of an edition; PostgreSQL would not
    # use the index for it.
    if abs(number) > _MAX_NUMBER:
        raise NotFoundError(kind="edition", key=number)
    row = conn.execute(sa.select(*_COLUMNS).where(editions.c.number == number)).one_or_none()
    if row is None:
        raise NotFoundError(kind="edition", key=number)
    return _from_row(row)


def newest_edition(conn: Connection, *, before: int | None = None) -> Edition | None:
    """Return the edition with the highest number that was not withdrawn, if any.

    With ``before``, only editions below this number count. The edition may not be in force yet.
    """
    query = sa.select(*_COLUMNS).where(editions.c.withdrawn_at.is_(None))
    if before is not None:
        query = query.where(editions.c.number < before)
    row = conn.execute(query.order_by(editions.c.number.desc()).limit(1)).one_or_none()
    return None if row is None else _from_row(row)


def wait_for_turn(conn: Connection) -> None:
    """Lock publishing and withdrawing: wait until no other transaction does either.

    The lock is held until this transaction ends.
    """
    conn.execute(statement("lock_editions"))


def clock(conn: Connection) -> datetime:
    """Return the present time of the database, which decides whether an edition is in force.

    ``now()`` would be wrong: it is the start of the transaction, which may have waited long for
    its lock.
    """
    at: datetime = conn.execute(sa.select(sa.func.clock_timestamp())).scalar_one()
    return at


def open_edition(
    conn: Connection, label: str, effective_from: datetime, tolerance_m2: float, by: str
) -> int:
    """Store an edition that is in force from an instant on; return its number.

    The current edition ends at that instant. It is shortened first, because the database never
    accepts two editions in force at once.
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


def begin_earlier(conn: Connection, edition: Edition, effective_from: datetime) -> None:
    """Let the first edition be in force from an earlier instant on."""
    conn.execute(
        editions.update()
        .where(editions.c.number == edition.number)
        .values(
            effective_from=effective_from,
            in_force=Range(effective_from, edition.in_force_until),
        )
    )


def close_withdrawn(conn: Connection, number: int) -> None:
    """Mark an edition as withdrawn.

    The edition before it is in force again, without an end.
    """
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
