"""Edit a draft: apply operations, keep the log, undo and redo."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import shapely
from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.draft import Draft
from gridmgmt.domain.areas.edit_log import REDO, UNDO, LoggedEdit, Side, stacks
from gridmgmt.domain.areas.numbering import next_codes
from gridmgmt.errors import DraftError
from gridmgmt.geometry.coverage.level_areas import LevelAreas
from gridmgmt.geometry.editing.edit_state import EditState
from gridmgmt.geometry.editing.edits import Edited, apply
from gridmgmt.geometry.editing.operations import EditRules, Operation
from gridmgmt.sentence import Sentence
from gridmgmt.services.drafts.edit_logs import log_edit
from gridmgmt.services.drafts.locked_drafts import open_draft
from gridmgmt.services.workbench.edit_conflicts import Since
from gridmgmt.services.workbench.edit_storing import keys_of, refuse_retired, sides, store
from gridmgmt.services.workbench.line_layers import LineLayer, resolved
from gridmgmt.services.workbench.open_drafts import drawn, opened
from gridmgmt.store.accounts import audit
from gridmgmt.store.areas import draft_edits
from gridmgmt.store.areas.drafts import get_draft


@dataclass(frozen=True)
class DraftEdit:
    """An edit of a draft with its number in the log."""

    number: int
    operation: Operation
    edited: Edited


def edit(
    conn: Connection,
    label: str,
    operations: Sequence[Operation],
    *,
    border_m: float,
    actor: str,
    reason: str | None = None,
    seen: int | None = None,
    lines: LineLayer | None = None,
) -> list[DraftEdit]:
    """Apply operations to an open draft one after the other, and log each.

    Parameters
    ----------
    border_m : the largest distance between lines that are one border, metres
    seen : the number of the last entry of the log that the author saw, 0 for none; None: they
        take the draft as it is
    lines : what the layer ``file`` of an operation is

    Raises
    ------
    EditConflictError
        when others have changed since what an operation changes
    NotFoundError, DraftError
        when there is no such draft, or it is published
    EditError
        when an operation is impossible; none of them is kept
    """
    draft = open_draft(conn, label)
    opened_draft = opened(conn, draft)
    state = opened_draft.state
    since = None
    if seen is not None:
        since = Since(conn, draft, draft_edits.read_log(conn, draft.id), seen)
    done = []
    for given in operations:
        one = resolved(conn, state, given, lines)
        edited = apply(state, one, edit_rules(conn, state, border_m))
        refuse_retired(conn, draft, edited)
        if since is not None:
            since.refuse(edited)
        number = log_edit(
            conn,
            draft,
            one.op,
            asdict(one),
            sides(edited),
            by=actor,
            reason=reason,
        )
        done.append(DraftEdit(number, one, edited))
        state = edited.state
    store(conn, draft, opened_draft, state, keys_of(each.edited for each in done))
    if done:
        names = [one.op for one in operations]
        audit.record(conn, actor, "edit_draft", label, {"operations": names})
    return done


def undo(conn: Connection, label: str, *, actor: str) -> LoggedEdit:
    """Undo the last edit of a draft that stands, whoever made it.

    Raises
    ------
    DraftError
        when nothing is left to undo
    """
    return _stepped(conn, label, UNDO, actor)


def redo(conn: Connection, label: str, *, actor: str) -> LoggedEdit:
    """Redo the edit of a draft that was undone last.

    Raises
    ------
    DraftError
        when nothing is left to redo
    """
    return _stepped(conn, label, REDO, actor)


def _stepped(conn: Connection, label: str, way: str, actor: str) -> LoggedEdit:
    draft = open_draft(conn, label)
    log = draft_edits.read_log(conn, draft.id)
    known = stacks(log)
    numbers = known.done if way == UNDO else known.undone
    if not numbers:
        said = Sentence("draft {} has nothing to undo", repr(label))
        if way == REDO:
            said = Sentence("draft {} has nothing to redo", repr(label))
        raise DraftError(said)
    return _put_back(conn, draft, log, numbers[-1], way, actor)


def history(conn: Connection, label: str) -> list[LoggedEdit]:
    """List the entries of a draft's log, oldest first.

    Raises
    ------
    NotFoundError
        when there is no such draft
    """
    return draft_edits.read_log(conn, get_draft(conn, label).id)


def _put_back(
    conn: Connection, draft: Draft, log: list[LoggedEdit], number: int, way: str, actor: str
) -> LoggedEdit:
    """Put the areas of one side of an edit in place of those of the other."""
    sides = (Side.BEFORE, Side.AFTER) if way == UNDO else (Side.AFTER, Side.BEFORE)
    wanted, standing = (draft_edits.read_areas(conn, draft.id, number, one) for one in sides)
    opened_draft = opened(conn, draft)
    state = opened_draft.state
    _refuse_other(state, standing, number)
    keys = [
        (level, str(code))
        for side in (wanted, standing)
        for level, found in side.items()
        for code in found.codes
    ]
    given = {(one.level, one.code): one for one in drawn(wanted)}
    gone = [state.area(*key) for key in keys if key not in given]
    state = state.having(given.values(), without=gone)
    store(conn, draft, opened_draft, state, set(keys))
    draft_edits.add_entry(conn, draft.id, way, {}, by=actor, of=number)
    audit.record(conn, actor, f"{way}_edit", draft.label, {"edit": number})
    return next(one for one in log if one.number == number)


def _refuse_other(state: EditState, standing: dict[str, LevelAreas], number: int) -> None:
    # What is not in the log has changed the draft: putting areas back would lose it.
    for area in drawn(standing):
        now = state.get(area.level, area.code)
        if now is None or shapely.to_wkb(now.shape) != shapely.to_wkb(area.shape):
            raise DraftError(
                Sentence(
                    "edit {} cannot be undone or redone: {} {} is not as it left it",
                    number,
                    area.level,
                    area.code,
                )
            )


def edit_rules(conn: Connection, state: EditState, border_m: float) -> EditRules:
    """Return what operations on a draft need to know: new codes count on in its state."""

    def new_codes(level: str, parent: str | None, count: int) -> list[str]:
        above = state.level_above(level)
        known = [] if parent is None or above is None else state.children(above, parent)
        siblings = [one.code for one in known if one.level == level]
        used = [] if parent is None else draft_edits.used_codes(conn, level, parent)
        return next_codes(level, parent, siblings, used, count)

    return EditRules(border_m, new_codes)
