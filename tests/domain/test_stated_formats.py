"""Several stated formats, formats for one field, and what is read beside them."""

import re
from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmgmt.domain.columns import Column, read_cells
from gridmgmt.domain.date_format import parse_format, parse_formats
from gridmgmt.domain.date_reader import DateReader, with_dates
from gridmgmt.domain.stored_time import StoredTime
from gridmgmt.errors import InputError

# Formats, and how Python writes them.
WRITTEN = {
    "DD/MM/YYYY": "%d/%m/%Y",
    "MM/DD/YYYY": "%m/%d/%Y",
    "DD.MM.YYYY": "%d.%m.%Y",
    "MM-DD-YYYY": "%m-%d-%Y",
    "DD/MM/YY": "%d/%m/%y",
    "YY/MM/DD": "%y/%m/%d",
    "MM/DD/YY": "%m/%d/%y",
    "DDMMYYYY": "%d%m%Y",
    "YYMMDDHH": "%y%m%d%H",
    "DD MMM YYYY": "%d %b %Y",
    "MMM DD, YYYY hh:mm A": "%b %d, %Y %I:%M %p",
    "YYYY/MM/DD hh:mm A": "%Y/%m/%d %I:%M %p",
    "YYYYMMDDHHmm": "%Y%m%d%H%M",
    "YYYY-DD-MM": "%Y-%d-%m",
}
ISO = ["%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日", "%Y-%m-%d %H:%M", "%Y%m%d"]

# Of years that two digits say too.
days = st.dates(date(1970, 1, 1), date(2068, 12, 31))
many = settings(max_examples=500)
stated = st.lists(st.sampled_from(list(WRITTEN)), min_size=1, max_size=4, unique=True)


def reader(*formats: str, field: str | None = None) -> DateReader:
    dates = DateReader(formats=tuple(map(parse_format, formats)), can_state=True)
    return dates if field is None else dates.of(field)


def readings(text: str, formats: list[str]) -> set[date]:
    found = set()
    for one in formats:
        try:
            found.add(parse_format(one).read(text).date())
        except ValueError:
            continue
    meant = {day for day in found if 1900 <= day.year <= 2199}
    return meant or found


@many
@given(day=days, formats=stated, data=st.data())
def test_a_date_is_read_by_the_only_format_that_means_a_day(
    day: date, formats: list[str], data: st.DataObject
) -> None:
    text = day.strftime(WRITTEN[data.draw(st.sampled_from(formats))])
    dates = reader(*formats)
    if readings(text, formats) == {day}:
        assert dates.day(text) == day
        return
    with pytest.raises(ValueError, match="state one of them") as caught:
        dates.day(text)
    # All readings are named, and what is said to do works.
    assert f"{day.isoformat()} by the format " in str(caught.value)
    for option in re.findall(r'--date-format "([^"]+)"', str(caught.value)):
        assert reader(option).day(text) in readings(text, formats)


@many
@given(day=days, formats=stated, pattern=st.sampled_from(ISO))
def test_a_date_that_begins_with_the_year_is_that_day_or_refused(
    day: date, formats: list[str], pattern: str
) -> None:
    text = day.strftime(pattern)
    try:
        assert reader(*formats).day(text) in {day, *readings(text, formats)}
    except ValueError:
        # It has the form of a stated format, or one puts the day before the month.
        has_form = any(parse_format(one).pattern.fullmatch(text) for one in formats)
        assert has_form or "YYYY-DD-MM" in formats


@pytest.mark.parametrize("formats", [["DD/MM/YYYY"], ["MMM DD, YYYY hh:mm A", "YY/MM/DD"]])
@given(day=days, pattern=st.sampled_from(ISO))
def test_usual_formats_leave_dates_that_begin_with_the_year(
    formats: list[str], day: date, pattern: str
) -> None:
    dates = reader(*formats)
    assert dates.day(day.strftime(pattern)) == day
    assert dates.moment(day.strftime(pattern)) == DateReader().moment(day.strftime(pattern))


@given(day=days, formats=stated, clock=st.times())
def test_what_a_program_stored_as_a_date_is_that_day(
    day: date, formats: list[str], clock: datetime
) -> None:
    dates = reader(*formats)
    at = f"{day}T{clock.replace(microsecond=0)}"
    for text in (StoredTime(day), StoredTime(at)):
        assert dates.day(text) == dates.last_day(text) == day
    assert dates.moment(StoredTime(at)) == DateReader().moment(at)


@many
@given(day=days, one=st.sampled_from(list(WRITTEN)), other=st.sampled_from(list(WRITTEN)))
def test_formats_that_agree_never_mean_two_days(day: date, one: str, other: str) -> None:
    text = day.strftime(WRITTEN[one])
    if parse_format(one).agrees_with(parse_format(other)):
        assert len(readings(text, [one, other])) == 1
    agrees = parse_format(other).agrees_with(parse_format(one))
    assert agrees == parse_format(one).agrees_with(parse_format(other))


