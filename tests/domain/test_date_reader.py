from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gridmgmt.domain.columns import Column, plain, read_cells
from gridmgmt.domain.date_format import parse_format
from gridmgmt.domain.date_reader import DateReader, with_dates

SHANGHAI = DateReader(ZoneInfo("Asia/Shanghai"))
NEW_YORK = DateReader(ZoneInfo("America/New_York"))

texts = st.datetimes(
    datetime(1895, 1, 1),  # noqa: DTZ001 - the readers bring the zone
    datetime(2205, 1, 1),  # noqa: DTZ001
).map(lambda clock: clock.replace(microsecond=0).isoformat(" "))


def one_by_one(dates: DateReader, column: list[str | None]) -> list[datetime | None] | None:
    try:
        return [None if text is None else dates.moment(text) for text in column]
    except ValueError:
        return None


@given(
    column=st.lists(st.none() | texts, max_size=4), dates=st.sampled_from([SHANGHAI, NEW_YORK])
)
@example(["2015-03-08 02:30"], NEW_YORK)
@example(["2015-11-01 01:16", "2015-11-01 02:16"], NEW_YORK)
@example(["2015-06-01 01:16", "2015-12-01 01:16"], NEW_YORK)
@example(["2015-06-01 01:16", "2015-06-02 01:16:01", None], NEW_YORK)
@example(["2015-06-01 01:16Z"], NEW_YORK)
@example(["2015-06-01 24:16"], NEW_YORK)
@example(["2015-02-29 10:16"], SHANGHAI)
@example(["2199-12-31 10:16"], SHANGHAI)
@example(["9999-12-31 10:16"], SHANGHAI)
def test_moments_read_at_once_are_those_read_one_by_one(
    column: list[str | None], dates: DateReader
) -> None:
    read = dates.moments(column)
    if read is not None:
        slow = one_by_one(dates, column)
        assert slow is not None
        assert read == slow
        # Equal instants may still be written differently.
        assert [at and at.isoformat() for at in read] == [at and at.isoformat() for at in slow]


def test_the_moments_of_a_usual_file_are_read_at_once() -> None:
    column = ["2024-01-05 08:30", None, "2026-12-31T23:59:59"]
    assert SHANGHAI.moments(column) == one_by_one(SHANGHAI, column)
    assert SHANGHAI.moments([None, None]) == [None, None]
    summer = ["2015-06-01 01:16", "2015-09-30 23:16"]
    assert NEW_YORK.moments(summer) == one_by_one(NEW_YORK, summer)


def test_a_last_day_may_be_open() -> None:
    assert SHANGHAI.last_day("9999-12-31") is None
    assert SHANGHAI.last_day("9999/12/31 00:00:00") is None
    assert SHANGHAI.last_day("2026/3/31") == date(2026, 3, 31)
    with pytest.raises(ValueError, match="lies outside the years 1900 to 2199"):
        SHANGHAI.last_day("9998-12-31")
    with pytest.raises(ValueError, match="is no date"):
        SHANGHAI.last_day("never")


@pytest.mark.parametrize(
    ("text", "formats"),
    [
        ("13/04/2026", ["DD/MM/YYYY"]),
        ("03/04/2026", ["MM/DD/YYYY", "DD/MM/YYYY"]),
        ("1/25/2015 1:40:41 PM", ["M/DD/YYYY h:mm:ss A"]),
    ],
)
def test_who_can_state_a_format_is_told_which_ones_would_do(
    text: str, formats: list[str]
) -> None:
    dates = DateReader(SHANGHAI.tz, can_state=True)
    options = ", ".join(f'--date-format "{one}"' for one in formats)
    for read in (dates.moment, dates.day, dates.last_day):
        with pytest.raises(ValueError, match="until its format") as caught:
            read(text)
        assert str(caught.value) == f"{text!r} is no date until its format is stated: {options}"
    for one in formats:
        # The remedy works.
        DateReader(SHANGHAI.tz, (parse_format(one),)).moment(text)
    with pytest.raises(ValueError, match="is no date; write 2024-01-05"):
        SHANGHAI.moment(text)


@pytest.mark.parametrize("text", ["soon", "2026-02-30", "13/13/2026", "41640.5"])
def test_what_no_format_makes_a_date_keeps_its_reason(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no date(; write| \()"):
        DateReader(SHANGHAI.tz, can_state=True).moment(text)


def test_columns_of_dates_are_given_their_reader() -> None:
    columns = [
        Column("name", plain),
        Column("valid_to", DateReader.last_day, is_dated=True),
    ]
    given_dates = with_dates(columns, NEW_YORK)
    cells = {"name": "a", "valid_to": "2026-03-02T02:00:00Z"}
    assert read_cells(given_dates, cells) == ({"name": "a", "valid_to": date(2026, 3, 1)}, {})
