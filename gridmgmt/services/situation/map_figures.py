"""Figures of a period, for each area of a level, as columns beside their codes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.area import AreaKey
from gridmgmt.indicators.rates import DeadlineCounts
from gridmgmt.services.situation.map_areas import MapAreas, map_areas
from gridmgmt.store.situation.map_areas import editions_with_leaves
from gridmgmt.store.situation.map_figures import LeafFigures, ReportedFilter, figures_by_leaf


@dataclass(frozen=True, slots=True)
class CasesNotShown:
    """Cases of the period that are in no area of the level.

    ``unlocated`` have no area; ``other_borders`` are in an area that the edition does not have,
    or has with other borders; ``no_area`` are in a leaf area without a parent at this level;
    ``default_position`` are at a default position, wherever that lies.
    """

    unlocated: int
    other_borders: int
    no_area: int
    default_position: int


@dataclass(frozen=True, slots=True)
class MapFigures:
    """Figures of the areas of a level, in the order of ``codes``, judged at ``as_of``.

    Together with the cases not shown they are all cases the account may see. ``is_limited``
    means that there are cases it may not see.
    """

    edition: int
    level: str
    wanted: ReportedFilter
    as_of: datetime
    codes: Sequence[str]
    columns: Mapping[str, Sequence[int]]
    elsewhere: CasesNotShown

    @property
    def is_limited(self) -> bool:
        """Return whether there are cases that the account may not see."""
        return self.wanted.case_scope.is_limited


def figures(
    conn: Connection,
    edition: int,
    level: str,
    wanted: ReportedFilter,
    *,
    as_of: datetime,
    area: AreaKey | None = None,
) -> MapFigures:
    """Count the cases of a period for every area of a level of an edition.

    A case counts for the leaf area in which it was judged to lie, and for the areas above it. A
    case judged by another edition counts if the stored row of its leaf area is the same in
    both.

    Parameters
    ----------
    as_of : the fixed instant at which deadlines are judged
    area : the one area the account is limited to

    Raises
    ------
    NotFoundError
        when there is no such edition or it has no such level
    """
    areas = map_areas(conn, edition, area=area)
    codes = areas.codes(level)
    counted = figures_by_leaf(conn, wanted, as_of)
    # After the areas of the level: cases in no area of it, under other borders, and unlocated.
    no_area, other, nowhere = len(codes), len(codes) + 1, len(codes) + 2
    place = {code: n for n, code in enumerate(codes)}
    at = {leaf: place[code] for leaf, code in areas.leaves_at(level).items()}
    standing = _Standing(areas, editions_with_leaves(conn, areas.levels[-1]))
    targets = [
        nowhere
        if code is None or number is None
        else at.get(code, no_area)
        if standing.has(number, code)
        else other
        for number, code in zip(counted.editions, counted.codes, strict=True)
    ]
    sums = _added(targets, counted, len(codes) + 3)
    return MapFigures(
        edition=edition,
        level=level,
        wanted=wanted,
        as_of=as_of,
        codes=codes,
        columns={
            name: sums[: len(codes), n].tolist()
            for n, name in enumerate(DeadlineCounts._fields)
        },
        elsewhere=CasesNotShown(
            unlocated=int(sums[nowhere, 0]),
            other_borders=int(sums[other, 0]),
            no_area=int(sums[no_area, 0]),
            default_position=counted.at_default.cases,
        ),
    )


class _Standing:
    """The leaf areas of other editions that are the same in this edition."""

    def __init__(self, areas: MapAreas, editions: set[int]) -> None:
        *_, leaf = areas.levels
        self._rows = areas.by_level[leaf]
        # In other editions the leaf areas may be on another level.
        self._editions = editions

    def has(self, edition: int, code: str) -> bool:
        row = self._rows.get(code)
        return (
            row is not None
            and edition in self._editions
            and row.since <= edition
            and (row.until is None or edition < row.until)
        )


def _added(targets: Sequence[int], counted: LeafFigures, size: int) -> np.ndarray:
    sums = np.zeros((size, len(DeadlineCounts._fields)), dtype=np.int64)
    # add.at and not +=, since many leaf areas add to one area.
    np.add.at(sums, np.array(targets, dtype=np.int64), counted.counts)
    return sums
