"""Traces: how the rules judged a case, first and last, and what people decided beside them."""

from collections.abc import Mapping
from typing import Any

# What people decide about a case stands beside what the rules say, each with who did it, when,
# and the number of the event that tells more. It outlives being judged again.
PLACED = "placed"
ASSIGNED = "assigned"
BOUNCED = "bounced"
# How the rules judged it later, under the edition in force by then; the rest of the trace is
# how it was judged first.
REROUTED = "rerouted"

# What of a trace came with the case and is the same however it is judged.
_GIVEN = frozenset({"program", "given", "lon", "lat", "category", "reported_at"})


def by_hand(trace: Mapping[str, Any]) -> dict[str, Any]:
    """Return what people decided about a case, empty where the rules alone did.

    Examples
    --------
    >>> by_hand({"area": "A1", "assigned": {"responder": "S1", "by": "wang", "seq": 2}})
    {'assigned': {'responder': 'S1', 'by': 'wang', 'seq': 2}}
    """
    return {name: trace[name] for name in (PLACED, ASSIGNED, BOUNCED) if name in trace}


def judged_last(trace: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the trace as if the rules' last judgement had been the only one.

    Examples
    --------
    >>> judged_last({"lon": 120.1, "area": "A1", "rerouted": {"area": "A2", "by": "wang"}})
    {'lon': 120.1, 'area': 'A2', 'by': 'wang'}
    """
    if REROUTED not in trace:
        return trace
    given = {name: value for name, value in trace.items() if name in _GIVEN}
    return {**given, **by_hand(trace), **trace[REROUTED]}


def judgement(trace: Mapping[str, Any]) -> dict[str, Any]:
    """Return what of a trace is about how a case was judged, without what came with it.

    Examples
    --------
    >>> judgement({"lon": 120.1, "area": "A1", "placed": {"by": "wang"}})
    {'area': 'A1'}
    """
    beside = _GIVEN | by_hand(trace).keys() | {REROUTED}
    return {name: value for name, value in trace.items() if name not in beside}
