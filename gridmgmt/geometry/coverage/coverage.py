"""Check whether the areas of all levels tile, nest and refer to each other."""

from collections.abc import Collection, Iterator, Mapping, Sequence

import numpy as np

from gridmgmt.arrays import BoolArray
from gridmgmt.geometry.coverage.area_faults import (
    duplicate_codes,
    empty_geometries,
    invalid_rings,
    malformed_codes,
    slivers,
    unusual_sizes,
)
from gridmgmt.geometry.coverage.border_sums import exactly_filled
from gridmgmt.geometry.coverage.gaps import enclaves
from gridmgmt.geometry.coverage.level_areas import LevelAreas, MeasuredAreas
from gridmgmt.geometry.coverage.nesting import missing_parents, nesting
from gridmgmt.geometry.coverage.overlaps import DUST_M2, overlapping, overlaps
from gridmgmt.geometry.coverage.problem import Problem, ProblemKind, Severity

__all__ = ["DUST_M2", "LevelAreas", "Problem", "ProblemKind", "Severity", "check_coverage"]

_KINDS = list(ProblemKind)


def check_coverage(
    levels: Sequence[LevelAreas],
    *,
    tolerance_m2: float = 1.0,
    tolerances_m2: Mapping[str, float] | None = None,
    patterns: Mapping[str, str] | None = None,
    sizes_m2: Mapping[str, float] | None = None,
    drawn: Mapping[str, Collection[str]] | None = None,
) -> list[Problem]:
    """Find all problems of the areas of a city.

    Geometry is put on the storage grid first, so that what is checked is what would be stored.
    An outline that crosses itself is reported, and resolved only to measure the rest. No
    problem stops the check.

    Parameters
    ----------
    levels : the levels present, the topmost first; a level without areas is skipped.
        An area's parent belongs to the nearest level above that is present.
    tolerance_m2 : an overlap, a gap in a parent or a child's part outside its parent blocks
        above it, and warns at or below it; amounts under `DUST_M2` are not reported
    tolerances_m2 : level to a tolerance of its own; ``tolerance_m2`` is for all others
    patterns : level to the regular expression its codes should match in full
    sizes_m2 : level to the usual size of its areas
    drawn : level to the codes whose outlines may be invalid, those of all others are valid;
        None: any may

    Returns
    -------
    problems, level by level from the top, errors before warnings, then by kind, the largest
    amount first; empty when nothing is wrong. On the topmost level interior holes are warnings
    of kind enclave or, too thin or small for an area, pinhole.

    Examples
    --------
    >>> import numpy as np, shapely
    >>> def areas(level, codes, parents, geoms):
    ...     names = np.array([None] * len(codes), dtype=object)
    ...     return LevelAreas(level, np.array(codes, dtype=object), names,
    ...                       np.array(parents, dtype=object), np.array(geoms, dtype=object))
    >>> street = areas("street", ["S"], [None], [shapely.box(120, 30, 120.002, 30.001)])
    >>> cells = areas("cell", ["A"], ["S"], [shapely.box(120, 30, 120.0015, 30.001)])
    >>> [problem] = check_coverage([street, cells])
    >>> problem.kind.value, problem.severity.value, problem.codes, round(problem.amount)
    ('gap', 'error', ('S',), 5348)
    """
    present = [
        MeasuredAreas(areas, None if drawn is None else drawn.get(areas.level, ()))
        for areas in levels
        if len(areas.codes)
    ]
    found: list[Problem] = []
    above, clear = None, np.empty(0, dtype=np.bool_)
    for areas in present:
        own_m2 = (tolerances_m2 or {}).get(areas.level, tolerance_m2)
        together, clear = _together(areas, above, clear, own_m2)
        problems = [*_alone(areas, tolerance_m2, patterns or {}, sizes_m2 or {}), *together]
        found += sorted(problems, key=_report_order)
        above = areas
    return found


def _alone(
    areas: MeasuredAreas,
    tolerance_m2: float,
    patterns: Mapping[str, str],
    sizes_m2: Mapping[str, float],
) -> Iterator[Problem]:
    yield from duplicate_codes(areas)
    yield from empty_geometries(areas)
    yield from invalid_rings(areas)
    yield from malformed_codes(areas, patterns.get(areas.level))
    yield from slivers(areas, tolerance_m2)
    yield from unusual_sizes(areas, sizes_m2.get(areas.level))


def _together(
    areas: MeasuredAreas, above: MeasuredAreas | None, clear: BoolArray, tolerance_m2: float
) -> tuple[list[Problem], BoolArray]:
    """Return the problems of areas with each other, and which share ground with no other.

    ``clear`` are the areas above that do not.
    """
    apart = np.zeros(len(areas), dtype=np.bool_)
    nested: list[Problem] = []
    if above is None:
        nested += enclaves(areas, tolerance_m2)
    else:
        filled = exactly_filled(areas, above)
        known = {code for code, good in zip(above.codes, filled & clear, strict=True) if good}
        apart[:] = [code in known for code in areas.parent_codes]
        nested += missing_parents(areas, above)
        nested += nesting(areas, above, filled, tolerance_m2)
    shared = overlapping(areas, apart)
    return [*overlaps(areas, shared, tolerance_m2), *nested], shared.clear(len(areas))


def _report_order(problem: Problem) -> tuple[bool, int, float, tuple[str, ...]]:
    return (
        problem.severity is not Severity.ERROR,
        _KINDS.index(problem.kind),
        -(problem.amount or 0.0),
        problem.codes,
    )
