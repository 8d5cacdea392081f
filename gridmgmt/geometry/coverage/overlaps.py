"""Find ground that belongs to two areas of one level."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely

from gridmgmt.arrays import BoolArray, GeometryArray, IntArray
from gridmgmt.geometry.coverage.level_areas import MeasuredAreas, polygons_only
from gridmgmt.geometry.coverage.problem import Problem, ProblemKind, Severity
from gridmgmt.geometry.measure import area_m2
from gridmgmt.sentence import Sentence

# Smaller amounts come from the rounding of floating-point overlay and are not faults: one step
# of the storage grid along a metre of border.
DUST_M2 = 1e-3


@dataclass(frozen=True)
class Overlapping:
    """Pairs of areas that share ground: (p,) rows of both, and the ground, however little."""

    first: IntArray
    second: IntArray
    shared: GeometryArray

    def clear(self, count: int) -> BoolArray:
        """Return which of so many areas share ground with no other."""
        found = np.ones(count, dtype=np.bool_)
        found[self.first] = found[self.second] = False
        return found


def overlapping(areas: MeasuredAreas, apart: BoolArray) -> Overlapping:
    """Find every pair of areas that share ground.

    Parameters
    ----------
    apart : (k,) which areas are known to share none with each other
    """
    asked = np.flatnonzero(~apart)
    row, second = areas.tree.query(areas.geoms[asked], predicate="intersects")
    first = asked[row]
    # A pair of which both are asked is found twice.
    once = (first < second) | (apart[second] & (first != second))
    first, second = first[once], second[once]
    shared = shapely.intersection(areas.geoms[first], areas.geoms[second])
    # Neighbours share lines and points, and these are most of the pairs.
    wide = shapely.area(shared) > 0
    return Overlapping(first[wide], second[wide], shared[wide])


def overlaps(
    areas: MeasuredAreas, found: Overlapping, tolerance_m2: float
) -> Iterator[Problem]:
    """List every pair of areas that share ground, with the total square metres.

    An error above the tolerance, a warning below. Amounts under `DUST_M2` are not reported.
    """
    first, second, shared = found.first, found.second, found.shared
    for i, amount in enumerate(area_m2(shared)):
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
