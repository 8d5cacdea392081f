"""What the entries of a draft's log did to which areas and rows, by name."""

from collections.abc import Iterable

from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.edit_log import LoggedEdit, LoggedSides
from gridmgmt.store.areas.draft_edits import read_log, read_names
from gridmgmt.store.areas.draft_records import read_row_names
from gridmgmt.store.areas.drafts import get_draft


def named_history(conn: Connection, label: str) -> list[tuple[LoggedEdit, LoggedSides]]:
    """List the entries of a draft's log, oldest first, with what they changed.

    An undo or redo has what it put back or did again.

    Raises
    ------
    NotFoundError
        when there is no such draft
    """
    draft = get_draft(conn, label)
    log = read_log(conn, draft.id)
    sides = _sides(conn, draft.id, None)
    return [(one, sides.get(one.of or one.number, LoggedSides())) for one in log]


def changed_by(conn: Connection, label: str, entries: Iterable[int]) -> dict[int, LoggedSides]:
    """Return what entries of a draft's log changed, by their numbers.

    Raises
    ------
    NotFoundError
        when there is no such draft
    """
    return _sides(conn, get_draft(conn, label).id, set(entries))


def _sides(conn: Connection, draft_id: int, numbers: set[int] | None) -> dict[int, LoggedSides]:
    areas = read_names(conn, draft_id, numbers)
    rows = read_row_names(conn, draft_id, numbers)
    return {
        number: LoggedSides(tuple(areas.get(number, ())), tuple(rows.get(number, ())))
        for number in {*areas, *rows}
    }
