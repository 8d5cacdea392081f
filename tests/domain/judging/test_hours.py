from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmgmt.domain.judging.hours import Hours, open_together, parse_hours
from gridmgmt.errors import InputError

MONDAY = datetime(2026, 5, 4)  # noqa: DTZ001 - the wall clock of the bureau

OPEN = [
    # hours                    on Monday   open?
    ("08:00-18:00",            "07:59",    False),
    ("08:00-18:00",            "08:00",    True),
    ("08:00-18:00",            "17:59",    True),
    ("08:00-18:00",            "18:00",    False),
    ("22:00-06:00",            "05:59",    True),   # Sunday's night
    ("Mo-Fr 22:00-06:00",      "05:59",    False),  # Sunday has no night duty
    ("Sa,Su 00:00-24:00",      "12:00",    False),
    ("08:00-12:00,14:00-18:00", "13:00",   False),
    ("8:00-18:00",             "09:00",    True),
    ("08:00-18:00 unknown",    "09:00",    False),  # what nobody knows is no duty
    ("24/7",                   "03:00",    True),
]  # fmt: skip


@pytest.mark.parametrize(("text", "at", "is_open"), OPEN)
def test_hours_are_judged_minute_by_minute(text, at, is_open):
    when = datetime.fromisoformat(f"2026-05-04T{at}:59")
    assert Hours(text).open_at(when) is is_open


@pytest.mark.parametrize("text", ["8 to 6", "", "22-06", "周一 08:00-18:00", "Mo 25:00-26:00"])
def test_what_is_no_opening_hours_is_refused_with_an_example(text):
    with pytest.raises(InputError, match="such as Mo-Fr 08:00-18:00 or 22:00-06:00"):
        Hours(text)


@pytest.mark.parametrize(
    "text", ["PH off", "08:00-18:00; SH off", "sunrise-sunset", "Sunrise-18:00"]
)
def test_what_no_calendar_stands_behind_is_refused_not_guessed(text):
    with pytest.raises(InputError, match="no calendar stands behind"):
        Hours(text)


@pytest.mark.parametrize("text", ["PH off", "SH 09:00-21:00"])
def test_who_means_a_holiday_is_told_to_name_its_days(text):
    with pytest.raises(InputError, match="such as Oct 01-07 09:00-21:00"):
        Hours(text)


def test_days_of_one_year_are_those_of_no_other():
    festival = Hours("2026 Feb 17-23 10:00-22:00")
    assert festival.open_at(datetime(2026, 2, 17, 10))  # noqa: DTZ001
    assert not festival.open_at(datetime(2026, 2, 24, 10))  # noqa: DTZ001
    assert not festival.open_at(datetime(2027, 2, 17, 10))  # noqa: DTZ001


def test_a_comment_may_say_anything():
    assert Hours('08:00-18:00 "not on PH"').open_at(MONDAY + timedelta(hours=9))


def test_hours_that_never_come_are_refused():
    for text in ("off", "Mo off", "Mo 08:00-09:00; Mo off"):
        with pytest.raises(InputError, match="never open"):
            Hours(text)


def test_always_is_recognised_however_it_is_written():
    assert Hours("24/7").always
    assert Hours("Mo-Su 00:00-24:00").always
    assert not Hours("00:00-23:59").always


TEXTS = ["06:00-22:00", "22:00-06:00", "Mo-Fr 08:00-18:00", "Jul-Aug 20:00-23:00", "24/7"]


@given(
    st.lists(st.sampled_from(TEXTS), max_size=3, unique=True),
    st.integers(0, 365 * 24 * 60 - 1),
)
def test_every_minute_of_the_year_shows_a_combination_that_was_announced(texts, minute):
    at = MONDAY + timedelta(minutes=minute)
    now = tuple(parse_hours(text).open_at(at) for text in texts)
    assert now in open_together(tuple(texts), MONDAY)
