"""Read Parquet columns as numbers, instants and codes, with the faults of single cells."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import TypeVar
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow
import pyarrow.compute
import pyarrow.types

from gridmgmt.arrays import BoolArray, FloatArray, IntArray, ObjectArray, objects
from gridmgmt.domain.codes import code
from gridmgmt.domain.local_time import Instants, from_local, never_shown
from gridmgmt.domain.moments import (
    EARLIEST_YEAR,
    LATEST_YEAR,
    as_utc64,
    outside_years,
    read_moment,
    skipped,
)
from gridmgmt.domain.numbers import number_of
from gridmgmt.errors import InputError
from gridmgmt.exchange.bytes.arrow_values import arrow_values
from gridmgmt.exchange.bytes.raw_rows import plain_text
from gridmgmt.sentence import Sentence

# The fault of a row, by its position in the batch.
Problems = dict[int, str]

Value = TypeVar("Value")

_NAT = np.datetime64("NaT")
# Coarse units reach further than microseconds can; nobody means such dates.
_EARLIER, _LATER = np.datetime64("1800-01-01", "D"), np.datetime64("9999-12-31", "D")


def is_numbers(kind: pyarrow.DataType) -> bool:
    """Return whether a column may hold coordinates: numbers, text, or only nulls."""
    return _is_number(kind) or _is_text(kind) or pyarrow.types.is_null(kind)


def is_moments(kind: pyarrow.DataType) -> bool:
    """Return whether a column may hold instants: times, days, text, or only nulls."""
    return _is_temporal(kind) or _is_text(kind) or pyarrow.types.is_null(kind)


def is_codes(kind: pyarrow.DataType) -> bool:
    """Return whether a column may hold codes: text, numbers, or only nulls."""
    return is_numbers(kind)


def cell_text(column: pyarrow.Array, i: int) -> str | None:
    """Return a cell as the text it has in a table; None if it is empty."""
    return plain_text(arrow_values(column.slice(i, 1))[0]).strip() or None


def numbers(column: pyarrow.Array) -> tuple[FloatArray, BoolArray]:
    """Read a column as numbers.

    Returns
    -------
    (n,) float64, NaN for a cell that is not a number; (n,) whether the cell is empty (or NaN)
    """
    if _is_text(column.type):
        texts = [plain_text(value).strip() for value in column.to_pylist()]
        read = np.fromiter(map(number_of, texts), np.float64, len(texts))
        return read, np.fromiter((not text for text in texts), np.bool_, len(texts))
    if pyarrow.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    cast = column.cast(pyarrow.float64(), safe=False)
    values = np.array(cast.to_numpy(zero_copy_only=False), dtype=np.float64)
    return values, np.isnan(values)


def moments(column: pyarrow.Array, name: str, tz: ZoneInfo) -> tuple[Instants, Problems]:
    """Read a column as instants; times without an offset are in ``tz``, days begin at 00:00.

    Returns
    -------
    (n,) datetime64[us], UTC, NaT where a cell has none; the reasons for these
    """
    if not _is_temporal(column.type):
        read, problems = _each_once(column, name, partial(read_moment, tz=tz))
        return as_utc64(list(read)), problems
    written = column.to_numpy(zero_copy_only=False)
    is_empty = np.isnat(written)
    at = _microseconds(written)
    is_skipped = np.zeros(len(at), dtype=np.bool_)
    if getattr(column.type, "tz", None) is None:
        is_skipped = never_shown(at, tz)
        at = from_local(at, tz)
    ends = [datetime(year, 1, 1, tzinfo=tz) for year in (EARLIEST_YEAR, LATEST_YEAR + 1)]
    earliest, latest = as_utc64(ends)
    is_outside = (at < earliest) | (at >= latest)
    wrong = np.flatnonzero(is_empty | is_skipped | is_outside).tolist()
    problems = {}
    for i in wrong:
        if is_empty[i]:
            problems[i] = Sentence("{} is empty", name)
            continue
        fault = (
            outside_years(str(written[i])) if is_outside[i] else skipped(str(written[i]), tz)
        )
        problems[i] = Sentence("{}: {}", name, fault)
    at[wrong] = _NAT
    return at, problems


def _microseconds(written: Instants) -> Instants:
    unit, _ = np.datetime_data(written.dtype)
    if unit not in ("us", "ns"):
        written = np.clip(written, _EARLIER, _LATER)
    at: Instants = written.astype("datetime64[us]")
    return at


def codes(column: pyarrow.Array, name: str) -> tuple[ObjectArray, Problems]:
    """Read a column as codes.

    Returns
    -------
    (n,) text, ``""`` where a cell has no usable code; the reasons for these
    """
    read, problems = _each_once(column, name, code)
    read[read == np.array(None)] = ""
    return read, problems


def _each_once(
    column: pyarrow.Array, name: str, read: Callable[[str], object]
) -> tuple[ObjectArray, Problems]:
    """Read every distinct value of a column once; None for an empty or wrong cell."""
    if not pyarrow.types.is_dictionary(column.type):
        column = pyarrow.compute.dictionary_encode(column)
    texts = [plain_text(value).strip() or None for value in arrow_values(column.dictionary)]
    # The last entry is for the null cells.
    outcomes = [_read_one(text, name, read) for text in [*texts, None]]
    place: IntArray = (
        column.indices.cast(pyarrow.int64())
        .fill_null(len(texts))
        .to_numpy(zero_copy_only=False)
    )
    is_wrong: BoolArray = np.array([problem is not None for _, problem in outcomes])
    problems = {
        i: outcomes[place[i]][1] or "" for i in np.flatnonzero(is_wrong[place]).tolist()
    }
    return objects(value for value, _ in outcomes)[place], problems


def _read_one(
    text: str | None, name: str, read: Callable[[str], Value]
) -> tuple[Value | None, str | None]:
    if text is None:
        return None, Sentence("{} is empty", name)
    try:
        return read(text), None
    except ValueError as error:
        return None, Sentence("{}: {}", name, error)
    except InputError as error:
        return None, Sentence("{}: {}", name, error.message)


def _is_temporal(kind: pyarrow.DataType) -> bool:
    return bool(pyarrow.types.is_timestamp(kind) or pyarrow.types.is_date(kind))


def _is_number(kind: pyarrow.DataType) -> bool:
    return _is_of(
        kind,
        pyarrow.types.is_integer,
        pyarrow.types.is_floating,
        pyarrow.types.is_decimal,
    )


def _is_text(kind: pyarrow.DataType) -> bool:
    return _is_of(
        kind,
        pyarrow.types.is_string,
        pyarrow.types.is_large_string,
        pyarrow.types.is_string_view,
    )


def _is_of(kind: pyarrow.DataType, *tests: Callable[[pyarrow.DataType], bool]) -> bool:
    if pyarrow.types.is_dictionary(kind):
        kind = kind.value_type
    return any(test(kind) for test in tests)
