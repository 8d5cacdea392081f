from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest

from gridmgmt.errors import LayerError
from gridmgmt.exchange.tables import parquet_rows
from gridmgmt.exchange.tables.tables import read_table

naive = datetime.fromisoformat


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cases.parquet"


def test_columns_become_the_text_they_would_be_in_csv(path: Path) -> None:
    columns: dict[str, list[object]] = {
        "case_no": ["A1", None],
        "n": [1, None],
        "lon": [120.25, 120.0],
        "at": [datetime(2024, 1, 5, 8, 30, tzinfo=UTC), None],
        "naive": [naive("2024-01-05"), naive("2024-01-05T08:00")],
        "day": [date(2024, 1, 5), None],
        "done": [True, False],
        "cost": [Decimal("1.50"), None],
        "empty": [None, None],
    }
    pyarrow.parquet.write_table(pyarrow.table(columns), path)
    read = read_table(path)
    assert read.row == [2, 3]
    assert read.values == {
        "case_no": ["A1", None],
        "n": ["1", None],
        "lon": ["120.25", "120"],
        "at": ["2024-01-05T08:30:00+00:00", None],
        "naive": ["2024-01-05", "2024-01-05T08:00:00"],
        "day": ["2024-01-05", None],
        "done": ["true", "false"],
        "cost": ["1.50", None],
        "empty": [None, None],
    }


def test_categories_and_nanoseconds_are_read(path: Path) -> None:
    columns = {
        "kind": pyarrow.array(["a", "b", "a"]).dictionary_encode(),
        "at": pyarrow.array([1_700_000_000_123_456_789] * 3, pyarrow.timestamp("ns")),
    }
    pyarrow.parquet.write_table(pyarrow.table(columns), path)
    read = read_table(path)
    assert read.values["kind"] == ["a", "b", "a"]
    assert read.values["at"][0] == "2023-11-14T22:13:20.123456"


@pytest.mark.parametrize(
    ("values", "kind", "text"),
    [
        # "Never" on the clock of Shanghai lies in the year 10000.
        ([253402300799], pyarrow.timestamp("s", "Asia/Shanghai"), "9999-12-31T23:59:59Z"),
        ([253402300799_000000], pyarrow.timestamp("us"), "9999-12-31T23:59:59"),
        ([253402300800_000000], pyarrow.timestamp("us"), "10000-01-01T00:00:00"),
        ([-(2**50)], pyarrow.timestamp("s"), "-35676378-04-08T05:02:56"),
        ([2932897], pyarrow.date32(), "10000-01-01"),
        ([2932896], pyarrow.date32(), "9999-12-31"),
    ],
)
def test_times_beyond_the_calendar_are_text_beside_the_others(
    path: Path, values: list[int], kind: pyarrow.DataType, text: str
) -> None:
    column = pyarrow.array([*values, 0, None], pyarrow.int64())
    if kind == pyarrow.date32():
        column = column.cast(pyarrow.int32())
    pyarrow.parquet.write_table(pyarrow.table({"at": column.cast(kind), "x": ["a"] * 3}), path)
    first, second, empty = read_table(path).values["at"]
    assert first == text
    assert second is not None
    assert second.startswith("1970-01-01")
    assert empty is None


def test_columns_that_are_no_plain_values_are_left_out_and_named(path: Path) -> None:
    columns: dict[str, list[object]] = {"a": [1], "geometry": [b"\x01"], "tags": [["x"]]}
    pyarrow.parquet.write_table(pyarrow.table(columns), path)
    read = read_table(path)
    assert read.columns == ("a",)
    assert read.notes == ("columns left out, not being plain values: geometry, tags",)


def test_a_file_of_endless_equal_rows_is_refused(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet_rows, "MAX_ROWS", 999)
    pyarrow.parquet.write_table(pyarrow.table({"a": ["x"] * 1_000}), path)
    with pytest.raises(LayerError, match="holds 1,000 rows"):
        read_table(path)
