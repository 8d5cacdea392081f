"""Find the cases for which a draft may change anything, and judge them before and after it.

A case is affected if its answer may depend on ground that moves: it lies there, the disc of its
accuracy reaches there, or it lies in no area and could snap to another one. All other cases are
covered by the same areas before and after, and get the same answer.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import NamedTuple

import numpy as np
import shapely
from sqlalchemy.engine import Connection

from gridmgmt.arrays import FloatArray, GeometryArray, objects
from gridmgmt.domain.cases.case import GivenCase
from gridmgmt.domain.judging.judged import Judged
from gridmgmt.domain.judging.judging_rules import JudgingRules
from gridmgmt.geometry.coverage.changes import joined, no_areas, pick
from gridmgmt.geometry.coverage.level_areas import LevelAreas
from gridmgmt.geometry.coverage.moved_ground import MovedGround, boxes_around
from gridmgmt.geometry.locating.cover import cover
from gridmgmt.geometry.locating.locate import build_locator
from gridmgmt.geometry.locating.locator_index import Bounds
from gridmgmt.geometry.measure import metres_per_degree
from gridmgmt.progress import Progress
from gridmgmt.services.judging.judge import Judge
from gridmgmt.services.judging.router import Router
from gridmgmt.services.judging.router_cache import router_for
from gridmgmt.services.judging.trial_editions import TrialEdition
from gridmgmt.services.workbench.impact_sides import AreaSide, DraftSides, stated
from gridmgmt.store.areas.near_areas import areas_near, extent_without
from gridmgmt.store.cases.near_cases import (
    CERTAIN_M,
    NearCase,
    NearPositions,
    positions_near,
    read_shown,
    uncertain_positions,
)

# The numbers by which the judge of a trial knows the two sides.
BEFORE, AFTER = 0, 1

YEAR = timedelta(days=365)

_AT_ONCE = 20_000
# Metres. A case this far from moved ground is looked at: distances are compared in whole
# millimetres, and outlines are on a grid of one.
_EPS_M = 0.01


@dataclass(frozen=True)
class ImpactAsked:
    """By which rules and at which instant the impact of a draft is measured."""

    rules: JudgingRules
    now: datetime

    @property
    def today(self) -> date:
        """Return the day whose duties count, in the bureau's time zone."""
        return self.now.astimezone(self.rules.tz).date()

    @property
    def since(self) -> datetime:
        """Return the first instant of the year that ends now."""
        return self.now - YEAR


class JudgedTwice(NamedTuple):
    """A case, and its judgement of today before and after a draft."""

    case: NearCase
    before: Judged
    after: Judged


