"""Find whether a layer fits known areas better as it is, or read as GCJ-02."""

import numpy as np
import shapely

from gridmgmt.arrays import FloatArray, GeometryArray
from gridmgmt.geometry.coverage.changes import pick
from gridmgmt.geometry.coverage.level_areas import LevelAreas, MeasuredAreas, union
from gridmgmt.geometry.coverage.parents import parents_by_overlap
from gridmgmt.geometry.crs.crs import geometries_to_lonlat, resolve
from gridmgmt.geometry.measure import area_m2

# A file of a whole city may be compared with one known district. Only features with at least
# this share of their ground on known ground count.
_ON_KNOWN_GROUND = 0.5


def overlap_as_is_and_moved(areas: LevelAreas, known: LevelAreas) -> tuple[float, float] | None:
    """Compare a layer with known areas, as it is and moved from GCJ-02 to WGS 84.

    The overlap is intersection over union of the known ground and the features that lie on it
    by at least half, as they are or moved. Areas are geodesic.

    Parameters
    ----------
    areas : the layer, lon/lat as taken
    known : areas that are known to be WGS 84

    Returns
    -------
    share as is, share moved, each 0 to 1; None outside China, where GCJ-02 does not apply, or
    if no feature lies on known ground either way
    """
    as_is, ground = MeasuredAreas(areas).geoms, union(MeasuredAreas(known).geoms)
    moved = geometries_to_lonlat(as_is, resolve("gcj02"))
    if shapely.is_empty(ground) or bool(np.all(shapely.equals_exact(as_is, moved, 0.0))):
        return None
    lying = _share_on(as_is, ground) >= _ON_KNOWN_GROUND
    lying |= _share_on(moved, ground) >= _ON_KNOWN_GROUND
    if not lying.any():
        return None
    return _iou(as_is[lying], ground), _iou(moved[lying], ground)


def own_ground_as_is_and_moved(
    areas: LevelAreas, known: LevelAreas
) -> tuple[float, float] | None:
    """Compare areas with the known areas of the same codes, as `overlap_as_is_and_moved`.

    Returns
    -------
    the share of the ground of the areas whose code is known that lies in the known area of
    the same code, as is and moved, each 0 to 1; None outside China or if no code is known
    """
    own = pick(known, areas.codes)
    given, below = MeasuredAreas(pick(areas, own.codes)).geoms, MeasuredAreas(own).geoms
    moved = geometries_to_lonlat(given, resolve("gcj02"))
    if not len(given) or bool(np.all(shapely.equals_exact(given, moved, 0.0))):
        return None

    def share(geoms: GeometryArray) -> float:
        inside = area_m2(shapely.intersection(geoms, below)).sum()
        return float(inside / max(area_m2(geoms).sum(), np.finfo(float).tiny))

    return share(given), share(moved)


def outlines_elsewhere(areas: LevelAreas, known: LevelAreas) -> list[tuple[str, str | None]]:
    """List the areas of which less than half lies in the known area of the same code.

    Returns
    -------
    code, and the code of the known area that it overlaps most, or None if it overlaps none;
    codes ascending. Areas whose code is not known are left out.
    """
    own = pick(known, areas.codes)
    there = pick(areas, own.codes)
    given, below = MeasuredAreas(there).geoms, MeasuredAreas(own).geoms
    inside = area_m2(shapely.intersection(given, below))
    outside = np.flatnonzero(inside < _ON_KNOWN_GROUND * area_m2(given))
    codes = there.codes[outside]
    lying = parents_by_overlap(pick(there, codes), known).parent_codes
    return list(zip(codes, lying, strict=True))


def _share_on(geoms: GeometryArray, ground: shapely.Geometry) -> FloatArray:
    # Most features lie on it completely or not at all. This test is much faster than measuring
    # each overlap.
    shapely.prepare(ground)
    share = shapely.covers(ground, geoms).astype(np.float64)
    part = np.flatnonzero((share == 0) & shapely.intersects(ground, geoms))
    whole = area_m2(geoms[part])
    shared = area_m2(shapely.intersection(geoms[part], ground))
    share[part] = np.divide(shared, whole, out=np.zeros_like(whole), where=whole > 0)
    return share


def _iou(geoms: GeometryArray, ground: shapely.Geometry) -> float:
    ours = union(geoms)
    both, either = area_m2([shapely.intersection(ours, ground), shapely.union(ours, ground)])
    return float(both / either)
