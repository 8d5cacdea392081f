"""Read areas of an edition by place, without reading the whole city."""

from collections.abc import Iterable

from sqlalchemy.engine import Connection

from gridmgmt.arrays import GeometryArray
from gridmgmt.geometry.coverage.level_areas import LevelAreas
from gridmgmt.geometry.locating.locator_index import Bounds
from gridmgmt.store.areas.areas import level_areas
from gridmgmt.store.geometries import ewkb
from gridmgmt.store.statements import statement


def areas_near(conn: Connection, edition: int, level: str, boxes: GeometryArray) -> LevelAreas:
    """Read the areas of a level whose box meets any of some boxes (lon/lat), by code."""
    given = {"edition": edition, "level": level, "boxes": ewkb(boxes)}
    return level_areas(level, conn.execute(statement("areas_near"), given).all())


def extent_without(
    conn: Connection, edition: int, level: str, codes: Iterable[str]
) -> Bounds | None:
    """Return the bounds of the areas of a level other than these, None without any."""
    given = {"edition": edition, "level": level, "codes": list(codes)}
    row = conn.execute(statement("extent_without"), given).one()
    return None if row.west is None else (row.west, row.south, row.east, row.north)
