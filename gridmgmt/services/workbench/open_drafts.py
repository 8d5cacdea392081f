"""The state of a draft, kept by each process and brought up to date by the tail of its log.

Reading ten thousand outlines takes a second. What an edition holds never changes, and every
change of a draft is in its log with the areas after it, so a process that has the state of
entry 41 reads entries 42 and 43 alone.
"""

import threading
from collections import OrderedDict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.draft import Draft
from gridmgmt.domain.areas.edit_log import UNDO, LoggedEdit, Side
from gridmgmt.geometry.coverage.changes import applied, no_areas
from gridmgmt.geometry.coverage.level_areas import LevelAreas
from gridmgmt.geometry.editing.edit_state import BaseLevel, DraftArea, EditState, areas_of
from gridmgmt.recently_used import RecentlyUsed
from gridmgmt.store.areas import draft_edits
from gridmgmt.store.areas.areas import areas_in
from gridmgmt.store.areas.drafts import read_changes
from gridmgmt.store.areas.editions import get_edition
from gridmgmt.store.areas.levels import list_levels

Levels = Mapping[str, BaseLevel]

# So many drafts and editions are kept at a time: those somebody is at work on.
_MOST = 4
# With more areas changed than this since it was read, a state is read anew: they have no index.
_MOST_CHANGED = 500


@dataclass(frozen=True)
class OpenDraft:
    """A draft as it stands: the areas of its base edition, and its own state."""

    base: Levels
    state: EditState

    def base_areas(self, level: str) -> LevelAreas:
        """Return the areas of a level in the base edition."""
        return self.base[level].areas if level in self.base else no_areas(level)


@dataclass(frozen=True)
class _Kept:
    """An open draft with the last entry of its log that it has; None: it has none."""

    edition: Hashable
    entry: tuple[int, datetime] | None
    draft: OpenDraft


_EDITIONS: RecentlyUsed[Levels] = RecentlyUsed(most=_MOST)
_drafts: OrderedDict[Hashable, _Kept] = OrderedDict()
_turn = threading.Lock()


def opened(conn: Connection, draft: Draft) -> OpenDraft:
    """Return a draft as this transaction sees it."""
    database = conn.engine.url.render_as_string(hide_password=True)
    key = database, draft.id, draft.created_at
    log = draft_edits.read_log(conn, draft.id)
    edition = _edition_key(conn, draft)
    with _turn:
        kept = _drafts.get(key)
    found = None if kept is None else _caught_up(conn, draft, kept, log, edition)
    if found is None:
        found = _read(conn, draft, (database, edition))
    last = (log[-1].number, log[-1].made_at) if log else None
    with _turn:
        _drafts[key] = _Kept(edition, last, found)
        _drafts.move_to_end(key)
        while len(_drafts) > _MOST:
            _drafts.popitem(last=False)
    return found


def _edition_key(conn: Connection, draft: Draft) -> Hashable:
    if draft.base_edition is None:
        return None
    # A number that was withdrawn and published again stands for other areas.
    return draft.base_edition, get_edition(conn, draft.base_edition).published_at


def _caught_up(
    conn: Connection, draft: Draft, kept: _Kept, log: list[LoggedEdit], edition: Hashable
) -> OpenDraft | None:
    """Apply the entries that a kept draft has not got; None if it is not of this log."""
    numbers = {(one.number, one.made_at): n for n, one in enumerate(log, start=1)}
    # What a transaction wrote and rolled back is not in the log of another.
    if kept.edition != edition or (kept.entry is not None and kept.entry not in numbers):
        return None
    state = kept.draft.state
    tail = log[0 if kept.entry is None else numbers[kept.entry] :]
    # Edits of duties and the like change no area, and may be thousands.
    with_areas = draft_edits.edits_of_areas(conn, draft.id) if tail else set()
    for entry in tail:
        if (entry.of if entry.of is not None else entry.number) not in with_areas:
            continue
        state = _with_entry(conn, draft, state, entry)
    if len(state.changed) > _MOST_CHANGED:
        return None
    return OpenDraft(kept.draft.base, state)


def _with_entry(
    conn: Connection, draft: Draft, state: EditState, entry: LoggedEdit
) -> EditState:
    before, after = sides_of(conn, draft, entry)
    return state.having(after, without=before)


def sides_of(
    conn: Connection, draft: Draft, entry: LoggedEdit
) -> tuple[list[DraftArea], list[DraftArea]]:
    """Return the areas that an entry changed, before and after it; an undo turns them round."""
    number = entry.of if entry.of is not None else entry.number
    before, after = (
        areas_of(draft_edits.read_areas(conn, draft.id, number, one)) for one in Side
    )
    return (after, before) if entry.operation == UNDO else (before, after)


def _read(conn: Connection, draft: Draft, edition: Hashable) -> OpenDraft:
    base = _EDITIONS.get(
        edition,
        lambda: {
            name: BaseLevel(areas) for name, areas in areas_in(conn, draft.base_edition).items()
        },
    )
    changes = read_changes(conn, draft.id)
    levels = {}
    for name in (one.name for one in list_levels(conn)):
        known = base.get(name) or BaseLevel(no_areas(name))
        found = changes.get(name)
        levels[name] = known if found is None else BaseLevel(applied(known.areas, found))
    return OpenDraft(base, EditState(tuple(levels), levels))
