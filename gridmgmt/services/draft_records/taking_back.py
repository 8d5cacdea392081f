"""Take the rows back that were stored with an edition which is withdrawn."""

from typing import Any, NamedTuple

from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.draft_record import key_of, name_of
from gridmgmt.services.draft_records.kinds import ORDER, STORES, RecordReader
from gridmgmt.services.draft_records.row_changes import RowChange
from gridmgmt.services.record_imports.record_stores import Nameable
from gridmgmt.services.record_imports.rows import Changes
from gridmgmt.store.areas.areas import known_areas
from gridmgmt.store.areas.draft_records import forget_written, read_written
from gridmgmt.store.responsibility.turns import wait_for_turn


class TakenBack(NamedTuple):
    """The rows that were taken back with an edition, and those that others changed since."""

    changes: tuple[RowChange, ...]
    kept: tuple[RowChange, ...]


def take_back(conn: Connection, edition: int) -> TakenBack:
    """Put the rows that were stored with an edition back as they were before it.

    A row that was changed since stays as it is.
    """
    written = read_written(conn, edition)
    if not written:
        return TakenBack((), ())
    wait_for_turn(conn)
    standing = Nameable(known_areas(conn))
    back: list[RowChange] = []
    kept: list[RowChange] = []
    # Duties go first, since they point at the others.
    for kind in reversed(ORDER):
        mine = [one for one in written if one[0].kind is kind]
        if not mine:
            continue
        store, reader = STORES[kind], RecordReader(conn, kind, standing)
        importable = reader.known.importable
        now = {
            key_of(store.cells(importable, one), store.key_columns): one
            for one in store.stored(conn).values()
        }
        restored: Changes[Any] = Changes()
        gone = []
        for record, row in mine:
            stored = now.get(key_of(row, store.key_columns))
            cells = None if stored is None else store.cells(importable, stored)
            name = name_of(row, store.key_columns)
            if cells != row:
                kept.append(RowChange(kind, name, row, cells))
                continue
            back.append(RowChange(kind, name, row, record.before))
            if record.before is None:
                gone.append(stored)
            else:
                restored.changed.append((stored, reader.trusted(record.before)))
        store.put(conn, restored)
        store.remove(conn, gone)
    forget_written(conn, edition)
    return TakenBack(tuple(back), tuple(kept))
