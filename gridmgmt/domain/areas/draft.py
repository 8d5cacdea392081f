"""Drafts: sets of changes against a base edition."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Action(StrEnum):
    """What a change does to the area of its code."""

    ADD = "add"
    ALTER = "alter"
    DROP = "drop"


class DraftStatus(StrEnum):
    """Where a draft stands."""

    OPEN = "open"
    PUBLISHED = "published"


@dataclass(frozen=True)
class Draft:
    """A change set against ``base_edition`` (None: against nothing, for a first edition)."""

    id: int
    label: str
    status: DraftStatus
    base_edition: int | None
    created_at: datetime
    created_by: str
    edition: int | None = None


@dataclass(frozen=True)
class Change:
    """What a draft says of one code, without the geometry; ``source`` is where it came from."""

    level: str
    code: str
    action: Action
    name: str | None
    parent_code: str | None
    source: str | None
