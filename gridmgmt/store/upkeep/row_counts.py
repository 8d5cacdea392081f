"""Count the rows that can be exported."""

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gridmgmt.store.schema import (
    categories,
    demolitions,
    duties,
    group_members,
    levels,
    responders,
    road_segments,
    zones,
)

_TABLES = {
    "road_segments": road_segments,
    "zones": zones,
    "demolitions": demolitions,
    "responders": responders,
    "duties": duties,
    "groups": group_members,
    "levels": levels,
}


def count_rows(conn: Connection) -> dict[str, int]:
    """Count the rows an export would have, for each noun that has no editions."""
    counts = [
        sa.select(sa.func.count()).select_from(table).scalar_subquery().label(noun)
        for noun, table in _TABLES.items()
    ]
    mapped = sa.select(sa.func.count()).where(categories.c.mapped).scalar_subquery()
    row = conn.execute(sa.select(*counts, mapped.label("categories"))).one()
    return dict(row._mapping)
