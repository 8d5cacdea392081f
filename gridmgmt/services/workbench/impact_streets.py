"""How streets kept their deadlines within a year, by the borders before and after a draft."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import numpy as np
from sqlalchemy.engine import Connection

from gridmgmt.arrays import IntArray
from gridmgmt.domain.areas.area import AreaKey
from gridmgmt.domain.moments import as_utc64
from gridmgmt.indicators.rates import COUNT_NAMES, DeadlineCounts, count_deadlines
from gridmgmt.services.statistics.figures import figures_by_leaf
from gridmgmt.services.workbench.impact_cases import ImpactAsked, JudgedTwice
from gridmgmt.services.workbench.impact_sides import AreaSide, DraftSides
from gridmgmt.store.cases.case_filter import CaseFilter
from gridmgmt.store.cases.near_cases import NearCase

_STREET = "street"


@dataclass(frozen=True)
class StreetRates:
    """The cases of a year in a street, by its borders before and after; None: no such street.

    Cases at default positions are left out, as on the map.
    """

    level: str
    code: str
    name: str | None
    before: DeadlineCounts | None
    after: DeadlineCounts | None


def street_level(before: AreaSide, after: AreaSide) -> str | None:
    """Return the level of streets: the one called so, else the topmost with areas."""
    levels = [name for name in after.parents if after.parents[name]]
    levels = levels or [name for name in before.parents if before.parents[name]]
    return _STREET if _STREET in levels else next(iter(levels), None)


class LeafCounts(NamedTuple):
    """Counts of cases, (n, COUNT_NAMES), of leaf areas, some of them named several times."""

    codes: Sequence[str | None]
    counts: IntArray


class LeafMoves:
    """The cases of a year that count for another leaf area after a draft.

    A case counts for the area into which it was judged while the row of that area stays, else
    for the one in which it lies (``judging.case_leaves``).
    """

    def __init__(self, sides: DraftSides, asked: ImpactAsked) -> None:
        self._sides = sides
        self._asked = asked
        self._left: dict[str | None, list[NearCase]] = defaultdict(list)
        self._come: dict[str | None, list[NearCase]] = defaultdict(list)

    def add(self, judged: Sequence[JudgedTwice]) -> None:
        """Count those of some cases that change their leaf area."""
        restated = self._sides.restated
        same_level = self._sides.before.leaf == self._sides.after.leaf
        for case, _, after in judged:
            counts = case.is_located and not case.at_default
            if not counts or not in_year(case, self._asked):
                continue
            if case.stands and same_level and case.leaf not in restated:
                continue
            there = after.location.area_code
            if there != case.leaf or not same_level:
                self._left[case.leaf].append(case)
                self._come[there].append(case)

    def counts(self, conn: Connection) -> tuple[LeafCounts, LeafCounts]:
        """Return the counts of a year by leaf area, before and after the draft."""
        sides, now = self._sides, self._asked.now
        edition = sides.draft.base_edition
        if edition is None:
            nothing = LeafCounts([], np.zeros((0, len(COUNT_NAMES)), dtype=np.int64))
            return nothing, nothing
        year = CaseFilter(since=self._asked.since, until=now)
        found = figures_by_leaf(conn, year, edition, now)
        before = LeafCounts(
            [
                code if is_located else None
                for code, is_located in zip(found.codes, found.is_located, strict=True)
            ],
            found.counts,
        )
        moved = [
            *((-1, *one) for one in self._left.items()),
            *((1, *one) for one in self._come.items()),
        ]
        more = [sign * np.array(_counted(some, now).as_tuple()) for sign, _, some in moved]
        after = LeafCounts(
            [*before.codes, *(code for _, code, _ in moved)],
            np.concatenate(
                [before.counts, np.array(more, dtype=np.int64).reshape(-1, len(COUNT_NAMES))]
            ),
        )
        return before, after


def in_year(case: NearCase, asked: ImpactAsked) -> bool:
    """Return whether a case was reported within the year that ends now."""
    return asked.since <= case.reported_at < asked.now


def _counted(some: Sequence[NearCase], now: datetime) -> DeadlineCounts:
    return count_deadlines(
        as_utc64([one.due_at for one in some]),
        as_utc64([one.done_at for one in some]),
        as_utc64([now])[0],
        np.array([one.due_provisional for one in some], dtype=bool),
    )


def street_rates(
    conn: Connection, sides: DraftSides, moves: LeafMoves
) -> tuple[list[StreetRates], int]:
    """Return the streets whose counts of a year change, by code, and how many stay the same."""
    level = street_level(sides.before, sides.after)
    if level is None:
        return [], 0
    by_leaf = moves.counts(conn)
    before, after = (
        _by_street(side, level, counts)
        for side, counts in zip((sides.before, sides.after), by_leaf, strict=True)
    )
    codes = sorted(before.keys() | after.keys())
    differing = [code for code in codes if before.get(code) != after.get(code)]
    names = sides.names(conn, [(level, code) for code in differing])
    found = [
        StreetRates(level, code, names.get((level, code)), before.get(code), after.get(code))
        for code in differing
    ]
    return found, len(codes) - len(differing)


def _by_street(side: AreaSide, level: str, by_leaf: LeafCounts) -> dict[str, DeadlineCounts]:
    """Return the counts of all streets of a side, zeros for one without cases."""
    codes = list(side.parents.get(level, {}))
    number = {code: n for n, code in enumerate(codes)}
    of_leaf = {
        leaf: number[street]
        for leaf, chain in side.chains.items()
        if (street := street_of(chain, level)) is not None
    }
    rows = np.array([of_leaf.get(code or "", -1) for code in by_leaf.codes], dtype=np.int64)
    counts = np.zeros((len(codes), len(COUNT_NAMES)), dtype=np.int64)
    np.add.at(counts, rows[rows >= 0], by_leaf.counts[rows >= 0])
    return {
        code: DeadlineCounts(*some) for code, some in zip(codes, counts.tolist(), strict=True)
    }


def street_of(chain: Sequence[AreaKey], level: str | None) -> str | None:
    """Return the code of the area of a level among those in which a leaf area lies."""
    for name, code in chain:
        if name == level:
            return code
    return None
