"""Decide whether a position is accurate enough to say who gets a case.

An accuracy in metres means that a case lies somewhere in a disc. The question is not which area
that is, but whether the *answer* would change: each part of the disc is routed at its centre,
and the shares of all parts with the same responder are summed. A disc on two cells of one squad
needs no dispatcher. The part of a disc that lies in no area does not count.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace

from gridmgmt.domain.areas.surroundings import Surroundings
from gridmgmt.domain.cases.case import CaseLocation, GivenCase, Share, UnroutedReason
from gridmgmt.domain.judging.decision import Decision

Outcome = tuple[Surroundings | None, Decision]
Route = Callable[[Sequence[GivenCase], Sequence[CaseLocation]], Sequence[Outcome]]

# By responder, the share that would go there; None: to nobody, a person decides.
_Found = defaultdict[str | None, float]

# Smaller differences come from summing shares.
_EPS = 1e-9


def weigh(
    given: Sequence[GivenCase],
    locations: Sequence[CaseLocation],
    outcome: list[Outcome],
    route: Route,
    confidence: float,
) -> None:
    """Withdraw answers that hold for less than ``confidence`` of the possible positions.

    Such a case waits for a person; its decision says who may answer for it.

    Parameters
    ----------
    outcome : (n,) as routed at the positions themselves; changed in place
    route : routes cases at positions as if these were exact
    confidence : 0 to 1; 0 withdraws nothing
    """
    answers: dict[int, _Found] = {}
    for i, where in enumerate(locations):
        if where.shares and outcome[i][1].responder is not None:
            own = _own_share(where)
            # If the area itself is probable enough, so is its responder.
            if own < confidence - _EPS:
                answers[i] = defaultdict(float, {outcome[i][1].responder: own})
    others = [(i, part) for i in answers for part in _other_parts(locations[i])]
    routed = route(
        [given[i] for i, _ in others], [_there(locations[i], part) for i, part in others]
    )
    for (i, part), (_, decision) in zip(others, routed, strict=True):
        answers[i][decision.responder] += part.share / _total(locations[i])
    for i, found in answers.items():
        surroundings, decision = outcome[i]
        if found[decision.responder] < confidence - _EPS:
            outcome[i] = surroundings, _taken_back(decision, found)


def _total(where: CaseLocation) -> float:
    return sum(part.share for part in where.shares)


def _own_share(where: CaseLocation) -> float:
    own = sum(part.share for part in where.shares if part.code == where.area_code)
    return own / _total(where)


def _other_parts(where: CaseLocation) -> list[Share]:
    return [part for part in where.shares if part.code != where.area_code]


def _there(where: CaseLocation, part: Share) -> CaseLocation:
    return CaseLocation(part.lon, part.lat, where.edition, where.level, part.code)


def _taken_back(decision: Decision, found: _Found) -> Decision:
    ranked = sorted(
        ((code, share) for code, share in found.items() if code is not None and share > 0),
        key=lambda answer: (-answer[1], answer[0]),
    )
    return replace(
        decision,
        responder=None,
        reason=UnroutedReason.UNCERTAIN,
        would_be=decision.responder,
        # As the trace stores it, so that reading it back gives the same value.
        answers=tuple((code, float(f"{share:.4g}")) for code, share in ranked),
    )
