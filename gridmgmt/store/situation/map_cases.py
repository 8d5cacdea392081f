"""Read single cases for the map: where they lie, and what a list shows of them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gridmgmt.domain.accounts.case_scope import CaseScope
from gridmgmt.domain.cases.case import CaseStatus
from gridmgmt.store.cases.case_filter import CaseFilter, done_at
from gridmgmt.store.schema import cases


class Box(NamedTuple):
    """A box in degrees."""

    west: float
    south: float
    east: float
    north: float


@dataclass(frozen=True, slots=True)
class PlacedCase:
    """A located case without personal data; ``done_at`` is None while it is open.

    ``due_at`` is the deadline that counts, None for none.
    """

    case_no: str
    lon: float
    lat: float
    category: str
    status: CaseStatus
    due_at: datetime | None
    done_at: datetime | None


def cases_within(
    conn: Connection, wanted: CaseFilter, bounds: Box, *, most: int
) -> tuple[list[PlacedCase], int]:
    """Return the located cases of a filter in a box, the newest first, and how many there are.

    At most ``most`` cases are returned. Cases on the border of the box are in it.
    """
    box = sa.func.ST_MakeEnvelope(*bounds, 4326)
    here = (
        cases.c.area_code.is_not(None),
        cases.c.geom.op("&&")(box),
        *wanted.conditions(),
    )
    done = sa.case((done_at < sa.literal_column("'infinity'"), done_at)).label("done_at")
    query = (
        sa.select(
            cases.c.case_no,
            sa.func.ST_X(cases.c.geom).label("lon"),
            sa.func.ST_Y(cases.c.geom).label("lat"),
            cases.c.category,
            cases.c.status,
            wanted.due_at.label("due_at"),
            done,
        )
        .where(*here)
        .order_by(cases.c.reported_at.desc(), cases.c.case_no)
        .limit(most)
    )
    found = [
        PlacedCase(
            row.case_no,
            row.lon,
            row.lat,
            row.category,
            CaseStatus(row.status),
            row.due_at,
            row.done_at,
        )
        for row in conn.execute(query)
    ]
    if len(found) < most:
        return found, len(found)
    count = sa.select(sa.func.count()).select_from(cases).where(*here)
    return found, int(conn.execute(count).scalar_one())


def places_of(
    conn: Connection, numbers: Collection[str], case_scope: CaseScope
) -> dict[str, tuple[float, float]]:
    """Return longitude and latitude of some cases by their numbers, as far as they have any.

    Parameters
    ----------
    case_scope : cases outside of it are left out
    """
    query = sa.select(
        cases.c.case_no,
        sa.func.ST_X(cases.c.geom).label("lon"),
        sa.func.ST_Y(cases.c.geom).label("lat"),
    ).where(
        cases.c.case_no.in_(numbers),
        cases.c.geom.is_not(None),
        *CaseFilter(case_scope=case_scope).conditions(),
    )
    return {row.case_no: (row.lon, row.lat) for row in conn.execute(query)}
