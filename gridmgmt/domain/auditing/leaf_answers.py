"""Who answers in a leaf area by the duties of a day, whatever the category and the hour."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from gridmgmt.domain.areas.area import Chain
from gridmgmt.domain.areas.surroundings import Surroundings
from gridmgmt.domain.auditing.duty_matrix import disposers_of
from gridmgmt.domain.judging.decision import Decision
from gridmgmt.domain.judging.duty_book import DutyBook
from gridmgmt.domain.responsibility.duty import Duty, DutyRole, DutyTarget


class RoleHolder(NamedTuple):
    """A responder in one of its roles; None: nobody disposes."""

    responder: str | None
    role: DutyRole


def answerers(decision: Decision) -> frozenset[RoleHolder]:
    """Return who answers for a case by a decision; rivals are nobody, a person decides."""
    return frozenset(
        [
            RoleHolder(decision.responder, DutyRole.DISPOSE),
            *(RoleHolder(code, DutyRole.OVERSEE) for code in decision.overseers),
            *(RoleHolder(code, DutyRole.ASSIST) for code in decision.assistants),
        ]
    )


@dataclass(frozen=True)
class LeafAnswers:
    """Who answers in a leaf area for any category at any hour.

    ``who`` includes rivals, and offices that answer where no duty does. ``uncovered`` are the
    categories that no duty covers at some hour.
    """

    who: frozenset[RoleHolder]
    uncovered: frozenset[str]


class LeafAnswering:
    """Finds who answers in leaf areas; those in which the same duties hold are judged once.

    Zones, road segments and components are left out: areas do not change what they do.

    Parameters
    ----------
    categories : the mapped ones
    """

    def __init__(self, book: DutyBook, categories: Sequence[str], day: date) -> None:
        self._book = book
        self._categories = categories
        self._day = day
        self._known: dict[Surroundings, LeafAnswers] = {}

    def at(self, chain: Chain) -> LeafAnswers:
        """Return who answers in a leaf area, given with the areas in which it lies."""
        bare = self._book.index.bare(Surroundings(chain))
        found = self._known.get(bare)
        if found is None:
            found = self._known[bare] = self._judged(bare)
        return found

    def duties(self, chain: Chain) -> list[Duty]:
        """Return the duties to dispose that hold in a leaf area on the day, by precedence."""
        places = self._book.finder.at(Surroundings(chain), self._day)
        return [
            duty
            for here in places
            if here.target in (DutyTarget.AREA, DutyTarget.GROUP)
            for duty in self._book.duties_on(here)
            if duty.role is DutyRole.DISPOSE and duty.holds_on(self._day)
        ]

    def _judged(self, there: Surroundings) -> LeafAnswers:
        who: set[RoleHolder] = set()
        uncovered: set[str] = set()
        for alike in self._book.index.alike(self._categories):
            for decision in self._book.decide_through(there, alike[0], self._day):
                found = answerers(decision) - {RoleHolder(None, DutyRole.DISPOSE)}
                who |= found
                who |= {RoleHolder(one, DutyRole.DISPOSE) for one in disposers_of(decision)}
                if not decision.duty_ids:
                    uncovered.update(alike)
        return LeafAnswers(frozenset(who), frozenset(uncovered))
