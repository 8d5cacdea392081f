"""Cases: reported matters, their states and the events that change them."""

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
