"""Drafts: sets of changes to a base edition."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from gridmgmt.domain.areas.attributes import Attributes


class Action(StrEnum):
    """What a change does to an area."""

    ADD = "add"
    ALTER = "alter"
    DROP = "drop"


class DraftStatus(StrEnum):
    """The status of a draft; one that is returned is open again."""

    OPEN = "open"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    PUBLISHED = "published"


@dataclass(frozen=True)
class Draft:
    """A set of changes to ``base_edition`` (None for a first edition)."""

    id: int
    label: str
    status: DraftStatus
    base_edition: int | None
    created_at: datetime
    created_by: str
    edition: int | None = None


@dataclass(frozen=True)
class Change:
    """What a draft states for one code, without the geometry; ``source`` is its origin."""

    level: str
    code: str
    action: Action
    name: str | None
    parent_code: str | None
    source: str | None
    attributes: Attributes = field(default_factory=dict)
