"""Read and write the levels of the area tree."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from gridmgmt.domain.areas.area import Level
from gridmgmt.errors import NotFoundError
from gridmgmt.store.schema import area_changes, areas, levels, metadata

# Ranks are unique. While the levels get a new order, they are moved out of the way to these
# ranks.
_ASIDE = 1_000_000


def list_levels(conn: Connection) -> list[Level]:
    """List the levels from the topmost down."""
    rows = conn.execute(sa.select(levels).order_by(levels.c.rank))
    return [_from_row(row) for row in rows]


def get_level(conn: Connection, name: str) -> Level:
    """Return the level with this name.

    Raises
    ------
    NotFoundError
        when there is no such level; the message lists the levels
    """
    levels = {level.name: level for level in list_levels(conn)}
    if name not in levels:
        raise NotFoundError(kind="level", key=name, known=list(levels))
    return levels[name]


def store_levels(conn: Connection, wanted: Sequence[Level]) -> None:
    """Store these levels with their ranks, and delete all other levels.

    The database refuses to delete a level that is still in use; see `count_uses`.
    """
    conn.execute(levels.update().values(rank=levels.c.rank + _ASIDE))
    names = [level.name for level in wanted]
    conn.execute(levels.delete().where(levels.c.level.not_in(names)))
    known = set(conn.execute(sa.select(levels.c.level)).scalars())
    for level in wanted:
        values = {
            "rank": level.rank,
            "name_zh": level.name_zh,
            "name_en": level.name_en,
            "code_pattern": level.code_pattern,
            "size_m2": level.size_m2,
            "tolerance_m2": level.tolerance_m2,
        }
        if level.name in known:
            conn.execute(levels.update().where(levels.c.level == level.name).values(values))
        else:
            conn.execute(levels.insert().values(level=level.name, **values))


def count_uses(conn: Connection) -> dict[str, dict[str, int]]:
    """Count the rows of every table that refer to a level.

    Returns
    -------
    level -> table -> rows; levels and tables without rows are absent
    """
    uses: dict[str, dict[str, int]] = {}
    for table in metadata.sorted_tables:
        for column in table.columns:
            if not any(key.column is levels.c.level for key in column.foreign_keys):
                continue
            counted = sa.select(column, sa.func.count()).where(column.is_not(None))
            for level, rows in conn.execute(counted.group_by(column)):
                uses.setdefault(level, {})[table.name] = rows
    return uses


def levels_with_parents(conn: Connection) -> dict[str, bool]:
    """Return for each level whether any of its areas names a parent.

    Areas of editions and of drafts count. Levels without areas are absent.
    """
    found: dict[str, bool] = {}
    for table in (areas, area_changes):
        named = sa.func.bool_or(table.c.parent_code.is_not(None))
        for level, any_parent in conn.execute(
            sa.select(table.c.level, named).group_by(table.c.level)
        ):
            found[level] = found.get(level, False) or any_parent
    return found


def _from_row(row: Row[*tuple[Any, ...]]) -> Level:
    return Level(
        name=row.level,
        rank=row.rank,
        name_zh=row.name_zh,
        name_en=row.name_en,
        code_pattern=row.code_pattern,
        size_m2=row.size_m2,
        tolerance_m2=row.tolerance_m2,
    )
