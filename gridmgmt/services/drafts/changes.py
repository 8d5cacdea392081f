"""The changes of a draft, level by level, and removing those of a level."""

from dataclasses import dataclass

from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.draft import Action, Change, Draft
from gridmgmt.errors import DraftChangedError
from gridmgmt.geometry.coverage.changes import applied, no_areas
from gridmgmt.geometry.coverage.level_areas import LevelAreas
from gridmgmt.services.areas.outlines import MOST_CHILDREN
from gridmgmt.services.draft_records.row_changes import RowChange
from gridmgmt.services.drafts import drafts
from gridmgmt.services.drafts.edit_logs import TAKE_BACK, log_edit
from gridmgmt.services.drafts.locked_drafts import open_draft
from gridmgmt.store.accounts import audit
from gridmgmt.store.areas.area_tree import shapes_of
from gridmgmt.store.areas.areas import areas_in, count_areas
from gridmgmt.store.areas.draft_changes import (
    ChangeQuery,
    DraftEntry,
    count_changes,
    delete_changes,
    find_changes,
    stated_shapes,
    steps_of,
)
from gridmgmt.store.areas.draft_records import read_records
from gridmgmt.store.areas.drafts import get_draft, read_changes
from gridmgmt.store.areas.levels import get_level, list_levels

PAGE_ROWS = 50


@dataclass(frozen=True)
class LevelCounts:
    """What a draft changes at a level, compared with its base edition."""

    level: str
    base: int
    added: int
    altered: int
    dropped: int

    @property
    def unchanged(self) -> int:
        """Return how many areas of the base edition do not change."""
        return max(self.base - self.altered - self.dropped, 0)

    @property
    def changes(self) -> int:
        """Return for how many codes the draft states something."""
        return self.added + self.altered + self.dropped

    @property
    def areas(self) -> int:
        """Return how many areas the level has in the draft."""
        return self.base + self.added - self.dropped


@dataclass(frozen=True)
class ChangePage:
    """A page of the changes of one level; ``after`` begins the next page."""

    rows: tuple[Change, ...]
    after: str | None


def counts(conn: Connection, draft: Draft) -> list[LevelCounts]:
    """Count what a draft changes, for every level of the draft or its base edition."""
    base = {} if draft.base_edition is None else _base_counts(conn, draft.base_edition)
    changed = count_changes(conn, draft.id)
    return [
        LevelCounts(
            level=name,
            base=base.get(name, 0),
            added=changed.get(name, {}).get(Action.ADD, 0),
            altered=changed.get(name, {}).get(Action.ALTER, 0),
            dropped=changed.get(name, {}).get(Action.DROP, 0),
        )
        for name in (one.name for one in list_levels(conn))
        if name in base or name in changed
    ]


def _base_counts(conn: Connection, edition: int) -> dict[str, int]:
    return {one.level: one.areas for one in count_areas(conn, edition)}


def page(
    conn: Connection, draft: Draft, query: ChangeQuery, *, most: int = PAGE_ROWS
) -> ChangePage:
    """Return a page of the changes of one level.

    Raises
    ------
    NotFoundError
        when there is no such level
    """
    get_level(conn, query.level)
    found = find_changes(conn, draft.id, query, most=most + 1)
    rows = tuple(found[:most])
    return ChangePage(rows, rows[-1].code if len(found) > most else None)


def shapes(conn: Connection, draft: Draft, query: ChangeQuery) -> tuple[LevelAreas, LevelAreas]:
    """Read the outlines of a page of changes: as in the base edition, and as drafted."""
    codes = [one.code for one in page(conn, draft, query).rows]
    before = shapes_of(conn, draft.base_edition or 0, query.level, codes)
    return before, stated_shapes(conn, draft.id, query.level, codes)


def take_back(conn: Connection, label: str, level: str, *, seen: int, actor: str) -> int:
    """Delete what an open draft states for a level; return the number of changes.

    Raises
    ------
    NotFoundError, DraftError
        when there is no such draft or level, the draft is published, or it was changed since
        the person looked at it
    """
    draft = open_draft(conn, label)
    get_level(conn, level)
    refuse_unseen(conn, label, seen)
    base = areas_in(conn, draft.base_edition).get(level, no_areas(level))
    stated = read_changes(conn, draft.id).get(level)
    before = base if stated is None else applied(base, stated)
    log_edit(conn, draft, TAKE_BACK, {"level": level}, {level: (before, base)}, by=actor)
    removed = delete_changes(conn, draft.id, level)
    audit.record(conn, actor, "take_back_changes", label, {"level": level, "changes": removed})
    return removed


def delete_seen(conn: Connection, label: str, *, seen: int, actor: str) -> int:
    """Delete an open draft in the state a person saw; return its number of changes.

    Raises
    ------
    NotFoundError, DraftError
        as `take_back`
    """
    open_draft(conn, label)
    refuse_unseen(conn, label, seen)
    return drafts.delete(conn, label, actor=actor)


def row_changes(conn: Connection, draft: Draft) -> list[RowChange]:
    """List what a draft states about rows beside its areas, in the order of its edits."""
    records = sorted(read_records(conn, draft.id).values(), key=lambda one: one.edit)
    return [RowChange(one.kind, one.name, one.before, one.after) for one in records]


def state_at_a_glance(conn: Connection, draft: Draft) -> LevelAreas:
    """Read the areas as a draft would make them, at the deepest level with few enough."""
    state = drafts.state_of(conn, draft.base_edition, read_changes(conn, draft.id))
    # More outlines would be a grey patch on a small map.
    few = [one for one in state.values() if 0 < len(one.codes) <= MOST_CHILDREN]
    return few[-1] if few else no_areas("")


def size(conn: Connection, label: str) -> int:
    """Count the areas of all levels as a draft would make them."""
    made = counts(conn, get_draft(conn, label))
    return sum(one.areas for one in made)


def steps(conn: Connection, label: str) -> list[DraftEntry]:
    """List the audit entries of a draft, newest first."""
    return steps_of(conn, label)


def revision(conn: Connection, label: str) -> int:
    """Return the revision of a draft; it changes whenever somebody changes the draft."""
    # The newest audit entry, since every change writes one (DECISIONS 24).
    done = steps_of(conn, label)
    return done[0].id if done else 0


def refuse_unseen(conn: Connection, label: str, seen: int) -> None:
    """Raise DraftChangedError if a draft is not in the state that the person saw.

    The draft must be locked: otherwise two people could continue from the same state.

    Raises
    ------
    DraftChangedError
        naming what was done since, by whom
    """
    # The audit log is the revision of a draft: every change writes an entry there.
    since = [one for one in steps_of(conn, label) if one.id > seen]
    if since:
        raise DraftChangedError(label, [(one.actor, one.action) for one in since])
