"""Rank the areas of a level by how their cases kept deadlines; small numbers apart."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.area import AreaKey, Level
from gridmgmt.domain.areas.edition import edition_shown
from gridmgmt.errors import NotFoundError
from gridmgmt.indicators.rankings import RankedArea, RankedBy, ranked_by_rate
from gridmgmt.indicators.rates import DeadlineCounts
from gridmgmt.services.cases.summaries import parents_at
from gridmgmt.services.revision_cache import Fresh
from gridmgmt.services.situation.earlier_periods import earlier_periods
from gridmgmt.services.statistics.figures import figures_by_leaf
from gridmgmt.store.areas.areas import LevelCount, chains, count_areas, latest_names
from gridmgmt.store.areas.editions import list_editions
from gridmgmt.store.areas.levels import list_levels
from gridmgmt.store.cases.case_figures import LeafFigures
from gridmgmt.store.situation.map_figures import ReportedFilter

PREFERRED_LEVEL = "street"


@dataclass(frozen=True, slots=True)
class _Tree:
    """The areas of a level of an edition by code: names, what is above each, and its leaves."""

    names: Mapping[str, str]
    chains: Mapping[str, Sequence[AreaKey]]
    parents: Mapping[str, str]

    @classmethod
    def read(cls, conn: Connection, edition: int, level: str) -> Self:
        return cls(
            latest_names(conn, level),
            chains(conn, edition, level),
            parents_at(conn, edition, level),
        )


# Ten thousand cells take some 0.1 s to read.
_TREES: Fresh[tuple[int, str], _Tree] = Fresh(lambda conn, key: _Tree.read(conn, *key), 16)
_COUNTS: Fresh[int, Sequence[LevelCount]] = Fresh(count_areas, 16)


@dataclass(frozen=True, slots=True)
class Ranking:
    """The areas of a level of an edition, the best first, areas without a rank after them.

    ``unlocated`` are cases without area; ``unlocated_here`` have one, but lie in no area of
    this edition; ``elsewhere`` are in areas without a parent at this level, or outside the
    areas that are ranked; ``at_default`` are those at default positions, wherever these lie.
    With them the sums equal those of all cases. ``levels`` are those that can be ranked.
    ``before`` and ``year_before`` have, by code, the counts of the earlier periods in the same
    areas; None: the data begin later.
    """

    edition: int
    level: Level
    levels: tuple[Level, ...]
    areas: tuple[RankedArea, ...]
    unlocated: DeadlineCounts
    unlocated_here: DeadlineCounts
    elsewhere: DeadlineCounts
    at_default: DeadlineCounts
    before: Mapping[str, DeadlineCounts] | None = None
    year_before: Mapping[str, DeadlineCounts] | None = None

    def sorted_by(self, key: RankedBy, *, turned: bool = False) -> list[RankedArea]:
        """Return the areas in another order; most cases first, names and codes ascending.

        ``turned`` is the other way round, but areas without a rank stay last in the order of
        rates: small numbers are neither the best nor the worst.
        """
        found = self._sorted_by(key)
        if not turned:
            return found
        found.reverse()
        return sorted(found, key=lambda one: one.is_small) if key is RankedBy.RATE else found

    def _sorted_by(self, key: RankedBy) -> list[RankedArea]:
        if key is RankedBy.RATE:
            return list(self.areas)
        if key is RankedBy.NAME:
            return sorted(self.areas, key=lambda one: (one.name, one.code))
        # The fields and properties of the counts have the names of the other keys.
        return sorted(self.areas, key=lambda one: (-getattr(one.counts, key), one.code))


def rank_areas(
    conn: Connection,
    wanted: ReportedFilter,
    *,
    as_of: datetime,
    within: AreaKey | None,
    level: str | None,
) -> Ranking | None:
    """Count cases by the areas of a level of the edition in force, and rank these.

    Each case counts for its one leaf under this edition, and for the areas above that. While no
    edition has been published the result is None.

    Parameters
    ----------
    wanted : the cases that count; the earlier periods have the same choice of cases
    as_of : the instant at which deadlines are judged, and whose edition is in force; before the
        first, the newest
    within : only areas that lie in this one; None: all
    level : None: streets where there are any, else the topmost level that can be ranked

    Raises
    ------
    NotFoundError
        when the level cannot be ranked
    """
    shown = edition_shown(list_editions(conn), as_of)
    if shown is None:
        return None
    edition = shown.number
    levels = _rankable(_COUNTS.get(conn, edition), within)
    chosen = _chosen(level, levels)
    tree = _TREES.get(conn, (edition, chosen))
    codes = [code for code, chain in tree.chains.items() if within is None or within in chain]

    def count(cases: ReportedFilter) -> tuple[LeafFigures, list[DeadlineCounts]]:
        counted = figures_by_leaf(conn, cases.cases, edition, cases.as_of or as_of)
        sums = counted.added_up(codes, tree.parents)
        return counted, [DeadlineCounts(*counts) for counts in sums.tolist()]

    def earlier_counts(cases: ReportedFilter | None) -> dict[str, DeadlineCounts] | None:
        return None if cases is None else dict(zip(codes, count(cases)[1], strict=False))

    counted, sums = count(replace(wanted, as_of=as_of))
    elsewhere, unlocated_here, unlocated = sums[len(codes) :]
    earlier = earlier_periods(conn, replace(wanted, as_of=as_of))
    ranked = ranked_by_rate(dict(zip(codes, sums, strict=False)), tree.names)
    known = {one.name: one for one in list_levels(conn)}
    return Ranking(
        edition=edition,
        level=known[chosen],
        levels=tuple(known[name] for name in levels),
        areas=tuple(ranked),
        at_default=counted.at_default,
        unlocated=unlocated,
        unlocated_here=unlocated_here,
        elsewhere=elsewhere,
        before=earlier_counts(earlier.before),
        year_before=earlier_counts(earlier.year_before),
    )


def _chosen(level: str | None, levels: Sequence[str]) -> str:
    found = level or (PREFERRED_LEVEL if PREFERRED_LEVEL in levels else levels[0])
    if found not in levels:
        raise NotFoundError(kind="level", key=found)
    return found


def _rankable(present: Sequence[LevelCount], within: AreaKey | None) -> tuple[str, ...]:
    """Return the levels with areas to compare: below ``within``, several areas, not leaves.

    If there is no such level, the leaf level is returned, however long its list.
    """
    names = [one.level for one in present]
    below = names.index(within[0]) + 1 if within is not None and within[0] in names else 0
    # Without the leaf level: ten thousand cells are no ranking.
    wanted = [one.level for one in present[below:-1] if one.areas > 1]
    return tuple(wanted or names[-1:])
