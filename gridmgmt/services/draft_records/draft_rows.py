"""The rows that a draft states while it is edited."""

from collections import ChainMap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.area import AreaKey
from gridmgmt.domain.areas.draft import Draft
from gridmgmt.domain.areas.draft_record import (
    FIRST_DAY,
    LAST_DAY,
    ON_PUBLICATION,
    DraftRecord,
    RecordKind,
    Row,
    key_of,
    name_of,
)
from gridmgmt.domain.areas.known_areas import KnownAreas
from gridmgmt.errors import NotFoundError
from gridmgmt.sentence import Sentence
from gridmgmt.services.draft_records.kinds import (
    STORES,
    RecordReader,
    RowError,
    standing_with,
    stored_rows,
)
from gridmgmt.store.areas.areas import known_areas
from gridmgmt.store.areas.draft_records import RecordKey, read_records
from gridmgmt.store.responsibility.duties import get_duty


@dataclass(frozen=True)
class RecordEdited:
    """What a draft states about a row before and after an edit; None: nothing."""

    before: DraftRecord | None
    after: DraftRecord | None

    @property
    def known(self) -> DraftRecord:
        """Return what is stated after it, or else before."""
        found = self.after or self.before
        assert found is not None
        return found

    @property
    def key(self) -> RecordKey:
        """Return which row it is about."""
        return self.known.kind, self.known.key


