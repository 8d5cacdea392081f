from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gridmgmt.domain import moments
from gridmgmt.domain.moments import read_moment

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2018-09-03 14:05", "2018-09-03T14:05:00+08:00"),
        ("2018-09-03 14:05:59", "2018-09-03T14:05:59+08:00"),
        ("2018-09-03T14:05:59.25", "2018-09-03T14:05:59.250000+08:00"),
        ("2014/1/5 8:30", "2014-01-05T08:30:00+08:00"),
        ("2014-01-05", "2014-01-05T00:00:00+08:00"),
        ("2014.1.5", "2014-01-05T00:00:00+08:00"),
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
        "20140105",
        "2014-02-30",
        "2014-01-05 25:00",
        "2014-01-0508:30",
        "yesterday",
        "0001-01-01",
        "1899-12-31",
        "",
        "41640.5",
    ],
)
def test_what_is_no_moment_or_could_be_two_is_refused_with_its_text(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no date|lies before") as caught:
        read_moment(text, SHANGHAI)
    assert repr(text) in str(caught.value)


@given(
    st.datetimes(
        min_value=datetime(1900, 1, 1),  # noqa: DTZ001 - the zone is drawn beside it
        timezones=st.sampled_from([UTC, SHANGHAI, ZoneInfo("America/Chicago")]),
    )
)
def test_every_iso_text_is_read_back_as_the_same_instant(moment: datetime) -> None:
    # ISO writes offsets to the second for zones of long ago; files do not.
    offset = moment.utcoffset()
    if offset is not None and offset.total_seconds() % 60 == 0:
        assert read_moment(moment.isoformat(), UTC) == moment.astimezone(UTC)


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
    quick = moments._read_plain(text, SHANGHAI)
    if quick is None:
        return
    assert match is not None
    year, month, day, hour, minute, second, *rest = match.groups()
    slow = datetime(*map(int, (year, month, day, hour, minute, second or 0)), tzinfo=SHANGHAI)
    assert (quick, rest) == (slow, [None, None])


@given(st.datetimes(datetime.fromisoformat("1900-01-01")), st.sampled_from(" T"))
def test_plain_moments_are_read_quickly(moment: datetime, between: str) -> None:
    text = moment.replace(microsecond=0).isoformat(between)
    expected = moment.replace(microsecond=0, tzinfo=SHANGHAI)
    assert moments._read_plain(text, SHANGHAI) == read_moment(text, SHANGHAI) == expected
