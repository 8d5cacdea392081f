"""Judgements: the results of the rules for cases."""

from collections.abc import Collection
from dataclasses import dataclass

from gridmgmt.domain.areas.surroundings import Surroundings
from gridmgmt.domain.cases.case import CaseLocation, CaseMark
from gridmgmt.domain.judging.decision import Decision
from gridmgmt.domain.judging.trace import PLACED


@dataclass(frozen=True, slots=True)
class Judged:
    """Where a case lies, what else lies there, and who answers for it.

    ``is_at_default``: its position is an accepted default position.
    """

    location: CaseLocation
    surroundings: Surroundings | None
    decision: Decision
    is_at_default: bool = False

    def marks(self, decided: Collection[str]) -> tuple[CaseMark, ...]:
        """Return the marks of the case; ``decided`` names what people decided about it."""
        # Where a person put a case is where it happened, even if the numbers are those of a
        # default position.
        if not self.is_at_default or PLACED in decided:
            return self.decision.marks
        return (*self.decision.marks, CaseMark.DEFAULT_POSITION)
