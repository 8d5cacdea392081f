"""Refuse an edit that would undo what somebody else has drawn since its author looked.

Conflicts are per border: two officers who redraw different borders of one area do not meet.
"""

from collections.abc import Iterable

from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.attributes import Attributes
from gridmgmt.domain.areas.draft import Draft
from gridmgmt.domain.areas.edit_log import LoggedEdit, Side
from gridmgmt.errors import DraftError, InputError
from gridmgmt.geometry.editing.edit_state import DraftArea
from gridmgmt.geometry.editing.edits import AreaEdited, Edited
from gridmgmt.sentence import Sentence
from gridmgmt.services.draft_records.draft_rows import RecordEdited
from gridmgmt.services.workbench.open_drafts import sides_of
from gridmgmt.store.areas.draft_records import RecordKey, read_side

Edge = tuple[int, ...]


class EditConflictError(DraftError):
    """Others have redrawn or renamed since what an edit redraws or renames.

    ``areas`` has the level and the code of what both changed, or the kind and the name of a
    row, ``entry`` what the others did.
    """

    def __init__(self, entry: LoggedEdit, areas: Iterable[tuple[str, str]]) -> None:
        super().__init__(entry.number)
        self.entry = entry
        self.areas = tuple(areas)

    def __str__(self) -> str:
        level, code = self.areas[0]
        return Sentence(
            "{} {} was changed there meanwhile: edit {}, {} by {}; look at it and edit again",
            level,
            code,
            self.entry.number,
            self.entry.operation,
            self.entry.made_by,
        )


class Since:
    """What was drawn and named in a draft since an entry of its log.

    Parameters
    ----------
    seen : the number of the last entry that the author saw, 0 for none

    Raises
    ------
    InputError
        when the log has no such entry
    """

    def __init__(
        self, conn: Connection, draft: Draft, log: list[LoggedEdit], seen: int
    ) -> None:
        if not 0 <= seen <= len(log):
            message = Sentence("the draft has {} edit(s)", len(log))
            raise InputError(field="seen", message=message)
        self._drawn: dict[tuple[str, Edge], LoggedEdit] = {}
        self._named: dict[tuple[str, str], LoggedEdit] = {}
        self._rows: dict[RecordKey, LoggedEdit] = {}
        for entry in log[seen:]:
            before, after = sides_of(conn, draft, entry)
            self._note(entry, before, after)
            number = entry.of if entry.of is not None else entry.number
            for side in Side:
                keys = read_side(conn, draft.id, number, side)
                self._rows.update(dict.fromkeys(keys, entry))

    def _note(self, entry: LoggedEdit, before: list[DraftArea], after: list[DraftArea]) -> None:
        were = {(one.level, one.code): one for one in before}
        now = {(one.level, one.code): one for one in after}
        for key in {*were, *now}:
            then, area = were.get(key), now.get(key)
            self._drawn.update(((key[0], edge), entry) for edge in _edges(area) - _edges(then))
            if then is None or area is None or _said(then) != _said(area):
                self._named[key] = entry

    def refuse(self, edited: Edited) -> None:
        """Raise EditConflictError if an edit takes away what was drawn or named since."""
        met: dict[int, list[tuple[str, str]]] = {}
        entries: dict[int, LoggedEdit] = {}
        for one in edited.areas:
            for entry in self._met(one):
                entries[entry.number] = entry
                met.setdefault(entry.number, []).append((one.level, one.code))
        if met:
            number = max(met)
            raise EditConflictError(entries[number], dict.fromkeys(met[number]))

    def refuse_record(self, edited: RecordEdited) -> None:
        """Raise EditConflictError if an edit is about a row that others have stated since."""
        entry = self._rows.get(edited.key)
        if entry is not None:
            raise EditConflictError(entry, [(edited.known.kind.said, edited.known.name)])

    def _met(self, one: AreaEdited) -> Iterable[LoggedEdit]:
        for edge in _edges(one.before) - _edges(one.after):
            if (one.level, edge) in self._drawn:
                yield self._drawn[one.level, edge]
        named = self._named.get((one.level, one.code))
        if named is not None and _said(one.before) != _said(one.after):
            yield named


def _edges(area: DraftArea | None) -> set[Edge]:
    if area is None:
        return set()
    return set(map(tuple, area.chain.ends.tolist()))


def _said(area: DraftArea | None) -> tuple[str | None, str | None, Attributes] | None:
    return None if area is None else (area.name, area.parent_code, area.attributes)
