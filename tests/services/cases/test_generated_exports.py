"""Whatever a case may hold leaves in a file and comes back from it."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import Connection

from gridmgmt.domain.cases.case import Case
from gridmgmt.domain.cases.case_rows import RowReader
from gridmgmt.domain.date_reader import DateReader
from gridmgmt.domain.headings import LANGUAGES, Language
from gridmgmt.domain.judging.judging_rules import JudgingRules
from gridmgmt.exchange.bytes.safe_tables import write_table
from gridmgmt.geometry.measure import GRID_PER_DEGREE
from gridmgmt.services.cases.exports import CaseExport, open_export
from gridmgmt.store.cases.case_filter import CaseFilter
from gridmgmt.store.cases.cases import list_cases
from tests.services.answering import make_city
from tests.services.case_city import NOW, SHANGHAI, give_duties, take_in
from tests.services.exports.generated import CODES, NUMBERS, TEXTS, maybe

PERSONAL = ("description", "address")
NUMBER_COLUMN = RowReader(DateReader(UTC), NOW).columns[0]


def is_case_no(text: str) -> bool:
    try:
        return NUMBER_COLUMN.parse(text) == text
    except ValueError:
        return False


MOMENTS = st.datetimes(datetime(2026, 1, 2), datetime(2026, 5, 31)).map(  # noqa: DTZ001
    lambda local: local.replace(tzinfo=SHANGHAI)
)
ZONES = st.sampled_from([UTC, SHANGHAI])
# In and just beside the streets, on the storage grid.
STEPS = st.integers(-10_000, 2_010_000)
PLACES = st.tuples(STEPS, st.integers(-10_000, 1_010_000)).map(
    lambda steps: (
        (12_015_000_000 + steps[0]) / GRID_PER_DEGREE,
        (3_025_000_000 + steps[1]) / GRID_PER_DEGREE,
    )
)


@st.composite
def rows(draw: Any) -> list[dict[str, object]]:
    found = []
    for number in draw(st.lists(CODES.filter(is_case_no), min_size=1, max_size=8, unique=True)):
        lon, lat = draw(maybe(PLACES)) or (None, None)
        zone = draw(ZONES)
        times = {
            "reported_at": draw(MOMENTS),
            "due_at": draw(maybe(st.datetimes(datetime(1901, 1, 2), datetime(2199, 12, 30)))),  # noqa: DTZ001
            "disposed_at": draw(maybe(MOMENTS)),
            "closed_at": draw(maybe(MOMENTS)),
        }
        shown = {
            name: None
            if at is None
            else at.replace(tzinfo=at.tzinfo or SHANGHAI).astimezone(zone).isoformat()
            for name, at in times.items()
        }
        found.append(
            {
                "case_no": number,
                "category": draw(CODES),
                **shown,
                "lon": lon,
                "lat": lat,
                "channel": draw(maybe(TEXTS.filter(lambda text: len(text) <= 200))),
                "description": draw(maybe(TEXTS)),
                "address": draw(maybe(TEXTS)),
                "accuracy_m": draw(maybe(NUMBERS)),
            }
        )
    return found


@contextmanager
def bureau(conn: Connection) -> Iterator[None]:
    with conn.begin_nested() as savepoint:
        make_city(conn)
        give_duties(conn)
        yield
        savepoint.rollback()


def leave(conn: Connection, path: Path, language: Language | None = None) -> list[Case]:
    asked = CaseExport(
        "t", JudgingRules(SHANGHAI), level="street", personal=True, language=language
    )
    table = open_export(conn, asked)
    write_table(path, table.columns, table.rows(), sheet=table.title)
    return list_cases(conn, CaseFilter(), limit=100)


def check(conn: Connection, suffix: str, drawn: list[dict[str, object]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        given_file, first, again = (
            Path(folder) / f"{name}{suffix}" for name in ("given", "first", "again")
        )
        with bureau(conn):
            write_table(given_file, list(drawn[0]), [list(row.values()) for row in drawn])
            report = take_in(conn, given_file)
            assert [one.reason for one in report.rejected] == []
            assert report.new == len(drawn)
            before = leave(conn, first)
        with bureau(conn):
            report = take_in(conn, first)
            assert [one.reason for one in report.rejected] == []
            assert report.new == len(drawn)
            assert take_in(conn, first).unchanged == len(drawn)
            after = leave(conn, again)
        assert after == before
        if suffix == ".csv":
            assert again.read_bytes() == first.read_bytes()


few = settings(
    max_examples=8,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def round_trips(conn: Connection, suffix: str, how: settings) -> None:
    @how
    @given(drawn=rows())
    def run(drawn: list[dict[str, object]]) -> None:
        check(conn, suffix, drawn)

    run()


@pytest.mark.proof
@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_exported_cases_make_the_same_cases_again(conn: Connection, suffix: str) -> None:
    round_trips(conn, suffix, few)


@pytest.mark.proof
@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_many_exported_cases_make_the_same_cases_again(conn: Connection, suffix: str) -> None:
    round_trips(conn, suffix, settings(few, max_examples=60))


@pytest.mark.proof
@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_cases_exported_for_people_come_back_and_change_nothing(
    conn: Connection, suffix: str, language: Language
) -> None:
    @few
    @given(drawn=rows())
    def run(drawn: list[dict[str, object]]) -> None:
        with tempfile.TemporaryDirectory() as folder, bureau(conn):
            given_file, left = (Path(folder) / f"{name}{suffix}" for name in ("given", "left"))
            write_table(given_file, list(drawn[0]), [list(row.values()) for row in drawn])
            assert take_in(conn, given_file).new == len(drawn)
            before = leave(conn, left, language)
            report = take_in(conn, left)
            assert [one.reason for one in report.rejected] == []
            assert report.unchanged == len(drawn)
            assert list_cases(conn, CaseFilter(), limit=100) == before

    run()


def test_a_file_for_people_reads_as_a_bureau_would_have_made_it(
    conn: Connection, tmp_path: Path
) -> None:
    make_city(conn)
    give_duties(conn)
    at = "2026-03-01 08:30:00"
    given_file, left = tmp_path / "given.csv", tmp_path / "left.xlsx"
    head = ["case_no", "category", "reported_at", "lon", "lat", "due_at", "disposed_at"]
    long = "001234567890123456"
    rows = [
        [long, "noise", at, 120.155, 30.255, "2026-03-02 08:30:00", "2026-03-01 10:00:00"],
        ["2", "noise", at, None, None, None, None],
    ]
    write_table(given_file, head, rows)
    assert take_in(conn, given_file).new == 2
    leave(conn, left, "zh")
    sheet = openpyxl.load_workbook(left).worksheets[0]
    names, *lines = sheet.iter_rows(values_only=True)
    assert sheet.title == "案件"
    assert sheet.freeze_panes == "A2"
    found = {line[0]: dict(zip(names, line, strict=True)) for line in lines}
    assert found[long]["上报时间"] == at
    assert found[long]["时限情况"] == "按期处置"
    assert found[long]["案件状态"] == "已处置"
    assert found[long]["所在网格编码"] is not None
    assert found["2"]["时限情况"] == "未设处置截止"
    assert found["2"]["未定位原因"] == "未给出位置"
    assert found["2"]["主办单位编码"] is None
    assert found["2"]["主办单位名称"] == "尚无主办单位（尚未定位）"
    assert found["2"]["案件状态"] == "待研判"
    assert found["2"]["是否在边界上"] == "否"
    for code, name in (("类别编码", "类别名称"), ("主办单位编码", "主办单位名称")):
        assert names.index(name) == names.index(code) + 1