class DraftRows:
    """What an open draft states about rows, on top of what is stored now.

    Each method returns what it changes, and raises RowError with everything that is wrong.
    """

    def __init__(self, conn: Connection, draft: Draft) -> None:
        self._conn = conn
        self.records = read_records(conn, draft.id)
        self._published = known_areas(conn)
        self._areas: KnownAreas = self._published
        self._readers: dict[RecordKind, RecordReader] = {}
        self._stored: dict[RecordKind, dict[str, Row]] = {}
        # A draft may state as many rows as are stored: none of them looks at all others.
        self._by_statement: dict[RecordKind, dict[str, list[Row]]] = {}

    def stand(self, areas: Iterable[AreaKey]) -> None:
        """Let rows name these areas from now on: those of the draft as it stands."""
        self._areas = self._published.with_standing(areas)
        self._readers = {}

    def apply(self, change: RecordEdited) -> None:
        """Let what a change states be stated."""
        self.records.pop(change.key, None)
        if change.after is not None:
            self.records[change.key] = change.after
        # Duties may name what was just stated; other duties they do not name.
        if change.key[0] is not RecordKind.DUTY:
            self._readers.pop(RecordKind.DUTY, None)

    def set(self, kind: RecordKind, given: Row, edit: int) -> RecordEdited:
        """State a row; what is not given stays as it is, a new row begins on publication."""
        store, reader = STORES[kind], self._reader(kind)
        given = store.filled(given, self._rows(kind).values())
        if store.is_dated:
            cells = self._dated(kind, given)
        else:
            known = self._rows(kind).get(key_of(given, store.key_columns))
            fresh = {FIRST_DAY: ON_PUBLICATION} if FIRST_DAY in reader.names else {}
            cells = {**(fresh if known is None else known), **given}
        return self._changed(kind, reader.stated(cells), edit)

    def end(
        self, kind: RecordKind, wanted: Row, last_day: str | None, edit: int
    ) -> RecordEdited:
        """Let the row that has these columns end; without a last day, before publication."""
        row = self._last_of(kind, wanted)
        prior = self.records.get((kind, key_of(row, STORES[kind].key_columns)))
        if prior is not None and prior.before is None:
            raise RowError(
                Sentence(
                    "{} {} is new in this draft; take it back with {}",
                    kind.said,
                    prior.name,
                    f'{{"op": "take_back_record", "edit": {prior.edit}}}',
                )
            )
        cells = {**row, LAST_DAY: last_day or ON_PUBLICATION}
        return self._changed(kind, self._reader(kind).stated(cells), edit)

    def end_duty(self, number: int, last_day: str | None, edit: int) -> RecordEdited:
        """Let a stored duty end."""
        kind = RecordKind.DUTY
        try:
            duty = get_duty(self._conn, number)
        except NotFoundError:
            raise RowError(Sentence("there is no duty {}", number)) from None
        row = STORES[kind].cells(self._reader(kind).known.importable, duty)
        columns = STORES[kind].key_columns
        return self.end(kind, {name: row[name] for name in columns}, last_day, edit)

    def take_back(self, of: int) -> RecordEdited:
        """State nothing any more about the row that an edit stated."""
        return RecordEdited(self._stated_by(of), None)

    def keep(self, of: int, edit: int) -> RecordEdited:
        """Let what an edit stated stand against what others have stored since."""
        record = self._stated_by(of)
        now = self._stored_rows(record.kind).get(record.key)
        if now == record.before:
            raise RowError(
                Sentence(
                    "{} {} is as it was when the draft stated it", record.kind.said, record.name
                )
            )
        if now == record.after:
            return RecordEdited(record, None)
        return RecordEdited(record, replace(record, before=now, edit=edit))

    def _reader(self, kind: RecordKind) -> RecordReader:
        if kind not in self._readers:
            standing = standing_with(self._areas, self.records.values())
            self._readers[kind] = RecordReader(self._conn, kind, standing)
        return self._readers[kind]

    def _stored_rows(self, kind: RecordKind) -> dict[str, Row]:
        if kind not in self._stored:
            self._stored[kind] = stored_rows(self._conn, kind, self._reader(kind))
        return self._stored[kind]

    def _stored_by_statement(self, kind: RecordKind) -> dict[str, list[Row]]:
        if kind not in self._by_statement:
            found = self._by_statement[kind] = {}
            for row in self._stored_rows(kind).values():
                found.setdefault(_statement(kind, row), []).append(row)
        return self._by_statement[kind]

    def _rows(self, kind: RecordKind) -> Mapping[str, Row]:
        """Return the rows of a kind as the draft would make them, by key."""
        mine = {key: one.after for (of, key), one in self.records.items() if of is kind}
        return ChainMap(mine, self._stored_rows(kind))

    def _dated(self, kind: RecordKind, given: Row) -> Row:
        """Return a given row of a kind whose rows have a first day of their own."""
        store, rows = STORES[kind], self._rows(kind)
        cells = self._reader(kind).stated({FIRST_DAY: ON_PUBLICATION, **given})
        known = rows.get(key_of(cells, store.key_columns))
        if known is None and FIRST_DAY not in given:
            # Somebody who states no first day of a row that holds for ever means that row.
            lasting = (
                row
                for row in self._stored_by_statement(kind).get(_statement(kind, cells), ())
                if rows[key_of(row, store.key_columns)][LAST_DAY] is None
            )
            known = next(lasting, None)
        if known is None:
            return cells
        last_day = cells if LAST_DAY in given else known
        return {**cells, FIRST_DAY: known[FIRST_DAY], LAST_DAY: last_day[LAST_DAY]}

    def _last_of(self, kind: RecordKind, wanted: Row) -> Row:
        """Return the row that has these columns, the last to begin of several."""
        found = [
            row
            for row in self._rows(kind).values()
            if all(row[name] == value for name, value in wanted.items())
        ]
        if not found:
            told = " ".join(value for value in wanted.values() if value is not None)
            raise RowError(Sentence("there is no {} {}", kind.said, told))
        if len({row.get("level") for row in found}) > 1:
            listed = ", ".join(sorted(str(row["level"]) for row in found))
            raise RowError(Sentence("several levels have it: {}; name one", listed))
        return max(found, key=lambda row: row.get(FIRST_DAY) or "")

    def _changed(self, kind: RecordKind, row: Row, edit: int) -> RecordEdited:
        columns = STORES[kind].key_columns
        key = key_of(row, columns)
        prior, now = self.records.get((kind, key)), self._stored_rows(kind).get(key)
        name = name_of(row, columns)
        if prior is not None and prior.before != now:
            raise RowError(_changed_outside(prior))
        if row == (now if prior is None else prior.after):
            raise RowError(
                Sentence(
                    "{} {}: nothing would change: it is like that already", kind.said, name
                )
            )
        after = None if row == now else DraftRecord(kind, key, name, edit, now, row)
        return RecordEdited(prior, after)

    def _stated_by(self, edit: int) -> DraftRecord:
        for record in self.records.values():
            if record.edit == edit:
                return record
        raise RowError(
            Sentence(
                "no row is stated by edit {}; `draft show` lists the edits that state one", edit
            )
        )


def _statement(kind: RecordKind, row: Row) -> str:
    """Return what a row states, as text: all that identifies it but its first day."""
    return key_of(row, [name for name in STORES[kind].key_columns if name != FIRST_DAY])


def _changed_outside(record: DraftRecord) -> Sentence:
    return Sentence(
        "{} {} was changed outside the draft since edit {}: first keep what the draft states"
        " with {}, or let it go with {}",
        record.kind.said,
        record.name,
        record.edit,
        f'{{"op": "keep_record", "edit": {record.edit}}}',
        f'{{"op": "take_back_record", "edit": {record.edit}}}',
    )
