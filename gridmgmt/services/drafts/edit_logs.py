"""Keep the log of a draft: whatever changes it, an import too, can be undone."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.draft import Draft
from gridmgmt.domain.areas.edit_log import Side
from gridmgmt.geometry.coverage.changes import difference, pick
from gridmgmt.geometry.coverage.level_areas import LevelAreas
from gridmgmt.store.areas import draft_edits

# What the log calls an import, changes of a level that were taken back, an earlier edition that
# was brought back, and a draft that was put on a newer edition.
IMPORT, TAKE_BACK, REVERT, REBASE = "import", "take_back", "revert", "rebase"


def log_edit(
    conn: Connection,
    draft: Draft,
    operation: str,
    arguments: Mapping[str, Any],
    states: Mapping[str, tuple[LevelAreas, LevelAreas]],
    *,
    by: str,
    reason: str | None = None,
) -> int:
    """Add what was done to a draft to its log; return the number of the entry.

    Parameters
    ----------
    states : level -> the areas before and after; only those that differ are kept
    """
    number = draft_edits.add_entry(
        conn, draft.id, operation, dict(arguments), by=by, reason=reason
    )
    for before, after in states.values():
        codes = difference(before, after).codes
        draft_edits.add_areas(conn, draft.id, number, Side.BEFORE, pick(before, codes))
        draft_edits.add_areas(conn, draft.id, number, Side.AFTER, pick(after, codes))
    return number
