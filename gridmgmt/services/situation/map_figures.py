"""Figures of a period, for each area of a level, as columns beside their codes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.area import AreaKey
from gridmgmt.indicators.rates import COUNT_NAMES
from gridmgmt.services.situation.map_areas import map_areas
from gridmgmt.services.situation.shown_classes import ShownClasses, area_classes
from gridmgmt.services.statistics.figures import figures_by_leaf
from gridmgmt.store.situation.map_figures import ReportedFilter


@dataclass(frozen=True, slots=True)
class CasesNotShown:
    """Cases of the period that are in no area of the level.

    ``unlocated`` have no area; ``unlocated_here`` have one, but their position is in no area of
    this edition; ``no_area`` are in a leaf area without a parent at this level, or outside the
    area the account is limited to; ``default_position`` are at a default position, wherever
    that lies.
    """

    unlocated: int
    unlocated_here: int
    no_area: int
    default_position: int


@dataclass(frozen=True, slots=True)
class MapFigures:
    """Figures of the areas of a level, in the order of ``codes``, judged at ``as_of``.

    Together with the cases not shown they are all cases the account may see. ``is_limited``
    means that there are cases it may not see. ``classes`` are those of their density.
    """

    edition: int
    level: str
    wanted: ReportedFilter
    as_of: datetime
    codes: Sequence[str]
    columns: Mapping[str, Sequence[int]]
    elsewhere: CasesNotShown
    classes: ShownClasses

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

    A case counts for its one leaf under the edition (``services/judging/case_leaves.py``), and
    for the areas above that.

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
    counted = figures_by_leaf(conn, wanted.cases, edition, as_of)
    sums = counted.added_up(codes, areas.leaves_at(level))
    no_area, nowhere_here, nowhere = sums[len(codes) :, 0].tolist()
    densities = sums[: len(codes), 0] / areas.area_km2(level)
    return MapFigures(
        edition=edition,
        level=level,
        wanted=wanted,
        as_of=as_of,
        codes=codes,
        columns={name: sums[: len(codes), n].tolist() for n, name in enumerate(COUNT_NAMES)},
        elsewhere=CasesNotShown(
            unlocated=nowhere,
            unlocated_here=nowhere_here,
            no_area=no_area,
            default_position=counted.at_default.cases,
        ),
        classes=area_classes(conn, edition, level, wanted, densities=densities, now=as_of),
    )
