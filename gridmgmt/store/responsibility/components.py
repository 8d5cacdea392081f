"""Read and write the register of components."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np
import sqlalchemy as sa
from shapely.geometry.base import BaseGeometry
from sqlalchemy.engine import Connection

from gridmgmt.arrays import FloatArray, GeometryArray, ObjectArray, objects
from gridmgmt.domain.responsibility.component import Component, ComponentState
from gridmgmt.store.geometries import from_wkb, hex_ewkb, meets
from gridmgmt.store.schema import components, responders
from gridmgmt.store.upsert import upsert

NAMES = tuple(field.name for field in fields(Component))
COLUMNS = (
    *(components.c[name] for name in NAMES),
    sa.func.ST_AsBinary(components.c.geom).label("wkb"),
)


@dataclass(frozen=True)
class StandingComponents:
    """The components that cases can be about, by code.

    It has their position, class and responder (None: not known). The responder is the first of
    owner, maintainer and manager that is known as a responder.
    """

    codes: ObjectArray
    classes: ObjectArray
    owners: ObjectArray
    lon: FloatArray
    lat: FloatArray


def list_components(conn: Connection) -> tuple[list[Component], GeometryArray]:
    """List all components by code, including removed ones, and their points."""
    rows = conn.execute(sa.select(*COLUMNS).order_by(components.c.code)).all()
    return [from_row(row) for row in rows], from_wkb([row.wkb for row in rows])


def put_components(conn: Connection, stated: Sequence[Component], geoms: GeometryArray) -> None:
    """Store components with their points (lon/lat); known codes are replaced."""
    pairs = zip(stated, hex_ewkb(geoms), strict=True)
    upsert(conn, components, [{**asdict(one), "geom": geom} for one, geom in pairs])


def get_component(conn: Connection, code: str) -> tuple[Component, GeometryArray] | None:
    """Return a component and its point, or None if no component has this code."""
    row = conn.execute(sa.select(*COLUMNS).where(components.c.code == code)).one_or_none()
    return None if row is None else (from_row(row), from_wkb([row.wkb]))


def component_names(conn: Connection, codes: Sequence[str]) -> dict[str, str]:
    """Return the names of components; components without a name are absent."""
    known = components.c.code.in_(codes) & components.c.name.is_not(None)
    query = sa.select(components.c.code, components.c.name).where(known)
    return {row.code: row.name for row in conn.execute(query)}


def standing_components(conn: Connection) -> StandingComponents:
    """Read the components that cases can be about, with their responders."""
    units = [components.c[f"{unit}_code"] for unit in ("owner", "maintainer", "manager")]
    found = [responders.alias(f"r{i}") for i in range(len(units))]
    source: Any = components
    for unit, responder in zip(units, found, strict=True):
        source = source.outerjoin(responder, responder.c.code == unit)
    query = (
        sa.select(
            components.c.code,
            components.c.class_code,
            sa.func.coalesce(*(responder.c.code for responder in found)),
            sa.func.ST_X(components.c.geom),
            sa.func.ST_Y(components.c.geom),
        )
        .select_from(source)
        .where(components.c.state.is_distinct_from(ComponentState.REMOVED.value))
        .order_by(components.c.code)
    )
    columns = list(zip(*conn.execute(query).all(), strict=True)) or [()] * 5
    codes, classes, owners, lon, lat = columns
    return StandingComponents(
        codes=objects(codes),
        classes=objects(classes),
        owners=objects(owners),
        lon=np.array(lon, dtype=np.float64),
        lat=np.array(lat, dtype=np.float64),
    )


def from_row(row: sa.Row[tuple[Any, ...]]) -> Component:
    """Build a component from the columns of ``COLUMNS``."""
    values = {name: getattr(row, name) for name in NAMES}
    state = values["state"]
    values["state"] = None if state is None else ComponentState(state)
    return Component(**values)


def standing_points_within(conn: Connection, ground: BaseGeometry) -> GeometryArray:
    """Return the points of the components that are not removed and meet a polygon (lon/lat).

    An empty polygon meets none.
    """
    query = sa.select(sa.func.ST_AsBinary(components.c.geom)).where(
        components.c.state.is_distinct_from(ComponentState.REMOVED.value),
        meets(components.c.geom, ground),
    )
    return from_wkb(list(conn.execute(query).scalars()))
