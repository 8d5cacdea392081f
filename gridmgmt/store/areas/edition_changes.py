"""Compare the stored areas of two editions."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.area import AreaKey
from gridmgmt.domain.areas.attributes import (
    AttributeChange,
    Attributes,
    attribute_changes,
)
from gridmgmt.domain.areas.draft import Action
from gridmgmt.geometry.coverage.level_areas import LevelAreas
from gridmgmt.store.areas.areas import level_areas
from gridmgmt.store.schema import areas
from gridmgmt.store.statements import statement


@dataclass(frozen=True)
class ChangedArea:
    """An area that differs between two editions.

    The fields of an edition that does not have the area are None.
    """

    code: str
    action: Action
    old_name: str | None
    new_name: str | None
    old_parent: str | None
    new_parent: str | None
    old_attributes: Attributes | None
    new_attributes: Attributes | None
    old_m2: float | None
    new_m2: float | None
    redrawn: bool

    @property
    def name(self) -> str | None:
        """Return the name in the second edition, else in the first."""
        return self.new_name or self.old_name

    @property
    def renamed(self) -> bool:
        """Return whether both editions have the area, with different names."""
        return self.action is Action.ALTER and self.old_name != self.new_name

    @property
    def moved(self) -> bool:
        """Return whether both editions have the area, with different parents."""
        return self.action is Action.ALTER and self.old_parent != self.new_parent

    @property
    def attributes(self) -> tuple[AttributeChange, ...]:
        """Return the attributes with other values, of an area that both editions have."""
        if self.old_attributes is None or self.new_attributes is None:
            return ()
        return attribute_changes(self.old_attributes, self.new_attributes)


@dataclass(frozen=True)
class ChangeCount:
    """The number of areas of a level that differ.

    ``redrawn`` is how many of the altered areas have a new outline.
    """

    level: str
    added: int
    dropped: int
    altered: int
    redrawn: int

    @property
    def total(self) -> int:
        """Return the number of areas that differ, of all kinds."""
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
    """List the areas of a level that differ, by code point of the code.

    Parameters
    ----------
    codes : only areas with these codes; None for all
    words : only areas with this text in their code or in one of their names
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
    """Count the areas that differ, for each level from the topmost down.

    With ``keys``, only these areas are counted.
    """
    given = {
        "first": first,
        "second": second,
        "levels": None if keys is None else [level for level, _ in keys],
        "codes": None if keys is None else [code for _, code in keys],
    }
    rows = conn.execute(statement("edition_change_counts"), given)
    return [ChangeCount(**row._mapping) for row in rows]


def areas_only_in(
    conn: Connection, edition: int | None, other: int | None
) -> dict[str, LevelAreas]:
    """Read the areas of an edition that the other does not have in the same stored row.

    All that differs between two editions is among these areas of both: of an area that both
    have in one row, nothing differs.

    Returns
    -------
    as `areas_in`: level -> areas; empty for edition None, all areas where the other is None
    """
    given = {"edition": edition or 0, "other": other or 0}
    rows = conn.execute(statement("areas_only_in"), given)
    return {
        name: level_areas(name, list(group))
        for name, group in groupby(rows, key=lambda row: str(row.level))
    }


def areas_meeting(
    conn: Connection, edition: int, level: str, codes: Iterable[str], *, of: int
) -> LevelAreas:
    """Read the areas of an edition near some areas of another edition.

    ``codes`` are the codes of those areas in the edition ``of``.
    """
    given = {"edition": edition, "other": of, "level": level, "codes": list(codes)}
    return level_areas(level, conn.execute(statement("areas_meeting"), given).all())


def editions_that_changed(
    conn: Connection, base: int | None, newest: int
) -> dict[AreaKey, int]:
    """Return the last edition after ``base``, up to ``newest``, that changed each area.

    Areas that no edition between changed are absent.
    """
    since = sa.case((areas.c.since > (base or 0), areas.c.since))
    until = sa.case((areas.c.until <= newest, areas.c.until))
    last = sa.func.max(sa.func.greatest(since, until)).label("edition")
    found = (
        sa.select(areas.c.level, areas.c.code, last)
        .where(areas.c.since <= newest)
        .where(
            sa.or_(
                areas.c.since > (base or 0),
                sa.and_(areas.c.until > (base or 0), areas.c.until <= newest),
            )
        )
        .group_by(areas.c.level, areas.c.code)
    )
    return {(row.level, row.code): row.edition for row in conn.execute(found)}
