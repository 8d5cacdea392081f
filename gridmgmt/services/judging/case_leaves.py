"""Keep where cases lie under every edition: a located case has exactly one leaf in each.

It is the area it was judged into, if the same row of it is in force in the edition and on its
deepest level; else the area in which its position lies by the rules of locating, or none. Only
the second kind is stored (``case_leaves``): whatever stores a case or publishes an edition has
it stored here in the same transaction.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from sqlalchemy.engine import Connection

from gridmgmt.arrays import FloatArray, IntArray
from gridmgmt.domain.cases.case import Case
from gridmgmt.domain.judging.judging_rules import JudgingRules
from gridmgmt.geometry.coverage.moved_ground import boxes_around
from gridmgmt.geometry.locating.locate import Locator, build_locator, locate
from gridmgmt.services.judging.edition_locators import EditionLocators
from gridmgmt.services.revision_cache import Fresh
from gridmgmt.store.areas import editions
from gridmgmt.store.areas.near_areas import areas_near
from gridmgmt.store.cases import cases
from gridmgmt.store.cases.case_leaves import (
    CaseLeaf,
    JudgedArea,
    MovedCases,
    Span,
    add_case_leaves,
    cases_without_leaf,
    delete_case_leaves,
    leaf_levels,
    spans_of,
)

# A row that has no end yet is in force in every later edition.
_NO_END = np.iinfo(np.int64).max

# Of up to so many cases only the areas around them are read.
_FEW = 2_000


def _leaf_levels(conn: Connection, _: None) -> dict[int, str]:
    return leaf_levels(conn)


_LEVELS: Fresh[None, dict[int, str]] = Fresh(_leaf_levels, 4)


def complete_case_leaves(conn: Connection, rules: JudgingRules) -> int:
    """Store what is missing under any edition, and return how many leaves were missing.

    A database that was migrated from an older schema has none.
    """
    # The same locks in the same order as publishing.
    editions.wait_for_turn(conn)
    cases.stop_writing(conn)
    leaves = CaseLeaves(conn, rules)
    return sum(leaves.complete(edition) for edition in leaf_levels(conn))


class CaseLeaves:
    """Finds and stores the leaves of cases that are not the area they were judged into.

    Nobody may publish or withdraw an edition before the transaction ends
    (``store.cases.cases.begin_writing``, or the turn of the imports).
    """

    def __init__(self, conn: Connection, rules: JudgingRules) -> None:
        self._conn = conn
        self._snap_m = rules.snap_m
        self._locators = EditionLocators(conn, rules.home)
        self._spans: dict[JudgedArea, Span] = {}

    def add(self, some: Sequence[Case]) -> None:
        """Store the leaves of new cases."""
        add_case_leaves(self._conn, list(self._find(some)))

    def replace(self, some: Sequence[Case]) -> None:
        """Store the leaves of known cases that were judged again."""
        if some:
            case_nos = [case.given.case_no for case in some]
            delete_case_leaves(self._conn, case_nos=case_nos)
            self.add(some)

    def complete(self, edition: int) -> int:
        """Store the leaves of all stored cases under an edition; return how many were missing.

        It is called when the edition is published, and when the database learns of leaves.
        """
        level = _LEVELS.get(self._conn, None).get(edition)
        if level is None:
            return 0
        stored = 0
        for moved in cases_without_leaf(self._conn, edition, level):
            index = self._index(edition, level, moved)
            codes = self._codes(index, moved.lon, moved.lat)
            leaves = map(CaseLeaf, [edition] * len(codes), moved.case_nos, codes)
            add_case_leaves(self._conn, list(leaves))
            stored += len(codes)
        return stored

    def _find(self, some: Sequence[Case]) -> Iterator[CaseLeaf]:
        levels = _LEVELS.get(self._conn, None)
        located = [case for case in some if case.location.area_code is not None]
        # Under the only edition there is, every case lies where it was judged to lie.
        if not located or len(levels) == 1:
            return
        lonlat = [(case.location.lon, case.location.lat) for case in located]
        lon, lat = np.array(lonlat, dtype=np.float64).T
        spans = self._spans_of(located)
        judged_on = np.array([case.location.level for case in located])
        for edition, level in levels.items():
            stands = (spans[0] <= edition) & (edition < spans[1]) & (judged_on == level)
            moved = np.flatnonzero(~stands)
            if not len(moved):
                continue
            codes = self._codes(self._whole(edition), lon[moved], lat[moved])
            for n, code in zip(moved.tolist(), codes, strict=True):
                yield CaseLeaf(edition, located[n].given.case_no, code)

    def _spans_of(self, located: Sequence[Case]) -> IntArray:
        """Return (2, n) the first edition of each case's area, and the first one after it."""
        areas = [
            JudgedArea(one.edition or 0, one.level or "", one.area_code or "")
            for one in (case.location for case in located)
        ]
        if unknown := list({*areas} - self._spans.keys()):
            self._spans |= spans_of(self._conn, unknown)
        spans = [self._spans[area] for area in areas]
        return np.array(
            [(one.since, _NO_END if one.until is None else one.until) for one in spans],
            dtype=np.int64,
        ).T

    def _index(self, edition: int, level: str, moved: MovedCases) -> Locator:
        """Return a locator with all leaf areas in which some cases may lie."""
        if len(moved.case_nos) > _FEW:
            return self._whole(edition)
        # That of a whole city takes longer than all else that a small publication does, and a
        # preview would build it for nothing.
        placed = np.isfinite(moved.lon)
        points = np.column_stack([moved.lon, moved.lat] * 2)[placed]
        areas = areas_near(self._conn, edition, level, boxes_around(points, self._snap_m))
        return build_locator(areas.codes, areas.geoms)

    def _whole(self, edition: int) -> Locator:
        found = self._locators.get(edition)
        assert found is not None
        return found[1]

    def _codes(self, index: Locator, lon: FloatArray, lat: FloatArray) -> list[str | None]:
        found = locate(index, lon, lat, candidate_m=0.0, snap_m=self._snap_m)
        codes = [str(code) for code in index.codes]
        return [None if cell < 0 else codes[cell] for cell in found.cell.tolist()]
