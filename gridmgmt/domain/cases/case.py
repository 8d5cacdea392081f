"""Cases: reported matters, their states and the events that change them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple


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
    PLACED = "placed"
    ASSIGNED = "assigned"
    BOUNCED = "bounced"
    DISPOSED = "disposed"
    CLOSED = "closed"


class CaseAction(StrEnum):
    """What a person may do to a case."""

    PLACE = "place"
    ASSIGN = "assign"
    BOUNCE = "bounce"
    DISPOSE = "dispose"
    CLOSE = "close"


# What may be done to a case, by where it stands. Nobody closes what nobody disposed of: rates
# take a closed case for a done one.
_OPEN = frozenset({CaseAction.PLACE, CaseAction.ASSIGN})
_ALLOWED = {
    CaseStatus.TRIAGE: _OPEN,
    CaseStatus.DISPATCHED: _OPEN | {CaseAction.BOUNCE, CaseAction.DISPOSE},
    CaseStatus.DISPOSED: frozenset({CaseAction.CLOSE}),
    CaseStatus.CLOSED: frozenset(),
}


def allowed_actions(status: CaseStatus) -> frozenset[CaseAction]:
    """Tell what may be done to a case that stands there.

    Examples
    --------
    >>> [action.value for action in sorted(allowed_actions(CaseStatus.DISPATCHED))]
    ['assign', 'bounce', 'dispose', 'place']
    >>> allowed_actions(CaseStatus.CLOSED)
    frozenset()
    """
    return _ALLOWED[status]


class CaseDay(StrEnum):
    """Which day of a case a period speaks of.

    A case is disposed of on the day it was closed where nobody wrote the disposal down.
    """

    REPORTED = "reported"
    DISPOSED = "disposed"
    CLOSED = "closed"


class UnlocatedReason(StrEnum):
    """Why a case has no area."""

    NO_POSITION = "no_position"
    ADDRESS_ONLY = "address_only"
    OUTSIDE = "outside"
    BEFORE_FIRST_EDITION = "before_first_edition"


class UnroutedReason(StrEnum):
    """Why nobody was given a case."""

    UNLOCATED = "unlocated"
    NO_OWNER = "no_owner"
    TWO_OWNERS = "two_owners"
    UNCERTAIN = "uncertain"
    BOUNCED = "bounced"


class CaseMark(StrEnum):
    """What is to be known about a case beside who has it.

    ``vendor_zone``: street trading is allowed there that day.
    """

    VENDOR_ZONE = "vendor_zone"


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


# What only the dispatching roles may see.
PERSONAL_FIELDS = ("description", "address")


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


# For which part of where a case may lie an answer must hold, unless a deployment says more.
CONFIDENCE = 0.5


class Share(NamedTuple):
    """An area that a case may lie in, as far as its position is known.

    ``share`` is that of the disc around the position, by area; ``lon``, ``lat`` the middle of
    what of the disc lies in the area.
    """

    code: str
    share: float
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a case lies; exactly one of ``area_code`` and ``unlocated_reason`` is given.

    ``lon``, ``lat`` are degrees, EPSG:4326; None without a position.
    ``edition`` is the one it was judged by, None before the first; ``level`` the one that was
    searched. ``candidates`` has the answer first and ``candidate_m`` their distances in metres;
    ``distance_m`` is 0 inside the area, ``border_m`` the distance to the nearest border of any
    area of the level. ``shares`` has the areas it may lie in, the greatest first, where the
    disc of its accuracy crosses a border; empty otherwise. Read back from the store, the last
    two and ``candidate_m`` are only in the trace.
    """

    lon: float | None = None
    lat: float | None = None
    edition: int | None = None
    level: str | None = None
    area_code: str | None = None
    candidates: tuple[str, ...] = ()
    candidate_m: tuple[float, ...] = ()
    on_boundary: bool = False
    snapped: bool = False
    distance_m: float | None = None
    border_m: float | None = None
    unlocated_reason: UnlocatedReason | None = None
    shares: tuple[Share, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """A case in its present state; its events tell how it got there.

    ``given_crs`` labels the datum in which the given position was read. ``forgotten_at`` is
    when its personal data were blanked, None while they are kept.
    """

    given: GivenCase
    given_crs: str | None
    placed: Placed
    responder_code: str | None
    unrouted_reason: UnroutedReason | None
    status: CaseStatus
    last_seq: int
    marks: tuple[CaseMark, ...] = ()
    forgotten_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CaseEvent:
    """Something that happened to a case; ``seq`` counts 1, 2, … within it.

    ``recorded_at`` is None until it is stored.
    """

    case_no: str
    seq: int
    kind: CaseEventKind
    happened_at: datetime
    actor: str
    detail: Mapping[str, Any]
    recorded_at: datetime | None = None
