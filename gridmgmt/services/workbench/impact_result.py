"""What a draft would change for cases, responders, duties, places and rates: plain values."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from gridmgmt.services.workbench.impact_balances import HolderBalance
from gridmgmt.services.workbench.impact_duties import BareArea, LeftDuty
from gridmgmt.services.workbench.impact_places import MovedPlace
from gridmgmt.services.workbench.impact_streets import StreetRates

# Of more cases the first are listed; their number is always told.
MOST_LISTED = 10_000


@dataclass(frozen=True)
class MovingCase:
    """An open case that another responder would have; None: nobody, a person decides.

    ``from_area`` and ``to_area`` are codes of leaf areas, None where it lies in none.
    """

    case_no: str
    from_responder: str | None
    to_responder: str | None
    from_area: str | None
    to_area: str | None


@dataclass(frozen=True)
class CaseMove:
    """How many open cases would go from a responder to another; None: nobody."""

    from_responder: str | None
    to_responder: str | None
    cases: int


@dataclass(frozen=True)
class Impact:
    """The difference that a draft makes to its base edition.

    The base counts by the duties of today, the draft by those that it would leave today.

    ``moving`` is how many open cases change their disposer, ``moves`` from whom to whom, the
    most first, and ``cases`` are the first of them by number. ``held`` would change it too, but
    a person decided who has them. ``judged`` is the number of cases that were judged twice,
    ``leaf_areas`` how many leaf areas lose ground, get some, or lie in other areas. A year ends
    at ``now`` and begins at ``since``.
    """

    draft: str
    base_edition: int | None
    now: datetime
    since: datetime
    leaf_areas: int
    judged: int
    moving: int
    held: int
    moves: tuple[CaseMove, ...]
    cases: tuple[MovingCase, ...]
    responders: tuple[HolderBalance, ...]
    left_duties: tuple[LeftDuty, ...]
    bare_areas: tuple[BareArea, ...]
    demolitions: tuple[MovedPlace, ...]
    zones: tuple[MovedPlace, ...]
    streets: tuple[StreetRates, ...]
    other_streets: int

    def page(self, *, after: str | None = None, most: int) -> "Impact":
        """Return it with a part of the cases only, those after a number."""
        rest = [one for one in self.cases if after is None or one.case_no > after]
        return replace(self, cases=tuple(rest[:most]))

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values; instants are ISO 8601 in UTC."""
        told = asdict(self)
        told["now"], told["since"] = self.now.isoformat(), self.since.isoformat()
        return told


def page_of(told: Mapping[str, Any], *, after: str | None = None, most: int) -> dict[str, Any]:
    """Return what `Impact.to_json` wrote with a part of the cases only, as `Impact.page`."""
    rest = [one for one in told["cases"] if after is None or one["case_no"] > after]
    return {**told, "cases": rest[:most]}


def listed_moves(moves: Counter[tuple[str | None, str | None]]) -> tuple[CaseMove, ...]:
    """Return who loses how many cases to whom, the most first, then by code."""
    pairs = sorted(moves.items(), key=lambda one: (-one[1], one[0][0] or "", one[0][1] or ""))
    return tuple(CaseMove(*move, cases) for move, cases in pairs)
