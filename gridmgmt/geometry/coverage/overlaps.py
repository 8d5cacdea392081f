"""Ground that two areas of one level both claim."""

from collections.abc import Iterator

import numpy as np
import shapely

from gridmgmt.geometry.coverage.level_areas import MeasuredAreas, polygons_only
from gridmgmt.geometry.coverage.problem import Problem, ProblemKind, Severity
from gridmgmt.geometry.measure import area_m2

# What is smaller is the rounding of floating-point overlay, not a fault: one storage grid
# step along a metre of border.
DUST_M2 = 1e-3


def overlaps(areas: MeasuredAreas, tolerance_m2: float) -> Iterator[Problem]:
    """List every pair of areas that share ground, with the square metres of all of it.

    An error above the tolerance, a warning below; under `DUST_M2` nothing is said.
    """
    first, second = areas.tree.query(areas.geoms, predicate="intersects")
    once = first < second
    first, second = first[once], second[once]
    shared = shapely.intersection(areas.geoms[first], areas.geoms[second])
    # Neighbours share lines and points, most of the pairs: only polygons are worth measuring.
    wide = np.flatnonzero(shapely.area(shared) > 0)
    m2 = area_m2(shared[wide])
    for i, amount in zip(wide, m2, strict=True):
        if amount < DUST_M2:
            continue
        codes = sorted((areas.codes[first[i]], areas.codes[second[i]]))
        yield Problem(
            ProblemKind.OVERLAP,
            severity_of(amount, tolerance_m2),
            areas.level,
            tuple(codes),
            float(amount),
            "m2",
            polygons_only(shared[i]),
            "both claim the same ground",
        )


def severity_of(amount: float, tolerance: float) -> Severity:
    """Judge an amount: above the tolerance it blocks, at or below it warns."""
    return Severity.ERROR if amount > tolerance else Severity.WARNING
