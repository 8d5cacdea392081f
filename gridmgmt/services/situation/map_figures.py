"""Figures of a period, one for each area of a level, as columns beside their codes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.area import AreaKey
from gridmgmt.services.situation.map_areas import MapAreas, map_areas
from gridmgmt.store.situation.map_areas import editions_with_leaves
from gridmgmt.store.situation.map_figures import (
    DeadlineCounts,
    LeafFigures,
    ReportedFilter,
    figures_by_leaf,
)


@dataclass(frozen=True, slots=True)
class CasesNotShown:
    """Cases of the period that no area of the level shows.

    ``unlocated`` lie nowhere, ``other_borders`` in an area that the edition has not or has with
    other borders, ``no_area`` in a leaf area that lies in none of the level.
    """

    unlocated: int
    other_borders: int
    no_area: int


@dataclass(frozen=True, slots=True)
class MapFigures:
    """Figures of the areas of a level, in the order of ``codes``, judged at ``as_of``.

    Together with what is elsewhere they are all the cases in sight; ``is_limited`` tells that
    there are cases out of it.
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
        """Tell whether cases are out of sight."""
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

    A case counts for the leaf area it was judged to lie in, and for all that this one lies in;
    judged by another edition, where the stored row of the leaf area is the same in both.

    Parameters
    ----------
    as_of : the frozen instant at which deadlines are judged
    area : the one area the account is limited to

    Raises
    ------
    NotFoundError
        when there is no such edition or it has no such level
    """
    areas = map_areas(conn, edition, area=area)
    codes = areas.codes(level)
    counted = figures_by_leaf(conn, wanted, as_of)
    # After the areas of the level: what lies in none, under other borders, and nowhere.
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
        ),
    )


class _Standing:
    """Which leaf areas of other editions are those of this one."""

    def __init__(self, areas: MapAreas, editions: set[int]) -> None:
        *_, leaf = areas.levels
        self._rows = areas.by_level[leaf]
        # Elsewhere the cases are judged to lie in areas of another level.
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
    np.add.at(sums, np.array(targets, dtype=np.int64), counted.counts)
    return sums
