"""Summarise cases: responders, locations, and how deadlines were kept."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.edition import edition_shown
from gridmgmt.indicators.rates import DeadlineCounts, sum_counts
from gridmgmt.services.statistics.figures import figures_by_leaf
from gridmgmt.store.areas.areas import chains, latest_names, leaf_level
from gridmgmt.store.areas.editions import list_editions
from gridmgmt.store.areas.levels import get_level
from gridmgmt.store.cases.case_counts import ResponderCount, count_by_responder, count_places
from gridmgmt.store.cases.case_figures import LeafFigures
from gridmgmt.store.cases.case_filter import CaseFilter


@dataclass(frozen=True)
class AreaCounts:
    """How the cases of an area kept their deadlines; code ``""`` is for cases without area."""

    code: str
    name: str | None
    counts: DeadlineCounts


@dataclass(frozen=True)
class CaseSummary:
    """Counts of cases by responder, by location and by how deadlines were kept.

    ``places`` count ``inside``, ``snapped`` and the reasons for being unlocated. ``areas`` are
    those of ``level`` in the edition in force at ``as_of``, the newest before the first; each
    case counts for its one leaf under that edition. They leave out cases ``at_default``
    positions, and with these their sums equal ``city``.
    """

    responders: list[ResponderCount]
    places: Counter[str]
    on_boundary: int
    level: str
    as_of: datetime
    areas: list[AreaCounts]
    at_default: DeadlineCounts
    city: DeadlineCounts


def summarise(
    conn: Connection, *, level: str, as_of: datetime, without_provisional: bool = False
) -> CaseSummary:
    """Count all cases.

    Parameters
    ----------
    as_of : the fixed instant at which deadlines are judged; cases reported later are left
        out of the counts of areas, but not of the other counts
    without_provisional : provisional deadlines count as none

    Raises
    ------
    NotFoundError
        when there is no such level
    """
    get_level(conn, level)
    places, on_boundary = count_places(conn)
    shown = edition_shown(list_editions(conn), as_of)
    edition = None if shown is None else shown.number
    wanted = CaseFilter(as_of=as_of, without_provisional=without_provisional)
    counted = figures_by_leaf(conn, wanted, edition, as_of)
    areas = _by_area(conn, edition, level, counted)
    return CaseSummary(
        responders=count_by_responder(conn),
        places=places,
        on_boundary=on_boundary,
        level=level,
        as_of=as_of,
        areas=areas,
        at_default=counted.at_default,
        city=sum_counts([one.counts for one in areas]) + counted.at_default,
    )


def _by_area(
    conn: Connection, edition: int | None, level: str, counted: LeafFigures
) -> list[AreaCounts]:
    """Sum leaf areas of an edition to areas of a level; cases in none under ``""``."""
    parents = {} if edition is None else parents_at(conn, edition, level)
    sums: dict[str, DeadlineCounts] = {}
    for leaf, _, counts in counted:
        area = parents.get(leaf or "", "")
        sums[area] = sums.get(area, DeadlineCounts()) + counts
    names = latest_names(conn, level)
    return [AreaCounts(code, names.get(code), sums[code]) for code in sorted(sums)]


def parents_at(conn: Connection, edition: int, level: str) -> dict[str, str]:
    """Return for the leaf areas of an edition the area of a level in which each lies.

    A leaf area without one is absent; so are all if the edition has no such level.
    """
    # Cases are judged into leaf areas only; which level that is may differ between editions.
    leaf = leaf_level(conn, edition)
    if leaf is None:
        return {}
    found = {
        code: dict(chain).get(level) for code, chain in chains(conn, edition, leaf).items()
    }
    return {code: parent for code, parent in found.items() if parent is not None}
