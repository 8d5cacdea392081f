"""Import rows as records: read all, report everything that is wrong, or load all.

A noun is described by an ``Importable``. Its service reads the rows (``read_lines``), checks
them against stored data (``RecordIntake.refine``), compares (``compare``), stores, and writes
the audit log (``note_import``). Nothing is stored before all rows are known to be valid.
"""

from collections import Counter
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeVar

from shapely.geometry.base import BaseGeometry
from sqlalchemy.engine import Connection

from gridmgmt.domain.columns import Column, Rule, broken_rules, choose_columns, read_cells
from gridmgmt.domain.date_reader import DateReader, with_dates
from gridmgmt.domain.exchanged_days import ExchangedDays
from gridmgmt.domain.listing import listed
from gridmgmt.errors import LayerError
from gridmgmt.exchange.content.import_files import FileOptions, ImportFile
from gridmgmt.sentence import Sentence
from gridmgmt.services.record_imports.refusals import about, refuse_rows
from gridmgmt.store.accounts.audit import record

T = TypeVar("T")


@dataclass(frozen=True)
class Importable(Generic[T]):
    """How the rows of a noun are read.

    ``build`` makes a record from a row's values and geometry, if no rule is broken. ``key``
    identifies the record. ``describe`` returns it as plain values for the audit log. ``rules``
    are about the values of a row; ``shape`` reads its geometry, or raises ValueError with the
    reason.
    """

    noun: str
    columns: tuple[Column, ...]
    build: Callable[[Mapping[str, Any], Any], T]
    key: Callable[[T], Hashable]
    describe: Callable[[T], Mapping[str, Any]]
    rules: tuple[Rule, ...] = ()
    shape: Callable[[BaseGeometry | None], BaseGeometry] | None = None

    def with_rules(self, *more: Rule) -> "Importable[T]":
        """Return the same with more rules, such as those about what is stored."""
        return replace(self, rules=(*self.rules, *more))

    def parsing(self, name: str, parse: Callable[[str], Any]) -> "Importable[T]":
        """Return the same with another parser of a column, such as one for names of levels."""
        columns = tuple(
            replace(one, parse=parse) if one.name == name else one for one in self.columns
        )
        return replace(self, columns=columns)


@dataclass
class RecordIntake(Generic[T]):
    """The rows of one file; problems and notes are collected until ``compare``."""

    importable: Importable[T]
    file: ImportFile
    columns: Mapping[str, str]
    lines: list[tuple[int, T]]
    problems: list[tuple[int, str]]
    notes: list[str]

    def texts(self, name: str) -> set[str]:
        """Return all values of a column, also in invalid rows."""
        column = self.columns.get(name)
        return {text for text in self.file.cells.get(column or "", ()) if text is not None}

    def refine(self, step: Callable[[T], T]) -> None:
        """Pass every record through a step that completes it or raises ValueError."""
        kept = []
        for number, item in self.lines:
            try:
                kept.append((number, step(item)))
            except ValueError as error:
                self.problems.append((number, str(error)))
        self.lines = kept

    def keep(self, name: str, stored: Mapping[Any, T], take: Callable[[T, T], T]) -> None:
        """Let known records keep a field for which the file has no column.

        Personal data are exported only for people who may see them. All others import files
        without them, and must not delete them. ``take`` returns a record with the field of the
        stored one.
        """
        # A column that is there but empty deletes the stored value: somebody stated it.
        if name in self.columns:
            return
        key = self.importable.key
        known = sum(key(item) in stored for _, item in self.lines)
        self.refine(lambda item: take(item, stored[key(item)]) if key(item) in stored else item)
        if known:
            self.notes.append(
                Sentence("{}: the file has no such column; the stored values stay", name)
            )

    def warn(self, number: int, words: str) -> None:
        """Add a note about a row that is imported all the same."""
        self.notes.append(about(self.file.what, number, words))


@dataclass(frozen=True)
class Changes(Generic[T]):
    """The changes of an import: new records, (before, after) of known ones, and the rest."""

    added: list[T] = field(default_factory=list)
    changed: list[tuple[T, T]] = field(default_factory=list)
    unchanged: int = 0

    @property
    def to_store(self) -> list[T]:
        """Return the records to store."""
        return [*self.added, *(after for _, after in self.changed)]


