"""Judgements: the results of the rules for cases."""

from dataclasses import dataclass

from gridmgmt.domain.areas.surroundings import Surroundings
from gridmgmt.domain.cases.case import CaseLocation
from gridmgmt.domain.judging.decision import Decision


@dataclass(frozen=True, slots=True)
class Judged:
    """Where a case lies, what else lies there, and who answers for it."""

    location: CaseLocation
    surroundings: Surroundings | None
    decision: Decision
