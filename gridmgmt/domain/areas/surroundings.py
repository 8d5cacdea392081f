"""Groups, road segments and zones, and what lies at a position."""

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
    """The kinds of zones."""

    VENDOR = "vendor"
    DEMOLITION = "demolition"
    RIVER = "river"
    CAMPUS = "campus"


@dataclass(frozen=True)
class Zone:
    """A special polygon, valid on days in ``[valid_from, valid_to]``, None = open.

    ``categories`` are the categories of its exception, None: all.
    """

    code: str
    kind: ZoneKind
    name: str
    valid_from: date | None = None
    valid_to: date | None = None
    categories: frozenset[str] | None = None


@dataclass(frozen=True)
class Group:
    """A named set of areas that may cross communities."""

    code: str
    kind: GroupKind
    name: str


@dataclass(frozen=True)
class GroupMember:
    """An area in a group on days in ``[valid_from, valid_to]``, None = open."""

    group_code: str
    level: str
    area_code: str
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True)
class RoadSegment:
    """A stretch of road that a responder answers for, up to ``tolerance_m`` on each side."""

    code: str
    name: str
    tolerance_m: float


@dataclass(frozen=True)
class Surroundings:
    """What lies at a position on any day: dates are judged when a case is routed.

    ``areas`` are (level, code), the deepest first. ``zones`` are all that cover the position,
    ascending. ``road_segments`` are (code, metres) within their tolerance, the nearest first,
    at equal distances the smaller code first.

    ``components`` are those a case may be about, of its class and within reach, (code, metres)
    in the same order. Components whose distances differ by ``apart_m`` or less are equally
    near.
    """

    areas: Chain
    zones: tuple[str, ...] = ()
    road_segments: tuple[tuple[str, float], ...] = ()
    components: tuple[tuple[str, float], ...] = ()
    apart_m: float = 0.0

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values for the trace of a case."""
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
    def from_json(cls, data: Mapping[str, Any]) -> "Surroundings":
        """Return the object that ``to_json`` wrote."""
        return cls(
            areas=tuple((level, code) for level, code in data["areas"]),
            zones=tuple(data["zones"]),
            road_segments=tuple((code, metres) for code, metres in data["road_segments"]),
            components=tuple((code, metres) for code, metres in data.get("components", ())),
            apart_m=data.get("apart_m", 0.0),
        )
