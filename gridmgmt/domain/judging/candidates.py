"""Who may be given a case, the most likely first, as its trace says.

| rank | who | why |
|---|---|---|
| 1 | who was suggested when the case was returned | they who returned it know the place |
| 2 | who may answer, by the share of the possible positions | the position is uncertain |
| 3 | equal owners | the rules name several |
| 4 | who the rules name | a person gave the case to somebody else |
| 5 | who answers at the position itself | the position is uncertain |
| 6 | whose duty applies and is outranked | a rule with higher precedence decided |
| 7 | whose duty points there, but does not apply | it ended, or is for other hours or matters |
| 8 | who assists, then who oversees | they know the matter |
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from gridmgmt.domain.judging.decision import Considered, Decision, WhyNot
from gridmgmt.domain.responsibility.duty import DutyRole

# The nearer to applying, the earlier.
_NEAREST = (
    WhyNot.OUTSIDE_HOURS,
    WhyNot.NOT_YET_VALID,
    WhyNot.EXPIRED,
    WhyNot.NEARER_ROAD_SEGMENT,
    WhyNot.ZONE_NOT_YET_VALID,
    WhyNot.ZONE_EXPIRED,
    WhyNot.OTHER_CATEGORY,
)


class WhyCandidate(StrEnum):
    """Why somebody may be the one for a case, in the order of their rank."""

    SUGGESTED = "suggested"
    MAY_ANSWER = "may_answer"
    EQUAL_OWNER = "equal_owner"
    BY_THE_RULES = "by_the_rules"
    AT_THE_POSITION = "at_the_position"
    OUTRANKED = "outranked"
    DUTY_NOT_NOW = "duty_not_now"
    ASSISTS = "assists"
    OVERSEES = "oversees"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A responder who may be given a case.

    ``share`` is that of the possible positions, for who may answer. ``why_not`` is why the duty
    does not apply, ``hours`` those of the duty.
    """

    code: str
    why: WhyCandidate
    share: float | None = None
    why_not: WhyNot | None = None
    hours: str | None = None


def candidates(
    decision: Decision, bounced: Mapping[str, Any] | None, *, present: str | None
) -> tuple[Candidate, ...]:
    """Return who may be given a case, each once, for the best of the reasons.

    Parameters
    ----------
    bounced : the mark of the last bounce in the trace, None without one
    present : who has the case, which is no candidate; nor is who returned it last

    Examples
    --------
    >>> from gridmgmt.domain.cases.case import UnroutedReason
    >>> two = Decision(None, UnroutedReason.SEVERAL_DISPOSERS, disposers=("S1", "S2"))
    >>> [one.code for one in candidates(two, {"from": "S1", "suggested": None}, present=None)]
    ['S2']
    """
    returned = bounced or {}
    left_out = {present, returned.get("from")}
    found: dict[str, Candidate] = {}
    for one in _ranked(decision, returned):
        if one.code not in left_out:
            found.setdefault(one.code, one)
    return tuple(found.values())


def _ranked(decision: Decision, returned: Mapping[str, Any]) -> Iterator[Candidate]:
    why = WhyCandidate
    if returned.get("suggested"):
        yield Candidate(returned["suggested"], why.SUGGESTED)
    for code, share in decision.answers:
        yield Candidate(code, why.MAY_ANSWER, share=share)
    for code in decision.disposers:
        yield Candidate(code, why.EQUAL_OWNER)
    if decision.responder is not None:
        yield Candidate(decision.responder, why.BY_THE_RULES)
    if decision.would_be is not None:
        yield Candidate(decision.would_be, why.AT_THE_POSITION)
    yield from _with_duties(decision.considered)
    for code in decision.assistants:
        yield Candidate(code, why.ASSISTS)
    for code in decision.overseers:
        yield Candidate(code, why.OVERSEES)


def _with_duties(considered: Sequence[Considered]) -> Iterator[Candidate]:
    why = WhyCandidate
    disposing = [duty for duty in considered if duty.role is DutyRole.DISPOSE]
    for duty in disposing:
        if duty.applies:
            yield Candidate(duty.responder, why.OUTRANKED)
    for duty in sorted((duty for duty in disposing if not duty.applies), key=_nearness):
        yield Candidate(
            duty.responder, why.DUTY_NOT_NOW, why_not=duty.why_not, hours=duty.hours
        )


def _nearness(duty: Considered) -> int:
    return len(_NEAREST) if duty.why_not is None else _NEAREST.index(duty.why_not)
