"""Counts over all stored cases."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gridmgmt.store.schema import cases
from gridmgmt.store.statements import statement


@dataclass(frozen=True)
class ResponderCount:
    """The number of cases of a responder with one status.

    Cases without a responder are counted by the reason why they have none.
    """

    responder_code: str | None
    name: str | None
    unrouted_reason: str | None
    cases: int
    open: int
    disposed: int
    closed: int


def count_places(conn: Connection) -> tuple[Counter[str], int]:
    """Count cases by their location, and count the cases on a boundary.

    Returns
    -------
    ``inside``, ``snapped`` or the reason why it is unlocated -> cases; cases on a boundary
    """
    rows = conn.execute(statement("count_places")).all()
    return Counter({row.place: row.cases for row in rows}), sum(row.on_boundary for row in rows)


def count_by_responder(conn: Connection) -> list[ResponderCount]:
    """Count the cases of each responder, most cases first, then by code."""
    rows = conn.execute(statement("count_by_responder"))
    return [ResponderCount(**row._mapping) for row in rows]


def list_channels(conn: Connection, *, most: int) -> list[str]:
    """List the channels by which cases came, in order; at most so many."""
    return list(conn.execute(statement("list_channels"), {"most": most}).scalars())


def count_cases_judged_before(conn: Connection, edition: int, since: datetime) -> int:
    """Count cases reported since an instant that need to be judged again.

    These are the cases judged under an earlier edition, or under none.
    """
    judged = sa.func.coalesce(cases.c.edition, 0)
    query = sa.select(sa.func.count()).where(cases.c.reported_at >= since, judged < edition)
    return int(conn.execute(query).scalar_one())


def count_cases_judged_by(conn: Connection, edition: int) -> int:
    """Count the cases that were judged under an edition."""
    query = sa.select(sa.func.count()).where(cases.c.edition == edition)
    return int(conn.execute(query).scalar_one())