@dataclass(frozen=True)
class ImportSummary:
    """What an import did, or would do.

    ``added_keys`` and ``differences`` (key, fields, before, after; personal fields only by
    name) name the records.
    """

    noun: str
    path: str
    added: int
    changed: int
    unchanged: int
    columns: Mapping[str, str]
    unmapped: tuple[str, ...]
    notes: tuple[str, ...]
    added_keys: tuple[str, ...] = ()
    differences: tuple[Mapping[str, Any], ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the summary as plain JSON values."""
        return {
            "noun": self.noun,
            "file": self.path,
            "added": self.added,
            "changed": self.changed,
            "unchanged": self.unchanged,
            "columns": dict(self.columns),
            "unmapped_columns": list(self.unmapped),
            "notes": list(self.notes),
        }


def file_columns(
    importable: Importable[T], file: ImportFile, mapping: Mapping[str, str]
) -> dict[str, str]:
    """Return the column of each field.

    Raises
    ------
    LayerError
        when a required column is missing, or a named column does not exist
    InputError
        when the mapping names a field the noun does not have
    """
    columns, problems = choose_columns(importable.columns, file.columns, mapping)
    if problems:
        raise LayerError(
            file.path,
            Sentence("lacks columns, or has one twice"),
            problems=problems,
            remedy=Sentence(
                "name it with --map field=column; there are: {}", listed(file.columns, 100)
            ),
        )
    return columns


def read_lines(
    importable: Importable[T], file: ImportFile, options: FileOptions
) -> RecordIntake[T]:
    """Read every row of a file; invalid rows become problems, each with all its faults.

    Raises
    ------
    LayerError, InputError
        as `file_columns`
    """
    columns = file_columns(importable, file, options.mapping)
    reading = RecordIntake(importable, file, columns, [], list(file.faults), list(file.notes))
    _tell_open_ends(reading, options.dates)
    _tell_exchanged_days(reading, options.dates)
    importable = replace(importable, columns=with_dates(importable.columns, options.dates))
    at_fault = {number for number, _ in file.faults}
    geoms = file.geoms if file.geoms is not None else [None] * len(file.number)
    for i, number in enumerate(file.number):
        cells = {name: file.cells[column][i] for name, column in columns.items()}
        values, geom, problems = _read_row(importable, cells, geoms[i])
        reading.problems += ((number, problem) for problem in problems)
        if not problems and number not in at_fault:
            reading.lines.append((number, importable.build(values, geom)))
    return reading


def _tell_open_ends(reading: RecordIntake[T], dates: DateReader) -> None:
    """Add a note on last days written as 9999-12-31, which are stored as no end."""
    for field_of in reading.importable.columns:
        if field_of.parse is not DateReader.last_day or field_of.name not in reading.columns:
            continue
        texts = reading.file.cells[reading.columns[field_of.name]]
        own = dates.of(field_of.name)
        count = sum(text is not None and own.is_no_end(text) for text in texts)
        if count:
            words = Sentence("9999-12-31 means no end; stored without a last day")
            are_rows = reading.file.what == "row"
            told = Sentence(
                "{} row(s): {}" if are_rows else "{} feature(s): {}", f"{count:,}", words
            )
            reading.notes.append(Sentence("{}: {}", field_of.name, told))


def _tell_exchanged_days(reading: RecordIntake[T], dates: DateReader) -> None:
    """Add a note on dates of which a spreadsheet may have exchanged day and month."""
    for field_of in reading.importable.columns:
        if field_of.is_dated and field_of.name in reading.columns:
            doubt = ExchangedDays(dates.of(field_of.name))
            doubt.add(reading.file.cells[reading.columns[field_of.name]])
            if warning := doubt.found():
                reading.notes.append(warning)


def _read_row(
    importable: Importable[T], cells: Mapping[str, str | None], geom: BaseGeometry | None
) -> tuple[dict[str, Any], BaseGeometry | None, list[str]]:
    """Return the values and the geometry of a row, and everything that is wrong with it."""
    values, unread = read_cells(importable.columns, cells)
    problems = [*unread.values(), *broken_rules(importable.rules, values, unread)]
    if importable.shape is not None:
        try:
            geom = importable.shape(geom)
        except ValueError as error:
            problems.append(str(error))
    return values, geom, problems


def compare(reading: RecordIntake[T], stored: Mapping[Any, T]) -> Changes[T]:
    """Separate new, changed and unchanged records.

    An identical second row counts once, with a note. One key with different contents is a
    problem of both rows.

    Raises
    ------
    LayerError
        listing every problem of every row
    """
    key = reading.importable.key
    first: dict[Hashable, tuple[int, T]] = {}
    repeated: Counter[int] = Counter()
    for number, item in reading.lines:
        earlier, known = first.setdefault(key(item), (number, item))
        # The first row with this key.
        if earlier == number:
            continue
        if known == item:
            repeated[earlier] += 1
            continue
        reading.problems.append((number, _clash(reading, earlier, known, item)))
        # At both rows: nobody can tell which of them is right.
        reading.problems.append((earlier, _clash(reading, number, item, known)))
    refuse_rows(reading.file, reading.problems)
    for number, times in repeated.items():
        reading.warn(
            number, Sentence("the same row appears {} more time(s); it was taken once", times)
        )
    changes: Changes[T] = Changes()
    for item_key, (_, item) in first.items():
        before = stored.get(item_key)
        if before is None:
            changes.added.append(item)
        elif before != item:
            changes.changed.append((before, item))
    unchanged = len(first) - len(changes.to_store)
    return replace(changes, unchanged=unchanged)


def note_import(
    conn: Connection, reading: RecordIntake[T], changes: Changes[T], *, actor: str
) -> ImportSummary:
    """Write the audit entry of an import that changes something; return its summary."""
    importable, file = reading.importable, reading.file
    unmapped = [name for name in file.columns if name not in set(reading.columns.values())]
    differences = [_difference(importable, before, after) for before, after in changes.changed]
    # An import that changes nothing is not an event.
    if changes.to_store:
        detail = {
            "file": file.path.name,
            "added": len(changes.added),
            "unchanged": changes.unchanged,
            "changed": differences,
        }
        record(conn, actor, f"import_{importable.noun}", importable.noun, detail)
    return ImportSummary(
        noun=importable.noun,
        path=str(file.path),
        added=len(changes.added),
        changed=len(changes.changed),
        unchanged=changes.unchanged,
        columns=reading.columns,
        unmapped=tuple(unmapped),
        notes=tuple(reading.notes),
        added_keys=tuple(_key_text(importable.key(one)) for one in changes.added),
        differences=tuple({n: one[n] for n in one if n != "record"} for one in differences),
    )


def _key_text(key: Hashable) -> str:
    """Return the key of a record as text for people."""
    if not isinstance(key, tuple):
        return str(key)
    parts = [";".join(map(str, one)) if isinstance(one, tuple) else one for one in key]
    return " ".join(str(one) for one in parts if one is not None)


def _clash(reading: RecordIntake[T], other: int, there: T, here: T) -> str:
    describe = reading.importable.describe
    before, after = describe(there), describe(here)
    fields = [name for name in after if after[name] != before.get(name)] or ["geometry"]
    same = Sentence("the same {} as {} {}", reading.importable.noun, reading.file.what, other)
    return f"{same} with another {', '.join(fields)}"


def _difference(importable: Importable[T], before: T, after: T) -> dict[str, Any]:
    """Return what changed in a record; of personal data only that they changed."""
    # The audit log must not become a second store of personal data.
    personal = {column.name for column in importable.columns if column.personal}
    old, new = importable.describe(before), importable.describe(after)
    fields = [name for name in new if old.get(name) != new[name]]
    shown = [name for name in fields if name not in personal]
    key = importable.key(after)
    of = new if isinstance(key, tuple) else {}
    return {
        "key": _key_text(key),
        "fields": fields or ["geometry"],
        "before": {name: old.get(name) for name in shown},
        "after": {name: new[name] for name in shown},
        # What has no code of its own is said by its fields.
        "record": {name: of[name] for name in of if name not in personal},
    }
