"""Zones with responders of their own: river, campuses, market stalls, demolition areas."""

from dataclasses import dataclass
from typing import cast

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gridmgmt.arrays import GeometryArray, IntArray, ObjectArray
from gridmgmt.domain.areas.surroundings import ZoneKind
from gridmgmt.sample.areas import Areas
from gridmgmt.sample.plan import SYNTHETIC, CityPlan
from gridmgmt.sample.plane import globe_geometries
from gridmgmt.sample.spots import SampleSpot

_PREFIX = {
    ZoneKind.RIVER: ("ZR", "示例河"),
    ZoneKind.CAMPUS: ("ZC", "示例校区"),
    ZoneKind.VENDOR: ("ZV", "固定摊点群"),
    ZoneKind.DEMOLITION: ("ZD", "拆迁区"),
}
# Where quarters are being torn down, as shares of width and height.
_DEMOLITION_AT = ((-0.20, -0.05), (0.30, -0.35), (-0.35, 0.36))


@dataclass(frozen=True)
class Zones:
    """Special polygons; ``geoms`` in degrees, ``ground`` in metres."""

    codes: ObjectArray
    kinds: ObjectArray
    names: ObjectArray
    valid_from: ObjectArray
    valid_to: ObjectArray
    geoms: GeometryArray
    ground: GeometryArray

    def of_kind(self, kind: ZoneKind) -> IntArray:
        """Return the positions of the zones of one kind."""
        return np.flatnonzero(self.kinds == kind.value)


def build_zones(plan: CityPlan, areas: Areas, spots: list[SampleSpot]) -> Zones:
    """Lay out the zones of a city."""
    shapes: list[tuple[ZoneKind, BaseGeometry]] = []
    cells = areas.cells
    water = cells.ground[areas.use == "water"]
    shapes.append((ZoneKind.RIVER, shapely.coverage_union_all(water)))
    shapes += [(ZoneKind.CAMPUS, cell) for cell in cells.ground[areas.use == "campus"]]
    markets = [spot for spot in spots if spot.profile == "market"][:4]
    shapes += [(ZoneKind.VENDOR, _stalls(areas, spot)) for spot in markets]
    shapes += [(ZoneKind.DEMOLITION, _quarter(plan, areas, at)) for at in _DEMOLITION_AT]
    number: dict[ZoneKind, int] = {}
    rows = []
    since = str(plan.founded_on)
    for kind, _ in shapes:
        number[kind] = number.get(kind, 0) + 1
        prefix, title = _PREFIX[kind]
        # The third quarter is gone since four months.
        gone = (kind, number[kind]) == (ZoneKind.DEMOLITION, 3)
        until = plan.days_before_end(123) if gone else None
        name = f"{title}{number[kind]}{SYNTHETIC}"
        rows.append((f"{prefix}{number[kind]:02d}", kind.value, name, since, until))
    columns = [np.array(column, dtype=object) for column in zip(*rows, strict=True)]
    ground = np.array([shape for _, shape in shapes], dtype=object)
    codes, kinds, names, valid_from, valid_to = columns
    return Zones(codes, kinds, names, valid_from, valid_to, globe_geometries(ground), ground)


def _stalls(areas: Areas, spot: SampleSpot) -> BaseGeometry:
    """Return the stalls at a market: most of one built block, pavements left free."""
    built = np.flatnonzero(areas.use == "built")
    nearest = built[
        np.argmin(shapely.distance(areas.cells.ground[built], _point(spot.x, spot.y)))
    ]
    block = shapely.buffer(areas.cells.ground[nearest], -6.0, join_style="mitre")
    return cast(
        "BaseGeometry",
        shapely.intersection(block, shapely.buffer(_point(spot.x, spot.y), 75.0)),
    )


def _quarter(plan: CityPlan, areas: Areas, at: tuple[float, float]) -> BaseGeometry:
    """Return a quarter of about ten blocks that is being torn down."""
    centre = _point(at[0] * plan.width_m, at[1] * plan.height_m)
    middle = shapely.centroid(areas.cells.ground)
    distance = np.where(areas.use == "built", shapely.distance(middle, centre), np.inf)
    chosen = np.argsort(distance)[: 11 if plan.cases > 10_000 else 4]
    whole = shapely.coverage_union_all(areas.cells.ground[chosen])
    return cast("BaseGeometry", shapely.buffer(whole, -5.0, join_style="mitre"))


def _point(x: float, y: float) -> shapely.Point:
    return shapely.Point(x, y)
