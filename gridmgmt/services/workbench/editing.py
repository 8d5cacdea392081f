"""Edit a draft: apply operations, keep the log, undo and redo."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.allowed_gaps import without_gaps
from gridmgmt.domain.areas.draft import Draft
from gridmgmt.domain.areas.edit_log import REDO, UNDO, LoggedEdit, Side, stacks
from gridmgmt.domain.areas.numbering import next_codes
from gridmgmt.errors import DraftError
from gridmgmt.geometry.coverage.changes import difference, no_areas
from gridmgmt.geometry.editing.edit_error import EditError, OneOfSeveralError
from gridmgmt.geometry.editing.edit_state import DraftArea, EditState, areas_of
from gridmgmt.geometry.editing.edits import Edited, apply, same_area
from gridmgmt.geometry.editing.ground_edits import NewCodes
from gridmgmt.geometry.editing.operations import EditRules, Operation
from gridmgmt.sentence import Sentence
from gridmgmt.services.draft_records.draft_rows import RecordEdited
from gridmgmt.services.draft_records.operations import RecordOperation
from gridmgmt.services.drafts import rebasing
from gridmgmt.services.drafts.edit_logs import REBASE, log_edit
from gridmgmt.services.drafts.locked_drafts import open_draft
from gridmgmt.services.workbench.edit_conflicts import Since
from gridmgmt.services.workbench.edit_storing import refuse_retired, store
from gridmgmt.services.workbench.edited_rows import EditedRows, put_back_rows
from gridmgmt.services.workbench.line_layers import LineLayer, resolved
from gridmgmt.services.workbench.open_drafts import opened
from gridmgmt.store.accounts import audit
from gridmgmt.store.areas import draft_edits
from gridmgmt.store.areas.areas import areas_in
from gridmgmt.store.areas.attributes import declared_attributes
from gridmgmt.store.areas.drafts import get_draft
from gridmgmt.store.areas.editions import list_editions

AnyOperation = Operation | RecordOperation


@dataclass(frozen=True)
class DraftEdit:
    """An edit of a draft with its number in the log.

    ``edited`` has the areas that it changed, ``record`` the row that it is about.
    """

    number: int
    operation: AnyOperation
    edited: Edited
    record: RecordEdited | None = None


def edit(
    conn: Connection,
    label: str,
    operations: Sequence[AnyOperation],
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
        when an operation on areas is impossible, saying which of several; none of any kind
        is kept
    DraftRecordsError
        with everything that is wrong with operations on other rows; none of any kind is kept
    """
    draft = open_draft(conn, label)
    editing = _Editing(conn, draft, seen, lines, border_m=border_m, by=actor, reason=reason)
    done: list[DraftEdit] = []
    for nth, one in enumerate(operations, start=1):
        try:
            done.append(editing.done(nth, one))
        except EditError as error:
            if len(operations) == 1:
                raise
            raise OneOfSeveralError(nth, one.op, error.args[0]) from error
    editing.store()
    if done:
        names = [one.op for one in operations]
        audit.record(conn, actor, "edit_draft", label, {"operations": names})
    return done


class _Editing:
    """Applies operations to a locked draft one after the other."""

    def __init__(
        self,
        conn: Connection,
        draft: Draft,
        seen: int | None,
        lines: LineLayer | None,
        *,
        border_m: float,
        by: str,
        reason: str | None,
    ) -> None:
        self._conn = conn
        self._draft = draft
        self._lines = lines
        self._by = by
        self._reason = reason
        self._opened = opened(conn, draft)
        self._state = self._opened.state
        self._rules = edit_rules(conn, self._state, border_m)
        self._keys: set[tuple[str, str]] = set()
        self._rows = EditedRows(conn, draft)
        self._since = None
        if seen is not None:
            self._since = Since(conn, draft, draft_edits.read_log(conn, draft.id), seen)

    def done(self, nth: int, given: AnyOperation) -> DraftEdit:
        """Apply the nth operation and log it."""
        if isinstance(given, RecordOperation):
            return self._done_to_rows(nth, given)
        conn, draft = self._conn, self._draft
        one = resolved(conn, self._state, given, self._lines)
        rules = replace(self._rules, new_codes=new_codes_in(conn, self._state))
        edited = apply(self._state, one, rules)
        refuse_retired(conn, draft, edited)
        if self._since is not None:
            self._since.refuse(edited)
        number = log_edit(
            conn,
            draft,
            one.op,
            asdict(one),
            edited.sides(),
            by=self._by,
            reason=self._reason,
        )
        self._state = edited.state
        self._keys |= edited.keys
        return DraftEdit(number, one, edited)

    def _done_to_rows(self, nth: int, one: RecordOperation) -> DraftEdit:
        number = log_edit(
            self._conn,
            self._draft,
            one.op,
            asdict(one),
            {},
            by=self._by,
            reason=self._reason,
        )
        record = self._rows.edit(nth, number, one, self._state)
        if self._since is not None and record is not None:
            self._since.refuse_record(record)
        return DraftEdit(number, one, Edited(self._state, ()), record)

    def store(self) -> None:
        """Store what the draft states now; raise DraftRecordsError if a row was at fault."""
        self._rows.store()
        store(self._conn, self._draft, self._opened, self._state, self._keys)