class AffectedCases:
    """The cases that are open or were reported within a year, and that a draft may affect."""

    def __init__(self, conn: Connection, sides: DraftSides, asked: ImpactAsked) -> None:
        self._conn = conn
        self._sides = sides
        self._asked = asked
        rules = asked.rules
        self._reach_m = max(rules.snap_m, rules.candidate_m, CERTAIN_M)

    @property
    def count(self) -> int:
        """Return how many cases are affected."""
        return len(self._numbers)

    @cached_property
    def near(self) -> tuple[LevelAreas, LevelAreas]:
        """Return all leaf areas on which the affected cases may depend, before and after."""
        sides, edition = self._sides, self._sides.draft.base_edition or 0
        uncertain = self._uncertain
        points = np.column_stack([uncertain.lon, uncertain.lat] * 2)
        around = np.concatenate(
            [
                # A case within reach of moved ground, and the disc around it.
                sides.moved.boxes(2 * self._reach_m),
                boxes_around(points, uncertain.accuracy_m),
            ]
        )

        def standing(side: AreaSide) -> LevelAreas:
            if side.leaf is None or not len(around):
                return no_areas(side.leaf or "")
            return areas_near(self._conn, edition, side.leaf, around)

        leaf = sides.after.leaf or ""
        changed = sides.changes.get(leaf)
        before = standing(sides.before)
        others = before if sides.after.leaf == sides.before.leaf else standing(sides.after)
        if changed is not None:
            others = pick(others, set(others.codes) - set(changed.codes))
        return before, joined(stated(changed, leaf), others)

    def judged(self, progress: Progress) -> Iterator[list[JudgedTwice]]:
        """Yield the affected cases with both judgements, in parts, by number."""
        edition = self._sides.draft.base_edition
        for start in range(0, self.count, _AT_ONCE):
            some = read_shown(self._conn, self._numbers[start : start + _AT_ONCE], edition)
            both = self._both(some)
            yield [JudgedTwice(*one) for one in zip(some, *both, strict=True)]
            progress("routing", min(start + _AT_ONCE, self.count), self.count)

    @cached_property
    def _numbers(self) -> list[str]:
        """Return the numbers of the affected cases, ascending."""
        if not len(self._sides.moved):
            return []
        moved, snap_m = self._sides.moved, self._asked.rules.snap_m
        near = positions_near(self._conn, moved.boxes(self._reach_m), self._asked.since)
        is_affected = moved.reaching(near.lon, near.lat, near.accuracy_m + _EPS_M)
        beside = np.flatnonzero(~is_affected)
        reach_m = np.full(len(beside), snap_m + _EPS_M)
        beside = beside[moved.reaching(near.lon[beside], near.lat[beside], reach_m)]
        # What covers a case here is the same after the draft, and a covered case never snaps.
        is_affected[beside] = ~self._is_covered(near.lon[beside], near.lat[beside])
        return sorted({*near.case_nos[is_affected], *self._uncertain.case_nos})

    def _is_covered(self, lon: FloatArray, lat: FloatArray) -> np.ndarray:
        trial = self._trials[BEFORE]
        if trial is None:
            return np.zeros(len(lon), dtype=bool)
        covered: np.ndarray = cover(trial.locator, lon, lat).cell >= 0
        return covered

    def _both(self, some: Sequence[NearCase]) -> list[list[Judged]]:
        given = [
            GivenCase(one.case_no, one.category, one.reported_at, accuracy_m=_accuracy_m(one))
            for one in some
        ]
        lon, lat = (
            np.array([(one.lon, one.lat) for one in some], dtype=np.float64).reshape(-1, 2).T
        )
        found = []
        for side in (BEFORE, AFTER):
            editions = np.full(len(some), side, dtype=np.int64)
            where = self._judge.locate(given, lon, lat, editions=editions, border=False)
            found.append(self._judge.route(given, where, valid_on=self._asked.today))
        return found

    @cached_property
    def _judge(self) -> Judge:
        return Judge(self._conn, self._asked.rules, self._trials)

    @cached_property
    def routers(self) -> tuple[Router, Router]:
        """Return routers with the duties of today, and with those a draft would leave."""
        edition, tz = self._sides.draft.base_edition or 0, self._asked.rules.tz
        now, trial = router_for(self._conn, edition, tz=tz), self._sides.trial
        if trial is None:
            return now, now
        return now, Router.load(self._conn, edition, tz=tz, rows=trial.rows)

    @cached_property
    def _trials(self) -> dict[int, TrialEdition | None]:
        both = zip((self._sides.before, self._sides.after), self.near, strict=True)
        return {
            number: self._trial(side, areas, bounds, self.routers[number])
            for number, (side, areas), bounds in zip(
                (BEFORE, AFTER), both, self._extents, strict=True
            )
        }

    def _trial(
        self, side: AreaSide, areas: LevelAreas, extent: Bounds | None, router: Router
    ) -> TrialEdition | None:
        if side.leaf is None or not len(areas.codes):
            return None
        locator = build_locator(areas.codes, areas.geoms, extent=extent)
        chains = {str(code): side.chains[str(code)] for code in areas.codes}
        return TrialEdition(side.leaf, locator, router.on(chains))

    @cached_property
    def _extents(self) -> tuple[Bounds | None, Bounds | None]:
        """Return the bounds of all leaf areas before and after."""
        sides = self._sides
        found: list[Bounds | None] = []
        for side, touched in ((sides.before, sides.old), (sides.after, sides.new)):
            codes = {*sides.old.codes, *sides.new.codes}
            edition = sides.draft.base_edition or 0
            rest = extent_without(self._conn, edition, side.leaf or "", codes)
            boxes = [*([] if rest is None else [shapely.box(*rest)]), *touched.geoms]
            if not boxes:
                found.append(None)
                continue
            west, south, east, north = shapely.total_bounds(objects(boxes)).tolist()
            found.append((west, south, east, north))
        return found[0], found[1]

    @cached_property
    def _uncertain(self) -> NearPositions:
        """Return the cases whose large discs may reach into ground that moves."""
        ground = MovedGround.of(self._sides.moved.pieces, _beyond(*self._extents))
        if not len(ground):
            return NearPositions.of([])
        south, north = ground.bounds.bounds[1::2]
        m_lon, _ = metres_per_degree([min(max(abs(south), abs(north)), 89.0)])
        found = uncertain_positions(
            self._conn, ground.bounds, float(m_lon[0]), self._asked.since
        )
        return found.only(ground.reaching(found.lon, found.lat, found.accuracy_m + _EPS_M))


def _accuracy_m(case: NearCase) -> float | None:
    # The position that a person chose is its position (``traces.to_judge``).
    return None if case.is_placed else case.accuracy_m


def _beyond(before: Bounds | None, after: Bounds | None) -> GeometryArray:
    """Return all ground beyond the bounds of the city where these move.

    A very large disc is weighed by points spread over the part of it within these bounds.
    """
    if before is None or after is None or before == after:
        return objects([])
    west, south = (max(pair) for pair in zip(before[:2], after[:2], strict=True))
    east, north = (min(pair) for pair in zip(before[2:], after[2:], strict=True))
    halves = (
        shapely.box(-180, -90, west, 90),
        shapely.box(-180, -90, 180, south),
        shapely.box(east, -90, 180, 90),
        shapely.box(-180, north, 180, 90),
    )
    differ = (one != other for one, other in zip(before, after, strict=True))
    return objects(half for half, moves in zip(halves, differ, strict=True) if moves)
