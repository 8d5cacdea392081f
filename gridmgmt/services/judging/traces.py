"""Write traces: how a case was located and routed, so that it can be judged again."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import tzinfo
from functools import lru_cache
from importlib.metadata import version
from typing import Any

from gridmgmt.domain.areas.surroundings import Surroundings
from gridmgmt.domain.cases.case import CaseLocation, GivenCase, UnroutedReason
from gridmgmt.domain.judging.decision import Decision
from gridmgmt.domain.judging.judged import Judged
from gridmgmt.domain.judging.judging_rules import JudgingRules
from gridmgmt.domain.judging.trace import ASSIGNED, BOUNCED, PLACED

_PROGRAM = version("gridmgmt")

# Traces keep Chinese characters unescaped. All share one encoder: making one takes as long as
# using it.
_json = json.JSONEncoder(ensure_ascii=False).encode

# The number of decisions and locations, and of codes, whose JSON text is cached.
_MOST_KNOWN = 50_000

_BOOLEANS = {True: "true", False: "false"}


@lru_cache(_MOST_KNOWN)
def _word(value: str | None) -> str:
    """Return a code or another word that many cases share as JSON."""
    return _json(value)


def position_by_hand(
    trace: Mapping[str, Any], otherwise: tuple[float, float]
) -> tuple[float, float]:
    """Return the lon/lat where a person put a case, else the other position."""
    return (trace["lon"], trace["lat"]) if PLACED in trace else otherwise


def to_judge(given: GivenCase, trace: Mapping[str, Any]) -> GivenCase:
    """Return a case as it is judged: at the position where a person put it, if any.

    Examples
    --------
    >>> from datetime import datetime
    >>> at = datetime.fromisoformat("2026-01-05T08:30:00+08:00")
    >>> given = GivenCase("C1", "noise", at, accuracy_m=50.0)
    >>> to_judge(given, {}).accuracy_m, to_judge(given, {"placed": {}}).accuracy_m
    (50.0, None)
    """
    return replace(given, accuracy_m=None) if PLACED in trace else given


def disposer(
    decision: Decision, decided: Mapping[str, Any]
) -> tuple[str | None, UnroutedReason | None]:
    """Return who has a case, or why nobody has; a person's choice wins over the rules.

    A bounced case waits for a person, whatever the rules say then.

    Examples
    --------
    >>> bounced = {"bounced": {"from": "S1", "suggested": None, "by": "wang", "seq": 2}}
    >>> disposer(Decision("S1", None), bounced)
    (None, <UnroutedReason.BOUNCED: 'bounced'>)
    """
    # In this order: an assignment comes after the bounce that it answers, and bouncing again
    # removes it.
    if ASSIGNED in decided:
        return decided[ASSIGNED]["responder"], None
    if BOUNCED in decided:
        return None, UnroutedReason.BOUNCED
    return decision.responder, decision.reason


class TraceWriter:
    """Writes traces as JSON text; decisions that cases share are converted once."""

    def __init__(self, rules: JudgingRules) -> None:
        # The part common to all traces, as JSON without its brackets.
        self._tz = rules.tz
        self._always = _json({"program": _PROGRAM, "settings": rules.to_json()})[1:-1]
        # Keyed by identity: similar cases get the same decision object, and cases in a cell
        # with nothing else near them the same location object. Keeping the objects here
        # prevents another object from getting the same identity.
        self._known: dict[int, tuple[Decision | Surroundings, str]] = {}

    def write(
        self,
        given: GivenCase,
        given_crs: str | None,
        judged: Judged,
        decided: Mapping[str, Any] | None = None,
    ) -> str:
        """Return the trace of one case as JSON text.

        ``decided`` is what people decided about it, as ``by_hand`` reads it.
        """
        told = _told(given, given_crs, judged.location, self._tz)
        by_hand = f", {_json(decided)[1:-1]}" if decided else ""
        where = self._where(judged.surroundings)
        # No other case has the same values.
        decision = judged.decision
        who = _json(decision.to_json()) if decision.answers else self._once(decision)
        always = self._always
        return f'{{{told}{by_hand}, {always}, "place": {where}, "decision": {who}}}'

    def _where(self, surroundings: Surroundings | None) -> str:
        if surroundings is None:
            return "null"
        # Distances are those of one case, and would only push others out of what is kept.
        if surroundings.road_segments or surroundings.components:
            return _json(surroundings.to_json())
        return self._once(surroundings)

    def _once(self, shared: Decision | Surroundings) -> str:
        known = self._known.get(id(shared))
        if known is None:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            known = self._known[id(shared)] = shared, _json(shared.to_json())
        return known[1]


def _told(given: GivenCase, given_crs: str | None, location: CaseLocation, tz: tzinfo) -> str:
    """Return how a case was given and located, as JSON without its brackets."""
    # Put together here: the encoder takes twice as long for such a mapping, and every case of a
    # file has one.
    position = "null"
    if given.x is not None:
        x, y = given.x, given.y
        position = f'{{"x": {_number(x)}, "y": {_number(y)}, "crs": {_word(given_crs)}}}'
    candidates = ", ".join(
        [
            f"[{_word(code)}, {_number(metres)}]"
            for code, metres in zip(location.candidates, location.candidate_m, strict=True)
        ]
    )
    # On the bureau's clock, however the case came in: the database hands it out in UTC.
    reported_at = given.reported_at.astimezone(tz).isoformat()
    return (
        f'"given": {position}'
        f', "lon": {_number(location.lon)}'
        f', "lat": {_number(location.lat)}'
        f', "category": {_word(given.category)}'
        f', "reported_at": "{reported_at}"'
        f', "edition": {_number(location.edition)}'
        f', "level": {_word(location.level)}'
        f', "area": {_word(location.area_code)}'
        f', "unlocated": {_word(location.unlocated_reason)}'
        f', "on_boundary": {_BOOLEANS[location.on_boundary]}'
        f', "snapped": {_BOOLEANS[location.snapped]}'
        f', "distance_m": {_number(location.distance_m)}'
        f', "border_m": {_number(location.border_m)}'
        f', "candidates": [{candidates}]'
        f"{_uncertainty(given, location)}"
    )


def _number(value: float | None) -> str:
    return "null" if value is None else repr(value)


def _uncertainty(given: GivenCase, location: CaseLocation) -> str:
    """Return the areas in which a case may lie, if there are several."""
    if not location.shares:
        return ""
    shares = [[part.code, float(f"{part.share:.4g}")] for part in location.shares]
    return f', "accuracy_m": {_number(given.accuracy_m)}, "shares": {_json(shares)}'
