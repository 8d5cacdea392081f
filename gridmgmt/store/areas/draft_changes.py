"""Read the changes of a draft in parts: counts, one page, or some outlines."""

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from gridmgmt.domain.areas.draft import Action, Change
from gridmgmt.geometry.coverage.level_areas import LevelAreas
from gridmgmt.store.areas.areas import level_areas
from gridmgmt.store.schema import area_changes, audit_log

# The actions of the audit log whose subject is the label of a draft.
STEPS = (
    "create_draft",
    "import_areas",
    "revert_edition",
    "take_back_changes",
    "edit_draft",
    "undo_edit",
    "redo_edit",
    "rebase_draft",
    "submit_draft",
    "comment_draft",
    "return_draft",
    "approve_draft",
    "delete_draft",
)


@dataclass(frozen=True)
class ChangeQuery:
    """A filter of the changes of a draft; ``after`` is the last code of the page before."""

    level: str
    action: Action | None = None
    words: str | None = None
    after: str | None = None


@dataclass(frozen=True)
class DraftEntry:
    """One entry of the audit log about a draft."""

    id: int
    at: datetime
    actor: str
    action: str
    detail: dict[str, object]


def count_changes(conn: Connection, draft_id: int) -> dict[str, dict[Action, int]]:
    """Count the changes of a draft: level -> action -> number."""
    counted = (
        sa.select(area_changes.c.level, area_changes.c.action, sa.func.count().label("number"))
        .where(area_changes.c.draft_id == draft_id)
        .group_by(area_changes.c.level, area_changes.c.action)
    )
    found: dict[str, dict[Action, int]] = {}
    for row in conn.execute(counted):
        found.setdefault(row.level, {})[Action(row.action)] = row.number
    return found


def find_changes(
    conn: Connection, draft_id: int, query: ChangeQuery, *, most: int
) -> list[Change]:
    """List changes of one level without their outlines, by code point of the code."""
    wanted = [area_changes.c[field.name] for field in fields(Change)]
    found = (
        sa.select(*wanted)
        .where(area_changes.c.draft_id == draft_id, area_changes.c.level == query.level)
        .order_by(area_changes.c.code)
        .limit(most)
    )
    if query.action is not None:
        found = found.where(area_changes.c.action == query.action)
    if query.words:
        found = found.where(
            sa.or_(
                area_changes.c.code.icontains(query.words, autoescape=True),
                area_changes.c.name.icontains(query.words, autoescape=True),
            )
        )
    if query.after is not None:
        found = found.where(area_changes.c.code > query.after)
    return [change_of(row) for row in conn.execute(found)]


def change_of(row: Row[*tuple[Any, ...]]) -> Change:
    """Return the change of a row that has the fields of `Change`."""
    return replace(Change(*row), action=Action(row.action))


def stated_shapes(
    conn: Connection, draft_id: int, level: str, codes: Iterable[str]
) -> LevelAreas:
    """Read the outlines a draft states for some codes of a level, ordered by code.

    Changes that drop an area have no outline and are absent.
    """
    found = (
        sa.select(
            area_changes.c.code,
            area_changes.c.name,
            area_changes.c.parent_code,
            area_changes.c.attributes,
            sa.func.ST_AsBinary(area_changes.c.geom).label("geom"),
        )
        .where(area_changes.c.draft_id == draft_id, area_changes.c.level == level)
        .where(area_changes.c.code == sa.any_(sa.literal(list(codes), sa.ARRAY(sa.Text))))
        .where(area_changes.c.geom.is_not(None))
        .order_by(area_changes.c.code)
    )
    return level_areas(level, conn.execute(found).all())


def delete_changes(conn: Connection, draft_id: int, level: str) -> int:
    """Delete the changes of a draft at a level; return the number of changes."""
    mine = area_changes.delete().where(
        area_changes.c.draft_id == draft_id, area_changes.c.level == level
    )
    return conn.execute(mine).rowcount


def steps_of(conn: Connection, label: str) -> list[DraftEntry]:
    """List the audit entries of the draft that has this label now, newest first."""
    found = conn.execute(
        sa.select(audit_log)
        .where(audit_log.c.subject == label, audit_log.c.action.in_(STEPS))
        .order_by(audit_log.c.id.desc())
    )
    steps = []
    for row in found:
        steps.append(DraftEntry(row.id, row.at, row.actor, row.action, row.detail))
        if row.action == "create_draft":
            # Older entries belong to a deleted draft that had the same label.
            break
    return steps
