from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmgmt.domain.date_format import parse_format
from gridmgmt.domain.date_reader import DateReader
from gridmgmt.errors import InputError

NEW_YORK = ZoneInfo("America/New_York")


@pytest.mark.parametrize(
    ("stated", "text", "expected"),
    [
        ("MM/DD/YYYY hh:mm A", "01/05/2015 12:40 PM", "2015-01-05T12:40:00"),
        ("MM/DD/YYYY hh:mm:ss A", "01/05/2015 12:40:41 AM", "2015-01-05T00:40:41"),
        ("MM/DD/YYYY hh:mm A", "01/05/2015  01:40 pm", "2015-01-05T13:40:00"),
        ("M/D/YYYY h:mm a", "1/5/2015 1:40 p.m.", "2015-01-05T13:40:00"),
        ("M/D/YYYY h:mm a", "11/15/2015 11:40 am", "2015-11-15T11:40:00"),
        ("DD/MM/YYYY", "01/05/2015", "2015-05-01T00:00:00"),
        ("D.M.YYYY H:mm", "1.5.2015 8:05", "2015-05-01T08:05:00"),
        ("YYYYMMDDHHmmss", "20150105084059", "2015-01-05T08:40:59"),
        ("DD-MMM-YYYY", "05-jan-2015", "2015-01-05T00:00:00"),
        ("MMMM D, YYYY", "September 5, 2015", "2015-09-05T00:00:00"),
        ("YYYY年M月D日 Ah:mm", "2015年1月5日 下午3:40", "2015-01-05T15:40:00"),
        ("YYYY/M/D A h:mm", "2015/1/5 上午 12:40", "2015-01-05T00:40:00"),
        ("YYYY-MM-DDTHH:mm:ss.SS", "2015-01-05T08:40:59.25", "2015-01-05T08:40:59.250000"),
        ("DD/MM/YYYY HH:mmZ", "05/01/2015 08:40Z", "2015-01-05T08:40:00+00:00"),
        ("DD/MM/YYYY HH:mm ZZ", "05/01/2015 08:40 -0500", "2015-01-05T08:40:00-05:00"),
        ("[on] DD/MM/YYYY [at] HH[h]mm", "on 05/01/2015 at 08h40", "2015-01-05T08:40:00"),
        # Two digits of a year: 69 to 99 are of the last century.
        ("M/D/YY", "1/5/68", "2068-01-05T00:00:00"),
        ("M/D/YY", "1/5/69", "1969-01-05T00:00:00"),
    ],
)  # fmt: skip
def test_a_text_is_read_in_the_stated_format(stated: str, text: str, expected: str) -> None:
    assert parse_format(stated).read(text).isoformat() == expected


@pytest.mark.parametrize(
    ("stated", "text"),
    [
        ("MM/DD/YYYY", "13/04/2026"),
        ("MM/DD/YYYY", "02/29/2015"),
        ("MM/DD/YYYY", "1/5/2015"),
        ("MM/DD/YYYY", "01/05/15"),
        ("MM/DD/YYYY", "01-05-2015"),
        ("MM/DD/YYYY", "01/05/2015 12:40"),
        ("MM/DD/YYYY", "see 01/05/2015"),
        ("MM/DD/YYYY", "2015-01-05"),
        ("MM/DD/YYYY", "０1/05/2015"),
        ("M/D/YYYY", "001/5/2015"),
        ("MM/DD/YYYY hh:mm A", "01/05/2015 13:40 PM"),
        ("MM/DD/YYYY hh:mm A", "01/05/2015 00:40 AM"),
        ("MM/DD/YYYY hh:mm A", "01/05/2015 12:40"),
        ("MM/DD/YYYY HH:mm", "01/05/2015 24:00"),
        ("MM/DD/YYYY HH:mm", "01/05/2015 08:60"),
        ("DD MMM YYYY", "05 Jnu 2015"),
        ("DD.MM.YYYY", "05a01b2015"),
        ("DD/MM/YYYY HH:mm Z", "05/01/2015 08:40 +99:00"),
    ],
)
def test_a_text_that_does_not_fit_is_refused_with_the_format(stated: str, text: str) -> None:
    with pytest.raises(ValueError, match="does not fit") as caught:
        parse_format(stated).read(text)
    assert str(caught.value) == f"{text!r} does not fit the format {stated}"


