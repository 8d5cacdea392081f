import re
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gridmgmt.domain import moments
from gridmgmt.domain.moments import is_no_end, read_day, read_moment, read_written

SHANGHAI = ZoneInfo("Asia/Shanghai")
NEW_YORK = ZoneInfo("America/New_York")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2018-09-03 14:05", "2018-09-03T14:05:00+08:00"),
        ("2018-09-03 14:05:59", "2018-09-03T14:05:59+08:00"),
        ("2018-09-03T14:05:59.25", "2018-09-03T14:05:59.250000+08:00"),
        ("2014/1/5 8:30", "2014-01-05T08:30:00+08:00"),
        ("2014-01-05", "2014-01-05T00:00:00+08:00"),
        ("2014.1.5", "2014-01-05T00:00:00+08:00"),
        ("20140105", "2014-01-05T00:00:00+08:00"),
        ("2014年1月5日8:30", "2014-01-05T08:30:00+08:00"),
        ("2014年1月5日 8:30", "2014-01-05T08:30:00+08:00"),
        ("2018-09-03 14:05:00+0200", "2018-09-03T14:05:00+02:00"),
        ("2018-09-03T14:05:00-05:30", "2018-09-03T14:05:00-05:30"),
        ("2018-09-03T06:05:00Z", "2018-09-03T06:05:00+00:00"),
    ],
)
def test_iso_and_common_forms_are_read_in_the_given_zone(text: str, expected: str) -> None:
    assert read_moment(text, SHANGHAI).isoformat() == expected


@pytest.mark.parametrize(
    "text",
    [
        "05/01/2014",
        "1/5/2014 8:30",
        "05012014",
        "2014010",
        "20140230",
        "2014-02-30",
        "2014-01-05 25:00",
        "2014-01-0508:30",
        "yesterday",
        "",
        "41640.5",
        # Offsets that no clock has, and spans of days.
        "2026-03-01 10:00+16:00",
        "2026-03-01 10:00:00-23:59",
        "2026-03-01 10:00 +0860",
        "2026.03.01-20",
        "2026-03-01-20",
        "２０２６-03-01",
    ],
)
def test_what_is_no_moment_or_could_be_two_is_refused_with_its_text(text: str) -> None:
    with pytest.raises(ValueError, match="is no date") as caught:
        read_moment(text, SHANGHAI)
    assert repr(text) in str(caught.value)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("2026-02-30", "2026-02 has no day 30"),
        ("2024-02-30 08:00:00", "2024-02 has no day 30"),
        ("2026/13/45", "there is no month 13"),
        ("0000-01-01", "there is no year 0"),
        ("2026-01-01 24:10", "there is no hour 24"),
        ("2026-01-01 08:61", "there is no minute 61"),
        ("2026-01-01 08:00:75", "there is no second 75"),
        ("2026-01-01 08:00:00+19:00", "no clock has the offset +19:00"),
    ],
)
def test_the_part_that_is_wrong_is_named(text: str, part: str) -> None:
    with pytest.raises(ValueError, match=re.escape(f"'{text}' is no date ({part})")):
        read_moment(text, SHANGHAI)


@pytest.mark.parametrize("text", ["2026-03-01 08:00-12:00", "2026/3/1 9:00 -11:30"])
def test_a_span_of_hours_is_no_time_of_another_ocean(text: str) -> None:
    for read in (read_moment, read_day):
        with pytest.raises(
            ValueError, match="may be a span of hours; write a time with seconds"
        ):
            read(text, SHANGHAI)


@pytest.mark.parametrize(
    "text", ["2026-03-01T08:00-10:00", "2026-03-01 08:00:00-10:00", "2026-03-01 08:00:00-10"]
)
def test_an_offset_behind_seconds_or_in_iso_form_is_one(text: str) -> None:
    assert read_moment(text, SHANGHAI).isoformat() == "2026-03-01T08:00:00-10:00"


@pytest.mark.parametrize(
    "text",
    [
        "0001-01-01",
        "0001-01-01T00:00:00+14:00",
        "1899-12-31",
        "2200-01-01",
        # The last seconds of 2199 in London are already 2200 in Shanghai.
        "2199-12-31T23:59:59Z",
        "9999-12-31",
        "9999-12-31T23:59:59Z",
        "9999-12-31 23:59:59-14:00",
    ],
)
def test_years_that_nobody_means_are_refused_for_moments_and_days(text: str) -> None:
    for read in (read_moment, read_day):
        with pytest.raises(ValueError, match="lies outside the years 1900 to 2199") as caught:
            read(text, SHANGHAI)
        assert repr(text) in str(caught.value)


@pytest.mark.parametrize("text", ["1900-01-01", "2199-12-31 23:59", "2199-12-31T15:59:59Z"])
def test_the_first_and_the_last_year_are_read_on_the_clock_of_the_bureau(text: str) -> None:
    assert read_moment(text, SHANGHAI).astimezone(SHANGHAI).date() == read_day(text, SHANGHAI)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # 01:16 came twice that night: the first is meant, and written down as such.
        ("2015-11-01 01:16:00", "2015-11-01T01:16:00-04:00"),
        ("2015-11-01 00:59", "2015-11-01T00:59:00-04:00"),
        ("2015-11-01 02:00", "2015-11-01T02:00:00-05:00"),
        ("2015-03-08 01:59:59", "2015-03-08T01:59:59-05:00"),
        ("2015-03-08 03:00", "2015-03-08T03:00:00-04:00"),
        # Who writes the offset may name the second one, and any clock.
        ("2015-11-01 01:16:00-05:00", "2015-11-01T01:16:00-05:00"),
        ("2015-03-08 02:30:00Z", "2015-03-08T02:30:00+00:00"),
    ],
)
def test_an_hour_that_comes_twice_is_the_first(text: str, expected: str) -> None:
    assert read_moment(text, NEW_YORK).isoformat() == expected


