"""Cases: reported matters, their states and the events that change them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class CaseStatus(StrEnum):
    """Where a case stands.

    ``triage`` waits for a person: it has no place or no single owner. A past participle names
    the step that was taken last.
    """

    TRIAGE = "triage"
    DISPATCHED = "dispatched"
    DISPOSED = "disposed"
    CLOSED = "closed"


class CaseEventKind(StrEnum):
    """What happened to a case."""

    REPORTED = "reported"
    UPDATED = "updated"
    REROUTED = "rerouted"
    DISPOSED = "disposed"
    CLOSED = "closed"


class UnlocatedReason(StrEnum):
    """Why a case has no area."""

    NO_POSITION = "no_position"
    OUTSIDE = "outside"
    BEFORE_FIRST_EDITION = "before_first_edition"


class UnroutedReason(StrEnum):
    """Why nobody was given a case."""

    UNLOCATED = "unlocated"
    NO_OWNER = "no_owner"
    TWO_OWNERS = "two_owners"


def status_of(
    responder_code: str | None, disposed_at: datetime | None, closed_at: datetime | None
) -> CaseStatus:
    """Derive where a case stands from who has it and what was done.

    Examples
    --------
    >>> status_of(None, None, None), status_of("S1", None, None)
    (<CaseStatus.TRIAGE: 'triage'>, <CaseStatus.DISPATCHED: 'dispatched'>)
    """
    if closed_at is not None:
        return CaseStatus.CLOSED
    if disposed_at is not None:
        return CaseStatus.DISPOSED
    return CaseStatus.TRIAGE if responder_code is None else CaseStatus.DISPATCHED


@dataclass(frozen=True, slots=True)
class GivenCase:
    """What a source says of a case.

    ``x``, ``y`` are the position as given, in whatever datum the source uses: longitude and
    latitude in degrees or easting and northing in metres. Both are there or neither is.
    """

    case_no: str
    category: str
    reported_at: datetime
    x: float | None = None
    y: float | None = None
    due_at: datetime | None = None
    disposed_at: datetime | None = None
    closed_at: datetime | None = None
    channel: str | None = None
    description: str | None = None
    address: str | None = None
    accuracy_m: float | None = None


def differing_fields(
    one: GivenCase, other: GivenCase, fields: Sequence[str]
) -> tuple[str, ...]:
    """Name the fields in which two accounts of a case differ.

    ``fields`` are import fields, so a position is told of as ``lon`` and ``lat``.

    Examples
    --------
    >>> from dataclasses import replace
    >>> at = datetime.fromisoformat("2024-01-05T08:30:00+08:00")
    >>> a = GivenCase("C1", "noise", at, x=120.1, y=30.2)
    >>> differing_fields(a, replace(a, x=120.3, address="here"), ["lon", "lat", "category"])
    ('lon',)
    """
    return tuple(
        field
        for field in fields
        if getattr(one, attribute_of(field)) != getattr(other, attribute_of(field))
    )


def attribute_of(field: str) -> str:
    """Return the attribute of GivenCase that holds an import field."""
    return {"lon": "x", "lat": "y"}.get(field, field)
