from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmgmt.domain.cases.case import GivenCase
from gridmgmt.domain.cases.case_rows import RowReader
from gridmgmt.domain.date_reader import DateReader
from gridmgmt.errors import InputError

READER = RowReader(DateReader(ZoneInfo("Asia/Shanghai")), datetime(2026, 1, 1, tzinfo=UTC))
ROW = {
    "case_no": "C1",
    "category": "占道经营",
    "reported_at": "2024-01-05 08:30",
    "lon": "120.1",
    "lat": "30.2",
}


def problems(**changes: str | None) -> list[str]:
    outcome = READER.read({**ROW, **changes})
    assert isinstance(outcome, list)
    return outcome


def test_a_sound_row_becomes_a_case_with_aware_times() -> None:
    case = READER.read(
        {**ROW, "due_at": "2024-01-06", "accuracy_m": "12.5", "channel": "12345"}
    )
    assert isinstance(case, GivenCase)
    assert (case.x, case.y, case.accuracy_m, case.channel) == (120.1, 30.2, 12.5, "12345")
    assert case.reported_at.isoformat() == "2024-01-05T08:30:00+08:00"
    assert case.due_at is not None
    assert case.due_at.isoformat() == "2024-01-06T00:00:00+08:00"


def test_a_row_without_a_position_is_a_case_without_one() -> None:
    case = READER.read({**ROW, "lon": None, "lat": None})
    assert isinstance(case, GivenCase)
    assert case.x is None
    assert case.y is None


def test_half_a_position_is_refused() -> None:
    assert problems(lat=None) == ["lon is given but lat is empty"]
    assert problems(lon=None) == ["lat is given but lon is empty"]


@pytest.mark.parametrize("text", ["here", "nan", "inf", "30,2"])
def test_a_coordinate_that_is_no_number_is_refused(text: str) -> None:
    assert problems(lon=text) == [f"lon: {text!r} is no coordinate"]


def test_a_year_2099_is_refused_for_what_has_happened_but_not_for_a_deadline() -> None:
    assert problems(reported_at="2099-01-01") == ["reported_at 2099-01-01 lies in the future"]
    assert problems(disposed_at="2099-01-01") == ["disposed_at 2099-01-01 lies in the future"]
    assert isinstance(READER.read({**ROW, "due_at": "2099-01-01"}), GivenCase)


def test_a_clock_that_is_a_few_hours_ahead_is_forgiven() -> None:
    assert isinstance(READER.read({**ROW, "reported_at": "2026-01-02 07:59"}), GivenCase)
    assert problems(reported_at="2026-01-02 08:01")


def test_everything_wrong_with_a_row_is_said_at_once() -> None:
    assert problems(
        case_no=None, category="x" * 201, reported_at=None, lat="?", accuracy_m="-1"
    ) == [
        "case_no is empty",
        "category: a code of 201 characters; at most 64",
        "reported_at is empty",
        "lat: '?' is no coordinate",
        "accuracy_m: '-1' is no number of 0 or more",
    ]


def test_a_text_the_database_cannot_hold_is_refused() -> None:
    assert problems(description="a\0b") == ["description: has a control character in it"]


@given(
    st.fixed_dictionaries(
        {}, optional={column.name: st.none() | st.text() for column in READER.columns}
    )
)
def test_no_text_at_all_makes_the_reader_fail(cells: dict[str, str | None]) -> None:
    outcome = READER.read(cells)
    assert isinstance(outcome, GivenCase) or outcome


def test_a_field_without_a_mapping_is_the_column_of_its_name() -> None:
    columns = ["id", "type", "reported_at", "lon", "lat", "address", "zip"]
    chosen, missing = READER.choose({"case_no": "id", "category": "type"}, columns)
    assert missing == []
    assert chosen == {
        "case_no": "id",
        "category": "type",
        "reported_at": "reported_at",
        "lon": "lon",
        "lat": "lat",
        "address": "address",
    }


@pytest.mark.parametrize("number", ["new", "export", "exports/1", "../etc", "/7", "a//b", "."])
def test_a_number_whose_page_has_no_address_is_refused(number: str) -> None:
    (problem,) = problems(case_no=number)
    assert "cannot stand in an address" in problem


def test_a_column_may_be_named_as_the_pages_name_it() -> None:
    columns = ["案件编号", "类别编码", "上报时间", "经度", "纬度", "描述", "备注"]
    chosen, missing = READER.choose({}, columns)
    assert missing == []
    assert list(chosen.values()) == columns[:-1]


def test_every_missing_column_is_named() -> None:
    assert READER.choose({"due_at": "deadline"}, ["case_no", "category", "reported_at"])[1] == [
        "there is no column 'deadline'",
        "there is no column 'lon'",
        "there is no column 'lat'",
    ]


def test_a_field_that_cases_do_not_have_is_refused() -> None:
    with pytest.raises(InputError, match="no field colour, size"):
        READER.choose({"colour": "a", "size": "b"}, ["a", "b"])


NUMBERS = st.sampled_from(
    ["C1", "C2", "new", "a/b", "exports", "exports/x", "..", "a/../b", "x\0"]
)
TIMES = st.sampled_from(
    [
        "2024-01-05 08:30",
        "2024-01-05",
        "2099-01-01",
        "2026-01-02 07:59",
        "2026-01-02T08:01",
        "x",
    ]
)
PLACES = st.sampled_from(["120.1", "30", "nan", "1e9", "-1e9", "-999999999.9", "1_0", "x"])
TEXTS = st.sampled_from(["街", "a\0", "a\tb", "a\x01b", "x" * 201, "'; --"])
ROWS = st.fixed_dictionaries(
    {
        "case_no": st.none() | NUMBERS,
        "category": st.none() | TEXTS,
        "reported_at": st.none() | TIMES,
        "lon": st.none() | PLACES,
        "lat": st.none() | PLACES,
        "due_at": st.none() | TIMES,
        "closed_at": st.none() | TIMES,
        "description": st.none() | TEXTS,
        "accuracy_m": st.none() | PLACES,
    }
)


@given(st.lists(ROWS, max_size=6), st.booleans())
def test_many_rows_are_read_as_each_of_them_is(
    rows: list[dict[str, str | None]], sound: bool
) -> None:
    if sound:
        rows = [{**row, **ROW, "case_no": row["case_no"]} for row in rows]
    columns = {name: [row[name] for row in rows] for name in (rows[0] if rows else ROW)}
    assert READER.read_many(columns, len(rows)) == [READER.read(row) for row in rows]


def test_clocks_put_back_hide_no_time_that_lies_in_the_future() -> None:
    # 01:30 of that night comes twice in Chicago; half past two does not come at all in March
    # and is taken for later than ten past three.
    now = datetime(2026, 3, 7, 8, 20, tzinfo=UTC)
    reader = RowReader(DateReader(ZoneInfo("America/Chicago")), now)
    texts = ["2026-03-08 02:30", "2026-03-08 03:10", "2026-03-08 03:25"]
    columns = {name: [value] * 3 for name, value in ROW.items()} | {"reported_at": texts}
    read = reader.read_many(columns, 3)
    assert [isinstance(row, GivenCase) for row in read] == [False, True, False]
