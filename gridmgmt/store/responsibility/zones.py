"""Read and write zones with their polygons."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from shapely.geometry.base import BaseGeometry
from sqlalchemy.engine import Connection

from gridmgmt.arrays import GeometryArray
from gridmgmt.domain.areas.surroundings import Zone, ZoneKind
from gridmgmt.store.days import days, days_of
from gridmgmt.store.geometries import from_wkb, hex_ewkb, meets
from gridmgmt.store.schema import zones
from gridmgmt.store.upsert import upsert

_QUERY = sa.select(
    zones.c.code,
    zones.c.kind,
    zones.c.name,
    zones.c.valid,
    zones.c.categories,
    sa.func.ST_AsBinary(zones.c.geom).label("wkb"),
).order_by(zones.c.code)


def list_zones(conn: Connection) -> tuple[list[Zone], GeometryArray]:
    """List all zones by code, whatever their days, and their multipolygons."""
    return _read(conn, _QUERY)


def zones_within(conn: Connection, ground: BaseGeometry) -> tuple[list[Zone], GeometryArray]:
    """List the zones that meet a polygon (lon/lat), as `list_zones` does.

    An empty polygon meets none.
    """
    return _read(conn, _QUERY.where(meets(zones.c.geom, ground)))


def _read(conn: Connection, query: sa.Select[Any]) -> tuple[list[Zone], GeometryArray]:
    rows = conn.execute(query).all()
    found = [
        Zone(
            row.code,
            ZoneKind(row.kind),
            row.name,
            *days_of(row.valid),
            categories=None if row.categories is None else frozenset(row.categories),
        )
        for row in rows
    ]
    return found, from_wkb([row.wkb for row in rows])


def put_zones(conn: Connection, stated: Sequence[Zone], geoms: GeometryArray) -> None:
    """Store zones with their multipolygons (lon/lat); known codes are replaced."""
    rows = [
        {
            "code": zone.code,
            "kind": zone.kind,
            "name": zone.name,
            "valid": days(zone.valid_from, zone.valid_to),
            "categories": None if zone.categories is None else sorted(zone.categories),
            "geom": geom,
        }
        for zone, geom in zip(stated, hex_ewkb(geoms), strict=True)
    ]
    upsert(conn, zones, rows)


def delete_zones(conn: Connection, codes: Sequence[str]) -> None:
    """Delete zones: those of an edition that is withdrawn before any of its days."""
    conn.execute(zones.delete().where(zones.c.code.in_(list(codes))))
