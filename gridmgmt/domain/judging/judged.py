"""Judgements: the results of the rules for cases."""

from dataclasses import dataclass

from gridmgmt.domain.areas.place import Place
from gridmgmt.domain.cases.case import Placed
from gridmgmt.domain.judging.decision import Decision


@dataclass(frozen=True, slots=True)
class Judged:
    """Where a case lies, what else lies there, and who answers for it."""

    placed: Placed
    place: Place | None
    decision: Decision
