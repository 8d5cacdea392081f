"""Read and write drafts and their changes."""

from collections.abc import Iterable, Sequence
from dataclasses import fields
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from gridmgmt.arrays import objects
from gridmgmt.domain.areas.draft import Action, Change, Draft, DraftStatus
from gridmgmt.errors import NotFoundError
from gridmgmt.geometry.coverage.changes import LevelChanges, as_multipolygons
from gridmgmt.store.areas.attributes import as_json
from gridmgmt.store.areas.draft_changes import change_of
from gridmgmt.store.geometries import ewkb, from_wkb
from gridmgmt.store.schema import area_changes, draft_records, drafts, levels
from gridmgmt.store.statements import statement


def list_drafts(conn: Connection) -> list[Draft]:
    """List all drafts, newest last."""
    return [_from_row(row) for row in conn.execute(sa.select(drafts).order_by(drafts.c.id))]


def get_draft(conn: Connection, label: str, *, lock: bool = False) -> Draft:
    """Return a draft.

    With ``lock``, nobody else can change the draft until this transaction ends.

    Raises
    ------
    NotFoundError
        when no draft has this label
    """
    query = sa.select(drafts).where(drafts.c.label == label)
    row = conn.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise NotFoundError(kind="draft", key=label)
    return _from_row(row)


def get_draft_numbered(conn: Connection, draft_id: int) -> Draft:
    """Return the draft with this row id; the addresses of pages carry this id.

    Raises
    ------
    NotFoundError
        when there is no such draft
    """
    row = conn.execute(sa.select(drafts).where(drafts.c.id == draft_id)).one_or_none()
    if row is None:
        raise NotFoundError(kind="draft", key=draft_id)
    return _from_row(row)


def has_draft(conn: Connection, label: str) -> bool:
    """Return whether a draft has this label."""
    query = sa.select(sa.exists().where(drafts.c.label == label))
    return bool(conn.execute(query).scalar_one())


def add_draft(conn: Connection, label: str, base_edition: int | None, by: str) -> None:
    """Store an open draft without changes."""
    values = {"label": label, "status": DraftStatus.OPEN, "base_edition": base_edition}
    conn.execute(drafts.insert().values(created_by=by, **values))


def delete_draft(conn: Connection, draft_id: int) -> None:
    """Delete a draft and its changes."""
    for table in (area_changes, draft_records):
        conn.execute(table.delete().where(table.c.draft_id == draft_id))
    conn.execute(drafts.delete().where(drafts.c.id == draft_id))


def set_status(conn: Connection, draft_id: int, status: DraftStatus) -> None:
    """Set the status of a draft that is not published."""
    conn.execute(drafts.update().where(drafts.c.id == draft_id).values(status=status))


def rest_draft_on(conn: Connection, draft_id: int, edition: int | None) -> None:
    """Put a draft that is locked on another edition; its changes are stored apart."""
    conn.execute(drafts.update().where(drafts.c.id == draft_id).values(base_edition=edition))


def mark_published(conn: Connection, draft_id: int, edition: int) -> None:
    """Close a draft that became an edition."""
    values = {"status": DraftStatus.PUBLISHED, "edition": edition}
    conn.execute(drafts.update().where(drafts.c.id == draft_id).values(values))


def reopen_drafts(conn: Connection, edition: int) -> list[str]:
    """Reopen the drafts that were published as an edition; return their labels."""
    reopened = (
        drafts.update()
        .where(drafts.c.edition == edition)
        .values(status=DraftStatus.OPEN, edition=sa.null())
        .returning(drafts.c.label)
    )
    return sorted(conn.execute(reopened).scalars())


def rest_on_edition_before(conn: Connection, edition: int, before: int | None) -> list[str]:
    """Put the unpublished drafts of a withdrawn edition on the edition before it.

    Return their labels. Each change keeps what it states; whether it adds or alters an area is
    decided again, against the edition before.
    """
    given = {"edition": edition, "before": before}
    return list(conn.execute(statement("drafts_resting_on"), given).scalars())


def read_changes(conn: Connection, draft_id: int) -> dict[str, LevelChanges]:
    """Read the changes of a draft: level -> changes, levels from the topmost down."""
    rows = conn.execute(statement("read_changes"), {"draft_id": draft_id})
    return {
        level: _level_changes(level, list(group))
        for level, group in groupby(rows, key=lambda row: str(row.level))
    }


def list_changes(conn: Connection, draft_id: int) -> list[Change]:
    """List the changes of a draft without their geometry, levels from the topmost down."""
    wanted = [area_changes.c[field.name] for field in fields(Change)]
    query = (
        sa.select(*wanted)
        .join(levels, levels.c.level == area_changes.c.level)
        .where(area_changes.c.draft_id == draft_id)
        .order_by(levels.c.rank, area_changes.c.code)
    )
    return [change_of(row) for row in conn.execute(query)]


def replace_changes(
    conn: Connection,
    draft_id: int,
    changes: LevelChanges,
    sources: Sequence[str | None],
    *,
    instead_of: Iterable[str] | None,
) -> None:
    """Replace the changes of a level for some codes, or for all codes (None)."""
    old = area_changes.delete().where(
        area_changes.c.draft_id == draft_id, area_changes.c.level == changes.level
    )
    if instead_of is not None:
        old = old.where(area_changes.c.code == sa.any_(sa.literal(list(instead_of), _CODES)))
    conn.execute(old)
    given = {
        "draft_id": draft_id,
        "level": changes.level,
        "actions": [str(action) for action in changes.actions],
        "codes": list(changes.codes),
        "names": list(changes.names),
        "parent_codes": list(changes.parent_codes),
        "geoms": ewkb(as_multipolygons(changes.geoms)),
        "sources": list(sources),
        "attributes": as_json(changes.attributes),
    }
    conn.execute(statement("add_changes"), given)


_CODES = sa.ARRAY(sa.Text)


def _level_changes(level: str, rows: Sequence[Row[*tuple[Any, ...]]]) -> LevelChanges:
    return LevelChanges(
        level=level,
        actions=objects(Action(row.action) for row in rows),
        codes=objects(row.code for row in rows),
        names=objects(row.name for row in rows),
        parent_codes=objects(row.parent_code for row in rows),
        geoms=from_wkb([row.geom for row in rows]),
        attributes=objects(row.attributes for row in rows),
    )


def _from_row(row: Row[*tuple[Any, ...]]) -> Draft:
    return Draft(
        id=row.id,
        label=row.label,
        status=DraftStatus(row.status),
        base_edition=row.base_edition,
        created_at=row.created_at,
        created_by=row.created_by,
        edition=row.edition,
    )
