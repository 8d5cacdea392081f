"""The index that finds where points lie: a raster of labels, a grid of borders, polygons."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from threading import Lock

import numpy as np
import shapely

from gridmgmt.arrays import GeometryArray, ObjectArray, objects
from gridmgmt.errors import CoverageError
from gridmgmt.geometry.coverage.level_areas import LevelAreas, MeasuredAreas
from gridmgmt.geometry.coverage.overlaps import overlapping, overlaps
from gridmgmt.geometry.coverage.problem import Problem, Severity
from gridmgmt.geometry.locating.borders import Borders, borders_of
from gridmgmt.geometry.locating.edge_grid import EdgeGrid, edge_grid
from gridmgmt.geometry.locating.label_raster import LabelRaster, label_raster

# West, south, east and north in degrees.
Bounds = tuple[float, float, float, float]


@dataclass(frozen=True, eq=False)
class Locator:
    """Cells prepared for finding which of them covers a point.

    ``codes`` are ascending by code point, so that the smallest position has the smallest code.
    ``wkb`` (k,) has the polygons as bytes, None where there is none. Threads may share a
    locator. A thread that asks GEOS holds the lock ``turn``: a prepared polygon builds its
    index at the first question, and two threads that do this together crash (GEOS issue 825).
    ``extent`` is that of a whole city of which the cells are a part, None for all there are.
    """

    codes: ObjectArray
    wkb: ObjectArray
    raster: LabelRaster
    edges: EdgeGrid
    extent: Bounds | None = None
    turn: Lock = field(default_factory=Lock, repr=False)

    @cached_property
    def geoms(self) -> GeometryArray:
        """Return the prepared polygons, made when the first point is too near a border."""
        geoms: GeometryArray = np.asarray(shapely.from_wkb(self.wkb), dtype=object)
        shapely.prepare(geoms)
        return geoms

    @cached_property
    def bounds(self) -> Bounds:
        """Return the bounds of all cells of the city."""
        if self.extent is not None:
            return self.extent
        west, south, east, north = shapely.total_bounds(self.geoms).tolist()
        return west, south, east, north

    @cached_property
    def tree(self) -> shapely.STRtree:
        """Return an index of the bounding boxes of the polygons."""
        return shapely.STRtree(self.geoms)


def build_locator(
    codes: Sequence[str] | ObjectArray,
    geoms: Sequence[object] | GeometryArray,
    *,
    tolerance_m2: float | None = None,
    extent: Bounds | None = None,
) -> Locator:
    """Index cells for `locate` and `cover`.

    Parameters
    ----------
    codes : (k,) text
    geoms : (k,) polygons or multipolygons in lon/lat, on the storage grid if answers are to
        equal those of the database; None and empty ones are never found. They may overlap.
    tolerance_m2 : when given, refuse cells of which two share more ground than this
    extent : of the whole city if these cells are a part of it

    Raises
    ------
    CoverageError
        naming the pairs that share more than ``tolerance_m2``

    Examples
    --------
    >>> build_locator(["B", "A"], [shapely.box(1, 0, 2, 1), shapely.box(0, 0, 1, 1)]).codes
    array(['A', 'B'], dtype=object)
    """
    if len(codes) != len(geoms):
        message = f"{len(codes)} codes for {len(geoms)} geometries"
        raise ValueError(message)
    order = sorted(range(len(codes)), key=lambda row: str(codes[row]))
    ordered_codes = objects(str(codes[row]) for row in order)
    ordered = objects(geoms[row] for row in order)
    borders = borders_of(ordered)
    if tolerance_m2 is not None:
        _refuse_overlaps(ordered_codes, ordered, borders, tolerance_m2)
    return Locator(
        ordered_codes,
        np.asarray(shapely.to_wkb(ordered), dtype=object),
        label_raster(borders, ordered),
        edge_grid(borders, len(ordered)),
        extent,
    )


def _refuse_overlaps(
    codes: ObjectArray, geoms: GeometryArray, borders: Borders, tolerance_m2: float
) -> None:
    # A double claim of ground begins at a border piece that has no cell, or the second
    # claimant, on its other side. A cell without such a piece among its own starts no overlap.
    starting = np.zeros(len(codes), dtype=bool)
    starting[borders.cells[(borders.cells < 0).any(axis=1)].max(axis=1)] = True
    first, second = shapely.STRtree(geoms).query(geoms[starting])
    around = np.union1d(np.flatnonzero(starting)[first], second)
    if not _overlapping(codes[around], geoms[around], tolerance_m2):
        return
    found = _overlapping(codes, geoms, tolerance_m2)
    subject = "the cells"
    raise CoverageError(subject, [problem.sentence for problem in found], found)


def _overlapping(
    codes: ObjectArray, geoms: GeometryArray, tolerance_m2: float
) -> list[Problem]:
    nothing = objects(None for _ in codes)
    areas = MeasuredAreas(LevelAreas("cell", codes, nothing, nothing, geoms))
    shared = overlapping(areas, np.zeros(len(areas), dtype=np.bool_))
    return [p for p in overlaps(areas, shared, tolerance_m2) if p.severity is Severity.ERROR]
