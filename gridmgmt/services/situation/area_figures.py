"""The figures of one area of an edition, and those of the two earlier periods."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.area import AreaKey
from gridmgmt.domain.cases.case import CaseMark
from gridmgmt.errors import NotFoundError
from gridmgmt.indicators.rates import DeadlineCounts
from gridmgmt.services.areas.scopes import ground_of
from gridmgmt.services.situation.earlier_periods import EarlierCounts, earlier_periods
from gridmgmt.services.statistics.figures import figures
from gridmgmt.store.areas.area_tree import NamedArea, chain_of
from gridmgmt.store.cases.case_filter import Ground
from gridmgmt.store.situation.map_figures import ReportedFilter

_APART = CaseMark.DEFAULT_POSITION


@dataclass(frozen=True, slots=True)
class AreaFigures:
    """What is counted in an area of an edition, judged at ``as_of``.

    ``chain`` is the area first, then the areas above it. ``counts`` leave out the cases
    ``at_default`` positions. The earlier periods are counted on the same ground; None: the data
    begin later.
    """

    edition: int
    chain: tuple[NamedArea, ...]
    wanted: ReportedFilter
    as_of: datetime
    counts: DeadlineCounts
    at_default: DeadlineCounts
    before: EarlierCounts | None
    year_before: EarlierCounts | None

    @property
    def area(self) -> NamedArea:
        """Return the area itself."""
        return self.chain[0]


def area_figures(
    conn: Connection,
    edition: int,
    key: AreaKey,
    wanted: ReportedFilter,
    *,
    as_of: datetime,
    within: AreaKey | None = None,
) -> AreaFigures:
    """Count the cases of one area of an edition, as the map counts them.

    Parameters
    ----------
    key : level and code of the area
    wanted : which cases are counted
    as_of : the fixed instant for deadlines
    within : the one area the account is limited to

    Raises
    ------
    NotFoundError
        when the edition has no such area, or it lies outside the account's area
    """
    level, code = key
    chain = tuple(chain_of(conn, edition, level, code))
    keys = [(one.level, one.code) for one in chain]
    if not chain or (within is not None and within not in keys):
        raise NotFoundError(kind=level, key=code)
    wanted = replace(wanted, as_of=as_of)
    ground = ground_of(conn, edition, key)
    earlier = earlier_periods(conn, wanted)
    here = replace(wanted.cases, ground=ground)
    return AreaFigures(
        edition=edition,
        chain=chain,
        wanted=wanted,
        as_of=as_of,
        counts=figures(conn, replace(here, unmarked=_APART), as_of),
        at_default=figures(conn, replace(here, mark=_APART), as_of),
        before=_counted(conn, earlier.before, ground),
        year_before=_counted(conn, earlier.year_before, ground),
    )


def _counted(
    conn: Connection, wanted: ReportedFilter | None, ground: Ground
) -> EarlierCounts | None:
    if wanted is None or wanted.as_of is None:
        return None
    here = replace(wanted.cases, ground=ground, unmarked=_APART)
    return EarlierCounts(wanted, figures(conn, here, wanted.as_of))


def links_of(found: AreaFigures) -> Mapping[str, Mapping[str, str]]:
    """Return the parameters of the list of cases behind each number.

    A list is judged at the same instant as the number, so that it has exactly its cases
    (DECISIONS 28).
    """
    apart = {"unmarked": _APART.value} if found.at_default.cases else {}
    here = {**_link(found, found.wanted), **apart}
    judged = {**here, "as_of": found.as_of.isoformat()}
    earlier = {
        name: {**_link(found, one.wanted), "unmarked": _APART.value}
        for name, one in (("before", found.before), ("year_before", found.year_before))
        if one is not None
    }
    return {
        "cases": here,
        "open": {**judged, "open": "1"},
        "overdue": {**judged, "overdue": "1"},
        "on_time": {**judged, "deadline": "on_time"},
        "late": {**judged, "deadline": "late"},
        "missed": {**judged, "deadline": "missed"},
        "due": {**judged, "deadline": "due"},
        "provisional": {**judged, "deadline": "provisional"},
        "without_due": {**judged, "deadline": "without"},
        "at_default": {**_link(found, found.wanted), "mark": _APART.value},
        **earlier,
    }


def _link(found: AreaFigures, wanted: ReportedFilter) -> dict[str, str]:
    return {
        "area": f"{found.area.level}:{found.area.code}",
        "edition": str(found.edition),
        **wanted.link(),
    }
