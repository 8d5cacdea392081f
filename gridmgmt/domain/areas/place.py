"""Places: groups, road segments and zones by name, and what lies at one position."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from gridmgmt.domain.areas.area import Chain


class GroupKind(StrEnum):
    """Sets of areas that cross the tree: 责任网格 and 片区."""

    BEAT = "beat"
    INSPECTION_AREA = "inspection_area"


class ZoneKind(StrEnum):
    """Special polygons with a duty or an exception of their own."""

    VENDOR = "vendor"
    DEMOLITION = "demolition"
    RIVER = "river"
    CAMPUS = "campus"


@dataclass(frozen=True)
class Zone:
    """A special polygon; valid on days in ``[valid_from, valid_to]``, None = open.

    ``categories`` are what its exception is about, None: everything.
    """

    code: str
    kind: ZoneKind
    name: str
    valid_from: date | None = None
    valid_to: date | None = None
    categories: frozenset[str] | None = None


@dataclass(frozen=True)
class Group:
    """A named set of areas that may cross the tree."""

    code: str
    kind: GroupKind
    name: str


@dataclass(frozen=True)
class GroupMember:
    """An area that belongs to a group on days in ``[valid_from, valid_to]``, None = open."""

    group_code: str
    level: str
    area_code: str
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True)
class RoadSegment:
    """A stretch of road somebody answers for, up to ``tolerance_m`` to either side."""

    code: str
    name: str
    tolerance_m: float


@dataclass(frozen=True)
class Place:
    """What lies at a position, whatever the day: dates are judged when a case is routed.

    ``areas`` are (level, code), the deepest first. ``zones`` are all that cover the position,
    ascending. ``road_segments`` are (code, metres) within their tolerance, the nearest first,
    the smaller code first where the distance is the same.

    ``components`` are those a case may be about, of its class and in reach, (code, metres) in
    the same order. Distances that differ by ``apart_m`` or less do not tell them apart.
    """

    areas: Chain
    zones: tuple[str, ...] = ()
    road_segments: tuple[tuple[str, float], ...] = ()
    components: tuple[tuple[str, float], ...] = ()
    apart_m: float = 0.0

    def to_json(self) -> dict[str, Any]:
        """Give the place as plain JSON values, for the trace of a case."""
        told: dict[str, Any] = {
            "areas": [list(area) for area in self.areas],
            "zones": list(self.zones),
            "road_segments": [list(segment) for segment in self.road_segments],
        }
        if self.components:
            told["components"] = [list(component) for component in self.components]
            told["apart_m"] = self.apart_m
        return told

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Place":
        """Read what ``to_json`` gave."""
        return cls(
            areas=tuple((level, code) for level, code in data["areas"]),
            zones=tuple(data["zones"]),
            road_segments=tuple((code, metres) for code, metres in data["road_segments"]),
            components=tuple((code, metres) for code, metres in data.get("components", ())),
            apart_m=data.get("apart_m", 0.0),
        )
