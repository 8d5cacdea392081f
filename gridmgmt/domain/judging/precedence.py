"""Precedence: which of several duties that apply to a case wins.

It belongs to the kind of target, most specific first:

====================  ===============================================================
component             the owner of the component the case is about
zone                  a special polygon that covers the position, on its days
road_segment          the nearest road segment within its tolerance, that one only
area:<leaf level>     the cell
group                 a beat or inspection area the case's areas belong to that day
area:<other levels>   community, street … from the deepest to the topmost
territorial_fallback  the street office whose area covers the case, the deepest such
forced_adjudication   the district centre
====================  ===============================================================

Within one kind of target, a duty that names the category wins over one for all categories. If
two different responders remain in the same class, a person decides.

The first and the last two need no duty: `DutyBook` asks for them before and after all duties.
"""

from collections.abc import Iterable
from typing import NamedTuple, Protocol, TypeVar

from gridmgmt.domain.responsibility.duty import Duty

# The leaf area comes between road segments and groups, the areas above it after the groups.
ZONE_RANK, ROAD_SEGMENT_RANK, _LEAF_RANK, GROUP_RANK, _ABOVE_RANK = range(5)


class Precedence(NamedTuple):
    """The place of a duty among those that apply; the smaller one wins.

    ``target`` is the rank of its kind of target, ``category`` 0 if it names the category of the
    case and 1 if it is for all.
    """

    target: int
    category: int


class Ranked(Protocol):
    """What has a precedence."""

    @property
    def precedence(self) -> Precedence:
        """Return the place among those that apply."""


_Ranked = TypeVar("_Ranked", bound=Ranked)


def area_rank(steps_up: int) -> int:
    """Return the rank of an area so many levels above the leaf.

    Examples
    --------
    >>> area_rank(0) < GROUP_RANK < area_rank(1) < area_rank(2)
    True
    """
    return _ABOVE_RANK + steps_up if steps_up else _LEAF_RANK


def precedence_of(duty: Duty, target_rank: int) -> Precedence:
    """Return the precedence of a duty on a target of this rank."""
    return Precedence(target_rank, 0 if duty.categories is not None else 1)


def first_class(applying: Iterable[_Ranked]) -> list[_Ranked]:
    """Return those that win over all others, in the given order; empty if there are none.

    Examples
    --------
    >>> class Claim(NamedTuple):
    ...     name: str
    ...     precedence: Precedence
    >>> cell, road = Precedence(area_rank(0), 0), Precedence(ROAD_SEGMENT_RANK, 1)
    >>> claims = [Claim("S1", cell), Claim("S2", road), Claim("S3", road)]
    >>> [claim.name for claim in first_class(claims)], first_class([])
    (['S2', 'S3'], [])
    """
    claims = list(applying)
    first = min((claim.precedence for claim in claims), default=None)
    return [claim for claim in claims if claim.precedence == first]
