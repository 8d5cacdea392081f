"""Zones and their polygons, as stored."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gridmgmt.domain.place import Zone, ZoneKind
from gridmgmt.geometry.arrays import GeometryArray
from gridmgmt.store.days import days_of
from gridmgmt.store.geometries import ewkb, from_wkb
from gridmgmt.store.schema import zones
from gridmgmt.store.statements import statement

_QUERY = sa.select(
    zones.c.code,
    zones.c.kind,
    zones.c.name,
    zones.c.valid,
    sa.func.ST_AsBinary(zones.c.geom).label("wkb"),
).order_by(zones.c.code)


def list_zones(conn: Connection) -> tuple[list[Zone], GeometryArray]:
    """List all zones by code, whatever their days, and beside them their multipolygons."""
    rows = conn.execute(_QUERY).all()
    found = [Zone(row.code, ZoneKind(row.kind), row.name, *days_of(row.valid)) for row in rows]
    return found, from_wkb([row.wkb for row in rows])


def put_zones(conn: Connection, stated: Sequence[Zone], geoms: GeometryArray) -> None:
    """Store zones with their multipolygons (lon/lat); known codes are replaced."""
    given = {
        "codes": [zone.code for zone in stated],
        "kinds": [zone.kind.value for zone in stated],
        "names": [zone.name for zone in stated],
        "valid_froms": [zone.valid_from for zone in stated],
        "valid_tos": [zone.valid_to for zone in stated],
        "geoms": ewkb(geoms),
    }
    conn.execute(statement("put_zones"), given)
