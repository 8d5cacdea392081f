"""Find ground that belongs to two areas of one level."""

from collections.abc import Iterator

import numpy as np
import shapely

from gridmgmt.geometry.coverage.level_areas import MeasuredAreas, polygons_only
from gridmgmt.geometry.coverage.problem import Problem, ProblemKind, Severity
from gridmgmt.geometry.measure import area_m2
from gridmgmt.sentence import Sentence

# Smaller amounts come from the rounding of floating-point overlay and are not faults: one step
# of the storage grid along a metre of border.
DUST_M2 = 1e-3


def overlaps(areas: MeasuredAreas, tolerance_m2: float) -> Iterator[Problem]:
    """List every pair of areas that share ground, with the total square metres.

    An error above the tolerance, a warning below. Amounts under `DUST_M2` are not reported.
    """
    first, second = areas.tree.query(areas.geoms, predicate="intersects")
    once = first < second
    first, second = first[once], second[once]
    shared = shapely.intersection(areas.geoms[first], areas.geoms[second])
    # Neighbours share lines and points, and these are most of the pairs: only polygons are
    # measured.
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
            Sentence("both claim the same ground"),
        )


def severity_of(amount: float, tolerance: float) -> Severity:
    """Return the severity of an amount: an error above the tolerance, else a warning."""
    return Severity.ERROR if amount > tolerance else Severity.WARNING