@pytest.mark.parametrize(
    ("stated", "words"),
    [
        ("dd/mm/yyyy", "no part of a date is dd, yyyy"),
        ("%m/%d/%Y", "no part of a date is %, d, Y"),
        ("MM/DD", "needs year, month and day"),
        ("YYYY", "needs year, month and day"),
        ("", "needs year, month and day"),
        ("MM/MM/DD/YYYY", "twice"),
        ("M/MMM/DD/YYYY", "twice"),
        ("YY YYYY-MM-DD", "twice"),
        ("MM/DD/YYYY hh:mm", "hh counts to 12 and needs A"),
        ("MM/DD/YYYY HH:mm A", "hh counts to 12 and needs A"),
        ("MM/DD/YYYY A", "hh counts to 12 and needs A"),
        ("MM/DD/YYYY mm", "minutes need hours"),
        ("MM/DD/YYYY HH:ss", "seconds need minutes"),
        ("MM/DD/YYYYY", "no part of a date is YYYYY"),
        ("MM/DD/YYYY [at HH", "no part of a date is [, t"),
        ("DMYYYY", "needs a sign between it and other digits"),
        ("YYYYMMDDHmm", "needs a sign between it and other digits"),
    ],
)
def test_what_is_no_format_is_refused_with_what_to_write(stated: str, words: str) -> None:
    with pytest.raises(InputError, match="write YYYY, MM, DD, HH") as caught:
        parse_format(stated)
    assert words in str(caught.value)


def test_dates_of_a_stated_format_follow_the_one_rule() -> None:
    dates = DateReader(NEW_YORK, (parse_format("MM/DD/YYYY hh:mm A"),))
    # The first of the two hours, and the one that was skipped.
    assert dates.moment("11/01/2015 01:16 AM").isoformat() == "2015-11-01T01:16:00-04:00"
    with pytest.raises(ValueError, match="03/08/2015 02:30 AM' never was in America/New_York"):
        dates.moment("03/08/2015 02:30 AM")
    with pytest.raises(ValueError, match="01/01/2200 12:00 AM' lies outside the years"):
        dates.moment("01/01/2200 12:00 AM")
    # Whatever would be read without a format, also many at once.
    assert dates.moments(["2015-01-05 12:40"]) is None
    days = DateReader(NEW_YORK, (parse_format("DD/MM/YYYY"),))
    assert days.day("04/03/2026") == date(2026, 3, 4)
    assert days.last_day("31/12/9999") is None
    assert days.last_day("9999-12-31") is None
    instants = DateReader(NEW_YORK, (parse_format("DD/MM/YYYY HH:mmZ"),))
    assert instants.day("04/03/2026 02:00Z") == date(2026, 3, 3)


@given(st.datetimes(datetime(1900, 1, 2), datetime(2199, 12, 30)))  # noqa: DTZ001
def test_what_a_format_writes_it_reads(clock: datetime) -> None:
    at = clock.replace(microsecond=0, tzinfo=UTC)
    for stated, pattern in (
        ("MM/DD/YYYY hh:mm:ss A", "%m/%d/%Y %I:%M:%S %p"),
        ("DD.MM.YYYY HH:mm:ss", "%d.%m.%Y %H:%M:%S"),
        ("D MMMM YYYY H:m:s", "%d %B %Y %H:%M:%S"),
        ("MMM D, YYYY HH:mm:ss", "%b %d, %Y %H:%M:%S"),
    ):
        text = at.strftime(pattern)
        assert DateReader(UTC, (parse_format(stated),)).moment(text) == at
