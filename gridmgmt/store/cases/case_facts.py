"""The facts of cases that figures are made of: how they are read, and as which columns."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa

from gridmgmt.arrays import IntArray
from gridmgmt.indicators.case_columns import (
    KINDS,
    MARKS,
    NEVER,
    NO_DEGREES,
    PER_DEGREE,
    PROVISIONAL,
    STATUSES,
    Answerer,
    CaseColumns,
    CaseEntries,
    Entries,
    Place,
    joined,
    with_moved,
)

T = TypeVar("T")

FACTS = f"""
  SELECT
    hashtextextended(c.case_no, 0) AS key,
    c.reported_at AT TIME ZONE 'UTC' AS reported,
    c.due_at AT TIME ZONE 'UTC' AS due,
    coalesce(c.disposed_at, c.closed_at) AT TIME ZONE 'UTC' AS done,
    c.closed_at AT TIME ZONE 'UTC' AS closed,
    c.edition,
    c.area_code,
    c.unlocated_reason,
    c.responder_code,
    c.unrouted_reason,
    c.category,
    c.channel,
    array_to_string(
      CASE WHEN c.due_provisional THEN array_append(c.marks, '{PROVISIONAL}') ELSE c.marks END,
      ' '
    ) AS marks,
    c.status,
    CAST(round(ST_X(c.geom) * {PER_DEGREE:.0f}) AS integer) AS lon,
    CAST(round(ST_Y(c.geom) * {PER_DEGREE:.0f}) AS integer) AS lat
  FROM cases c
"""  # noqa: S608 (a number of ours)
LEAVES = """
  SELECT hashtextextended(k.case_no, 0) AS key, k.edition, k.area_code FROM case_leaves k
"""
_MOMENT = pa.timestamp("us")
FACT_TYPES = {
    "key": pa.int64(),
    "reported": _MOMENT,
    "due": _MOMENT,
    "done": _MOMENT,
    "closed": _MOMENT,
    "edition": pa.int32(),
    "area_code": pa.string(),
    "unlocated_reason": pa.string(),
    "responder_code": pa.string(),
    "unrouted_reason": pa.string(),
    "category": pa.string(),
    "channel": pa.string(),
    "marks": pa.string(),
    "status": pa.string(),
    "lon": pa.int32(),
    "lat": pa.int32(),
}
LEAF_TYPES = {"key": pa.int64(), "edition": pa.int32(), "area_code": pa.string()}


class TooManyValuesError(ValueError):
    """A list of entries is too long for its column, or two cases have the same key."""


def table_of(
    rows: Sequence[Mapping[str, Any]] | None, types: Mapping[str, pa.DataType]
) -> pa.Table:
    """Return rows of JSON, whose instants are text, as a table."""
    given = pa.schema([(n, pa.string() if t == _MOMENT else t) for n, t in types.items()])
    return pa.Table.from_pylist(list(rows or ()), schema=given).cast(pa.schema(types.items()))


def columns_of(table: pa.Table, entries: CaseEntries) -> CaseColumns:
    """Return the cases of a table, in its order and without other places."""
    numbered = {
        "place": _numbered(
            table, ("edition", "area_code", "unlocated_reason"), _place, entries.places
        ),
        "answerer": _numbered(
            table, ("responder_code", "unrouted_reason"), Answerer, entries.answerers
        ),
        "category": _numbered(table, ("category",), str, entries.categories),
        "channel": _numbered(table, ("channel",), lambda one: one, entries.channels),
        "marks": _looked_up(table, "marks", _bits),
        "status": _looked_up(table, "status", STATUSES.index),
    }
    moments = {
        name: np.where(
            (at := table[name].to_numpy().astype("datetime64[us]").view(np.int64))
            == np.iinfo(np.int64).min,
            NEVER,
            at,
        )
        for name in ("reported", "due", "done", "closed")
    }
    degrees = {name: table[name].fill_null(NO_DEGREES).to_numpy() for name in ("lon", "lat")}
    arrays = {"key": table["key"].to_numpy(), **moments, **numbered, **degrees}
    for name, values in arrays.items():
        limits = np.iinfo(KINDS[name])
        if len(values) and not limits.min <= values.min() <= values.max() <= limits.max:
            message = f"there are too many different values of {name}"
            raise TooManyValuesError(message)
    empty = {name: np.zeros(0, dtype=kind) for name, kind in KINDS.items()}
    typed = {name: values.astype(KINDS[name], copy=False) for name, values in arrays.items()}
    return CaseColumns(**{**empty, **typed})


def _place(edition: int | None, code: str | None, reason: str | None) -> Place:
    return Place(edition, code) if code is not None else Place(None, reason)


def _bits(marks: str | None) -> int:
    return sum(1 << MARKS.index(mark) for mark in (marks or "").split())


def _looked_up(table: pa.Table, name: str, value: Callable[[Any], int]) -> IntArray:
    encoded = table[name].combine_chunks().dictionary_encode()
    of = np.array([value(one) for one in encoded.dictionary.to_pylist()], dtype=np.int64)
    if not len(of):
        return np.zeros(len(table), dtype=np.int64)
    numbers: IntArray = of[encoded.indices.to_numpy(zero_copy_only=False)]
    return numbers


def _numbered(
    table: pa.Table, names: Sequence[str], value: Callable[..., T], entries: Entries[T]
) -> IntArray:
    """Return the numbers of the values that some columns have together."""
    together = np.zeros(len(table), dtype=np.int64)
    dictionaries = []
    for name in names:
        encoded = table[name].combine_chunks().dictionary_encode()
        values = [*encoded.dictionary.to_pylist(), None]
        codes = encoded.indices.fill_null(len(values) - 1).to_numpy(zero_copy_only=False)
        together = together * len(values) + codes
        dictionaries.append(values)
    encoded = pa.array(together).dictionary_encode()
    of_row = encoded.indices.to_numpy()
    found = []
    for together_once in encoded.dictionary.to_pylist():
        rest, parts = together_once, []
        for values in reversed(dictionaries):
            rest, at = divmod(rest, len(values))
            parts.append(values[at])
        found.append(value(*reversed(parts)))
    numbers: IntArray = entries.numbers(found)
    return numbers[of_row] if len(of_row) else numbers


def located(
    parts: Sequence[CaseColumns], leaves: Sequence[pa.Table], entries: CaseEntries
) -> CaseColumns:
    """Join cases, and add where they lie under editions that did not judge them."""
    cases = joined(parts) if parts else CaseColumns.empty()
    moved = pa.concat_tables(leaves) if leaves else table_of((), LEAF_TYPES)
    order = np.argsort(cases.key)
    keys = cases.key[order]
    if (keys[1:] == keys[:-1]).any():
        message = "two case numbers have the same key"
        raise TooManyValuesError(message)
    places = _numbered(moved, ("edition", "area_code"), Place, entries.places)
    rows = order[np.searchsorted(keys, moved["key"].to_numpy())] if len(keys) else order
    return with_moved(cases, moved["edition"].to_numpy(), rows, places)
