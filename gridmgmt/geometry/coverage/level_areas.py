"""The areas of one level, as they are given and as they are measured."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gridmgmt.arrays import BoolArray, FloatArray, GeometryArray, ObjectArray, objects
from gridmgmt.geometry.measure import area_m2, on_grid, polygon_parts


@dataclass(frozen=True)
class LevelAreas:
    """The areas of one level: k codes, names, parents' codes and polygons in lon/lat.

    ``names`` and ``parent_codes`` hold text or None, ``geoms`` polygons, multipolygons or None,
    ``attributes`` the values of each area (`Attributes`), without them none.
    """

    level: str
    codes: ObjectArray
    names: ObjectArray
    parent_codes: ObjectArray
    geoms: GeometryArray
    attributes: ObjectArray = field(default_factory=lambda: objects([]))

    def __post_init__(self) -> None:
        if not len(self.attributes):
            object.__setattr__(self, "attributes", objects({} for _ in self.codes))


class MeasuredAreas:
    """Areas of one level, put on the storage grid and prepared for measuring.

    ``given`` are the rounded geometries as they would be stored. ``geoms`` are the polygons
    that are left when self-crossings are resolved; use them only for measuring.

    Parameters
    ----------
    drawn : the codes whose outlines may be invalid, the others are valid; None: any may
    """

    def __init__(self, areas: LevelAreas, drawn: Collection[str] | None = None) -> None:
        self.level = areas.level
        self.codes = [str(code) if code is not None else "" for code in areas.codes]
        self.parent_codes: list[str | None] = list(areas.parent_codes)
        self.attributes = areas.attributes
        self.given = on_grid(objects(areas.geoms))
        self.is_valid = shapely.is_missing(self.given)
        if drawn is not None:
            self.is_valid |= ~np.isin(self.codes, [*drawn])
        asked = np.flatnonzero(~self.is_valid)
        self.is_valid[asked] = shapely.is_valid(self.given[asked])
        self.geoms = _measurable(self.given, self.is_valid)

    def __len__(self) -> int:
        return len(self.codes)

    @cached_property
    def area_m2(self) -> FloatArray:
        """Return geodesic areas in square metres, 0 where there is no polygon."""
        return area_m2(self.geoms)

    @cached_property
    def tree(self) -> shapely.STRtree:
        """Return an index over the bounding boxes of ``geoms``."""
        return shapely.STRtree(self.geoms)

    def by_code(self) -> dict[str, BaseGeometry]:
        """Return the ground of each code; a duplicate code has the ground of all its areas."""
        return {code: union(self.geoms[rows]) for code, rows in rows_by(self.codes).items()}


def rows_by(keys: Iterable[str | None]) -> dict[str, list[int]]:
    """Group row numbers by key, in order of first appearance; None is left out.

    Examples
    --------
    >>> rows_by(["B", None, "A", "B"])
    {'B': [0, 3], 'A': [2]}
    """
    rows: dict[str, list[int]] = {}
    for row, key in enumerate(keys):
        if key is not None:
            rows.setdefault(key, []).append(row)
    return rows


def union(geoms: Sequence[object] | GeometryArray) -> BaseGeometry:
    """Return the union of polygons; overlaps and None are allowed, no input gives empty.

    `shapely.coverage_union_all` would be faster, but it raises where borders do not match: this
    is what the check has to find.
    """
    dissolved: BaseGeometry = shapely.union_all(np.asarray(geoms, dtype=object))
    return dissolved


def polygons_only(geom: object) -> BaseGeometry | None:
    """Return the polygons of a geometry as one polygon or multipolygon, or None."""
    parts = polygon_parts(geom)
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)


def has_finite_coordinates(geoms: GeometryArray) -> np.ndarray:
    """Return which geometries have no NaN and no infinity."""
    coords, owner = shapely.get_coordinates(geoms, return_index=True)
    finite = np.ones(len(geoms), dtype=bool)
    finite[owner[~np.isfinite(coords).all(axis=1)]] = False
    return finite


def _measurable(given: GeometryArray, is_valid: BoolArray) -> GeometryArray:
    geoms = given.copy()
    geoms[~has_finite_coordinates(geoms)] = None
    broken = np.flatnonzero(~shapely.is_missing(geoms) & ~is_valid)
    if len(broken):
        # The structure method keeps the ground inside each ring; a hole stays a hole.
        geoms[broken] = shapely.make_valid(
            geoms[broken], method="structure", keep_collapsed=False
        )
    is_polygon = np.isin(
        shapely.get_type_id(geoms),
        (shapely.GeometryType.POLYGON, shapely.GeometryType.MULTIPOLYGON),
    )
    for row in np.flatnonzero(~is_polygon & ~shapely.is_missing(geoms)):
        geoms[row] = polygons_only(geoms[row])
    return geoms
