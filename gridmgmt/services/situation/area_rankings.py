"""Rank the areas of a level by how their cases kept deadlines; small numbers apart."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.area import AreaKey, Level
from gridmgmt.domain.areas.edition import edition_at
from gridmgmt.errors import NotFoundError
from gridmgmt.indicators.rankings import RankedArea, RankedBy, ranked_by_rate
from gridmgmt.indicators.rates import Compliance, rolled_up
from gridmgmt.services.cases.summaries import parents_at
from gridmgmt.store.areas.areas import chains, count_areas, latest_names
from gridmgmt.store.areas.editions import list_editions
from gridmgmt.store.areas.levels import list_levels
from gridmgmt.store.cases.case_counts import LeafCompliance

PREFERRED_LEVEL = "street"


@dataclass(frozen=True, slots=True)
class Ranking:
    """The areas of a level, the best first, areas without a rank after them.

    ``unlocated`` are cases without area, ``elsewhere`` cases in areas without a parent at this
    level, ``at_default`` those at default positions, wherever these lie; with them the sums
    equal those of all cases. ``levels`` are those that can be ranked,
    ``editions`` those that judged the cases.
    """

    level: Level
    levels: tuple[Level, ...]
    areas: tuple[RankedArea, ...]
    unlocated: Compliance
    elsewhere: Compliance
    at_default: Compliance
    editions: tuple[int, ...]

    def sorted_by(self, key: RankedBy) -> list[RankedArea]:
        """Return the areas in another order; most cases first, names and codes ascending."""
        if key is RankedBy.RATE:
            return list(self.areas)
        if key is RankedBy.NAME:
            return sorted(self.areas, key=lambda one: (one.name, one.code))
        if key is RankedBy.OVERDUE:
            return sorted(self.areas, key=lambda one: (-one.compliance.overdue, one.code))
        return sorted(self.areas, key=lambda one: (-one.compliance.cases, one.code))


def rank_areas(
    conn: Connection,
    counts: LeafCompliance,
    *,
    now: datetime,
    within: AreaKey | None,
    level: str | None,
) -> Ranking | None:
    """Sum the counts of leaf areas to areas of a level, and rank these.

    Parameters
    ----------
    counts : of the leaf areas
    now : areas of the edition in force at this instant are listed even without cases
    within : only areas that lie in this one; None: all
    level : None: streets where there are any, else the topmost level that can be ranked

    Returns
    -------
    None while no edition has been published

    Raises
    ------
    NotFoundError
        when the level cannot be ranked
    """
    editions = list_editions(conn)
    if not editions:
        return None
    # Before the first edition is in force, the newest one is shown rather than nothing.
    edition = (edition_at(editions, now) or editions[-1]).number
    levels = rankable_levels(conn, edition, within)
    chosen = level or (PREFERRED_LEVEL if PREFERRED_LEVEL in levels else levels[0])
    if chosen not in levels:
        raise NotFoundError(kind="level", key=chosen)
    there = {
        code: Compliance()
        for code, chain in chains(conn, edition, chosen).items()
        if within is None or within in chain
    }
    unlocated = elsewhere = Compliance()
    for number, leaves in counts.by_edition.items():
        located = {code: found for code, found in leaves.items() if code}
        unlocated += leaves.get("", Compliance())
        # Each edition rolls up along its own tree, since an area may have changed its parent.
        for code, found in rolled_up(located, parents_at(conn, number, chosen)).items():
            if code:
                there[code] = there.get(code, Compliance()) + found
            else:
                elsewhere += found
    ranked = ranked_by_rate(there, latest_names(conn, chosen))
    known = {one.name: one for one in list_levels(conn)}
    shown = tuple(known[name] for name in levels)
    rest = unlocated, elsewhere, counts.at_default
    return Ranking(known[chosen], shown, tuple(ranked), *rest, counts.editions)


def rankable_levels(conn: Connection, edition: int, within: AreaKey | None) -> tuple[str, ...]:
    """Return the levels with areas to compare: below ``within``, several areas, not leaves.

    If there is no such level, the leaf level is returned, however long its list.
    """
    present = count_areas(conn, edition)
    names = [one.level for one in present]
    below = names.index(within[0]) + 1 if within is not None and within[0] in names else 0
    # Without the leaf level: ten thousand cells are no ranking.
    wanted = [one.level for one in present[below:-1] if one.areas > 1]
    return tuple(wanted or names[-1:])