@pytest.mark.parametrize(
    ("text", "tz"),
    [
        ("2015-03-08 02:00", NEW_YORK),
        ("2015-03-08 02:30:00", NEW_YORK),
        ("2015/3/8 2:59", NEW_YORK),
        ("1986-05-04 02:30", SHANGHAI),
        # Samoa had no 30 December 2011 at all.
        ("2011-12-30", ZoneInfo("Pacific/Apia")),
    ],
)
def test_a_time_that_no_clock_showed_is_refused(text: str, tz: ZoneInfo) -> None:
    with pytest.raises(ValueError, match=f"{text}' never was in {tz}: the clocks were set"):
        read_moment(text, tz)


def test_a_day_begins_at_midnight_even_if_its_clock_began_later() -> None:
    tz = ZoneInfo("America/Sao_Paulo")
    assert read_moment("2018-11-04", tz).astimezone(tz).isoformat() == (
        "2018-11-04T01:00:00-02:00"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-01", "2026-03-01"),
        ("2026/3/1", "2026-03-01"),
        ("2026.3.1", "2026-03-01"),
        ("2026年3月1日", "2026-03-01"),
        ("20260301", "2026-03-01"),
        ("2026-03-01 23:59:59", "2026-03-01"),
        # Instants are days of the bureau's clock.
        ("2026-02-28T16:00:00.000Z", "2026-03-01"),
        ("2026-03-01T15:59:59Z", "2026-03-01"),
        ("2026-03-01T00:00:00-08:00", "2026-03-01"),
        ("2026-03-01T00:00:00+08:00", "2026-03-01"),
        # A day is one even where the clock skips the hour that was written with it.
        ("1986-05-04 02:30", "1986-05-04"),
    ],
)
def test_days_are_those_of_the_clock(text: str, expected: str) -> None:
    assert read_day(text, SHANGHAI).isoformat() == expected


@pytest.mark.parametrize(
    "text", ["31.1.2026", "2026-02-30", "2026-01-31x", "31012026", "1/5/2026"]
)
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no date"):
        read_day(text, SHANGHAI)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("9999-12-31", True),
        ("9999/12/31 23:59:59", True),
        ("9999-12-31T00:00:00Z", True),
        ("9999-12-30T16:00:00Z", True),  # midnight of the day in Shanghai
        ("9999-12-30", False),
        ("2199-12-31", False),
    ],
)
def test_the_last_day_of_the_calendar_is_no_end(text: str, expected: bool) -> None:
    assert is_no_end(read_written(text), SHANGHAI) is expected


@given(
    clock=st.datetimes(datetime(1900, 1, 2), datetime(2199, 12, 30)),  # noqa: DTZ001
    seconds=st.integers(-14 * 3600, 14 * 3600),
    tz=st.sampled_from([UTC, SHANGHAI, NEW_YORK]),
)
def test_every_iso_text_is_read_back_as_the_same_instant(
    clock: datetime, seconds: int, tz: ZoneInfo
) -> None:
    moment = clock.replace(tzinfo=timezone(timedelta(seconds=seconds)))
    assert read_moment(moment.isoformat(), tz) == moment
    assert read_day(moment.isoformat(), tz) == moment.astimezone(tz).date()


@given(
    clock=st.datetimes(datetime(1900, 1, 2), datetime(2199, 12, 30)),  # noqa: DTZ001
    tz=st.sampled_from(["America/New_York", "Asia/Shanghai", "Australia/Lord_Howe"]),
)
@example(datetime(2015, 3, 8, 2, 30), "America/New_York")  # noqa: DTZ001
@example(datetime(2015, 11, 1, 1, 30), "America/New_York")  # noqa: DTZ001
def test_a_clock_shows_the_moments_that_are_read_from_it(clock: datetime, tz: str) -> None:
    zone = ZoneInfo(tz)
    first = clock.replace(tzinfo=zone).astimezone(UTC)
    try:
        read = read_moment(clock.isoformat(), zone)
    except ValueError:
        assert first.astimezone(zone).replace(tzinfo=None) != clock
        return
    assert read.astimezone(zone).replace(tzinfo=None, fold=0) == clock
    assert read == first


@given(st.text("0123456789-: TtZ+.年", min_size=14, max_size=20))
@example("2024-01-05T08:30:00")
@example("2024-01-05x08:30")
@example("2024-01-05 0830-02")
@example("2024-W01-1 08:30")
@example("1899-12-31 08:30")
@example("２０２４-01-05 08:30")
def test_the_quick_reading_takes_nothing_that_the_form_does_not(text: str) -> None:
    # The form alone, as any text that is not plain goes through it.
    match = moments._FORM.fullmatch(text)
    quick = moments._read_plain(text)
    if quick is None:
        return
    assert match is not None
    year, month, day, hour, minute, second, *rest = match.groups()
    slow = datetime(*map(int, (year, month, day, hour, minute, second or 0)))  # noqa: DTZ001
    assert (quick, rest) == (slow, [None] * len(rest))


@given(st.datetimes(datetime.fromisoformat("1900-01-01")), st.sampled_from(" T"))
def test_plain_moments_are_read_quickly(moment: datetime, between: str) -> None:
    expected = moment.replace(microsecond=0)
    assert moments._read_plain(expected.isoformat(between)) == expected
