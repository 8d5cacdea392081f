"""Traces: how a case was located and routed, written down so that it can be replayed."""

import json
from collections.abc import Mapping
from dataclasses import replace
from importlib.metadata import version
from typing import Any

from gridmgmt.domain.case import GivenCase, Placed, UnroutedReason
from gridmgmt.domain.component import COMPONENT_M
from gridmgmt.domain.decision import Decision
from gridmgmt.domain.place import Place
from gridmgmt.domain.trace import ASSIGNED, BOUNCED, PLACED

_PROGRAM = version("gridmgmt")


def position_by_hand(
    trace: Mapping[str, Any], otherwise: tuple[float, float]
) -> tuple[float, float]:
    """Return the lon/lat where a person put a case, else the other position."""
    return (trace["lon"], trace["lat"]) if PLACED in trace else otherwise


def to_judge(given: GivenCase, trace: Mapping[str, Any]) -> GivenCase:
    """Return a case as it is judged: where a person put it, that is where it lies.

    Examples
    --------
    >>> from datetime import datetime
    >>> at = datetime.fromisoformat("2026-01-05T08:30:00+08:00")
    >>> given = GivenCase("C1", "noise", at, accuracy_m=50.0)
    >>> to_judge(given, {}).accuracy_m, to_judge(given, {"placed": {}}).accuracy_m
    (50.0, None)
    """
    return replace(given, accuracy_m=None) if PLACED in trace else given


def owner(
    decision: Decision, decided: Mapping[str, Any]
) -> tuple[str | None, UnroutedReason | None]:
    """Tell who has a case, or why nobody: a person's choice goes before the rules'.

    A case that was bounced waits for a person, whatever the rules say by then.

    Examples
    --------
    >>> bounced = {"bounced": {"from": "S1", "suggested": None, "by": "wang", "seq": 2}}
    >>> owner(Decision("S1", None), bounced)
    (None, <UnroutedReason.BOUNCED: 'bounced'>)
    """
    if ASSIGNED in decided:
        return decided[ASSIGNED]["responder"], None
    if BOUNCED in decided:
        return None, UnroutedReason.BOUNCED
    return decision.responder, decision.reason


class TraceWriter:
    """Writes traces as JSON text; decisions that cases share are put into words once."""

    def __init__(
        self,
        *,
        candidate_m: float,
        snap_m: float,
        component_m: float = COMPONENT_M,
        confidence: float = 0.0,
    ) -> None:
        self._settings = {
            "candidate_m": candidate_m,
            "snap_m": snap_m,
            "component_m": component_m,
            "confidence": confidence,
        }
        # By identity: the duty book gives equal cases the same decision. Keeping the decision
        # here keeps its identity from being given to another.
        self._known: dict[int, tuple[Decision, str]] = {}

    def write(
        self,
        given: GivenCase,
        given_crs: str | None,
        placed: Placed,
        place: Place | None,
        decision: Decision,
        decided: Mapping[str, Any] | None = None,
    ) -> str:
        """Return the trace of one case as JSON text.

        ``decided`` is what people decided about it, as ``by_hand`` reads it.
        """
        facts = {**self._told(given, given_crs, placed, place), **(decided or {})}
        told = json.dumps(facts, ensure_ascii=False)
        return f'{told[:-1]}, "decision": {self._decision(decision)}}}'

    def _told(
        self, given: GivenCase, given_crs: str | None, placed: Placed, place: Place | None
    ) -> Mapping[str, Any]:
        position = None
        if given.x is not None:
            position = {"x": given.x, "y": given.y, "crs": given_crs}
        candidates = zip(placed.candidates, placed.candidate_m, strict=True)
        return {
            "program": _PROGRAM,
            "given": position,
            "lon": placed.lon,
            "lat": placed.lat,
            "category": given.category,
            "reported_at": given.reported_at.isoformat(),
            "edition": placed.edition,
            "level": placed.level,
            "area": placed.area_code,
            "unlocated": placed.unlocated_reason,
            "on_boundary": placed.on_boundary,
            "snapped": placed.snapped,
            "distance_m": placed.distance_m,
            "border_m": placed.border_m,
            "candidates": [[code, metres] for code, metres in candidates],
            "settings": self._settings,
            "place": None if place is None else place.to_json(),
            **_uncertainty(given, placed),
        }

    def _decision(self, decision: Decision) -> str:
        if decision.answers:
            # No other case has the same shares.
            return json.dumps(decision.to_json(), ensure_ascii=False)
        if id(decision) not in self._known:
            text = json.dumps(decision.to_json(), ensure_ascii=False)
            self._known[id(decision)] = decision, text
        return self._known[id(decision)][1]


def _uncertainty(given: GivenCase, placed: Placed) -> dict[str, Any]:
    """Tell in which areas a case may lie, where there is more than one."""
    if not placed.shares:
        return {}
    shares = [[part.code, float(f"{part.share:.4g}")] for part in placed.shares]
    return {"accuracy_m": given.accuracy_m, "shares": shares}
