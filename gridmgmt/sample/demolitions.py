"""Demolitions of unlawful structures, each with the footprint of what stood there."""

from dataclasses import dataclass

import numpy as np
import shapely

from gridmgmt.arrays import FloatArray, GeometryArray, IntArray, ObjectArray
from gridmgmt.domain.areas.surroundings import ZoneKind
from gridmgmt.domain.responsibility.demolition import DemolitionMode
from gridmgmt.sample.areas import Areas
from gridmgmt.sample.plan import DAYS, SYNTHETIC, CityPlan
from gridmgmt.sample.plane import globe_geometries
from gridmgmt.sample.zones import Zones

_WHAT = ("加建房屋", "楼顶阳光房", "占道棚亭", "临时仓库", "院内搭建", "彩钢板房")
_MODES = (DemolitionMode.SELF, DemolitionMode.ASSISTED, DemolitionMode.FORCED)


@dataclass(frozen=True)
class Demolitions:
    """``geoms`` in degrees; the three counts 起, 处 and 户 are never converted."""

    codes: ObjectArray
    names: ObjectArray
    addresses: ObjectArray
    claimed_m2: FloatArray
    mode: ObjectArray
    demolished_on: ObjectArray
    cases_count: IntArray
    sites_count: IntArray
    households_count: IntArray
    geoms: GeometryArray


def build_demolitions(plan: CityPlan, areas: Areas, zones: Zones) -> Demolitions:
    """Tear down structures: three in five inside demolition zones, the rest in back yards."""
    rng = plan.rng("demolitions")
    count = plan.demolitions
    ground, cell = _footprints(plan, areas, zones, rng)
    measured = shapely.area(ground)
    # What squads claim is rounded up more often than down.
    claimed = np.maximum(4.0, np.round(measured * rng.lognormal(0.04, 0.13, count)))
    day = np.sort((rng.beta(1.3, 1.1, count) * DAYS).astype(np.int64))
    standing = rng.random(count) < 0.04
    on = np.where(standing, "", (plan.first_day + day).astype(str)).astype(object)
    title = dict(zip(areas.communities.codes, areas.communities.names, strict=True))
    places = [
        str(title[areas.cells.parent_codes[i]]).removesuffix(SYNTHETIC)
        + f"{areas.cells.codes[i][-3:]}网格{house}号{SYNTHETIC}"
        for i, house in zip(cell, rng.integers(1, 160, count), strict=True)
    ]
    what = rng.integers(0, len(_WHAT), count)
    return Demolitions(
        codes=np.array([f"SYN-CQ-{i:04d}" for i in range(1, count + 1)], dtype=object),
        names=np.array([_WHAT[i] + SYNTHETIC for i in what], dtype=object),
        addresses=np.array(places, dtype=object),
        claimed_m2=claimed,
        mode=np.array(
            [_MODES[i].value for i in rng.choice(3, count, p=(0.62, 0.24, 0.14))], object
        ),
        demolished_on=on,
        cases_count=np.ones(count, dtype=np.int64),
        sites_count=1 + (rng.random(count) < 0.12) + (rng.random(count) < 0.03),
        households_count=rng.poisson(np.clip(measured / 130.0, 0.4, 6.0)),
        geoms=globe_geometries(ground),
    )


def _footprints(
    plan: CityPlan, areas: Areas, zones: Zones, rng: np.random.Generator
) -> tuple[ObjectArray, IntArray]:
    """Return footprints in ground metres that lie inside a cell and apart from each other."""
    built = np.flatnonzero(areas.use == "built")
    middle = shapely.centroid(areas.cells.ground)
    quarters = shapely.union_all(zones.ground[zones.of_kind(ZoneKind.DEMOLITION)])
    torn = built[shapely.within(middle[built], quarters)]
    if not len(torn):
        torn = built
    found: list[shapely.Geometry] = []
    cells: list[int] = []
    taken: dict[int, list[shapely.Geometry]] = {}
    while len(found) < plan.demolitions:
        pool = torn if rng.random() < 0.6 else built
        cell = int(pool[rng.integers(0, len(pool))])
        shape = _footprint(areas.cells.ground[cell], rng)
        others = taken.setdefault(cell, [])
        if shape is None or any(shape.distance(other) < 2.0 for other in others):
            continue
        others.append(shape)
        found.append(shape)
        cells.append(cell)
    return np.array(found, dtype=object), np.array(cells, dtype=np.int64)


def _footprint(block: shapely.Polygon, rng: np.random.Generator) -> shapely.Polygon | None:
    """Draw a house along the nearest edge of a block; None where it does not fit."""
    ring = block.exterior
    along = rng.uniform(0.0, ring.length)
    here, there = ring.interpolate(along), ring.interpolate(along + 5.0)
    step = np.array([there.x - here.x, there.y - here.y])
    if (norm := float(np.hypot(*step))) < 1.0:
        return None
    step /= norm
    inward = np.array([-step[1], step[0]]) * (1.0 if ring.is_ccw else -1.0)
    width, depth = rng.lognormal(2.35, 0.45), rng.lognormal(2.1, 0.4)
    corner = np.array([here.x, here.y]) + inward * rng.uniform(5.0, 38.0)
    outline = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)]
    if rng.random() < 0.3:
        notch = rng.uniform(0.35, 0.65)
        outline = [
            (0.0, 0.0),
            (1.0, 0.0),
            (1.0, notch),
            (notch, notch),
            (notch, 1.0),
            (0.0, 1.0),
        ]
    shape = shapely.Polygon(
        [corner + step * width * u + inward * depth * v for u, v in outline]
    )
    return shape if block.buffer(-3.0).contains(shape) else None
