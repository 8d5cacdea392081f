"""Find whether a layer fits known areas better as it was taken, or by another datum."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely

from gridmgmt.arrays import FloatArray, GeometryArray
from gridmgmt.geometry.coverage.changes import pick
from gridmgmt.geometry.coverage.level_areas import LevelAreas, MeasuredAreas, union
from gridmgmt.geometry.coverage.parents import parents_by_overlap
from gridmgmt.geometry.crs.crs import (
    WGS84,
    Datum,
    geometries_from_lonlat,
    geometries_to_lonlat,
    resolve,
)
from gridmgmt.geometry.measure import area_m2

# A file of a whole city may be compared with one known district. Only features with at least
# this share of their ground on known ground count.
_ON_KNOWN_GROUND = 0.5
# One datum is certain if the other misses so many times as much, so that it misses less than a
# tenth itself: the borders of a layer in the right datum were drawn anew in some places, those
# of the other are all some 500 m off.
_CERTAIN = 10.0


@dataclass(frozen=True)
class DatumFit:
    """How well a layer fits known areas as it was taken, and as another datum reads it.

    ``taken`` and ``other`` are shares, 0 to 1; ``datum`` is the other one.
    """

    taken: float
    other: float
    datum: Datum

    @property
    def is_doubtful(self) -> bool:
        """Return whether more than twice as much fits only by the other datum."""
        return 1 - self.taken > 2 * (1 - self.other)

    @property
    def is_contradicted(self) -> bool:
        """Return whether the layer all but coincides by the other datum, and only by it."""
        return 1 - self.taken > _CERTAIN * (1 - self.other)

    @property
    def is_settled(self) -> bool:
        """Return whether the layer all but coincides as it was taken, and only so."""
        return 1 - self.other > _CERTAIN * (1 - self.taken)


def overlap_fit(
    areas: LevelAreas, known: LevelAreas, said: Datum | None = None
) -> DatumFit | None:
    """Compare a layer with known areas, as it was taken and by the other datum that fits best.

    In China coordinates in degrees may be WGS 84 or GCJ-02, whatever somebody says of them. The
    share is the intersection over union of the known ground and the features that lie on it by
    at least half, either way. Areas are geodesic.

    Parameters
    ----------
    areas : the layer, lon/lat as taken
    known : areas that are known to be WGS 84
    said : the datum that a person stated, None: that of the file

    Returns
    -------
    None outside China, where GCJ-02 does not apply, for a projected datum, or if no feature
    lies on known ground either way
    """
    taken, ground = MeasuredAreas(areas).geoms, union(MeasuredAreas(known).geoms)
    found = []
    for datum, other in _other_readings(taken, said):
        lying = _share_on(taken, ground) >= _ON_KNOWN_GROUND
        lying |= _share_on(other, ground) >= _ON_KNOWN_GROUND
        if lying.any():
            as_taken, moved = (_iou(geoms[lying], ground) for geoms in (taken, other))
            found.append(DatumFit(as_taken, moved, datum))
    return max(found, key=lambda one: one.other, default=None)


def own_ground_fit(
    areas: LevelAreas, known: LevelAreas, said: Datum | None = None
) -> DatumFit | None:
    """Compare areas with the known areas of the same codes, as `overlap_fit`.

    Shares are those of the ground of the areas whose code is known that lies in the known area
    of the same code.

    Returns
    -------
    None also if no code is known
    """
    own = pick(known, areas.codes)
    given, below = MeasuredAreas(pick(areas, own.codes)).geoms, MeasuredAreas(own).geoms

    def share(geoms: GeometryArray) -> float:
        inside = area_m2(shapely.intersection(geoms, below)).sum()
        return float(inside / max(area_m2(geoms).sum(), np.finfo(float).tiny))

    found = [
        DatumFit(share(given), share(other), datum)
        for datum, other in _other_readings(given, said)
    ]
    return max(found, key=lambda one: one.other, default=None)


def _other_readings(
    taken: GeometryArray, said: Datum | None
) -> Iterator[tuple[Datum, GeometryArray]]:
    """Yield the other datums of coordinates in degrees, and where the layer lies by each."""
    if said is not None and not said.is_lonlat_degrees:
        return
    # Without a shift the layer was taken by WGS 84, or what coincides with it.
    by = WGS84 if said is None or said.crs is not None else said
    numbers = taken if by is WGS84 else geometries_from_lonlat(taken, by)
    for datum in (WGS84, resolve("gcj02")):
        if datum.label == by.label:
            continue
        other = geometries_to_lonlat(numbers, datum)
        if not bool(np.all(shapely.equals_exact(taken, other, 0.0))):
            yield datum, other


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
