"""What became of an area from edition to edition, and where its ground came from and went."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from gridmgmt.domain.areas.attributes import Attributes
from gridmgmt.domain.areas.edition import Edition

# Less ground than this comes from the rounding of borders (as in lineage).
_DUST_M2 = 0.01


class AreaEvent(StrEnum):
    """What an edition did to an area."""

    MADE = "made"
    CHANGED = "changed"
    RETIRED = "retired"
    BROUGHT_BACK = "brought_back"


@dataclass(frozen=True)
class GroundShare:
    """Ground that came from an area or went to one; ``code`` None: to or from none."""

    code: str | None
    m2: float
    share: float


@dataclass(frozen=True)
class AreaState:
    """An area as it is in an edition."""

    name: str
    parent_code: str | None
    area_m2: float
    attributes: Attributes = field(default_factory=dict)


@dataclass(frozen=True)
class AreaStep:
    """What one edition did to an area.

    ``before`` is None where the edition before did not have it, ``after`` where this one does
    not. ``came`` says of which areas the ground was made, ``went`` which areas got the ground
    it had; the shares of each sum to 1, or there are none.
    """

    edition: Edition
    event: AreaEvent
    before: AreaState | None
    after: AreaState | None
    redrawn: bool
    came: tuple[GroundShare, ...]
    went: tuple[GroundShare, ...]


def origins(pieces: Iterable[tuple[str, float]], area_m2: float) -> tuple[GroundShare, ...]:
    """Divide the ground of an area among the areas it was made of.

    What no piece covers came from no area (None). Pieces of overlapping areas may be more than
    the area: shares are of their sum.

    Parameters
    ----------
    pieces : code and square metres of each
    area_m2 : of the area

    Returns
    -------
    the largest first, what came from no area last; shares sum to 1; empty without ground

    Examples
    --------
    >>> [(one.code, round(one.share, 2)) for one in origins([("A", 30.0), ("B", 60.0)], 100.0)]
    [('B', 0.6), ('A', 0.3), (None, 0.1)]
    """
    kept = sorted(
        ((code, m2) for code, m2 in pieces if m2 >= _DUST_M2), key=lambda one: (-one[1], one[0])
    )
    rest = area_m2 - sum(m2 for _, m2 in kept)
    # Areas are measured on the ellipsoid, pieces too: a billionth of them is not ground.
    no_area = [(None, rest)] if rest >= max(_DUST_M2, 1e-9 * area_m2) else []
    found: list[tuple[str | None, float]] = [*kept, *no_area]
    total = sum(m2 for _, m2 in found)
    return tuple(GroundShare(code, m2, m2 / total) for code, m2 in found)