def undo(conn: Connection, label: str, *, actor: str, seen: int | None = None) -> LoggedEdit:
    """Undo the last edit of a draft that stands, whoever made it.

    Parameters
    ----------
    seen : the number of the last entry of the log that the actor saw, 0 for none; None: they
        undo whatever was done last

    Raises
    ------
    DraftError
        when nothing is left to undo, or more was done than the actor saw: the last edit is not
        the one they mean
    """
    return _stepped(conn, label, UNDO, actor, seen)


def redo(conn: Connection, label: str, *, actor: str, seen: int | None = None) -> LoggedEdit:
    """Redo the edit of a draft that was undone last; ``seen`` is as of ``undo``.

    Raises
    ------
    DraftError
        when nothing is left to redo, or more was done than the actor saw
    """
    return _stepped(conn, label, REDO, actor, seen)


def _stepped(
    conn: Connection, label: str, way: str, actor: str, seen: int | None
) -> LoggedEdit:
    draft = open_draft(conn, label)
    log = draft_edits.read_log(conn, draft.id)
    if seen is not None and seen < len(log):
        last = log[-1]
        raise DraftError(
            Sentence(
                "draft {} was changed meanwhile: edit {} by {}; look at it and edit again",
                repr(label),
                last.number,
                last.made_by,
            )
        )
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
    """Put the areas and rows of one side of an edit in place of those of the other."""
    ways = (Side.BEFORE, Side.AFTER) if way == UNDO else (Side.AFTER, Side.BEFORE)
    wanted, standing = (draft_edits.read_areas(conn, draft.id, number, one) for one in ways)
    opened_draft = opened(conn, draft)
    state = opened_draft.state
    given, gone = areas_of(wanted), areas_of(standing)
    _refuse_other(state, gone, number)
    _refuse_undeclared(conn, given, number)
    state = state.having(given, without=gone)
    put_back_rows(conn, draft, number, *ways)
    entry = next(one for one in log if one.number == number)
    if entry.operation == REBASE:
        _rest_on(conn, draft, state, entry, way)
    else:
        keys = {(one.level, one.code) for one in (*given, *gone)}
        store(conn, draft, opened_draft, state, keys)
    draft_edits.add_entry(conn, draft.id, way, {}, by=actor, of=number)
    audit.record(conn, actor, f"{way}_edit", draft.label, {"edit": number})
    return entry


def _rest_on(
    conn: Connection, draft: Draft, state: EditState, entry: LoggedEdit, way: str
) -> None:
    """Put a draft on the edition from which an entry took it, or to which."""
    here, there = entry.arguments["to"], entry.arguments["from"]
    if way == REDO:
        here, there = there, here
    standing = {one.number for one in list_editions(conn) if one.withdrawn_at is None}
    if draft.base_edition != here or (there is not None and there not in standing):
        raise DraftError(
            Sentence(
                "edit {} cannot be undone or redone: an edition was withdrawn since",
                entry.number,
            )
        )
    base = areas_in(conn, there)
    changes = {
        level: difference(base.get(level, no_areas(level)), state.level_areas(level))
        for level in state.levels
    }
    found = {level: one for level, one in changes.items() if len(one)}
    rebasing.store_on(conn, draft, found, there)


def _refuse_other(state: EditState, standing: list[DraftArea], number: int) -> None:
    # What is not in the log has changed the draft: putting areas back would lose it.
    for area in standing:
        if not same_area(state.get(area.level, area.code), area):
            raise DraftError(
                Sentence(
                    "edit {} cannot be undone or redone: {} {} is not as it left it",
                    number,
                    area.level,
                    area.code,
                )
            )


def _refuse_undeclared(conn: Connection, given: list[DraftArea], number: int) -> None:
    # What was declared when the edit was made may have been taken away since.
    declared = declared_attributes(conn)
    for area in given:
        known = declared.get(area.level, {})
        for name, value in without_gaps(area.attributes).items():
            fault = (
                known[name].fault(value) if name in known else Sentence("not declared any more")
            )
            if fault is not None:
                raise DraftError(
                    Sentence(
                        "edit {} cannot be undone or redone: {} {}: {}: {}",
                        number,
                        area.level,
                        area.code,
                        name,
                        fault,
                    )
                )


def edit_rules(conn: Connection, state: EditState, border_m: float) -> EditRules:
    """Return what operations on a draft need to know: new codes count on in its state."""
    return EditRules(border_m, new_codes_in(conn, state), declared_attributes(conn))


def new_codes_in(conn: Connection, state: EditState) -> NewCodes:
    """Return what finds new codes: they count on within a parent, in a state of a draft."""

    def new_codes(level: str, parent: str | None, count: int) -> list[str]:
        above = state.level_above(level)
        known = [] if parent is None or above is None else state.children(above, parent)
        siblings = [one.code for one in known if one.level == level]
        used = [] if parent is None else draft_edits.used_codes(conn, level, parent)
        return next_codes(level, parent, siblings, used, count)

    return new_codes
