"""Road segments and their lines, as stored."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gridmgmt.domain.place import RoadSegment
from gridmgmt.geometry.arrays import GeometryArray
from gridmgmt.store.geometries import ewkb, from_wkb
from gridmgmt.store.schema import road_segments
from gridmgmt.store.statements import statement

_QUERY = sa.select(
    road_segments.c.code,
    road_segments.c.name,
    road_segments.c.tolerance_m,
    sa.func.ST_AsBinary(road_segments.c.geom).label("wkb"),
).order_by(road_segments.c.code)


def list_road_segments(conn: Connection) -> tuple[list[RoadSegment], GeometryArray]:
    """List all road segments by code, and beside them their multilines."""
    rows = conn.execute(_QUERY).all()
    found = [RoadSegment(row.code, row.name, row.tolerance_m) for row in rows]
    return found, from_wkb([row.wkb for row in rows])


def put_road_segments(
    conn: Connection, stated: Sequence[RoadSegment], geoms: GeometryArray
) -> None:
    """Store road segments with their multilines (lon/lat); known codes are replaced."""
    given = {
        "codes": [segment.code for segment in stated],
        "names": [segment.name for segment in stated],
        "tolerances_m": [segment.tolerance_m for segment in stated],
        "geoms": ewkb(geoms),
    }
    conn.execute(statement("put_road_segments"), given)
