"""Cases: reported matters, their statuses and the events that change them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple


class CaseStatus(StrEnum):
    """The status of a case.

    A case in ``triage`` waits for a person: it has no area or no single responder. A past
    participle names the last step that was taken.
    """

    TRIAGE = "triage"
    DISPATCHED = "dispatched"
    DISPOSED = "disposed"
    CLOSED = "closed"


class CaseEventKind(StrEnum):
    """The kinds of events."""

    REPORTED = "reported"
    UPDATED = "updated"
    REROUTED = "rerouted"
    PLACED = "placed"
    ASSIGNED = "assigned"
    BOUNCED = "bounced"
    DISPOSED = "disposed"
    CLOSED = "closed"
    SUPERVISED = "supervised"


class CaseAction(StrEnum):
    """The actions of people on a case."""

    PLACE = "place"
    ASSIGN = "assign"
    BOUNCE = "bounce"
    DISPOSE = "dispose"
    CLOSE = "close"
    SUPERVISE = "supervise"


# The possible actions by status. A case must be disposed of before it is closed: rates count a
# closed case as done.
_OPEN = frozenset({CaseAction.PLACE, CaseAction.ASSIGN})
_ALLOWED = {
    CaseStatus.TRIAGE: _OPEN,
    CaseStatus.DISPATCHED: _OPEN
    | {CaseAction.BOUNCE, CaseAction.DISPOSE, CaseAction.SUPERVISE},
    CaseStatus.DISPOSED: frozenset({CaseAction.CLOSE}),
    CaseStatus.CLOSED: frozenset(),
}


def allowed_actions(status: CaseStatus) -> frozenset[CaseAction]:
    """Return the possible actions on a case with this status.

    Examples
    --------
    >>> [action.value for action in sorted(allowed_actions(CaseStatus.DISPATCHED))]
    ['assign', 'bounce', 'dispose', 'place', 'supervise']
    >>> allowed_actions(CaseStatus.CLOSED)
    frozenset()
    """
    return _ALLOWED[status]


class CaseDay(StrEnum):
    """The event to whose day a period refers.

    If the disposal was not recorded, the day of closing counts as the day of disposal.
    """

    REPORTED = "reported"
    DISPOSED = "disposed"
    CLOSED = "closed"


class UnlocatedReason(StrEnum):
    """The reasons why a case has no area."""

    NO_POSITION = "no_position"
    ADDRESS_ONLY = "address_only"
    OUTSIDE = "outside"
    BEFORE_FIRST_EDITION = "before_first_edition"


class UnroutedReason(StrEnum):
    """The reasons why a case has no responder.

    The values of the first releases say owner; they are stored, exported and searched for.
    """

    UNLOCATED = "unlocated"
    NO_DISPOSER = "no_owner"
    SEVERAL_DISPOSERS = "two_owners"
    UNCERTAIN = "uncertain"
    BOUNCED = "bounced"


# A case with one of these has an area, and only lacks somebody to be given to.
REASONS_TO_ASSIGN = (
    UnroutedReason.NO_DISPOSER,
    UnroutedReason.SEVERAL_DISPOSERS,
    UnroutedReason.UNCERTAIN,
)


class CaseMark(StrEnum):
    """Marks on a case, which do not affect its responder.

    ``vendor_zone``: street trading is allowed there on that day. ``default_position``: the
    position is one that a geocoder gives for addresses it does not find.
    """

    VENDOR_ZONE = "vendor_zone"
    DEFAULT_POSITION = "default_position"


def status_of(
    responder_code: str | None, disposed_at: datetime | None, closed_at: datetime | None
) -> CaseStatus:
    """Return the status of a case by its responder and the steps taken.

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
    """A case as its source states it.

    ``x``, ``y`` are the position in the datum of the source: longitude and latitude in degrees,
    or easting and northing in metres. Either both are given or neither. ``due_limit`` is the
    time limit by which it is due, as written; ``due_provisional`` means that ``due_at`` was
    computed from it on the plain clock (``deadline.provisional_due_at``).
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
    due_limit: str | None = None
    due_provisional: bool = False


# The fields that only the dispatching roles may see.
PERSONAL_FIELDS = ("description", "address")


def differing_fields(
    one: GivenCase, other: GivenCase, fields: Sequence[str]
) -> tuple[str, ...]:
    """Return the fields in which two versions of a case differ.

    ``fields`` are import fields, so a position appears as ``lon`` and ``lat``.

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
    """Return the attribute of GivenCase for an import field."""
    return {"lon": "x", "lat": "y"}.get(field, field)


# The default share of the possible positions for which an answer must be the same.
CONFIDENCE = 0.5


class Share(NamedTuple):
    """An area in which a case may lie, given the accuracy of its position.

    ``share`` is the part of the disc around the position in this area; ``lon``, ``lat`` are the
    centre of that part.
    """

    code: str
    share: float
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class CaseLocation:
    """The location of a case; exactly one of ``area_code`` and ``unlocated_reason`` is set.

    ``lon``, ``lat`` are degrees, EPSG:4326; None without a position. ``edition`` is the one
    that judged it, None before the first; ``level`` is the level that was searched.
    ``candidates`` begin with the answer, and ``candidate_m`` are their distances in metres.
    ``distance_m`` is 0 inside the area; ``border_m`` is the distance to the nearest border of
    any area of the level. ``shares`` are the areas in which it may lie, the largest first, if
    the disc of its accuracy crosses a border; otherwise empty. When a case is read from the
    store, the last two and ``candidate_m`` are only in the trace.
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
    """A case in its present state; its events are its history.

    ``given_crs`` names the datum in which the given position was read. ``forgotten_at`` is when
    its personal data were deleted, or None.
    """

    given: GivenCase
    given_crs: str | None
    location: CaseLocation
    responder_code: str | None
    unrouted_reason: UnroutedReason | None
    status: CaseStatus
    last_seq: int
    marks: tuple[CaseMark, ...] = ()
    forgotten_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CaseEvent:
    """An event of a case; ``seq`` counts 1, 2, … within the case.

    ``recorded_at`` is None until it is stored.
    """

    case_no: str
    seq: int
    kind: CaseEventKind
    happened_at: datetime
    actor: str
    detail: Mapping[str, Any]
    recorded_at: datetime | None = None
