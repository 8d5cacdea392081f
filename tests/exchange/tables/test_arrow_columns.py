from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmgmt.domain.moments import as_utc64
from gridmgmt.exchange.tables.arrow_columns import (
    cell_text,
    codes,
    is_codes,
    is_moments,
    is_numbers,
    moments,
    numbers,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
AT = datetime(2026, 3, 2, 15, 30, tzinfo=UTC)
CLOCK = datetime(2026, 3, 2, 23, 30)  # noqa: DTZ001 - what a clock in Shanghai shows then


@pytest.mark.parametrize(
    ("column", "values", "empty"),
    [
        (pyarrow.array([1.5, None, float("nan")]), [1.5, None, None], [1, 2]),
        (pyarrow.array([3, None], pyarrow.int64()), [3.0, None], [1]),
        (pyarrow.array([Decimal("1.50"), None]), [1.5, None], [1]),
        (pyarrow.array([" 1.5 ", "x", "", None]), [1.5, None, None, None], [2, 3]),
        (pyarrow.array(["1", None, "1"]).dictionary_encode(), [1.0, None, 1.0], [1]),
        (pyarrow.array([2.5, None]).dictionary_encode(), [2.5, None], [1]),
        (pyarrow.nulls(2), [None, None], [0, 1]),
        (pyarrow.array([], pyarrow.string()), [], []),
    ],
)
def test_numbers_are_read_of_whatever_holds_them(
    column: pyarrow.Array, values: list[float | None], empty: list[int]
) -> None:
    assert is_numbers(column.type)
    read, is_empty = numbers(column)
    assert [None if np.isnan(value) else value for value in read] == values
    assert np.flatnonzero(is_empty).tolist() == empty


@pytest.mark.parametrize(
    "column",
    [
        pyarrow.array([AT, None], pyarrow.timestamp("s", "UTC")),
        pyarrow.array([AT, None], pyarrow.timestamp("ms", "America/Chicago")),
        pyarrow.array([AT, None], pyarrow.timestamp("ns", "Asia/Shanghai")),
        pyarrow.array([CLOCK, None], pyarrow.timestamp("us")),
        pyarrow.array([CLOCK, None], pyarrow.timestamp("s")),
        pyarrow.array(["2026-03-02T15:30:00Z", ""]),
        pyarrow.array(["2026/3/2 23:30", None]).dictionary_encode(),
        pyarrow.array(["2026-03-02 23:30:00", None], pyarrow.large_string()),
    ],
)
def test_moments_are_read_of_whatever_holds_them(column: pyarrow.Array) -> None:
    assert is_moments(column.type)
    at, problems = moments(column, "at", SHANGHAI)
    assert at.tolist() == as_utc64([AT, None]).tolist()
    assert problems == {1: "at is empty"}


@pytest.mark.parametrize("kind", [pyarrow.date32(), pyarrow.date64()])
def test_a_day_means_its_midnight_there(kind: pyarrow.DataType) -> None:
    at, problems = moments(pyarrow.array([date(2026, 3, 2)], kind), "at", SHANGHAI)
    assert at.tolist() == as_utc64([datetime(2026, 3, 2, tzinfo=SHANGHAI)]).tolist()
    assert problems == {}


@pytest.mark.parametrize(
    ("column", "said"),
    [
        (
            pyarrow.array([-(2**60)], pyarrow.timestamp("s")),
            "lies outside the years 1900 to 2199",
        ),
        (
            pyarrow.array([2**60], pyarrow.timestamp("s", "UTC")),
            "lies outside the years 1900 to 2199",
        ),
        (pyarrow.array([2**31 - 1], pyarrow.date32()), "lies outside the years 1900 to 2199"),
        (pyarrow.array([-(2**40)], pyarrow.timestamp("ms", "UTC")), None),
        (pyarrow.array(["1.4.2026"]), "is no date"),
    ],
)
def test_what_is_no_moment_is_said(column: pyarrow.Array, said: str | None) -> None:
    at, problems = moments(column, "at", SHANGHAI)
    if said is None:
        assert (np.isnat(at).any(), problems) == (False, {})
        return
    assert np.isnat(at).all()
    assert problems[0].startswith("at: ")
    assert said in problems[0]


def test_a_time_that_the_clock_skipped_is_said_of_typed_columns_too() -> None:
    clocks = [
        datetime(2015, 3, 8, 1, 59),  # noqa: DTZ001
        datetime(2015, 3, 8, 2, 30),  # noqa: DTZ001
        datetime(2015, 11, 1, 1, 16),  # noqa: DTZ001
    ]
    tz = ZoneInfo("America/New_York")
    for column in (
        pyarrow.array(clocks, pyarrow.timestamp("us")),
        pyarrow.array([clock.isoformat() for clock in clocks]),
    ):
        at, problems = moments(column, "at", tz)
        assert np.isnat(at).tolist() == [False, True, False]
        assert at[2] == np.datetime64("2015-11-01T05:16")
        assert list(problems) == [1]
        assert "never was in America/New_York: the clocks were set forward" in problems[1]


@given(texts=st.lists(st.none() | st.text(st.characters(codec="utf-8"), max_size=6)))
def test_codes_are_the_texts_that_are_codes(texts: list[str | None]) -> None:
    column = pyarrow.array(texts, pyarrow.string())
    read, problems = codes(column, "code")
    again = codes(column.dictionary_encode(), "code")
    assert (read.tolist(), problems) == (again[0].tolist(), again[1])
    for i, text in enumerate(texts):
        assert read[i] == ("" if i in problems else (text or "").strip())
        assert (problems.get(i) == "code is empty") == (not (text or "").strip())


def test_codes_that_are_numbers_are_written_as_in_a_table() -> None:
    assert codes(pyarrow.array([101.0, 7.5]), "code")[0].tolist() == ["101", "7.5"]
    long = pyarrow.array(["x" * 201])
    assert codes(long, "code")[1] == {0: "code: a code of 201 characters; at most 64"}


@pytest.mark.parametrize("kind", [pyarrow.list_(pyarrow.int8()), pyarrow.binary()])
def test_other_types_fit_nothing(kind: pyarrow.DataType) -> None:
    fits: list[Any] = [is_numbers, is_moments, is_codes]
    assert not any(test(kind) for test in fits)


def test_a_cell_is_the_text_it_has_in_a_table() -> None:
    assert cell_text(pyarrow.array([float("nan"), 2.0]), 0) is None
    assert cell_text(pyarrow.array([" a "]), 0) == "a"
