"""Named places that duties can point at beside areas: groups, road segments, zones."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


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
    """A special polygon; valid on days in ``[valid_from, valid_to]``, None = open."""

    code: str
    kind: ZoneKind
    name: str
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True)
class GroupMember:
    """An area that belongs to a group on days in ``[valid_from, valid_to]``, None = open."""

    group_code: str
    level: str
    area_code: str
    valid_from: date | None = None
    valid_to: date | None = None
