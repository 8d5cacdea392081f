"""What is different between two editions, as their stored rows tell."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.area import AreaKey
from gridmgmt.domain.areas.draft import Action
from gridmgmt.geometry.coverage.level_areas import LevelAreas
from gridmgmt.store.areas.areas import level_areas
from gridmgmt.store.statements import statement


@dataclass(frozen=True)
class ChangedArea:
    """An area that is not the same in two editions; None where one of them has none such."""

    code: str
    action: Action
    old_name: str | None
    new_name: str | None
    old_parent: str | None
    new_parent: str | None
    old_m2: float | None
    new_m2: float | None
    redrawn: bool

    @property
    def name(self) -> str | None:
        """What it is called in the second edition, else in the first."""
        return self.new_name or self.old_name

    @property
    def renamed(self) -> bool:
        """Whether both editions have it under different names."""
        return self.action is Action.ALTER and self.old_name != self.new_name

    @property
    def moved(self) -> bool:
        """Whether both editions have it in different parents."""
        return self.action is Action.ALTER and self.old_parent != self.new_parent


@dataclass(frozen=True)
class ChangeCount:
    """How many areas of a level differ; ``redrawn`` of those altered have new outlines."""

    level: str
    added: int
    dropped: int
    altered: int
    redrawn: int

    @property
    def total(self) -> int:
        """How many differ in all."""
        return self.added + self.dropped + self.altered


def find_edition_changes(
    conn: Connection,
    first: int,
    second: int,
    level: str,
    *,
    action: Action | None = None,
    codes: Sequence[str] | None = None,
    words: str | None = None,
    after: str | None = None,
    most: int,
) -> list[ChangedArea]:
    """List what is different about the areas of a level, codes by code point.

    Parameters
    ----------
    codes : only these, None for all
    words : only those with this in their code or one of their names
    after : the last code of the page before
    """
    given = {
        "first": first,
        "second": second,
        "level": level,
        "action": None if action is None else str(action),
        "codes": None if codes is None else list(codes),
        "words": words or None,
        "after": after,
        "most": most,
    }
    found = conn.execute(statement("edition_changes"), given)
    return [ChangedArea(**{**row._mapping, "action": Action(row.action)}) for row in found]


def count_edition_changes(
    conn: Connection, first: int, second: int, *, keys: Sequence[AreaKey] | None = None
) -> list[ChangeCount]:
    """Count the areas that differ, level by level from the top; ``keys`` only when given."""
    given = {
        "first": first,
        "second": second,
        "levels": None if keys is None else [level for level, _ in keys],
        "codes": None if keys is None else [code for _, code in keys],
    }
    rows = conn.execute(statement("edition_change_counts"), given)
    return [ChangeCount(**row._mapping) for row in rows]


def areas_meeting(
    conn: Connection, edition: int, level: str, codes: Iterable[str], *, of: int
) -> LevelAreas:
    """Read the areas of an edition near those that another (``of``) has under some codes."""
    given = {"edition": edition, "other": of, "level": level, "codes": list(codes)}
    return level_areas(level, conn.execute(statement("areas_meeting"), given).all())
