"""Rows of archives, beside the same rows as a table of text."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow
from hypothesis import given
from hypothesis import strategies as st

from gridmgmt.exchange.bytes.raw_rows import plain_text
from gridmgmt.exchange.content.point_columns import point_columns
from gridmgmt.exchange.tables.arrow_columns import Problems
from gridmgmt.exchange.tables.tables import Table
from gridmgmt.geometry.crs.crs import Datum, resolve
from gridmgmt.services.archives.rows import NAMED, BadRow, BadRows, positions

NAMES = ("lon", "lat")
# Mostly degrees, so that no file looks projected or swapped as a whole.
degrees = st.sampled_from([120.1, 30.2, -0.0, 181.0, -90.5, float("nan"), float("inf")])
texts = st.none() | st.sampled_from(["120.1", " 30.2 ", "", "abc", "nan", "1e400", "95", "1_0"])
numbers = st.none() | degrees


def table_of(columns: Sequence[Sequence[object]]) -> Table:
    values = {
        name: [plain_text(value).strip() or None for value in column]
        for name, column in zip(NAMES, columns, strict=True)
    }
    rows = list(range(2, 2 + len(columns[0])))
    return Table(Path("t.csv"), NAMES, values, rows, [], "utf-8", ())


def compare(column_x: pyarrow.Array, column_y: pyarrow.Array, said: Datum | None) -> None:
    batch = pyarrow.record_batch({"lon": column_x, "lat": column_y})
    found = positions(batch, NAMES, said)
    table = table_of([column_x.to_pylist(), column_y.to_pylist()])
    expected = point_columns(table, *NAMES, said)
    lon, lat = expected.given.lonlat()
    np.testing.assert_array_equal(found.lon, lon)
    np.testing.assert_array_equal(found.lat, lat)
    assert found.without == expected.without
    assert [(i + 2, found.problems[i]) for i in sorted(found.problems)] == [
        (one.row, one.reason) for one in expected.bad
    ]


ORDINARY = [(120.1, 30.2)] * 12


@given(pairs=st.lists(st.tuples(numbers, numbers), max_size=8))
def test_numbers_are_positions_as_they_are_in_a_table(
    pairs: list[tuple[float | None, float | None]],
) -> None:
    x, y = zip(*ORDINARY, *pairs, strict=True)
    kind = pyarrow.float64()
    for said in (None, resolve("gcj02")):
        compare(pyarrow.array(x, kind), pyarrow.array(y, kind), said)


@given(pairs=st.lists(st.tuples(texts, texts), max_size=8))
def test_texts_are_positions_as_they_are_in_a_table(
    pairs: list[tuple[str | None, str | None]],
) -> None:
    x, y = zip(*[("120.1", "30.2")] * 12, *pairs, strict=True)
    compare(pyarrow.array(x, pyarrow.string()), pyarrow.array(y, pyarrow.string()), None)


problems = st.dictionaries(st.integers(0, 50), st.sampled_from(["a", "b"]), max_size=9)


@given(
    parts=st.lists(st.tuples(st.sampled_from("xyz"), st.integers(2, 99), problems)),
    cut=st.integers(0, 9),
)
def test_bad_rows_add_up_however_they_are_put_together(
    parts: list[tuple[str, int, Problems]], cut: int
) -> None:
    each = [BadRows.of(*part) for part in parts]
    whole = BadRows.sum(each)
    assert whole.count == sum(len(found) for _, _, found in parts)
    assert list(whole.first) == sorted(one for part in each for one in part.first)
    assert BadRows.sum([BadRows.sum(each[cut:]), BadRows.sum(each[:cut])]) == whole


def test_only_the_first_bad_rows_are_named() -> None:
    late = BadRows.of("b", 2, dict.fromkeys(range(NAMED), "wrong"))
    both = BadRows.sum([late, BadRows.of("a", 2, {5: "wrong"})])
    assert (both.count, len(both.first)) == (NAMED + 1, NAMED)
    assert both.first[0] == BadRow("a", 7, "wrong")
