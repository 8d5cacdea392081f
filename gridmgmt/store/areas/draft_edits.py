"""Read and add to the log of the edits of a draft."""

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.edit_log import LoggedArea, LoggedEdit, Side
from gridmgmt.geometry.coverage.changes import as_multipolygons
from gridmgmt.geometry.coverage.level_areas import LevelAreas
from gridmgmt.store.areas.areas import level_areas
from gridmgmt.store.areas.attributes import as_json
from gridmgmt.store.geometries import ewkb
from gridmgmt.store.schema import (
    area_changes,
    areas,
    draft_edit_areas,
    draft_edit_records,
    draft_edits,
    levels,
)
from gridmgmt.store.statements import statement


def read_log(conn: Connection, draft_id: int) -> list[LoggedEdit]:
    """Read the entries of a draft, oldest first."""
    query = (
        sa.select(draft_edits)
        .where(draft_edits.c.draft_id == draft_id)
        .order_by(draft_edits.c.number)
    )
    return [
        LoggedEdit(
            row.number,
            row.operation,
            row.arguments,
            row.made_at,
            row.made_by,
            row.reason,
            row.of_number,
        )
        for row in conn.execute(query)
    ]


def newest_number(conn: Connection, draft_id: int) -> int:
    """Return the number of the newest entry of a draft, 0 for none."""
    query = sa.select(sa.func.coalesce(sa.func.max(draft_edits.c.number), 0)).where(
        draft_edits.c.draft_id == draft_id
    )
    return int(conn.execute(query).scalar_one())


def add_entry(
    conn: Connection,
    draft_id: int,
    operation: str,
    arguments: dict[str, Any],
    *,
    by: str,
    reason: str | None = None,
    of: int | None = None,
) -> int:
    """Add an entry to the log of a draft that is locked; return its number."""
    number = newest_number(conn, draft_id) + 1
    conn.execute(
        draft_edits.insert().values(
            draft_id=draft_id,
            number=number,
            operation=operation,
            arguments=arguments,
            # Each entry has a moment of its own, even two of one transaction.
            made_at=sa.func.clock_timestamp(),
            made_by=by,
            reason=reason,
            of_number=of,
        )
    )
    return number


def add_areas(
    conn: Connection, draft_id: int, number: int, side: Side, changed: LevelAreas
) -> None:
    """Add the areas of a level as they were before or after an edit."""
    if not len(changed.codes):
        return
    given = {
        "draft_id": draft_id,
        "number": number,
        "side": side,
        "level": changed.level,
        "codes": list(changed.codes),
        "names": list(changed.names),
        "parent_codes": list(changed.parent_codes),
        "geoms": ewkb(as_multipolygons(changed.geoms)),
        "attributes": as_json(changed.attributes),
    }
    conn.execute(statement("add_edit_areas"), given)


def read_areas(
    conn: Connection, draft_id: int, number: int, side: Side
) -> dict[str, LevelAreas]:
    """Read the areas as they were before or after an edit: level -> areas by code."""
    table = draft_edit_areas
    query = (
        sa.select(
            table.c.level,
            table.c.code,
            table.c.name,
            table.c.parent_code,
            table.c.attributes,
            sa.func.ST_AsBinary(table.c.geom).label("geom"),
        )
        .where(table.c.draft_id == draft_id, table.c.number == number, table.c.side == side)
        .order_by(table.c.level, table.c.code)
    )
    rows = conn.execute(query).all()
    by_level: dict[str, list[Any]] = {}
    for row in rows:
        by_level.setdefault(row.level, []).append(row)
    return {level: level_areas(level, found) for level, found in by_level.items()}


def read_names(
    conn: Connection, draft_id: int, numbers: Collection[int] | None = None
) -> dict[int, list[LoggedArea]]:
    """Read which areas the entries of a log changed, without their outlines.

    Parameters
    ----------
    numbers : of which entries, None: of all

    Returns
    -------
    number of an entry that changed areas -> them by level from the top and by code
    """
    table = draft_edit_areas
    query = (
        sa.select(table.c.number, table.c.side, table.c.level, table.c.code, table.c.name)
        .join(levels, levels.c.level == table.c.level)
        .where(table.c.draft_id == draft_id)
        .order_by(table.c.number, levels.c.rank, table.c.code)
    )
    if numbers is not None:
        query = query.where(table.c.number.in_(numbers))
    sides: dict[tuple[int, str, str], dict[str, str | None]] = {}
    for row in conn.execute(query):
        sides.setdefault((row.number, row.level, row.code), {})[row.side] = row.name
    found: dict[int, list[LoggedArea]] = {}
    for (number, level, code), names in sides.items():
        before, after = (names.get(side) for side in Side)
        stood, stands = (side in names for side in Side)
        area = LoggedArea(level, code, stood, stands, before, after)
        found.setdefault(number, []).append(area)
    return found


def edits_by_area(
    conn: Connection, draft_id: int, level: str, codes: Collection[str]
) -> dict[str, set[int]]:
    """Find the edits of a draft that changed some areas of a level.

    Returns
    -------
    code -> numbers of edits; codes that no edit changed are absent
    """
    table = draft_edit_areas
    query = (
        sa.select(table.c.code, table.c.number)
        .where(table.c.draft_id == draft_id, table.c.level == level)
        .where(table.c.code == sa.any_(sa.literal(list(codes), sa.ARRAY(sa.Text))))
        .distinct()
    )
    found: dict[str, set[int]] = {}
    for row in conn.execute(query):
        found.setdefault(row.code, set()).add(row.number)
    return found


def edits_of_areas(conn: Connection, draft_id: int) -> set[int]:
    """Return the numbers of the edits of a draft that changed areas."""
    table = draft_edit_areas
    query = sa.select(table.c.number).where(table.c.draft_id == draft_id).distinct()
    return set(conn.execute(query).scalars())


def delete_log(conn: Connection, draft_id: int) -> None:
    """Delete the log of a draft that is deleted."""
    for table in (draft_edit_areas, draft_edit_records, draft_edits):
        conn.execute(table.delete().where(table.c.draft_id == draft_id))


def used_codes(conn: Connection, level: str, parent: str) -> list[str]:
    """List the codes of a level that begin with a parent's: of all editions and all drafts."""
    found = [
        sa.select(table.c.code).where(
            table.c.level == level, table.c.code.startswith(parent, autoescape=True)
        )
        for table in (areas, area_changes)
    ]
    return sorted(conn.execute(sa.union(*found)).scalars())


def retired_codes(
    conn: Connection, base_edition: int | None, level: str, codes: Collection[str]
) -> dict[str, int]:
    """Find codes that areas of other editions had and no area of the base edition has.

    Returns
    -------
    code -> the last edition that began a row with it
    """
    if not codes:
        return {}
    base = base_edition or 0
    stands = sa.and_(
        areas.c.since <= base, sa.or_(areas.c.until.is_(None), areas.c.until > base)
    )
    found = (
        sa.select(areas.c.code, sa.func.max(areas.c.since).label("edition"))
        .where(areas.c.level == level)
        .where(areas.c.code == sa.any_(sa.literal(list(codes), sa.ARRAY(sa.Text))))
        .group_by(areas.c.code)
        .having(sa.not_(sa.func.bool_or(stands)))
    )
    return {row.code: row.edition for row in conn.execute(found)}
