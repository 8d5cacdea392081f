"""Store the rows of a draft with the edition that it becomes, and take them back."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta, tzinfo
from functools import cached_property
from typing import Any

from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.area import AreaKey
from gridmgmt.domain.areas.draft import Draft
from gridmgmt.domain.areas.draft_record import (
    FIRST_DAY,
    LAST_DAY,
    DraftRecord,
    RecordKind,
    Row,
    dated,
    differences,
    key_of,
    name_of,
    title_of,
)
from gridmgmt.sentence import Sentence
from gridmgmt.services.draft_records.kinds import (
    ORDER,
    STORES,
    ReadRow,
    RecordReader,
    RowError,
    standing_with,
    stored_rows,
)
from gridmgmt.services.draft_records.record_errors import DraftRecordsError
from gridmgmt.services.draft_records.row_changes import RowChange
from gridmgmt.services.draft_records.row_conflicts import RowConflict, sentences_of
from gridmgmt.services.record_imports.record_stores import Nameable
from gridmgmt.services.record_imports.rows import Changes
from gridmgmt.store.areas.areas import known_areas
from gridmgmt.store.areas.draft_records import (
    RecordKey,
    read_records,
    set_written,
)
from gridmgmt.store.areas.editions import clock
from gridmgmt.store.responsibility.turns import wait_for_turn


@dataclass(frozen=True)
class RowsToStore:
    """The rows of a draft as an edition of one day stores them, and notes on them."""

    changes: tuple[RowChange, ...]
    notes: tuple[str, ...]
    by_kind: Mapping[RecordKind, Changes[Any]]
    written: Mapping[RecordKey, Row]


class DraftPublication:
    """The rows that a draft states, on the day on which its edition takes effect.

    Parameters
    ----------
    day : the day in the time zone ``tz`` of the bureau
    """

    def __init__(self, conn: Connection, draft: Draft, day: date, tz: tzinfo) -> None:
        self._conn = conn
        self._draft = draft
        self._day = day
        self.tz = tz
        records = read_records(conn, draft.id).values()
        # As they were stated, so that duties get numbers in this order.
        self.records = tuple(sorted(records, key=lambda one: one.edit))

    def wait_for_turn(self) -> None:
        """Let no other change of such rows run until the transaction ends."""
        if self.records:
            wait_for_turn(self._conn)

    @cached_property
    def conflicts(self) -> list[str]:
        """Return a sentence for each row that others have changed since it was stated."""
        found = []
        for record in self.records:
            now, mine = self._now(record), self._dated(record)
            if now not in (record.before, mine):
                found.append(RowConflict(replace(record, after=mine), now))
        return list(sentences_of(self._conn, found, self.tz))

    def checked(self, areas: Iterable[AreaKey]) -> RowsToStore:
        """Read all rows by the rules of their imports.

        Parameters
        ----------
        areas : those of the edition

        Raises
        ------
        DraftRecordsError
            with everything that is wrong with any of them
        """
        if not self.records:
            return RowsToStore((), (), {}, {})
        standing = standing_with(known_areas(self._conn).with_standing(areas), self.records)
        reading = _Reading(self._conn, self._day, self.tz, standing)
        for record in self.records:
            reading.add(record, self._dated(record), self._now(record))
        problems = [*reading.problems, *reading.together()]
        if problems:
            raise DraftRecordsError(self._draft.label, problems)
        return RowsToStore(
            tuple(reading.changes), tuple(reading.notes), reading.by_kind, reading.written
        )

    def store(self, rows: RowsToStore) -> None:
        """Store rows that were checked."""
        for kind in ORDER:
            if kind in rows.by_kind:
                STORES[kind].put(self._conn, rows.by_kind[kind])
        set_written(self._conn, self._draft.id, rows.written)

    def _dated(self, record: DraftRecord) -> Row:
        return dated(record.after, self._day)

    def _now(self, record: DraftRecord) -> Row | None:
        key = key_of(self._dated(record), STORES[record.kind].key_columns)
        return self._stored[record.kind].get(key)

    @cached_property
    def _stored(self) -> dict[RecordKind, dict[str, Row]]:
        standing = Nameable(known_areas(self._conn))
        return {
            kind: stored_rows(self._conn, kind, RecordReader(self._conn, kind, standing))
            for kind in {record.kind for record in self.records}
        }


class _Reading:
    """Reads the rows of a draft and collects what is wrong with them."""

    def __init__(self, conn: Connection, day: date, tz: tzinfo, standing: Nameable) -> None:
        self._conn = conn
        self._day = day
        self._today = clock(conn).astimezone(tz).date()
        self._standing = standing
        self._readers: dict[RecordKind, RecordReader] = {}
        self._stored: dict[RecordKind, dict[Any, Any]] = {}
        self._stated: dict[RecordKind, dict[Any, DraftRecord]] = {}
        self._read: dict[RecordKind, dict[Any, Any]] = {}
        self.problems: list[str] = []
        self.notes: list[str] = []
        self.changes: list[RowChange] = []
        self.by_kind: dict[RecordKind, Changes[Any]] = {}
        self.written: dict[RecordKey, Row] = {}

    def add(self, record: DraftRecord, row: Row, now: Row | None) -> None:
        """Read one row that is stored as ``now``."""
        kind = record.kind
        try:
            read = self._reader(kind).read(row)
        except RowError as error:
            self._fault(record, *map(str, error.args))
            return
        self.notes += [_about(record, note) for note in read.notes]
        if fault := _day_fault(kind, now, read.cells, self._day, self._today):
            self._fault(record, fault)
        key = self._readers[kind].known.importable.key(read.record)
        other = self._stated.setdefault(kind, {}).setdefault(key, record)
        if other is not record:
            self._fault(record, Sentence("edit {} states the same row", other.edit))
        self._read.setdefault(kind, {})[key] = read.record
        self._change(record, read, key, now)

    def _change(self, record: DraftRecord, read: ReadRow, key: Any, now: Row | None) -> None:
        if read.cells == now:
            return
        kind = record.kind
        found = self.by_kind.setdefault(kind, Changes())
        if now is None:
            found.added.append(read.record)
        else:
            found.changed.append((self._stored_of(kind)[key], read.record))
        name = name_of(read.cells, STORES[kind].key_columns)
        self.changes.append(RowChange(kind, name, now, read.cells))
        self.written[kind, record.key] = read.cells

    def together(self) -> list[str]:
        """Return what is wrong with rows that each alone are right."""
        return [
            _about(self._stated[kind][key], words)
            for kind, read in self._read.items()
            for key, words in self._readers[kind].known.together(read, self._stored_of(kind))
        ]

    def _reader(self, kind: RecordKind) -> RecordReader:
        if kind not in self._readers:
            self._readers[kind] = RecordReader(self._conn, kind, self._standing)
        return self._readers[kind]

    def _stored_of(self, kind: RecordKind) -> dict[Any, Any]:
        if kind not in self._stored:
            self._stored[kind] = STORES[kind].stored(self._conn)
        return self._stored[kind]

    def _fault(self, record: DraftRecord, *problems: str) -> None:
        self.problems += [_about(record, one) for one in problems]


def row_problems(
    conn: Connection, draft: Draft, areas: Iterable[AreaKey], day: date, tz: tzinfo
) -> list[str]:
    """Return why the rows of a draft could not be published on a day, one sentence for each."""
    publication = DraftPublication(conn, draft, day, tz)
    try:
        publication.checked(areas)
    except DraftRecordsError as error:
        return [*publication.conflicts, *error.listed]
    return publication.conflicts


def _about(record: DraftRecord, words: str) -> Sentence:
    title = title_of(record.after, STORES[record.kind].key_columns)
    return Sentence("edit {}, {} {}: {}", record.edit, record.kind.said, title, words)


def _day_fault(
    kind: RecordKind, now: Row | None, row: Row, day: date, today: date
) -> Sentence | None:
    """Return why a row would count on days before the edition takes effect, None if not."""
    if now == row:
        return None
    if now is None:
        first = row.get(FIRST_DAY)
        if FIRST_DAY in row and (first is None or first < day.isoformat()):
            return Sentence(
                "it begins before the edition takes effect on {}: state that day or a later"
                " one, or import it beside the draft",
                day,
            )
        return None
    before = (day - timedelta(days=1)).isoformat()
    ends = [one.get(LAST_DAY) for one in (now, row)]
    if ends[0] != ends[1] and any(end is not None and end < before for end in ends):
        return Sentence(
            "days before the edition takes effect on {} would change: state a last day from"
            " {} on, or import it beside the draft",
            day,
            before,
        )
    others = set(differences(now, row)) - {LAST_DAY}
    if others and day > today:
        return Sentence(
            "it would change at once, and the edition takes effect on {}: rows of this kind"
            " have no days of their own; publish on that day, or end it and state another one",
            day,
        )
    return None
