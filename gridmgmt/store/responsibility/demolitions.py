"""Read and write demolitions with their footprints or points."""

from collections.abc import Sequence
from dataclasses import asdict, fields
from typing import Any

import sqlalchemy as sa
from shapely.geometry.base import BaseGeometry
from sqlalchemy.engine import Connection

from gridmgmt.arrays import GeometryArray
from gridmgmt.domain.responsibility.demolition import Demolition, DemolitionMode
from gridmgmt.store.geometries import from_wkb, hex_ewkb, meets
from gridmgmt.store.schema import demolitions
from gridmgmt.store.upsert import upsert

_NAMES = tuple(field.name for field in fields(Demolition))
_QUERY = sa.select(
    *(demolitions.c[name] for name in _NAMES),
    sa.func.ST_AsBinary(demolitions.c.geom).label("wkb"),
).order_by(demolitions.c.code)


def list_demolitions(conn: Connection) -> tuple[list[Demolition], GeometryArray]:
    """List all demolitions by code, and their multipolygons or points."""
    return _read(conn, _QUERY)


def demolitions_within(
    conn: Connection, ground: BaseGeometry
) -> tuple[list[Demolition], GeometryArray]:
    """List the demolitions that meet a polygon (lon/lat) by code, and their geometry.

    An empty polygon meets none.
    """
    return _read(conn, _QUERY.where(meets(demolitions.c.geom, ground)))


def _read(conn: Connection, query: sa.Select[Any]) -> tuple[list[Demolition], GeometryArray]:
    rows = conn.execute(query).all()
    return [_from_values(row._asdict()) for row in rows], from_wkb([row.wkb for row in rows])


def put_demolitions(
    conn: Connection, stated: Sequence[Demolition], geoms: GeometryArray
) -> None:
    """Store demolitions with multipolygons or points (lon/lat); known codes are replaced."""
    pairs = zip(stated, hex_ewkb(geoms), strict=True)
    upsert(conn, demolitions, [{**asdict(one), "geom": geom} for one, geom in pairs])


def _from_values(row: dict[str, Any]) -> Demolition:
    mode = row["mode"]
    values = {name: row[name] for name in _NAMES}
    values["mode"] = None if mode is None else DemolitionMode(mode)
    return Demolition(**values)
