"""What a sheet about changed borders says; nothing here draws."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from shapely.geometry.base import BaseGeometry

from gridmgmt.domain.areas.area import Level
from gridmgmt.domain.areas.draft import Draft
from gridmgmt.geometry.coverage.level_areas import LevelAreas

# West, south, east and north in degrees.
Window = tuple[float, float, float, float]


class ChangeKind(StrEnum):
    """What is different about an area, as people are told."""

    NEW = "new"
    RETIRED = "retired"
    REDRAWN = "redrawn"
    MOVED = "moved"
    RENAMED = "renamed"
    RESTATED = "restated"


@dataclass(frozen=True)
class SheetArea:
    """An area that changes, with square metres before and after; None: it is not there then.

    ``upper`` are the names of the areas in which it lies, the deepest first, or in which a
    retired one lay; ``old_upper`` those before, if they are others. ``old_name`` is None where
    the name stays.
    """

    level: str
    code: str
    name: str
    kinds: tuple[ChangeKind, ...]
    upper: tuple[str, ...]
    before_m2: float | None
    after_m2: float | None
    old_name: str | None = None
    old_upper: tuple[str, ...] | None = None


@dataclass(frozen=True)
class GivenGround:
    """Ground that another area has from now on; None: no area had it, or has it.

    ``number`` counts through the sheet. Areas are codes of the level.
    """

    number: int
    level: str
    from_code: str | None
    to_code: str | None
    m2: float


@dataclass(frozen=True, eq=False)
class MapSide:
    """The areas of a map before or after: those that change, what lies ``around``, and above.

    ``around`` are the other areas of the level that meet the window, ``above`` the areas of the
    levels above that do, from the topmost level down.
    """

    changed: LevelAreas
    around: LevelAreas
    above: tuple[LevelAreas, ...]


@dataclass(frozen=True, eq=False)
class SheetMap:
    """A group of touching areas that change, before and after, all in lon/lat.

    ``pieces`` are the grounds that other areas get, each by the number of its `GivenGround`.
    ``window`` is what both maps show.
    """

    level: str
    before: MapSide
    after: MapSide
    pieces: tuple[tuple[int, BaseGeometry], ...]
    window: Window


@dataclass(frozen=True, eq=False)
class ChangeSheet:
    """What changes by a draft, or changed by the edition that it became.

    ``places`` are the names of the areas in which all of it lies, ``in_force`` the day of the
    edition, or the one that is meant for it. ``edits`` and ``digest`` name the state of the
    draft: the number of its last edit, and the checksum that reviewers approve. Of ``groups``
    only the first have ``maps``. ``areas`` and ``given`` are by level, the deepest first.
    """

    draft: Draft
    levels: Mapping[str, Level]
    places: tuple[str, ...]
    in_force: date | None
    edits: int
    digest: str
    made_at: datetime
    bureau: str
    areas: tuple[SheetArea, ...]
    given: tuple[GivenGround, ...]
    maps: tuple[SheetMap, ...]
    groups: int

    @property
    def changed_levels(self) -> list[str]:
        """Return the levels at which areas change, the deepest first."""
        return list(dict.fromkeys(one.level for one in self.areas))
