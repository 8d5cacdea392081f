"""Read and write areas; a stored row is valid for the editions [since, until)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from gridmgmt.arrays import objects
from gridmgmt.domain.areas.area import AreaKey, Chain, chains_of
from gridmgmt.domain.areas.known_areas import KnownArea, KnownAreas
from gridmgmt.geometry.coverage.changes import as_multipolygons
from gridmgmt.geometry.coverage.level_areas import LevelAreas
from gridmgmt.geometry.measure import area_m2
from gridmgmt.store.areas.attributes import as_json
from gridmgmt.store.areas.levels import list_levels
from gridmgmt.store.geometries import ewkb, from_wkb
from gridmgmt.store.schema import areas
from gridmgmt.store.statements import statement


@dataclass(frozen=True)
class PointLocation:
    """The location of one point; ``code`` is None if it is not located.

    ``distance_m`` is 0 where an area covers the point, and None where it is not located.
    ``candidates`` begins with the area found.
    """

    code: str | None
    on_boundary: bool
    snapped: bool
    distance_m: float | None
    candidates: tuple[str, ...]


@dataclass(frozen=True)
class LevelCount:
    """The number of areas of a level, and their total geodesic area in square metres."""

    level: str
    areas: int
    area_m2: float


def areas_in(
    conn: Connection, edition: int | None, level: str | None = None
) -> dict[str, LevelAreas]:
    """Read the areas of an edition with their outlines, lon/lat (EPSG:4326).

    Returns
    -------
    level -> areas, ordered by code. Levels are in their order from the topmost down; levels
    without areas are absent. The result is empty for edition None. A number above the newest
    edition reads the newest edition.
    """
    if edition is None:
        return {}
    rows = conn.execute(statement("areas_in"), {"edition": edition, "level": level}).all()
    return {
        name: level_areas(name, list(group))
        for name, group in groupby(rows, key=lambda row: str(row.level))
    }


def areas_content(conn: Connection, edition: int, level: str) -> str | None:
    """Return a checksum of the areas of a level of an edition, or None without areas.

    Equal codes and outlines have equal checksums, in any edition and any database.
    """
    given = {"edition": edition, "level": level}
    content = conn.execute(statement("areas_content"), given).scalar_one()
    return None if content is None else str(content)


def chains(conn: Connection, edition: int, level: str) -> dict[str, Chain]:
    """Return for each area of a level the areas it lies in.

    The parent lies at the nearest level above that has areas in the edition. A chain ends
    where no parent is stored.

    Returns
    -------
    code -> ((level, code), …) the area itself first, then upwards; ordered by code
    """
    return chains_of(parents_in(conn, edition), level)


def parents_in(conn: Connection, edition: int) -> dict[str, dict[str, str | None]]:
    """Return the code of the parent of each area of an edition, None for none.

    Returns
    -------
    level -> code -> parent; levels with areas from the topmost down, codes by code point
    """
    rows = conn.execute(statement("area_parents"), {"edition": edition})
    return {
        name: {row.code: row.parent_code for row in group}
        for name, group in groupby(rows, key=lambda row: str(row.level))
    }


def leaves_within(
    conn: Connection, level: str, code: str, *, edition: int | None = None
) -> list[tuple[int, str]]:
    """Find the leaf areas in an area, as (edition, code), ordered by both.

    Without ``edition``, the tree of each edition decides. With ``edition``, the tree of that
    edition decides; of any other edition the result has the leaf areas that share a stored row
    with it.
    """
    given = {"level": level, "code": code, "edition": edition}
    return [(row.edition, row.code) for row in conn.execute(statement("leaves_within"), given)]


def leaf_level(conn: Connection, edition: int) -> str | None:
    """Return the deepest level that has areas in the edition, or None if no level has."""
    counts = count_areas(conn, edition)
    return counts[-1].level if counts else None


def count_areas(conn: Connection, edition: int) -> list[LevelCount]:
    """Count the areas of each level in an edition, from the topmost level down."""
    rows = conn.execute(statement("area_counts"), {"edition": edition})
    return [LevelCount(row.level, row.areas, row.area_m2) for row in rows]


def area_names(conn: Connection, edition: int, keys: Sequence[AreaKey]) -> dict[AreaKey, str]:
    """Return the names of areas in an edition; areas it does not have are absent."""
    rows = conn.execute(statement("area_names"), {"edition": edition, **_columns(keys)})
    return {(row.level, row.code): row.name for row in rows}


def latest_names(
    conn: Connection, level: str, codes: Collection[str] | None = None
) -> dict[str, str]:
    """Return the name of every area a level ever had, or of those of ``codes`` among them.

    The newest edition that has the area decides.
    """
    query = sa.select(areas.c.code, areas.c.name).where(areas.c.level == level)
    if codes is not None:
        query = query.where(areas.c.code.in_(codes))
    return {row.code: row.name for row in conn.execute(query.order_by(areas.c.since))}


def known_areas(conn: Connection) -> KnownAreas:
    """Return the codes of all areas of the editions that were not withdrawn."""
    rows = conn.execute(statement("known_areas"))
    return KnownAreas(
        [level.name for level in list_levels(conn)],
        [KnownArea(row.level, row.code, row.standing) for row in rows],
    )


def locate_point(
    conn: Connection,
    lon: float,
    lat: float,
    *,
    edition: int,
    level: str,
    candidate_m: float,
    snap_m: float,
) -> PointLocation:
    """Find the area that covers one point, by the same rule as ``geometry.locate``.

    Parameters
    ----------
    lon, lat : degrees, EPSG:4326
    candidate_m, snap_m : metres, inclusive; ``snap_m`` 0 never snaps
    """
    given = {
        "lon": lon,
        "lat": lat,
        "edition": edition,
        "level": level,
        "candidate_m": candidate_m,
        "snap_m": snap_m,
    }
    row = conn.execute(statement("locate"), given).one()
    return PointLocation(
        row.code, row.on_boundary, row.snapped, row.distance_m, tuple(row.candidates or ())
    )


def close_areas(conn: Connection, edition: int, keys: Sequence[AreaKey]) -> int:
    """End the current rows of some areas with an edition; return the number of rows."""
    given = {"edition": edition, **_columns(keys)}
    return conn.execute(statement("close_areas"), given).rowcount


def open_areas(conn: Connection, edition: int, level: LevelAreas) -> int:
    """Store rows of one level that begin with an edition; return the number of rows.

    Parameters
    ----------
    level : valid geometry, lon/lat on the storage grid; polygons are stored as multipolygons
    """
    given = {
        "edition": edition,
        "levels": [level.level] * len(level.codes),
        "codes": list(level.codes),
        "names": list(level.names),
        "parent_codes": list(level.parent_codes),
        "geoms": ewkb(as_multipolygons(level.geoms)),
        "areas_m2": area_m2(level.geoms).tolist(),
        "attributes": as_json(level.attributes),
    }
    return conn.execute(statement("open_areas"), given).rowcount


def take_back(conn: Connection, edition: int) -> tuple[int, int]:
    """Delete the rows an edition began and reopen the rows it ended.

    Return both numbers of rows.
    """
    begun = conn.execute(areas.delete().where(areas.c.since == edition)).rowcount
    ended = conn.execute(
        areas.update().where(areas.c.until == edition).values(until=sa.null())
    ).rowcount
    return begun, ended


def _columns(keys: Sequence[AreaKey]) -> dict[str, list[str]]:
    return {"levels": [level for level, _ in keys], "codes": [code for _, code in keys]}


def level_areas(level: str, rows: Sequence[Row[*tuple[Any, ...]]]) -> LevelAreas:
    """Build areas from rows with code, name, parent_code, attributes and geom (WKB).

    Attributes may be None for none.
    """
    return LevelAreas(
        level=level,
        codes=objects(row.code for row in rows),
        names=objects(row.name for row in rows),
        parent_codes=objects(row.parent_code for row in rows),
        geoms=from_wkb([row.geom for row in rows]),
        attributes=objects(row.attributes or {} for row in rows),
    )
