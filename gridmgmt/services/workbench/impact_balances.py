"""What every responder loses and gains by a draft: ground, roads, components and cases."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely
from sqlalchemy.engine import Connection

from gridmgmt.arrays import FloatArray, GeometryArray, IntArray, objects
from gridmgmt.domain.auditing.leaf_answers import LeafAnswering, RoleHolder, answerers
from gridmgmt.domain.judging.decision import Decision
from gridmgmt.geometry.coverage.level_areas import LevelAreas, union
from gridmgmt.geometry.coverage.lineage import DUST_M2
from gridmgmt.geometry.coverage.moved_ground import MovedGround
from gridmgmt.geometry.measure import M2_PER_KM2, area_m2, length_m
from gridmgmt.services.workbench.impact_sides import AreaSide, DraftSides, with_ground
from gridmgmt.store.responsibility.components import standing_points_within
from gridmgmt.store.responsibility.road_segments import segments_within

_EVERY = 2**31 - 1
_M_PER_KM = 1_000.0


@dataclass
class LostAndGained:
    """What a responder loses and gains."""

    lost: float = 0
    gained: float = 0

    def add(self, amount: float, *, loses: bool) -> None:
        """Add to one of the two."""
        if loses:
            self.lost += amount
        else:
            self.gained += amount


@dataclass
class HolderBalance:
    """What a responder loses and gains in one of its roles.

    ``km2``, ``road_km`` and ``components`` are of the ground on which it answers for any
    category at any hour; ``open_cases`` and ``year_cases`` are cases for which it answers.
    """

    responder: str | None
    role: str
    km2: LostAndGained = field(default_factory=LostAndGained)
    road_km: LostAndGained = field(default_factory=LostAndGained)
    components: LostAndGained = field(default_factory=LostAndGained)
    open_cases: LostAndGained = field(default_factory=LostAndGained)
    year_cases: LostAndGained = field(default_factory=LostAndGained)


class Balances:
    """The balances of all responders of whom anything changes."""

    def __init__(self) -> None:
        self._of: dict[RoleHolder, HolderBalance] = {}

    def of(self, one: RoleHolder) -> HolderBalance:
        """Return the balance of a responder in a role, to be added to."""
        return self._of.setdefault(one, HolderBalance(one.responder, one.role.value))

    def add_cases(
        self, before: Decision, after: Decision, *, open_cases: int, year_cases: int
    ) -> None:
        """Count cases with these answers for those who lose and gain them."""
        was, now = answerers(before), answerers(after)
        for who in was ^ now:
            mine, loses = self.of(who), who in was
            mine.open_cases.add(open_cases, loses=loses)
            mine.year_cases.add(year_cases, loses=loses)

    def listed(self) -> list[HolderBalance]:
        """Return all balances, the most cases of a year and the most ground first."""

        def weight(one: HolderBalance) -> tuple[float, float, str, str]:
            year, km2 = one.year_cases, one.km2
            return (
                -(year.lost + year.gained),
                -(km2.lost + km2.gained),
                one.responder or "",
                one.role,
            )

        return sorted(self._of.values(), key=weight)


def add_ground(
    conn: Connection,
    sides: DraftSides,
    near: tuple[LevelAreas, LevelAreas],
    answering: tuple[LeafAnswering, LeafAnswering],
    balances: Balances,
) -> None:
    """Measure for every responder the ground it loses and gains, with what lies on it.

    Ground that goes from one area to another of the same responder is neither; ground that
    several areas claim counts once.

    Parameters
    ----------
    near : all leaf areas that meet the ground that moves, before and after
    answering : by the duties before and after
    """
    lost = _grounds(sides.old, sides.lost, sides.before, near[1], sides.after, *answering)
    now, then = answering
    gained = _grounds(sides.new, sides.gained, sides.after, near[0], sides.before, then, now)
    every = objects([*lost.values(), *gained.values()])
    if not len(every):
        return
    measured = _measured(conn, every, sides.moved)
    for n, who in enumerate([*lost, *gained]):
        mine, loses = balances.of(who), n < len(lost)
        for balance, values in zip(
            (mine.km2, mine.road_km, mine.components), measured, strict=True
        ):
            balance.add(values[n], loses=loses)


def _grounds(
    areas: LevelAreas,
    pieces: GeometryArray,
    side: AreaSide,
    there: LevelAreas,
    other: AreaSide,
    answering: LeafAnswering,
    answering_there: LeafAnswering,
) -> dict[RoleHolder, shapely.Geometry]:
    """Return the ground on which each responder answers on one side only.

    Parameters
    ----------
    areas, pieces : the leaf areas of one ``side``, and the ground that each has only there
    there : the leaf areas of the ``other`` side
    """
    who_there = [answering_there.at(other.chains[str(code)]).who for code in there.codes]
    meeting: dict[int, list[int]] = defaultdict(list)
    found, others = shapely.STRtree(there.geoms).query(pieces, predicate="intersects")
    for row, nth in zip(found.tolist(), others.tolist(), strict=True):
        meeting[row].append(nth)
    parts: dict[RoleHolder, list[shapely.Geometry]] = defaultdict(list)
    for row in np.flatnonzero(with_ground(pieces)).tolist():
        code = str(areas.codes[row])
        # Squad and chiefs mostly keep the same of it.
        rests: dict[tuple[int, ...], shapely.Geometry] = {}
        for who in answering.at(side.chains[code]).who:
            kept = tuple(nth for nth in meeting[row] if who in who_there[nth])
            if kept not in rests:
                rests[kept] = _without(pieces[row], there.geoms[list(kept)])
            if not shapely.is_empty(rests[kept]):
                parts[who].append(rests[kept])
    grounds = {who: union(objects(some)) for who, some in parts.items()}
    # Overlays leave specks of rounding along borders.
    sizes = area_m2(objects(grounds.values())) if grounds else np.empty(0)
    return {
        who: ground
        for (who, ground), m2 in zip(grounds.items(), sizes.tolist(), strict=True)
        if m2 >= DUST_M2
    }


def _without(piece: shapely.Geometry, kept: GeometryArray) -> shapely.Geometry:
    return shapely.difference(piece, union(kept)) if len(kept) else piece


def _measured(
    conn: Connection, grounds: GeometryArray, moved: MovedGround
) -> tuple[Sequence[float], ...]:
    """Return square kilometres, kilometres of road and components of (n,) grounds."""
    _, lines = segments_within(conn, moved.around, most=_EVERY)
    points = standing_points_within(conn, moved.around)
    return (
        (area_m2(grounds) / M2_PER_KM2).tolist(),
        (_lengths_m(grounds, lines) / _M_PER_KM).tolist(),
        _counts(grounds, points).tolist(),
    )


def _lengths_m(grounds: GeometryArray, lines: GeometryArray) -> FloatArray:
    ground, line = shapely.STRtree(lines).query(grounds, predicate="intersects")
    inside = shapely.intersection(grounds[ground], lines[line])
    metres = np.zeros(len(grounds))
    np.add.at(metres, ground, length_m(inside))
    return metres


def _counts(grounds: GeometryArray, points: GeometryArray) -> IntArray:
    ground, _ = shapely.STRtree(points).query(grounds, predicate="covers")
    return np.bincount(ground, minlength=len(grounds))
