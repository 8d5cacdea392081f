"""Outlines of areas for the small maps beside a list or an area."""

from collections.abc import Sequence
from enum import StrEnum
from itertools import groupby

from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.area import AreaKey
from gridmgmt.errors import NotFoundError
from gridmgmt.geometry.coverage.changes import no_areas, pick
from gridmgmt.geometry.coverage.level_areas import LevelAreas
from gridmgmt.store.areas.area_tree import (
    TreeRow,
    chain_of,
    count_tree,
    list_tree,
    neighbours_of,
    shapes_of,
)

# More outlines than this are only a grey patch on a small map.
MOST_CHILDREN = 500


class Part(StrEnum):
    """A part of the surroundings of an area."""

    AREA = "area"
    PARENT = "parent"
    NEIGHBOURS = "neighbours"
    CHILDREN = "children"


# The parts whose areas can be opened from the map of an area.
LINKED = frozenset({Part.NEIGHBOURS, Part.CHILDREN})


def of_page(conn: Connection, edition: int, rows: Sequence[TreeRow]) -> list[LevelAreas]:
    """Read the outlines of a page of areas, level by level."""
    by_level = groupby(rows, key=lambda row: row.level)
    return [
        shapes_of(conn, edition, level, [row.code for row in found])
        for level, found in by_level
    ]


def around(
    conn: Connection, edition: int, area: AreaKey, part: Part, *, top: AreaKey | None
) -> LevelAreas:
    """Read an area or its surroundings; areas outside ``top`` are left out.

    Raises
    ------
    NotFoundError
        when the edition has no such area, or the area lies outside ``top``
    """
    level, code = area
    chain = [(one.level, one.code) for one in chain_of(conn, edition, level, code)]
    if not chain or (top is not None and top not in chain):
        raise NotFoundError(kind=level, key=code)
    if part is Part.NEIGHBOURS:
        return _seen(conn, edition, neighbours_of(conn, edition, level, code), top)
    if part is Part.CHILDREN:
        return _children(conn, edition, area)
    if part is Part.AREA:
        return shapes_of(conn, edition, level, [code])
    # An account limited to this area does not see the area above.
    if area == top or len(chain) < 2:
        return no_areas(level)
    return shapes_of(conn, edition, chain[1][0], [chain[1][1]])


def backdrop(
    conn: Connection, edition: int | None, level: str | None, *, top: AreaKey | None
) -> LevelAreas:
    """Read a level of an edition as a background, or for an overview of the edition.

    This is the requested level, else the deepest level. If it has too many areas, it is the
    nearest level above with fewer.
    """
    counts = [] if edition is None else count_tree(conn, edition, top=top)
    names = [one.level for one in counts]
    upto = counts[: names.index(level) + 1] if level in names else counts
    few = [one.level for one in upto if one.areas <= MOST_CHILDREN]
    if edition is None or not few:
        return no_areas(level or "")
    rows = list_tree(conn, edition, top=top, level=few[-1], most=MOST_CHILDREN)
    return shapes_of(conn, edition, few[-1], [row.code for row in rows])


def _children(conn: Connection, edition: int, area: AreaKey) -> LevelAreas:
    rows = list_tree(conn, edition, parent=area, most=MOST_CHILDREN)
    if not rows:
        return no_areas(area[0])
    return shapes_of(conn, edition, rows[0].level, [row.code for row in rows])


def _seen(conn: Connection, edition: int, areas: LevelAreas, top: AreaKey | None) -> LevelAreas:
    if top is None:
        return areas
    rows = list_tree(conn, edition, top=top, level=areas.level, most=2**31 - 1)
    return pick(areas, {row.code for row in rows})
