"""Demolitions and their footprints or points, as stored."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gridmgmt.domain.demolition import Demolition, DemolitionMode
from gridmgmt.geometry.arrays import GeometryArray
from gridmgmt.store.geometries import ewkb, from_wkb
from gridmgmt.store.schema import demolitions
from gridmgmt.store.statements import statement

_NAMES = tuple(field.name for field in fields(Demolition))
_QUERY = sa.select(
    *(demolitions.c[name] for name in _NAMES),
    sa.func.ST_AsBinary(demolitions.c.geom).label("wkb"),
).order_by(demolitions.c.code)


def list_demolitions(conn: Connection) -> tuple[list[Demolition], GeometryArray]:
    """List all demolitions by code, and beside them multipolygons or points."""
    rows = conn.execute(_QUERY).all()
    return [_from_values(row._asdict()) for row in rows], from_wkb([row.wkb for row in rows])


def put_demolitions(
    conn: Connection, stated: Sequence[Demolition], geoms: GeometryArray
) -> None:
    """Store demolitions with multipolygons or points (lon/lat); known codes are replaced."""
    given: dict[str, list[object]] = {
        f"all_{name}": [getattr(one, name) for one in stated] for name in _NAMES
    }
    conn.execute(statement("put_demolitions"), {**given, "geoms": ewkb(geoms)})


def _from_values(row: dict[str, Any]) -> Demolition:
    mode = row["mode"]
    values = {name: row[name] for name in _NAMES}
    values["mode"] = None if mode is None else DemolitionMode(mode)
    return Demolition(**values)
