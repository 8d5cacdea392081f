"""What a draft changes, level by level, and taking back what it says of a level."""

from dataclasses import dataclass

from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.draft import Action, Change, Draft
from gridmgmt.errors import DraftChangedError
from gridmgmt.geometry.coverage.changes import no_areas
from gridmgmt.geometry.coverage.level_areas import LevelAreas
from gridmgmt.services.areas.outlines import MOST_CHILDREN
from gridmgmt.services.drafts import drafts
from gridmgmt.store.accounts import audit
from gridmgmt.store.areas.area_tree import shapes_of
from gridmgmt.store.areas.areas import count_areas
from gridmgmt.store.areas.draft_changes import (
    ChangeQuery,
    DraftEntry,
    count_changes,
    delete_changes,
    find_changes,
    stated_shapes,
    steps_of,
)
from gridmgmt.store.areas.drafts import get_draft, read_changes
from gridmgmt.store.areas.levels import get_level, list_levels

PAGE_ROWS = 50


@dataclass(frozen=True)
class LevelCounts:
    """What a draft makes of a level: counted against its base edition."""

    level: str
    base: int
    added: int
    altered: int
    dropped: int

    @property
    def unchanged(self) -> int:
        """How many areas of the base edition stay as they are."""
        return max(self.base - self.altered - self.dropped, 0)

    @property
    def changes(self) -> int:
        """How many codes the draft says something of."""
        return self.added + self.altered + self.dropped


@dataclass(frozen=True)
class ChangePage:
    """A page of the changes of one level; ``after`` begins the next page."""

    rows: tuple[Change, ...]
    after: str | None


def counts(conn: Connection, draft: Draft) -> list[LevelCounts]:
    """Count what a draft makes of every level that it changes or its base edition has."""
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
    """List a page of the changes of one level.

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
    """Read the outlines behind a page of changes: as in the base edition, and as drafted."""
    codes = [one.code for one in page(conn, draft, query).rows]
    before = shapes_of(conn, draft.base_edition or 0, query.level, codes)
    return before, stated_shapes(conn, draft.id, query.level, codes)


def take_back(conn: Connection, label: str, level: str, *, seen: int, actor: str) -> int:
    """Remove what an open draft says of a level; return how many changes that were.

    Raises
    ------
    NotFoundError, DraftError
        when there is no such draft or level, the draft is published, or it was changed since
        it was looked at
    """
    draft = drafts.open_draft(conn, label)
    get_level(conn, level)
    refuse_unseen(conn, label, seen)
    removed = delete_changes(conn, draft.id, level)
    audit.record(conn, actor, "take_back_changes", label, {"level": level, "changes": removed})
    return removed


def delete_seen(conn: Connection, label: str, *, seen: int, actor: str) -> int:
    """Remove an open draft as somebody looked at it; return how many changes it had.

    Raises
    ------
    NotFoundError, DraftError
        as `take_back`
    """
    drafts.open_draft(conn, label)
    refuse_unseen(conn, label, seen)
    return drafts.delete(conn, label, actor=actor)


def state_at_a_glance(conn: Connection, draft: Draft) -> LevelAreas:
    """Read the deepest level of what a draft makes of the city that is not too many."""
    state = drafts.state_of(conn, draft.base_edition, read_changes(conn, draft.id))
    few = [one for one in state.values() if 0 < len(one.codes) <= MOST_CHILDREN]
    return few[-1] if few else no_areas("")


def size(conn: Connection, label: str) -> int:
    """Count the areas of all levels that a draft makes of its base edition."""
    made = counts(conn, get_draft(conn, label))
    return sum(one.base + one.added - one.dropped for one in made)


def steps(conn: Connection, label: str) -> list[DraftEntry]:
    """List what was done to a draft and by whom, the newest first."""
    return steps_of(conn, label)


def revision(conn: Connection, label: str) -> int:
    """Return the number of a draft's state; another number means that somebody worked on it."""
    done = steps_of(conn, label)
    return done[0].id if done else 0


def refuse_unseen(conn: Connection, label: str, seen: int) -> None:
    """Refuse to build on a state of a draft that is not the one somebody looked at.

    The draft must be locked, or two could look at the same state at once.

    Raises
    ------
    DraftChangedError
        naming what was done since, by whom
    """
    since = [one for one in steps_of(conn, label) if one.id > seen]
    if since:
        raise DraftChangedError(label, [(one.actor, one.action) for one in since])