@many
@given(day=days, formats=stated, other=st.sampled_from(list(WRITTEN)))
def test_a_format_that_is_proposed_beside_the_stated_ones_reads_the_date(
    day: date, formats: list[str], other: str
) -> None:
    text = day.strftime(WRITTEN[other])
    try:
        reader(*formats).day(text)
    except ValueError as error:
        told = str(error)
        if "state its format too" in told:
            options = re.findall(r'--date-format "([^"]+)"', told)
            assert options
            # They work when they are typed beside the others.
            found = {reader(*formats, one).day(text) for one in options}
            agree = all(parse_format(other).agrees_with(parse_format(one)) for one in formats)
            assert day in found or not agree


@pytest.mark.parametrize(
    ("stated", "text"),
    [
        ("YYYY-DD-MM", "2026-04-13"),
        ("YYYY-DD-MM", "2026-4-13"),
        ("YYYY/D/M HH:mm", "2026-04-13"),
        ("YYMMDDHH", "19991231"),
        ("YYYY-MM-DD hh:mm A", "2026-04-31 08:00 AM"),
    ],
)
def test_a_slip_is_not_read_as_another_day(stated: str, text: str) -> None:
    with pytest.raises(ValueError, match="does not fit the format"):
        reader(stated).day(text)


def test_what_fits_no_stated_format_is_told_with_all_of_them() -> None:
    dates = reader("DD/MM/YYYY", "DD.MM.YYYY")
    with pytest.raises(ValueError, match="fits none of the formats") as caught:
        dates.day("soon")
    assert str(caught.value) == "'soon' fits none of the formats DD/MM/YYYY, DD.MM.YYYY"
    with pytest.raises(ValueError, match="does not fit") as caught:
        reader("DD/MM/YYYY").day("5.1.26")
    assert str(caught.value) == (
        "'5.1.26' does not fit the format DD/MM/YYYY; "
        'state its format too: --date-format "M.D.YY", --date-format "D.M.YY"'
    )
    with pytest.raises(ValueError, match="does not fit") as caught:
        # Its form is that of the stated format, so another one would change other days.
        reader("DD/MM/YYYY").day("01/13/2026")
    assert str(caught.value) == "'01/13/2026' does not fit the format DD/MM/YYYY"
    with pytest.raises(ValueError, match="2026-02 has no day 30"):
        reader("DD/MM/YYYY").day("2026-02-30")


def test_a_date_of_several_readings_names_the_field() -> None:
    dates = reader("DD/MM/YYYY", "MM/DD/YYYY", field="due_at")
    assert dates.day("13/04/2026") == date(2026, 4, 13)
    assert dates.day("04/04/2026") == date(2026, 4, 4)
    with pytest.raises(ValueError, match="state one") as caught:
        dates.day("03/04/2026")
    assert str(caught.value) == (
        "'03/04/2026' is read in several ways (2026-04-03 by the format DD/MM/YYYY, 2026-03-04 "
        "by the format MM/DD/YYYY); state one of them for this field: "
        '--date-format "due_at=DD/MM/YYYY", '
        '--date-format "due_at=MM/DD/YYYY"'
    )


def test_formats_of_a_field_count_in_the_place_of_those_for_all() -> None:
    dates = DateReader(formats=parse_formats("DD/MM/YYYY\nvalid_to = MM/DD/YYYY\n"))
    columns = [
        Column("valid_from", DateReader.day, is_dated=True),
        Column("valid_to", DateReader.last_day, is_dated=True),
    ]
    cells: dict[str, str | None] = {"valid_from": "03/04/2026", "valid_to": "03/04/2026"}
    values, problems = read_cells(with_dates(columns, dates), cells)
    assert problems == {}
    assert values == {"valid_from": date(2026, 4, 3), "valid_to": date(2026, 3, 4)}
    with pytest.raises(InputError, match="no field of dates due_at; choose of valid_from, val"):
        with_dates(columns, DateReader(formats=parse_formats("due_at=MM/DD/YYYY")))


def test_formats_are_written_on_lines_of_their_own() -> None:
    lines = parse_formats("\r\n DD/MM/YYYY \r\n\r\ndue_at=hh:mm A, MMM D, YYYY\nDD/MM/YYYY")
    assert [one.stated for one in lines] == ["DD/MM/YYYY", "due_at=hh:mm A, MMM D, YYYY"]
    assert parse_formats(" \n ") == ()
    with pytest.raises(InputError, match="no part of a date is dd, yyyy"):
        parse_formats("DD/MM/YYYY\ndue_at=dd/mm/yyyy")
