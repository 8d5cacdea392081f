"""Read cases as points, without personal data and without the traces of their routing."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gridmgmt.domain.cases.case import CaseMark, CaseStatus
from gridmgmt.store.cases.case_filter import CaseFilter
from gridmgmt.store.cases.shown_leaves import leaf_under
from gridmgmt.store.schema import cases


@dataclass(frozen=True, slots=True)
class CasePoint:
    """A case with its position (degrees) and its leaf area under the shown edition."""

    case_no: str
    category: str
    reported_at: datetime
    due_at: datetime | None
    due_provisional: bool
    disposed_at: datetime | None
    closed_at: datetime | None
    status: CaseStatus
    channel: str | None
    leaf: str | None
    responder_code: str | None
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class PointCounts:
    """How many cases have a position, have none, or are at a default position."""

    with_position: int
    without_position: int
    at_default: int


def count_points(conn: Connection, wanted: CaseFilter) -> PointCounts:
    """Count the cases of a filter by whether they are points."""
    marked = cases.c.marks.contains([CaseMark.DEFAULT_POSITION.value])
    has_position = cases.c.geom.is_not(None)
    query = sa.select(
        sa.func.count().filter(~marked, has_position),
        sa.func.count().filter(~marked, ~has_position),
        sa.func.count().filter(marked),
    )
    row = conn.execute(query.select_from(cases).where(*wanted.conditions())).one()
    return PointCounts(*row)


def read_points(conn: Connection, wanted: CaseFilter, edition: int) -> Iterator[CasePoint]:
    """Yield the cases of a filter that have a position, ordered by number.

    Cases at default positions are left out: nobody measured where they are.
    """
    leaf = leaf_under(edition)
    real = replace(wanted, unmarked=CaseMark.DEFAULT_POSITION)
    query = (
        sa.select(
            cases.c.case_no,
            cases.c.category,
            cases.c.reported_at,
            cases.c.due_at,
            cases.c.due_provisional,
            cases.c.disposed_at,
            cases.c.closed_at,
            cases.c.status,
            cases.c.channel,
            leaf.code,
            cases.c.responder_code,
            sa.func.ST_X(cases.c.geom),
            sa.func.ST_Y(cases.c.geom),
        )
        .select_from(leaf.table)
        .where(cases.c.geom.is_not(None), *real.conditions())
        .order_by(cases.c.case_no)
    )
    for row in conn.execute(query):
        point = CasePoint(*row)
        yield replace(point, status=CaseStatus(point.status))
