"""The positions of cases: mostly along roads, and dense around places that attract them."""

from dataclasses import dataclass

import numpy as np
import shapely

from gridmgmt.arrays import BoolArray, FloatArray, IntArray, ObjectArray
from gridmgmt.sample.areas import Areas
from gridmgmt.sample.plan import CityPlan
from gridmgmt.sample.roads import OLD_TOWN, RoadClass
from gridmgmt.sample.segments import Roadside
from gridmgmt.sample.spots import SampleSpot

_STEP_M = 12.0
# How busy a metre of border is, by road class; walls and hedges see the least.
_BUSY = {
    RoadClass.MAIN: 3.2,
    RoadClass.RING: 1.1,
    RoadClass.RIVERSIDE: 1.6,
    RoadClass.SECONDARY: 2.2,
    RoadClass.LANE: 1.3,
    RoadClass.PARCEL: 0.45,
}
_OFF_ROAD_M = 6.5


@dataclass(frozen=True)
class Kerb:
    """Points every few metres along all borders, in ground metres.

    ``direction`` is the road's unit vector there; ``community`` positions in the communities;
    ``road`` the name of the nearest road that has one; ``riverside`` whether water is there.
    """

    xy: FloatArray
    direction: FloatArray
    busy: FloatArray
    road: ObjectArray
    community: IntArray
    riverside: BoolArray


def build_kerb(plan: CityPlan, areas: Areas, roadside: Roadside) -> Kerb:
    """Spread points along every road, each with how busy it is."""
    length = shapely.length(roadside.ground)
    count = np.maximum(1, np.rint(length / _STEP_M).astype(np.int64))
    edge = np.repeat(np.arange(len(length)), count)
    step = np.arange(len(edge)) - np.repeat(np.cumsum(count) - count, count)
    share = (step + 0.5) / count[edge]
    lines = roadside.ground[edge]
    xy = shapely.get_coordinates(shapely.line_interpolate_point(lines, share, normalized=True))
    ahead = shapely.line_interpolate_point(
        lines, np.minimum(share + 0.02, 1.0), normalized=True
    )
    way = shapely.get_coordinates(ahead) - xy
    direction = way / np.maximum(np.hypot(*way.T), 1e-9)[:, None]
    busy = np.array([_BUSY[RoadClass(kind)] for kind in roadside.classes])[edge]
    named = np.flatnonzero(roadside.classes <= RoadClass.SECONDARY)
    points = shapely.points(xy)
    nearest = shapely.STRtree(roadside.ground[named]).query_nearest(points, all_matches=False)[
        1
    ]
    tree = shapely.STRtree(areas.communities.ground)
    community = tree.query_nearest(points, all_matches=False)[1]
    return Kerb(
        xy,
        direction,
        busy * _liveliness(plan, xy),
        roadside.names[named[nearest]],
        community.astype(np.int64),
        (roadside.classes == RoadClass.RIVERSIDE)[edge],
    )


def _liveliness(plan: CityPlan, xy: FloatArray) -> FloatArray:
    """Return how lively a place is: the old town most, patches elsewhere, the edge least."""
    rng = plan.rng("liveliness")
    size = np.array([plan.width_m, plan.height_m])
    share = xy / size - np.array(OLD_TOWN) - (0.03, 0.06)
    lively = 0.30 + 1.5 * np.exp(-((np.hypot(*share.T) / 0.24) ** 2))
    for _ in range(14):
        at, spread = rng.uniform(-0.45, 0.45, 2) * size, rng.uniform(0.035, 0.09) * size.mean()
        near = np.exp(-((xy - at) ** 2).sum(axis=1) / (2 * spread**2))
        lively += rng.uniform(-0.2, 0.9) * near
    floor: FloatArray = np.maximum(lively, 0.05)
    return floor


def around(kerb: Kerb, spot: SampleSpot) -> FloatArray:
    """Return the share of a place's cases that falls on each kerb point; sums to 1."""
    squared = ((kerb.xy - (spot.x, spot.y)) ** 2).sum(axis=1)
    weight = np.sqrt(kerb.busy) * np.exp(-squared / (2 * spot.spread_m**2))
    return np.asarray(weight / weight.sum())


def everywhere(kerb: Kerb) -> FloatArray:
    """Return the share of cases without a special place on each kerb point; sums to 1."""
    return np.asarray(kerb.busy / kerb.busy.sum())


def along_the_river(kerb: Kerb) -> FloatArray:
    """Return the share of cases about water on each kerb point; sums to 1."""
    weight = kerb.busy * kerb.riverside
    return np.asarray(weight / weight.sum())


def draw(share: FloatArray, rng: np.random.Generator, count: int) -> IntArray:
    """Draw kerb points by their shares."""
    return np.searchsorted(np.cumsum(share), rng.random(count)).clip(max=len(share) - 1)


def scatter(
    kerb: Kerb, at: IntArray, error_m: FloatArray, rng: np.random.Generator
) -> FloatArray:
    """Return (n, 2) ground metres beside kerb points: roads have width and GPS errs.

    One in eight lies deeper inside the block. ``error_m`` is the accuracy the reporter's
    device claims, taken as a 95 % radius.
    """
    count = len(at)
    way = kerb.direction[at]
    across = np.column_stack([-way[:, 1], way[:, 0]])
    off = rng.laplace(0.0, _OFF_ROAD_M, count)
    off = np.where(rng.random(count) < 0.125, rng.normal(0.0, 26.0, count), off)
    along = rng.uniform(-_STEP_M, _STEP_M, count) / 2
    error = rng.normal(0.0, 1.0, (count, 2)) * (error_m / 2.45)[:, None]
    return np.asarray(kerb.xy[at] + way * along[:, None] + across * off[:, None] + error)
