"""Known cases that are imported again with other content: events and new states."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from gridmgmt.domain.cases.case import (
    PERSONAL_FIELDS,
    Case,
    CaseEvent,
    CaseEventKind,
    CaseLocation,
    GivenCase,
    attribute_of,
    differing_fields,
)
from gridmgmt.domain.cases.deadline import provisional_due_at
from gridmgmt.domain.time_limit import parse_limits

# A position has a datum beside its two numbers, which is compared like a field of the file.
CRS_FIELD = "crs"

# The fields that decide where a case lies and who gets it.
_JUDGED_BY = frozenset({"category", "reported_at", "lon", "lat", "accuracy_m", CRS_FIELD})
_ENDS = {"disposed_at": CaseEventKind.DISPOSED, "closed_at": CaseEventKind.CLOSED}

# An event of a case and its time.
CaseStep = tuple[CaseEventKind, datetime]


def differences(
    known: Case, given: GivenCase, given_crs: str | None, fields: Sequence[str]
) -> tuple[str, ...]:
    """Return the fields in which a file differs from the stored case; ``crs`` for the datum.

    Deleted personal data are not compared: an old file would bring them back.
    """
    differing = differing_fields(known.given, given, _lasting(known, fields))
    if given.x is not None and known.given.x is not None and known.given_crs != given_crs:
        return (*differing, CRS_FIELD)
    return differing


def taken_back(known: Case, given: GivenCase, differing: Sequence[str]) -> list[str]:
    """Return the end times that the file no longer has; an import never removes them."""
    return [
        name
        for name in _ENDS
        if name in differing
        and getattr(given, name) is None
        and getattr(known.given, name) is not None
    ]


def merged(known: Case, given: GivenCase, fields: Sequence[str]) -> GivenCase:
    """Return the stored case with the values of the file's fields.

    Other fields stay as they are, and deleted personal data stay deleted. A deadline that the
    file states otherwise is no longer provisional, unless it says so; one that it does not
    state follows the report.
    """
    names = [attribute_of(field) for field in _lasting(known, fields)]
    changed = replace(known.given, **{name: getattr(given, name) for name in names})
    if not changed.due_provisional or "due_provisional" in fields:
        return changed
    if "due_at" not in fields and changed.reported_at != known.given.reported_at:
        return _due_again(changed)
    is_as_computed = changed.due_at == known.given.due_at and changed.due_limit is not None
    return changed if is_as_computed else replace(changed, due_provisional=False)


def _due_again(given: GivenCase) -> GivenCase:
    """Compute a provisional deadline anew from its limit, if that can be."""
    limits = parse_limits(given.due_limit)
    # A limit that came with a file may be anything.
    due_at = provisional_due_at(given.reported_at, limits[0]) if len(limits) == 1 else None
    return given if due_at is None else replace(given, due_at=due_at)


def brings_back(known: Case, given: GivenCase) -> bool:
    """Return whether a file has personal data that were deleted from the case."""
    return known.forgotten_at is not None and any(
        getattr(given, name) is not None for name in PERSONAL_FIELDS
    )


def _lasting(known: Case, fields: Sequence[str]) -> Sequence[str]:
    if known.forgotten_at is None:
        return fields
    return [field for field in fields if field not in PERSONAL_FIELDS]


def needs_judging(differing: Sequence[str], *, location: CaseLocation) -> bool:
    """Return whether these changes may move a case or change its responder.

    The address only matters for a case without a position, which a person locates by it.
    """
    by = _JUDGED_BY if location.lon is not None else _JUDGED_BY | {"address"}
    return not by.isdisjoint(differing)


def change_events(
    known: Case,
    now_known: Case,
    differing: Sequence[str],
    *,
    at: datetime,
    actor: str,
    source: Mapping[str, Any],
    old_trace: Mapping[str, Any] | None,
) -> list[CaseEvent]:
    """Return the events that lead a stored case to its new state.

    Parameters
    ----------
    at : when the file was imported
    old_trace : how the case was judged before, if it was judged again
    """
    events: list[tuple[CaseEventKind, datetime, dict[str, Any]]] = []
    ends = [
        (kind, when, dict(source))
        for name, kind in _ENDS.items()
        if name in differing
        and getattr(known.given, name) is None
        and (when := getattr(now_known.given, name)) is not None
    ]
    ended = {name for name in _ENDS if getattr(known.given, name) is None}
    changed = {
        name: [_plain(known, name), _plain(now_known, name)]
        for name in differing
        if name not in ended
    }
    if changed:
        events.append((CaseEventKind.UPDATED, at, {**source, "changed": changed}))
    if outcome(known) != outcome(now_known):
        detail = {**source, "from": outcome(known), "to": outcome(now_known)}
        events.append((CaseEventKind.REROUTED, at, {**detail, "trace_before": old_trace}))
    return [
        CaseEvent(known.given.case_no, known.last_seq + n, kind, when, actor, detail)
        for n, (kind, when, detail) in enumerate([*events, *ends], start=1)
    ]


def first_events(case: Case, *, actor: str, source: Mapping[str, Any]) -> list[CaseEvent]:
    """Return the events that a case was reported and, if the source states it, ended."""
    given = case.given
    told = {**source, **outcome(case)}
    return [
        CaseEvent(given.case_no, seq, kind, when, actor, told if seq == 1 else dict(source))
        for seq, (kind, when) in enumerate(first_steps(given), start=1)
    ]


def first_steps(given: GivenCase) -> list[CaseStep]:
    """Return the steps of a case that its source states, the report first."""
    steps = [(CaseEventKind.REPORTED, given.reported_at)]
    if given.disposed_at is not None:
        steps.append((CaseEventKind.DISPOSED, given.disposed_at))
    if given.closed_at is not None:
        steps.append((CaseEventKind.CLOSED, given.closed_at))
    return steps


def outcome(case: Case) -> dict[str, Any]:
    """Return where a case went, as its events store it."""
    location = case.location
    return {
        "edition": location.edition,
        "level": None if location.area_code is None else location.level,
        "area": location.area_code,
        "unlocated": location.unlocated_reason,
        "responder": case.responder_code,
        "unrouted": case.unrouted_reason,
    }


def _plain(case: Case, field: str) -> Any:
    if field == CRS_FIELD:
        return case.given_crs
    value = getattr(case.given, attribute_of(field))
    return value.isoformat() if isinstance(value, datetime) else value
