"""Read and search the areas, structures and cases that the map shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gridmgmt.arrays import GeometryArray
from gridmgmt.domain.accounts.case_scope import CaseScope
from gridmgmt.domain.areas.area import AreaKey
from gridmgmt.domain.period import Period
from gridmgmt.domain.responsibility.demolition import DemolitionMode
from gridmgmt.store.cases.case_filter import CaseFilter
from gridmgmt.store.geometries import from_wkb
from gridmgmt.store.schema import cases
from gridmgmt.store.statements import statement


class AreaRow(NamedTuple):
    """An area without its outline; its row is valid for the editions ``[since, until)``.

    ``area_m2`` is geodesic, in square metres.
    """

    level: str
    code: str
    name: str
    parent_code: str | None
    area_m2: float
    since: int
    until: int | None


@dataclass(frozen=True, slots=True)
class Structure:
    """A demolition with its day, or a structure that still stands.

    Areas are in square metres.
    """

    code: str
    name: str | None
    mode: DemolitionMode | None
    day: date | None
    claimed_m2: float | None
    measured_m2: float | None


@dataclass(frozen=True, slots=True)
class Found:
    """A place found by a search.

    It has a point inside it and its bounds (west, south, east, north), in degrees.
    """

    kind: str
    level: str | None
    code: str
    name: str | None
    lon: float
    lat: float
    bounds: tuple[float, float, float, float]


def list_areas(conn: Connection, edition: int) -> list[AreaRow]:
    """List the areas of an edition, from the topmost level down, ordered by code."""
    rows = conn.execute(statement("map_areas"), {"edition": edition})
    return [AreaRow(*row) for row in rows]


def list_structures(
    conn: Connection, period: Period, *, edition: int | None, area: AreaKey | None
) -> tuple[list[Structure], GeometryArray]:
    """List demolitions of a period and standing structures, by code, with their geometry.

    Parameters
    ----------
    area : only structures in this area of the edition; None: the whole city
    """
    given = {"first": period.first, "last": period.last, **_area_binds(edition, area)}
    rows = conn.execute(statement("map_demolitions"), given).all()
    listed = [
        Structure(
            row.code,
            row.name,
            None if row.mode is None else DemolitionMode(row.mode),
            row.demolished_on,
            row.claimed_m2,
            row.measured_m2,
        )
        for row in rows
    ]
    return listed, from_wkb([row.geom for row in rows])


def search_areas(
    conn: Connection,
    edition: int,
    words: str,
    *,
    areas_seen: Sequence[AreaKey] | None,
    most: int,
) -> list[Found]:
    """Find areas of an edition by code or name, best match first.

    ``areas_seen`` limits the search to these areas; None searches all areas.
    """
    given = {
        "edition": edition,
        "words": words.lower(),
        "levels": None if areas_seen is None else [level for level, _ in areas_seen],
        "codes": None if areas_seen is None else [code for _, code in areas_seen],
        "most": most,
    }
    rows = conn.execute(statement("search_areas"), given)
    return [_found("area", row.level, row.code, row.name, row) for row in rows]


def search_road_segments(
    conn: Connection, words: str, *, edition: int | None, area: AreaKey | None, most: int
) -> list[Found]:
    """Find road segments by code or name; an exact code or name comes first.

    Parameters
    ----------
    area : only segments that meet this area of the edition; None: the whole city
    """
    given = {"words": words.lower(), "most": most, **_area_binds(edition, area)}
    rows = conn.execute(statement("search_road_segments"), given)
    return [_found("road_segment", None, row.code, row.name, row) for row in rows]


def search_structures(
    conn: Connection, words: str, *, edition: int | None, area: AreaKey | None, most: int
) -> list[Found]:
    """Find demolitions by code or name; an exact code comes first."""
    given = {"words": words.lower(), "most": most, **_area_binds(edition, area)}
    rows = conn.execute(statement("search_demolitions"), given)
    return [_found("demolition", None, row.code, row.name, row) for row in rows]


def search_cases(
    conn: Connection, beginning: str, *, case_scope: CaseScope, most: int
) -> list[Found]:
    """Find located cases by the beginning of their number, ordered by number."""
    wanted = CaseFilter(number_prefix=beginning, case_scope=case_scope)
    lon, lat = (sa.func.ST_X(cases.c.geom), sa.func.ST_Y(cases.c.geom))
    query = (
        sa.select(cases.c.case_no, cases.c.level, lon.label("lon"), lat.label("lat"))
        .where(*wanted.conditions(), cases.c.geom.is_not(None))
        .order_by(cases.c.case_no)
        .limit(most)
    )
    return [
        Found(
            "case",
            row.level,
            row.case_no,
            None,
            row.lon,
            row.lat,
            (row.lon, row.lat, row.lon, row.lat),
        )
        for row in conn.execute(query)
    ]


def _area_binds(edition: int | None, area: AreaKey | None) -> dict[str, Any]:
    level, code = area or (None, None)
    return {"edition": edition, "level": level, "code": code}


def _found(kind: str, level: str | None, code: str, name: str | None, row: Any) -> Found:
    return Found(
        kind, level, code, name, row.lon, row.lat, (row.west, row.south, row.east, row.north)
    )


def database_key(conn: Connection) -> str:
    """Return a key that identifies this database.

    The same home may have been used with another database, whose cached files must not be used.
    """
    name = sa.func.current_database()
    query = sa.text("SELECT oid FROM pg_database WHERE datname = current_database()")
    return f"{conn.execute(sa.select(name)).scalar_one()}:{conn.execute(query).scalar_one()}"
