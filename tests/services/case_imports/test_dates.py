"""Dates of case files: plausible years, clock changes, and the forms people write."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pyarrow
import pyarrow.parquet
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gridmgmt.domain.judging.judging_rules import JudgingRules
from gridmgmt.exchange.bytes.safe_tables import write_table
from gridmgmt.services.cases.exports import CaseExport, CaseTable
from gridmgmt.store.schema import case_events, cases
from tests.services.answering import make_city
from tests.services.case_city import A2, case_file, row, stored, take_in

NEW_YORK = ZoneInfo("America/New_York")
IN_NEW_YORK: dict[str, Any] = {"rules": JudgingRules(NEW_YORK)}


@pytest.fixture
def city(conn: Connection) -> Connection:
    make_city(conn)
    return conn


def everything(conn: Connection) -> list[Any]:
    ordered = (
        sa.select(cases).order_by(cases.c.case_no),
        sa.select(case_events).order_by(case_events.c.case_no, case_events.c.seq),
    )
    return [conn.execute(query).all() for query in ordered]


@pytest.mark.parametrize("fmt", ["csv", "xlsx", "parquet"])
def test_the_hour_a_clock_repeats_is_imported_twice_without_a_change(
    city: Connection, tmp_path: Path, fmt: str
) -> None:
    rows = [
        row("F1", reported_at="2015-11-01 01:16:00", due_at="2015-11-01 01:30:00"),
        row("F2", reported_at="2015-11-01 00:59:00", due_at="2015-11-01 02:00:00"),
        row("F3", A2, reported_at="2015-10-31 01:16:00", disposed_at="2015-11-01 01:10:00"),
    ]
    path = case_file(tmp_path, rows)
    if fmt == "xlsx":
        book = openpyxl.Workbook()
        for line in path.read_text("utf-8").splitlines():
            cells = line.split(",")
            dated = [datetime.fromisoformat(cell) if ":" in cell else cell for cell in cells]
            book.active.append(dated)
        path = tmp_path / "cases.xlsx"
        book.save(path)
    if fmt == "parquet":
        columns = {name: [one.get(name) for one in rows] for one in rows for name in one}
        for name in ("reported_at", "due_at", "disposed_at"):
            columns[name] = [text and datetime.fromisoformat(text) for text in columns[name]]
        path = tmp_path / "cases.parquet"
        pyarrow.parquet.write_table(pyarrow.table(columns), path)
    first = take_in(city, path, **IN_NEW_YORK)
    assert (first.new, first.rejected) == (3, [])
    # The first of the two: summer time.
    assert stored(city, "F1").given.reported_at == datetime(2015, 11, 1, 5, 16, tzinfo=UTC)
    assert stored(city, "F1").given.due_at == datetime(2015, 11, 1, 5, 30, tzinfo=UTC)
    before = everything(city)
    for options in ({}, {"update_known": True}):
        again = take_in(city, path, **IN_NEW_YORK, **options)
        assert (again.new, again.unchanged, again.updated) == (0, 3, 0)
        assert again.rejected == []
        assert everything(city) == before


def test_a_time_that_the_clock_skipped_is_rejected_by_row(
    city: Connection, tmp_path: Path
) -> None:
    rows = [
        row("F1", reported_at="2015-03-08 01:59:59"),
        row("F2", reported_at="2015-03-08 02:30:00"),
        row("F3", reported_at="2015-03-08 03:00:00", due_at="2016-03-13 02:00"),
    ]
    report = take_in(city, case_file(tmp_path, rows), **IN_NEW_YORK)
    assert report.new == 1
    never = "never was in America/New_York: the clocks were set forward over it"
    assert [(one.row, one.reason) for one in report.rejected] == [
        (3, f"reported_at: '2015-03-08 02:30:00' {never}"),
        (4, f"due_at: '2016-03-13 02:00' {never}"),
    ]


@pytest.mark.parametrize(
    "due_at", ["9999-12-31T23:59:59Z", "9999-12-31", "9999/12/31 00:00", "2200-01-01"]
)
def test_a_deadline_that_never_comes_is_rejected_with_the_remedy(
    city: Connection, tmp_path: Path, due_at: str
) -> None:
    rows = [row("W1", due_at=due_at), row("W2", due_at="2199-12-31 23:59")]
    report = take_in(city, case_file(tmp_path, rows))
    outside = "lies outside the years 1900 to 2199; if no time is set, leave it empty"
    assert [one.reason for one in report.rejected] == [f"due_at: '{due_at}' {outside}"]
    assert stored(city, "W2").given.due_at == datetime(2199, 12, 31, 15, 59, tzinfo=UTC)


def test_a_typed_deadline_that_never_comes_costs_its_row_alone(
    city: Connection, tmp_path: Path
) -> None:
    columns: dict[str, list[Any]] = {name: [value] * 2 for name, value in row("W").items()}
    columns["case_no"] = ["W1", "W2"]
    ends = pyarrow.array([253402300799, 1772500000], pyarrow.timestamp("s", "Asia/Shanghai"))
    path = tmp_path / "cases.parquet"
    pyarrow.parquet.write_table(pyarrow.table({**columns, "due_at": ends}), path)
    report = take_in(city, path)
    assert report.new == 1
    (rejected,) = report.rejected
    assert "due_at: '9999-12-31T23:59:59Z' lies outside the years" in rejected.reason


@pytest.mark.parametrize(
    "text", ["2026/3/2 9:30", "2026.03.02 09:30:00", "2026年3月2日9:30", "2026-03-02T01:30Z"]
)
def test_common_forms_mean_the_same_moment(city: Connection, tmp_path: Path, text: str) -> None:
    take_in(city, case_file(tmp_path, [row("C1", reported_at=text)]))
    assert stored(city, "C1").given.reported_at == datetime(2026, 3, 2, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_cases_that_left_come_back_unchanged_around_a_clock_change(
    city: Connection, tmp_path: Path, suffix: str
) -> None:
    rows = [
        row("F1", reported_at="2015-11-01T01:16:00-04:00", due_at="2199-12-31 23:59:59"),
        row("F2", reported_at="2015-11-01T01:16:00-05:00", due_at="2015-11-01T01:30:00-05:00"),
        row("F3", reported_at="1900-01-01 00:00:01", disposed_at="2015-11-01T06:10:00Z"),
    ]
    take_in(city, case_file(tmp_path, rows), **IN_NEW_YORK)
    table = CaseTable(city, CaseExport("tester", JudgingRules(NEW_YORK)))
    path = tmp_path / f"left{suffix}"
    write_table(path, table.columns, table.rows())
    again = take_in(city, path, **IN_NEW_YORK, update_known=True)
    assert (again.new, again.updated, again.unchanged) == (0, 0, 3)
    assert again.rejected == []
