"""What two sides changed differently since they had the same areas."""

from dataclasses import dataclass
from enum import StrEnum

import shapely


class Diverged(StrEnum):
    """What both sides changed: a border, a name and so on, a new code, or a retired area.

    Of an emptied area each side gave a part away, and together they leave nothing of it.
    """

    BORDER = "border"
    NAME = "name"
    PARENT = "parent"
    ATTRIBUTE = "attribute"
    CODE = "code"
    RETIRED = "retired"
    EMPTIED = "emptied"


class Take(StrEnum):
    """Whose version stands where both sides changed the same."""

    MINE = "mine"
    THEIRS = "theirs"


@dataclass(frozen=True)
class Versions:
    """The versions of a name, a parent or an attribute; None where a side has none."""

    base: str | None
    mine: str | None
    theirs: str | None


@dataclass(frozen=True)
class BorderVersions:
    """The stretches of border that differ, in degrees, and the ground between them.

    ``mine_m2`` is what lies between the border of the base and mine, ``theirs_m2`` between that
    of the base and theirs.
    """

    base: shapely.MultiLineString
    mine: shapely.MultiLineString
    theirs: shapely.MultiLineString
    mine_m2: float
    theirs_m2: float

    @property
    def place(self) -> shapely.Point:
        """Return a vertex on what differs."""
        first = next(
            one for one in (self.base, self.mine, self.theirs) if not shapely.is_empty(one)
        )
        return shapely.Point(shapely.get_coordinates(first)[0])


@dataclass(frozen=True)
class Divergence:
    """Something of a level that both sides changed, each differently.

    ``codes`` are the areas concerned, ``values`` those of a name or a parent, ``borders`` those
    of a border.
    """

    matter: Diverged
    level: str
    codes: tuple[str, ...]
    values: Versions | None = None
    borders: BorderVersions | None = None

    @property
    def attribute(self) -> str | None:
        """Return the name of the attribute, whose versions are each ``name=value``."""
        if self.matter is not Diverged.ATTRIBUTE or self.values is None:
            return None
        versions = (self.values.base, self.values.mine, self.values.theirs)
        return next(one for one in versions if one is not None).partition("=")[0]
