"""Traces: how the rules judged a case, first and last, and what people decided."""

from collections.abc import Mapping
from typing import Any

# Decisions of people stay beside the results of the rules, each with who made it, when, and the
# number of its event. They stay when the case is judged again.
PLACED = "placed"
ASSIGNED = "assigned"
BOUNCED = "bounced"
# How the rules judged it later, by the edition in force then. The rest of the trace is how it
# was judged first.
REROUTED = "rerouted"

# The parts of a trace that came with the case and do not change when it is judged again.
_GIVEN = frozenset({"program", "given", "lon", "lat", "category", "reported_at"})


def by_hand(trace: Mapping[str, Any]) -> dict[str, Any]:
    """Return what people decided about a case; empty if only the rules decided.

    Examples
    --------
    >>> by_hand({"area": "A1", "assigned": {"responder": "S1", "by": "wang", "seq": 2}})
    {'assigned': {'responder': 'S1', 'by': 'wang', 'seq': 2}}
    """
    return {name: trace[name] for name in (PLACED, ASSIGNED, BOUNCED) if name in trace}


def judged_last(trace: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the trace as if the last judgement of the rules had been the only one.

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
    """Return the parts of a trace about the judgement, without what came with the case.

    Examples
    --------
    >>> judgement({"lon": 120.1, "area": "A1", "placed": {"by": "wang"}})
    {'area': 'A1'}
    """
    beside = _GIVEN | by_hand(trace).keys() | {REROUTED}
    return {name: value for name, value in trace.items() if name not in beside}
