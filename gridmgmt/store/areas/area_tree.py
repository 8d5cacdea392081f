"""Read areas for pages: a list of one level, and one area with its neighbours and history."""

from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa
from shapely.geometry.base import BaseGeometry
from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.area import AreaKey
from gridmgmt.domain.areas.attributes import Attributes
from gridmgmt.geometry.coverage.level_areas import LevelAreas
from gridmgmt.store.areas.areas import LevelCount, level_areas
from gridmgmt.store.geometries import from_wkb
from gridmgmt.store.schema import lineage
from gridmgmt.store.statements import statement

# Borders that come from two files may be slightly apart; 1e-5 degrees are about a metre.
_REACH_DEG = 1e-5


@dataclass(frozen=True)
class TreeRow:
    """An area in a list; ``children`` is the number of areas directly below it."""

    level: str
    rank: int
    code: str
    name: str
    parent_code: str | None
    area_m2: float
    children: int


@dataclass(frozen=True)
class NamedArea:
    """An area and its name."""

    level: str
    code: str
    name: str


@dataclass(frozen=True)
class MeantArea:
    """An area that a typed text may mean, with the name of the area it lies in, if any.

    ``by_words``: each word of the text is in its code, its name or that of the area above.
    Otherwise only its code ends the text.
    """

    level: str
    code: str
    name: str
    parent_name: str | None
    by_words: bool


@dataclass(frozen=True)
class StoredVersion:
    """One stored row of an area, valid for the editions ``[since, until)``."""

    name: str
    parent_code: str | None
    area_m2: float
    since: int
    until: int | None
    geom: BaseGeometry
    attributes: Attributes


@dataclass(frozen=True)
class AreaDescent:
    """One line of lineage that names an area, with the edition that stored it."""

    edition: int
    old_code: str
    new_code: str | None
    overlap_m2: float
    share: float


def list_tree(
    conn: Connection,
    edition: int,
    *,
    top: AreaKey | None = None,
    level: str | None = None,
    parent: AreaKey | None = None,
    words: str | None = None,
    after: tuple[int, str] | None = None,
    most: int,
) -> list[TreeRow]:
    """List areas of an edition, from the topmost level down, codes by code point.

    Parameters
    ----------
    top : only this area and what is under it
    parent : only the areas directly below this area
    words : only areas with this text in their code or name, in upper or lower case
    after : rank and code of the last row of the page before
    """
    top_level, top_code = top or (None, None)
    parent_level, parent_code = parent or (None, None)
    after_rank, after_code = after or (None, None)
    given = {
        "edition": edition,
        "top_level": top_level,
        "top_code": top_code,
        "level": level,
        "parent_level": parent_level,
        "parent_code": parent_code,
        "words": words or None,
        "after_rank": after_rank,
        "after_code": after_code,
        "most": most,
    }
    return [TreeRow(**row._mapping) for row in conn.execute(statement("area_tree"), given)]


def count_tree(
    conn: Connection, edition: int, *, top: AreaKey | None = None
) -> list[LevelCount]:
    """Count the areas of each level, in the whole city or below one area (itself included)."""
    top_level, top_code = top or (None, None)
    given = {"edition": edition, "top_level": top_level, "top_code": top_code}
    rows = conn.execute(statement("area_tree_counts"), given)
    return [LevelCount(row.level, row.areas, row.area_m2) for row in rows]


def chain_of(conn: Connection, edition: int, level: str, code: str) -> list[NamedArea]:
    """Return an area and the areas it lies in, the area itself first.

    The list is empty if the edition has no such area.
    """
    given = {"edition": edition, "level": level, "code": code}
    return [NamedArea(**row._mapping) for row in conn.execute(statement("area_chain"), given)]


def areas_meant(conn: Connection, edition: int, text: str, *, most: int) -> list[MeantArea]:
    """Find areas of an edition that somebody may mean by a text, the likeliest first.

    Upper and lower case are the same. An empty text means none.
    """
    words = text.lower().split()
    if not words:
        return []
    given = {"edition": edition, "text": " ".join(words), "words": words, "most": most}
    return [MeantArea(**row._mapping) for row in conn.execute(statement("areas_meant"), given)]


def neighbours_of(conn: Connection, edition: int, level: str, code: str) -> LevelAreas:
    """Read the areas of the same level that border on an area.

    Two areas up to about a metre apart count as neighbours.
    """
    given = {"edition": edition, "level": level, "code": code, "reach_deg": _REACH_DEG}
    return level_areas(level, conn.execute(statement("area_neighbours"), given).all())


def shapes_of(conn: Connection, edition: int, level: str, codes: Iterable[str]) -> LevelAreas:
    """Read areas of a level with their outlines, ordered by code."""
    given = {"edition": edition, "level": level, "codes": list(codes)}
    return level_areas(level, conn.execute(statement("area_shapes"), given).all())


def ended_areas(conn: Connection, edition: int, level: str, codes: Iterable[str]) -> LevelAreas:
    """Read all versions of some areas that had ended by an edition, by code, oldest first."""
    given = {"edition": edition, "level": level, "codes": list(codes)}
    return level_areas(level, conn.execute(statement("ended_areas"), given).all())


def versions_of(conn: Connection, level: str, code: str) -> list[StoredVersion]:
    """Read all versions of an area in editions that were not withdrawn, oldest first."""
    rows = conn.execute(statement("area_versions"), {"level": level, "code": code}).all()
    geoms = from_wkb([row.geom for row in rows])
    return [
        StoredVersion(
            row.name,
            row.parent_code,
            row.area_m2,
            row.since,
            row.until,
            geom,
            row.attributes,
        )
        for row, geom in zip(rows, geoms, strict=True)
    ]


def descents_of(conn: Connection, level: str, code: str) -> list[AreaDescent]:
    """Read the lines of lineage that name an area, as old or as new area, by edition."""
    query = (
        sa.select(lineage)
        .where(lineage.c.level == level)
        .where(sa.or_(lineage.c.old_code == code, lineage.c.new_code == code))
        .order_by(lineage.c.edition, lineage.c.share.desc(), lineage.c.id)
    )
    return [
        AreaDescent(row.edition, row.old_code, row.new_code, row.overlap_m2, row.share)
        for row in conn.execute(query)
    ]
