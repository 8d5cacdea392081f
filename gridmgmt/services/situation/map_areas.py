"""The areas of an edition that an account sees on the map, with the tree."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from sqlalchemy.engine import Connection

from gridmgmt.arrays import FloatArray
from gridmgmt.domain.areas.area import AreaKey
from gridmgmt.domain.areas.edition import Edition
from gridmgmt.errors import NotFoundError
from gridmgmt.geometry.measure import M2_PER_KM2
from gridmgmt.recently_used import RecentlyUsed
from gridmgmt.store.areas.editions import get_edition
from gridmgmt.store.situation.map_areas import AreaRow, database_key, list_areas

# Increase this number whenever the same areas would be written differently.
FORMAT = 1


@dataclass(frozen=True)
class MapAreas:
    """Areas of an edition by level, from the topmost down, and by code, ascending.

    An account limited to one area sees it, all areas in it and the areas above it.
    """

    edition: Edition
    by_level: Mapping[str, Mapping[str, AreaRow]]

    @cached_property
    def levels(self) -> list[str]:
        """Return the levels that have areas, from the topmost down."""
        return list(self.by_level)

    def codes(self, level: str) -> list[str]:
        """List the codes of a level, ascending.

        Raises
        ------
        NotFoundError
            when the edition has no such level
        """
        if level not in self.by_level:
            raise NotFoundError(kind="level", key=level, known=self.levels)
        return list(self.by_level[level])

    def area_km2(self, level: str) -> FloatArray:
        """Return the geodesic areas of a level in square kilometres, in the order of codes.

        Raises
        ------
        NotFoundError
            when the edition has no such level
        """
        here = self.by_level[level] if self.codes(level) else {}
        return np.array([row.area_m2 for row in here.values()], dtype=np.float64) / M2_PER_KM2

    def leaves_at(self, level: str) -> dict[str, str]:
        """Return for each leaf area its area at a level; absent if it has none."""
        *_, leaf = self.levels
        found = {code: code for code in self.by_level[leaf]}
        for above, here in reversed(self._pairs()):
            if here == level:
                break
            rows, parents = self.by_level[here], self.by_level[above]
            # Level by level: a parent lies at the nearest level above that the edition has.
            up = {code: rows[at].parent_code for code, at in found.items()}
            found = {code: at for code, at in up.items() if at is not None and at in parents}
        return found

    def _pairs(self) -> list[tuple[str, str]]:
        return list(zip(self.levels[:-1], self.levels[1:], strict=True))

    def limited_to(self, area: AreaKey) -> "MapAreas":
        """Return only an area, all areas in it, and the areas above it; empty without it."""
        level, code = area
        if code not in self.by_level.get(level, {}):
            return MapAreas(self.edition, {one: {} for one in self.levels})
        seen: dict[str, dict[str, AreaRow]] = {level: {code: self.by_level[level][code]}}
        for above, here in self._pairs():
            if above in seen and self.levels.index(here) > self.levels.index(level):
                seen[here] = _children(self.by_level[here], seen[above])
        for above, here in reversed(self._pairs()):
            if here in seen and above not in seen:
                parents = {row.parent_code for row in seen[here].values()}
                rows = self.by_level[above]
                seen[above] = {one: row for one, row in rows.items() if one in parents}
        return MapAreas(self.edition, {one: seen[one] for one in self.levels})


def _children(
    rows: Mapping[str, AreaRow], parents: Mapping[str, AreaRow]
) -> dict[str, AreaRow]:
    return {code: row for code, row in rows.items() if row.parent_code in parents}


def shapes_version(conn: Connection, edition: int, *, area: AreaKey | None = None) -> str:
    """Return a name for the outlines that an account sees; other outlines have another name.

    The same edition number means other areas in another database, and in this one after a
    restore. An account limited to an area sees fewer.

    Raises
    ------
    NotFoundError
        when there is no such edition, or it was withdrawn
    """
    found = get_edition(conn, edition)
    if found.withdrawn_at is not None:
        raise NotFoundError(kind="edition", key=edition)
    told = [FORMAT, database_key(conn), edition, found.published_at.isoformat(), area]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:20]


def map_areas(conn: Connection, number: int, *, area: AreaKey | None) -> MapAreas:
    """Read the areas of an edition that an account limited to ``area`` sees.

    Raises
    ------
    NotFoundError
        when there is no such edition, or it was withdrawn
    """
    areas = _EDITIONS.get(shapes_version(conn, number), lambda: _read(conn, number))
    return areas if area is None else areas.limited_to(area)


def _read(conn: Connection, number: int) -> MapAreas:
    by_level: dict[str, dict[str, AreaRow]] = {}
    for row in list_areas(conn, number):
        by_level.setdefault(row.level, {})[row.code] = row
    return MapAreas(get_edition(conn, number), by_level)


# The areas of an edition never change; each edition takes a few megabytes for a city of ten
# thousand cells.
_EDITIONS: RecentlyUsed[MapAreas] = RecentlyUsed(most=8)
