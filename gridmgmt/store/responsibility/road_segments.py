"""Read and write road segments with their lines."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import sqlalchemy as sa
from shapely.geometry.base import BaseGeometry
from sqlalchemy.engine import Connection

from gridmgmt.arrays import GeometryArray
from gridmgmt.domain.areas.surroundings import RoadSegment
from gridmgmt.store.geometries import from_wkb, hex_ewkb, meets
from gridmgmt.store.schema import road_segments
from gridmgmt.store.upsert import upsert

_QUERY = sa.select(
    road_segments.c.code,
    road_segments.c.name,
    road_segments.c.tolerance_m,
    sa.func.ST_AsBinary(road_segments.c.geom).label("wkb"),
).order_by(road_segments.c.code)


def list_road_segments(conn: Connection) -> tuple[list[RoadSegment], GeometryArray]:
    """List all road segments by code, and their multilines."""
    return _read(conn, _QUERY)


def segments_within(
    conn: Connection, ground: BaseGeometry, *, most: int
) -> tuple[list[RoadSegment], GeometryArray]:
    """List the road segments that meet a polygon (lon/lat) by code, and their multilines.

    At most ``most`` are returned. A segment that only touches the border meets it; an empty
    polygon meets none.
    """
    return _read(conn, _QUERY.where(meets(road_segments.c.geom, ground)).limit(most))


def _read(conn: Connection, query: sa.Select[Any]) -> tuple[list[RoadSegment], GeometryArray]:
    rows = conn.execute(query).all()
    found = [RoadSegment(row.code, row.name, row.tolerance_m) for row in rows]
    return found, from_wkb([row.wkb for row in rows])


def put_road_segments(
    conn: Connection, stated: Sequence[RoadSegment], geoms: GeometryArray
) -> None:
    """Store road segments with their multilines (lon/lat); known codes are replaced."""
    pairs = zip(stated, hex_ewkb(geoms), strict=True)
    upsert(conn, road_segments, [{**asdict(one), "geom": geom} for one, geom in pairs])


def delete_road_segments(conn: Connection, codes: Sequence[str]) -> None:
    """Delete road segments: those of an edition that is withdrawn before any of its days."""
    conn.execute(road_segments.delete().where(road_segments.c.code.in_(list(codes))))
