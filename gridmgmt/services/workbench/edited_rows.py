"""Edit the rows of a draft that are no areas: operations in its log, undone and redone."""

from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.draft import Draft
from gridmgmt.domain.areas.edit_log import Side
from gridmgmt.errors import DraftError
from gridmgmt.geometry.editing.edit_state import EditState
from gridmgmt.sentence import Sentence
from gridmgmt.services.draft_records.draft_rows import DraftRows, RecordEdited
from gridmgmt.services.draft_records.kinds import RowError
from gridmgmt.services.draft_records.operations import RecordOperation
from gridmgmt.services.draft_records.record_errors import DraftRecordsError
from gridmgmt.store.areas.draft_records import (
    add_sides,
    put_records,
    read_records,
    read_side,
)


class EditedRows:
    """Applies operations on rows; what is wrong with any of them is collected."""

    def __init__(self, conn: Connection, draft: Draft) -> None:
        self._conn = conn
        self._draft = draft
        self._rows: DraftRows | None = None
        self._state: EditState | None = None
        self._problems: list[str] = []
        self._changes: dict[int, RecordEdited] = {}

    def edit(
        self, nth: int, number: int, one: RecordOperation, state: EditState
    ) -> RecordEdited | None:
        """Apply the nth operation as the edit with a number; None if it is at fault.

        Parameters
        ----------
        state : the areas that rows may name
        """
        try:
            change = one.applied(self._on(state), number)
        except RowError as error:
            self._problems += [
                Sentence("operation {} ({}): {}", nth, one.op, each) for each in error.args
            ]
            return None
        self._on(state).apply(change)
        self._changes[number] = change
        return change

    def store(self) -> None:
        """Store what the draft states now, and both sides of each edit in its log.

        Raises
        ------
        DraftRecordsError
            with everything that was wrong
        """
        if self._problems:
            raise DraftRecordsError(self._draft.label, self._problems)
        if self._rows is None:
            return
        stated = self._rows.records
        keys = dict.fromkeys(one.key for one in self._changes.values())
        put_records(
            self._conn, self._draft.id, keys, [stated[key] for key in keys if key in stated]
        )
        add_sides(
            self._conn,
            self._draft.id,
            [
                (number, side, record)
                for number, one in self._changes.items()
                for side, record in ((Side.BEFORE, one.before), (Side.AFTER, one.after))
                if record is not None
            ],
        )

    def _on(self, state: EditState) -> DraftRows:
        if self._rows is None:
            self._rows = DraftRows(self._conn, self._draft)
        if self._state is not state:
            self._rows.stand(
                (level, code) for level in state.levels for code in state.codes(level)
            )
            self._state = state
        return self._rows


def put_back_rows(
    conn: Connection, draft: Draft, number: int, wanted_side: Side, standing_side: Side
) -> None:
    """Put the rows of one side of an edit in place of those of the other.

    Raises
    ------
    DraftError
        when the draft does not state what the edit left
    """
    wanted = read_side(conn, draft.id, number, wanted_side)
    standing = read_side(conn, draft.id, number, standing_side)
    if not wanted and not standing:
        return
    now = read_records(conn, draft.id)
    for key in {**wanted, **standing}:
        if now.get(key) != standing.get(key):
            raise DraftError(
                Sentence(
                    "edit {} cannot be undone or redone: {} {} is not as it left it",
                    number,
                    key[0].said,
                    (now.get(key) or standing.get(key) or wanted[key]).name,
                )
            )
    put_records(conn, draft.id, {**wanted, **standing}, wanted.values())
