"""Cases that were reported before the first edition was in force."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gridmgmt.store.schema import cases

_IS_EARLY = cases.c.edition.is_(None)


def lock_early(conn: Connection, since: datetime) -> list[str]:
    """Lock the cases without an edition that were reported since an instant.

    Returns
    -------
    their numbers, ascending by code point
    """
    query = sa.select(cases.c.case_no).where(_IS_EARLY, cases.c.reported_at >= since)
    return list(conn.execute(query.order_by(cases.c.case_no).with_for_update()).scalars())


def count_early(conn: Connection) -> tuple[int, datetime | None]:
    """Return the number of cases without an edition, and when the first was reported."""
    query = sa.select(sa.func.count(), sa.func.min(cases.c.reported_at)).where(_IS_EARLY)
    count, first = conn.execute(query).one()
    return int(count), first
