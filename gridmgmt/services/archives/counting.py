"""Count parts of an archive by day, area and category, and sum the counts."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow

from gridmgmt.arrays import IntArray, objects
from gridmgmt.domain.areas.edition import Edition, editions_at
from gridmgmt.domain.local_time import Instants, local_days
from gridmgmt.exchange.tables.arrow_columns import Problems, codes, moments
from gridmgmt.exchange.tables.parquet_archives import (
    FIRST_ROW,
    UNREADABLE,
    ArchiveFile,
    archive_path,
    from_one_piece,
    in_one_piece,
    read_batches,
    unreadable,
)
from gridmgmt.geometry.crs.crs import Datum
from gridmgmt.geometry.locating.locate import locate
from gridmgmt.sentence import joined
from gridmgmt.services.archives.areas import SavedAreas
from gridmgmt.services.archives.rows import NONE_BAD, BadRows, positions

# The keys by which rows can be counted, in the order of their columns.
KEYS = ("day", "edition", "area", "category")
_TYPES = {
    "day": pyarrow.date32(),
    "edition": pyarrow.int32(),
    "area": pyarrow.string(),
    "category": pyarrow.string(),
}
# A key of n rows: the position of each row's value, and the distinct values.
Key = tuple[IntArray, pyarrow.Array]

# Partial counts of a part are summed whenever they reach this number of rows.
_LONG = 200_000
# The approximate number of rows that a worker counts at a time.
_PART_ROWS = 1_000_000


@dataclass(frozen=True)
class Judging:
    """The areas by which rows are judged.

    ``areas`` has one entry for each edition. With ``editions`` None, all rows are judged by the
    only entry. Otherwise a row is judged by the edition in force when it was reported, and by
    none before the first edition.
    """

    areas: Mapping[int, SavedAreas]
    editions: tuple[Edition, ...] | None = None


@dataclass(frozen=True)
class CountRules:
    """How rows are counted.

    ``by`` are some of `KEYS`; a day is a day of ``tz``. Only columns needed for these are read.
    ``clock`` is the time zone of times without an offset; ``snap_m`` is in metres.
    """

    by: tuple[str, ...]
    names: tuple[str, str]
    said: Datum | None
    reported_at: str
    category: str
    tz: ZoneInfo
    clock: ZoneInfo
    judging: Judging | None
    snap_m: float

    @property
    def needs_time(self) -> bool:
        """Return whether the time of a row matters."""
        by_edition = self.judging is not None and self.judging.editions is not None
        return "day" in self.by or by_edition

    @property
    def columns(self) -> list[str]:
        """Return the columns to read."""
        wanted = [self.reported_at] if self.needs_time else []
        wanted += self.names if self.judging is not None else []
        return [*wanted, self.category] if "category" in self.by else wanted


@dataclass(frozen=True)
class PartToCount:
    """Row groups of a file; the first row of them has the number ``start``."""

    folder: Path
    name: str
    groups: tuple[int, ...]
    start: int
    rows: int


@dataclass(frozen=True, eq=False)
class Counted:
    """The number of rows of each kind in a part of an archive.

    ``table`` has the columns of `CountRules.by` and ``cases``. The cases of all its rows sum to
    the rows of the part: a row without a usable time has no day, and a row without area or
    category has ``""`` for it.
    """

    table: pyarrow.Table
    bad: BadRows = NONE_BAD
    failed: tuple[tuple[str, str], ...] = field(default=())

    @staticmethod
    def sum(parts: Iterable["Counted"]) -> "Counted":
        """Sum counts in any order."""
        given = list(parts)
        failed = sorted({one for part in given for one in part.failed})
        table = _summed([part.table for part in given])
        return Counted(table, BadRows.sum(part.bad for part in given), tuple(failed))

    def __reduce__(self) -> tuple[Callable[..., "Counted"], tuple[object, ...]]:
        # A pickled column would be read in place from the message that brought it, at addresses
        # that Arrow's computing warns of.
        return _received, (in_one_piece(self.table), self.bad, self.failed)


def _received(table: bytes, bad: BadRows, failed: tuple[tuple[str, str], ...]) -> Counted:
    return Counted(from_one_piece(table), bad, failed)


def sum_counted(parts: list[Counted]) -> Counted:
    """Sum counts: `Counted.sum` as a function that another process can import."""
    return Counted.sum(parts)


def parts_of(folder: Path, files: Sequence[ArchiveFile]) -> list[PartToCount]:
    """Split an archive into parts with about equally many rows, none larger than a file."""
    parts = []
    for file in files:
        groups: list[int] = []
        rows, start = 0, FIRST_ROW
        for k, size in enumerate(file.group_rows):
            groups.append(k)
            rows += size
            if rows >= _PART_ROWS or k == len(file.group_rows) - 1:
                parts.append(PartToCount(folder, file.name, tuple(groups), start, rows))
                groups, start, rows = [], start + rows, 0
    return parts


def count_part(part: PartToCount, rules: CountRules) -> Counted:
    """Count the rows of a part of an archive."""
    summed = nothing_counted(rules.by)
    tables: list[pyarrow.Table] = []
    bad = NONE_BAD
    start = part.start
    path = archive_path(part.folder, part.name)
    try:
        for batch in read_batches(path, columns=rules.columns, groups=part.groups):
            table, problems = count_batch(batch, rules)
            bad = BadRows.sum([bad, BadRows.of(part.name, start, problems)])
            start += batch.num_rows
            tables.append(table)
            # Only if the new rows are as many as the summed ones, so that no row is summed
            # often.
            if sum(map(len, tables)) > max(_LONG, len(summed)):
                summed, tables = _summed([summed, *tables]), []
    except UNREADABLE as error:
        reason = unreadable(part.name, error).message
        return Counted(nothing_counted(rules.by), failed=((part.name, reason),))
    return Counted(_summed([summed, *tables]), bad)


def nothing_counted(by: Sequence[str]) -> pyarrow.Table:
    """Return an empty table of counts."""
    schema = pyarrow.schema([*((key, _TYPES[key]) for key in by), ("cases", pyarrow.int64())])
    return schema.empty_table()


def count_batch(
    batch: pyarrow.RecordBatch, rules: CountRules
) -> tuple[pyarrow.Table, Problems]:
    """Count rows, and return what is wrong with those that are not fully usable."""
    problems: Problems = {}
    n = batch.num_rows
    at = np.full(n, np.datetime64("NaT"), dtype="datetime64[us]")
    if rules.needs_time:
        at, found = moments(batch.column(rules.reported_at), rules.reported_at, rules.clock)
        _add(problems, found)
    keys: dict[str, Key] = {}
    if "day" in rules.by:
        days, place = np.unique(local_days(at, rules.tz), return_inverse=True)
        keys["day"] = place, pyarrow.array(days, mask=np.isnat(days))
    if rules.judging is not None:
        edition, area, found = _judged(batch, rules, rules.judging, at)
        keys |= {"edition": edition, "area": area}
        _add(problems, found)
    if "category" in rules.by:
        read, found = codes(batch.column(rules.category), rules.category)
        encoded = pyarrow.array(read, pyarrow.string()).dictionary_encode()
        keys["category"] = encoded.indices.to_numpy().astype(np.int64), encoded.dictionary
        _add(problems, found)
    return _counted({key: keys[key] for key in rules.by}, n), problems


def _add(problems: Problems, found: Problems) -> None:
    for i, reason in found.items():
        problems[i] = joined("; ", [problems[i], reason]) if i in problems else reason


def _judged(
    batch: pyarrow.RecordBatch, rules: CountRules, judging: Judging, at: Instants
) -> tuple[Key, Key, Problems]:
    """Return the edition (null: none) and the area (``""``: none) of each row."""
    points = positions(batch, rules.names, rules.said)
    if judging.editions is None:
        (only,) = judging.areas
        edition = np.full(batch.num_rows, only, dtype=np.int64)
    else:
        edition = editions_at(judging.editions, at)
    numbers, place = np.unique(edition, return_inverse=True)
    area = np.zeros(batch.num_rows, dtype=np.int64)
    names = [objects([""])]
    positioned = np.isfinite(points.lon)
    for number in numbers.tolist():
        rows = np.flatnonzero(positioned & (edition == number))
        if number not in judging.areas or not len(rows):
            continue
        index = judging.areas[number].open()
        # Only the answer is needed, so candidates do not matter.
        found = locate(
            index, points.lon[rows], points.lat[rows], candidate_m=0.0, snap_m=rules.snap_m
        )
        inside = found.cell >= 0
        area[rows[inside]] = sum(map(len, names)) + found.cell[inside]
        names.append(index.codes)
    in_force = pyarrow.array(numbers.astype(np.int32), mask=numbers < 0)
    every = pyarrow.array(np.concatenate(names), pyarrow.string())
    return (place, in_force), (area, every), points.problems


def _counted(keys: Mapping[str, Key], n: int) -> pyarrow.Table:
    """Count equal rows by their numbered keys."""
    combined = np.zeros(n, dtype=np.int64)
    for place, values in keys.values():
        # Several keys as one integer: np.unique over rows takes many times as long.
        combined = combined * len(values) + place
    _, first, cases = np.unique(combined, return_index=True, return_counts=True)
    columns = {
        key: values.take(pyarrow.array(place[first])) for key, (place, values) in keys.items()
    }
    # Two numbers may mean the same value: an area has its code in each edition.
    table = pyarrow.table({**columns, "cases": pyarrow.array(cases, pyarrow.int64())})
    return table.cast(nothing_counted(tuple(keys)).schema)


def _summed(tables: Sequence[pyarrow.Table]) -> pyarrow.Table:
    together = pyarrow.concat_tables(tables)
    keys = [name for name in together.column_names if name != "cases"]
    # One thread: the other cores run other workers.
    grouped = together.group_by(keys, use_threads=False).aggregate([("cases", "sum")])
    names = [*keys, "cases"]
    return grouped.rename_columns({"cases_sum": "cases"}).select(names).combine_chunks()
