"""Under which editions stored cases stand."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gridmgmt.store.schema import cases


def count_cases_judged_before(conn: Connection, edition: int, since: datetime) -> int:
    """Count cases reported since an instant that stand under an earlier edition, or none."""
    judged = sa.func.coalesce(cases.c.edition, 0)
    query = sa.select(sa.func.count()).where(cases.c.reported_at >= since, judged < edition)
    return int(conn.execute(query).scalar_one())


def count_cases_judged_by(conn: Connection, edition: int) -> int:
    """Count the cases that stand under an edition."""
    query = sa.select(sa.func.count()).where(cases.c.edition == edition)
    return int(conn.execute(query).scalar_one())
