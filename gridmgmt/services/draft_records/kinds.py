"""The kinds of rows that drafts may state, and how a row of text becomes a record."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import shapely
from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.draft_record import (
    FIRST_DAY,
    GEOMETRY,
    LAST_DAY,
    ON_PUBLICATION,
    DraftRecord,
    RecordKind,
    Row,
    key_of,
)
from gridmgmt.domain.areas.known_areas import KnownAreas
from gridmgmt.domain.columns import broken_rules, read_cells
from gridmgmt.domain.date_reader import DateReader, with_dates
from gridmgmt.domain.responsibility.duty import DutyTarget
from gridmgmt.services.record_imports.record_stores import Known, Nameable, RecordStore
from gridmgmt.services.responsibility.duties import DUTIES
from gridmgmt.services.responsibility.groups import GROUPS
from gridmgmt.services.responsibility.road_segments import ROAD_SEGMENTS
from gridmgmt.services.responsibility.zones import ZONES

STORES: Mapping[RecordKind, RecordStore[Any]] = {
    RecordKind.DUTY: DUTIES,
    RecordKind.GROUP_MEMBER: GROUPS,
    RecordKind.ROAD_SEGMENT: ROAD_SEGMENTS,
    RecordKind.ZONE: ZONES,
}
# The order in which rows are stored: duties last, since they point at the others.
ORDER = (RecordKind.ROAD_SEGMENT, RecordKind.ZONE, RecordKind.GROUP_MEMBER, RecordKind.DUTY)


class RowError(Exception):
    """A row cannot be used; ``args`` has one sentence for each reason."""


@dataclass(frozen=True)
class ReadRow:
    """A row that was read: the record, its text in one spelling, and notes."""

    record: Any
    cells: Row
    notes: tuple[str, ...]


class RecordReader:
    """Reads rows of one kind by the rules of its import.

    Parameters
    ----------
    standing : what rows may name beside what is stored
    """

    def __init__(self, conn: Connection, kind: RecordKind, standing: Nameable) -> None:
        self._store = STORES[kind]
        self.known: Known[Any] = self._store.known(conn, standing)
        importable = self.known.importable
        self._columns = with_dates(importable.columns, DateReader())
        self.names = tuple(one.name for one in importable.columns)

    def read(self, row: Row) -> ReadRow:
        """Read a row whose days are known or empty.

        Raises
        ------
        RowError
            with everything that is wrong with it
        """
        importable = self.known.importable
        values, unread = read_cells(self._columns, row)
        problems = [*unread.values(), *broken_rules(importable.rules, values, unread)]
        geom = None
        if importable.shape is not None:
            try:
                geom = importable.shape(_shape(row.get(GEOMETRY)))
            except ValueError as error:
                problems.append(str(error))
        if problems:
            raise RowError(*dict.fromkeys(problems))
        try:
            record, notes = self.known.complete(importable.build(values, geom))
        except ValueError as error:
            raise RowError(*map(str, error.args)) from None
        return ReadRow(record, self._store.cells(importable, record), tuple(notes))

    def trusted(self, row: Row) -> Any:
        """Return the record of a row that was stored once, whatever it may name today."""
        values, _ = read_cells(self._columns, row)
        importable = self.known.importable
        geom = None if importable.shape is None else importable.shape(_shape(row[GEOMETRY]))
        return importable.build(values, geom)

    def stated(self, row: Row) -> Row:
        """Return a row of a draft in one spelling; its days may be those of the publication.

        Raises
        ------
        RowError
            with everything that is wrong with it
        """
        awaited = {name: row.get(name) for name in (FIRST_DAY, LAST_DAY)}
        awaited = {name: day for name, day in awaited.items() if day == ON_PUBLICATION}
        return {**self.read({**row, **dict.fromkeys(awaited)}).cells, **awaited}


def standing_with(areas: KnownAreas, records: Iterable[DraftRecord]) -> Nameable:
    """Return what rows may name: areas, and the places that a draft states."""
    places: dict[DutyTarget, set[str]] = {target: set() for target in _CODES.values()}
    for one in records:
        if one.kind in _CODES:
            column = "group_code" if one.kind is RecordKind.GROUP_MEMBER else "code"
            places[_CODES[one.kind]].add(str(one.after[column]))
    return Nameable(areas, {target: frozenset(codes) for target, codes in places.items()})


_CODES = {
    RecordKind.GROUP_MEMBER: DutyTarget.GROUP,
    RecordKind.ROAD_SEGMENT: DutyTarget.ROAD_SEGMENT,
    RecordKind.ZONE: DutyTarget.ZONE,
}


def stored_rows(conn: Connection, kind: RecordKind, reader: RecordReader) -> dict[str, Row]:
    """Return the stored rows of a kind as text, by key."""
    store, importable = STORES[kind], reader.known.importable
    rows = (store.cells(importable, one) for one in store.stored(conn).values())
    return {key_of(row, store.key_columns): row for row in rows}


def _shape(text: str | None) -> Any:
    return None if text is None else shapely.from_wkb(text)
