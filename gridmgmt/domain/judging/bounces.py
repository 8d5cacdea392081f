"""Find what bounces show: where cases went instead, and which duty or border to check.

Cases are grouped in two ways. At a *border* are those that were bounced within some metres of
another area. A *matter* is a category in an area (for instance a street). Each way has its own
proposal:

=======  ==================================================================================
border   more than half ended with the responder on the other side: the border may run where
         nobody on the ground sees it
duty     more than half went from one responder to one other: the duty that gave them to the
         first does not match practice (or there is none, and the street's own office had them)
=======  ==================================================================================

Borders come first: cases explained by a border say nothing about a duty. Groups of fewer than
three cases are listed without a proposal.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple, TypeVar

Key = TypeVar("Key")

# Fewer cases than this may be chance.
FEWEST_CASES = 3


@dataclass(frozen=True, slots=True)
class Bounce:
    """One bounce of a case.

    ``by`` is who returned it. ``ended_with`` is who has it now or disposed of it, None while it
    waits for a person. ``edition`` and ``area`` are its location then, and ``within`` the area
    of the requested level above. ``other_side`` is the nearest other area within reach, and
    ``other_disposer`` answers there for such a case. ``duties`` gave the case to who returned
    it; there are none if a person or the street's own office did.
    """

    case_no: str
    by: str
    ended_with: str | None
    category: str
    edition: int | None = None
    area: str | None = None
    within: str | None = None
    other_side: str | None = None
    other_disposer: str | None = None
    duties: tuple[int, ...] = ()


class Border(NamedTuple):
    """Two areas beside each other; the smaller code first."""

    one: str
    other: str


class Matter(NamedTuple):
    """A category in an area; None: in no area."""

    area: str | None
    category: str


class Look(StrEnum):
    """What to check."""

    BORDER = "border"
    DUTY = "duty"


@dataclass(frozen=True)
class Proposal:
    """What to check because ``moved`` of ``cases`` went from ``by`` to ``ended_with``.

    For a border both are None: cases crossed it from both sides. ``duties`` are those that gave
    the cases to ``by``, the most frequent first.
    """

    look: Look
    moved: int
    cases: int
    by: str | None = None
    ended_with: str | None = None
    duties: tuple[int, ...] = ()


@dataclass(frozen=True)
class BounceGroup:
    """Bounced cases of one border or one matter.

    ``bounced_by`` counts bounces, of which a case may have several. ``ended_with`` counts
    cases; those that still wait are under None. ``at_borders`` are cases of a matter that a
    border explains.
    """

    key: Border | Matter
    case_nos: tuple[str, ...]
    bounced_by: Counter[str]
    ended_with: Counter[str | None]
    at_borders: int = 0
    proposal: Proposal | None = None

    @property
    def cases(self) -> int:
        """Return the number of cases."""
        return len(self.case_nos)

    @property
    def leading(self) -> tuple[str, int] | None:
        """Return who ended with most of them and how many; None while all of them wait."""
        ended = [(code, n) for code, n in self.ended_with.items() if code is not None]
        return min(ended, key=lambda pair: (-pair[1], pair[0]), default=None)

    @property
    def is_small(self) -> bool:
        """Return whether it has too few cases to mean anything."""
        return self.cases < FEWEST_CASES


@dataclass(frozen=True)
class BounceReport:
    """All bounces of a period, by border and by matter, the largest groups first."""

    bounces: int
    cases: int
    borders: tuple[BounceGroup, ...]
    matters: tuple[BounceGroup, ...]


def report_bounces(bounces: Sequence[Bounce]) -> BounceReport:
    """Group bounces, and propose what to check.

    Parameters
    ----------
    bounces : in the order in which they happened; a case may have several

    Examples
    --------
    >>> some = [Bounce(f"C{n}", "A", "D", "lamps", within="W", duties=(12,)) for n in range(4)]
    >>> (matter,) = report_bounces(some).matters
    >>> matter.proposal
    Proposal(look=<Look.DUTY: 'duty'>, moved=4, cases=4, by='A', ended_with='D', duties=(12,))
    """
    borders = {
        border: _border_group(border, some)
        for border, some in _grouped((_border(one), one) for one in bounces).items()
    }
    explained = {
        one.case_no
        for one in bounces
        if (border := _border(one)) is not None and borders[border].proposal is not None
    }
    matters = [
        _matter_group(matter, some, explained)
        for matter, some in _grouped((_matter(one), one) for one in bounces).items()
    ]
    return BounceReport(
        bounces=len(bounces),
        cases=len({one.case_no for one in bounces}),
        borders=_largest_first(borders.values()),
        matters=_largest_first(matters),
    )


def _border(bounce: Bounce) -> Border | None:
    if bounce.area is None or bounce.other_side is None:
        return None
    return Border(*sorted((bounce.area, bounce.other_side)))


def _matter(bounce: Bounce) -> Matter:
    return Matter(bounce.within, bounce.category)


def _grouped(pairs: Iterable[tuple[Key | None, Bounce]]) -> dict[Key, list[Bounce]]:
    groups: dict[Key, list[Bounce]] = {}
    for key, one in pairs:
        if key is not None:
            groups.setdefault(key, []).append(one)
    return groups


def _border_group(border: Border, some: Sequence[Bounce]) -> BounceGroup:
    crossed = {one.case_no for one in some if _crossed(one)}
    group = _group(border, some)
    if group.is_small or 2 * len(crossed) <= group.cases:
        return group
    return replace(group, proposal=Proposal(Look.BORDER, len(crossed), group.cases))


def _crossed(bounce: Bounce) -> bool:
    """Return whether a case ended with the responder on the other side of the border."""
    ended = bounce.ended_with
    return ended is not None and ended == bounce.other_disposer and ended != bounce.by


def _matter_group(matter: Matter, some: Sequence[Bounce], explained: set[str]) -> BounceGroup:
    group = _group(matter, some)
    at_borders = sum(case_no in explained for case_no in group.case_nos)
    rest = [one for one in some if one.case_no not in explained]
    return replace(group, at_borders=at_borders, proposal=_duty_to_look_at(rest))


def _duty_to_look_at(some: Sequence[Bounce]) -> Proposal | None:
    cases = len({one.case_no for one in some})
    moves: dict[tuple[str, str], dict[str, Bounce]] = {}
    for one in some:
        if one.ended_with is not None and one.ended_with != one.by:
            moves.setdefault((one.by, one.ended_with), {})[one.case_no] = one
    if cases < FEWEST_CASES or not moves:
        return None
    move = min(moves, key=lambda pair: (-len(moves[pair]), pair))
    moved = moves[move].values()
    if 2 * len(moved) <= cases:
        return None
    duties = Counter(duty for one in moved for duty in one.duties)
    ranked = tuple(sorted(duties, key=lambda duty: (-duties[duty], duty)))
    return Proposal(Look.DUTY, len(moved), cases, *move, ranked)


def _group(key: Border | Matter, some: Sequence[Bounce]) -> BounceGroup:
    by_case = {one.case_no: one for one in some}
    return BounceGroup(
        key=key,
        case_nos=tuple(by_case),
        bounced_by=Counter(one.by for one in some),
        ended_with=Counter(one.ended_with for one in by_case.values()),
    )


def _largest_first(groups: Iterable[BounceGroup]) -> tuple[BounceGroup, ...]:
    return tuple(sorted(groups, key=lambda one: (-one.cases, [code or "" for code in one.key])))
