"""Import rows as records: read all, report everything that is wrong, or load all.

A noun is described by an ``Importable``. Its service reads the rows (``read_lines``), checks
them against stored data (``RecordIntake.refine``), compares (``compare``), stores, and writes
the audit log (``note_import``). Nothing is stored before all rows are known to be valid.
"""

from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeVar

from shapely.geometry.base import BaseGeometry
from sqlalchemy.engine import Connection

from gridmgmt.domain.columns import Column, choose_columns, read_cells
from gridmgmt.domain.date_reader import DateReader, with_dates
from gridmgmt.errors import LayerError
from gridmgmt.exchange.content.import_files import FileOptions, ImportFile
from gridmgmt.sentence import Sentence
from gridmgmt.store.accounts.audit import record

T = TypeVar("T")

# With more faults than this, a person needs reasons and not rows: rows with the same reason
# share a line.
MOST_ROWS_APART = 200


@dataclass(frozen=True)
class Importable(Generic[T]):
    """How the rows of a noun are read.

    ``build`` makes a record from a row's values and geometry, and raises ValueError with the
    reason if they do not fit together. ``key`` identifies the record. ``describe`` returns it
    as plain values for the audit log.
    """

    noun: str
    columns: tuple[Column, ...]
    build: Callable[[Mapping[str, Any], BaseGeometry | None], T]
    key: Callable[[T], Hashable]
    describe: Callable[[T], Mapping[str, Any]]


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
        self.notes.append(_about(self.file.what, number, words))


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


def read_lines(
    importable: Importable[T], file: ImportFile, options: FileOptions
) -> RecordIntake[T]:
    """Read every row of a file; invalid rows become problems.

    Raises
    ------
    LayerError
        when a required column is missing, or a named column does not exist
    InputError
        when the mapping names a field the noun does not have
    """
    columns, missing = choose_columns(importable.columns, file.columns, options.mapping)
    if missing:
        raise LayerError(
            file.path,
            Sentence("lacks columns"),
            problems=missing,
            remedy=Sentence(
                "name it with --map field=column; there are: {}", ", ".join(file.columns)
            ),
        )
    reading = RecordIntake(importable, file, columns, [], list(file.unread), list(file.notes))
    _tell_open_ends(reading, options.dates)
    fields = with_dates(importable.columns, options.dates)
    geoms = file.geoms if file.geoms is not None else [None] * len(file.number)
    for i, number in enumerate(file.number):
        cells = {name: file.cells[column][i] for name, column in columns.items()}
        values, problems = read_cells(fields, cells)
        if not problems:
            try:
                reading.lines.append((number, importable.build(values, geoms[i])))
            except ValueError as error:
                problems.append(str(error))
        reading.problems += ((number, problem) for problem in problems)
    return reading


def _tell_open_ends(reading: RecordIntake[T], dates: DateReader) -> None:
    """Add a note on last days written as 9999-12-31, which are stored as no end."""
    for field_of in reading.importable.columns:
        if field_of.parse is not DateReader.last_day or field_of.name not in reading.columns:
            continue
        texts = reading.file.cells[reading.columns[field_of.name]]
        count = sum(text is not None and dates.is_no_end(text) for text in texts)
        if count:
            words = Sentence("9999-12-31 means no end; stored without a last day")
            told = Sentence("{} {}(s): {}", f"{count:,}", reading.file.what, words)
            reading.notes.append(Sentence("{}: {}", field_of.name, told))


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
    _refuse(reading)
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
        differences=tuple(
            {**told, "key": _key_text(importable.key(after))}
            for told, (_, after) in zip(differences, changes.changed, strict=True)
        ),
    )


def _key_text(key: Hashable) -> str:
    """Return the key of a record as text for people."""
    if not isinstance(key, tuple):
        return str(key)
    parts = [";".join(map(str, one)) if isinstance(one, tuple) else one for one in key]
    return " ".join(str(one) for one in parts if one is not None)


def _refuse(reading: RecordIntake[T]) -> None:
    if not reading.problems:
        return
    what = reading.file.what
    in_order = sorted(dict.fromkeys(reading.problems), key=lambda problem: problem[0])
    at_fault = len({number for number, _ in in_order})
    told = [_about(what, number, why) for number, why in in_order]
    if len(told) > MOST_ROWS_APART:
        rows_of: dict[str, list[int]] = {}
        for number, why in in_order:
            rows_of.setdefault(why, []).append(number)
        told = [_about(what, spans(rows), why) for why, rows in rows_of.items()]
    raise LayerError(
        reading.file.path,
        Sentence("{} {}(s) cannot be used; nothing was loaded", f"{at_fault:,}", what),
        problems=told,
        remedy=Sentence("correct them and import the file again"),
    )


def _about(what: str, numbers: object, words: str) -> Sentence:
    """Return a sentence about rows of a table, or features of a layer."""
    if what == "row":
        return Sentence("row {}: {}", numbers, words)
    return Sentence("feature {}: {}", numbers, words)


def spans(numbers: Sequence[int]) -> str:
    """Return ascending numbers as text, with consecutive ones as ranges.

    Examples
    --------
    >>> spans([2, 3, 4, 7])
    '2-4, 7'
    """
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in runs)


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
    return {
        "key": str(importable.key(after)),
        "fields": fields or ["geometry"],
        "before": {name: old.get(name) for name in shown},
        "after": {name: new[name] for name in shown},
    }
