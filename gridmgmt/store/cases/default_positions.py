"""Read and write default positions; mark and count the cases that lie there."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.engine import Connection

from gridmgmt.domain.cases.case import CaseMark
from gridmgmt.domain.cases.default_position import DefaultPosition, LonLat
from gridmgmt.domain.judging.trace import PLACED
from gridmgmt.store.schema import cases, default_positions
from gridmgmt.store.statements import statement

_MARK = sa.cast([CaseMark.DEFAULT_POSITION.value], ARRAY(sa.Text))


def list_default_positions(conn: Connection) -> list[DefaultPosition]:
    """List all default positions in the order in which they were accepted, without counts."""
    order = (default_positions.c.accepted_at, default_positions.c.lon, default_positions.c.lat)
    return [
        DefaultPosition(row.lon, row.lat, row.accepted_by, row.accepted_at)
        for row in conn.execute(sa.select(default_positions).order_by(*order))
    ]


def count_default_cases(conn: Connection) -> dict[LonLat, int]:
    """Count the marked cases by their position."""
    rows = conn.execute(statement("count_default_cases"))
    return {(row.lon, row.lat): row.cases for row in rows}


def add_default_position(conn: Connection, position: LonLat, by: str) -> bool:
    """Store a default position; return False if it was one already."""
    lon, lat = position
    added = insert(default_positions).values(lon=lon, lat=lat, accepted_by=by)
    stored = added.on_conflict_do_nothing().returning(default_positions.c.lon)
    return conn.execute(stored).one_or_none() is not None


def remove_default_position(conn: Connection, position: LonLat) -> bool:
    """Remove a default position; return False if it was none."""
    lon, lat = position
    here = (default_positions.c.lon == lon) & (default_positions.c.lat == lat)
    removed = default_positions.delete().where(here).returning(default_positions.c.lon)
    return conn.execute(removed).one_or_none() is not None


def mark_cases_at(conn: Connection, position: LonLat) -> int:
    """Mark the stored cases at a position; return how many were not marked before.

    A case that a person put there stays unmarked.
    """
    wanted = (*_at(position), ~cases.c.marks.contains(_MARK), ~cases.c.trace.has_key(PLACED))
    marked = cases.update().where(*wanted).values(marks=cases.c.marks.op("||")(_MARK))
    return conn.execute(marked).rowcount


def unmark_cases_at(conn: Connection, position: LonLat) -> int:
    """Remove the mark from the cases at a position; return how many had it."""
    without = sa.func.array_remove(cases.c.marks, CaseMark.DEFAULT_POSITION.value)
    wanted = cases.update().where(*_at(position), cases.c.marks.contains(_MARK))
    return conn.execute(wanted.values(marks=without)).rowcount


def _at(position: LonLat) -> tuple[sa.ColumnElement[bool], ...]:
    lon, lat = position
    point = sa.func.ST_SetSRID(sa.func.ST_MakePoint(lon, lat), 4326)
    # The operator uses the index, whose boxes are rounded; the others are exact.
    return (
        cases.c.geom.op("&&")(point),
        sa.func.ST_X(cases.c.geom) == lon,
        sa.func.ST_Y(cases.c.geom) == lat,
    )
