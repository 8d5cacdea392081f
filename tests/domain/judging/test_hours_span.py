"""Hours of other years, months or days than those of the duty."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmgmt.domain.judging.hours import parse_hours
from gridmgmt.domain.judging.hours_span import hours_outside

D = date.fromisoformat

# The hours, the first and the last day of the duty, and what never counts.
NEVER = [
    # A year before it begins, after it ends, or between.
    ("2024 Jan-Mar 08:00-18:00", "2026-01-01", None, "all"),
    ("2024-2025 08:00-18:00", "2026-01-01", None, "all"),
    ("2027 08:00-18:00", "2026-01-01", "2026-12-31", "all"),
    ("2030 08:00-18:00", None, "2026-12-31", "all"),
    (
        "2025 Oct 01-07 09:00-21:00; 2027 Oct 01-07 09:00-21:00",
        "2026-01-01",
        "2026-12-31",
        "all",
    ),
    # Months that the duty does not have.
    ("Jan-Mar 08:00-12:00", "2026-05-01", "2026-12-31", "all"),
    (
        "Jan-Mar 08:00-12:00; Apr-Dec 08:00-18:00",
        "2026-05-01",
        "2026-12-31",
        "Jan-Mar 08:00-12:00",
    ),
    (
        "Jan-Mar 08:00-12:00, Apr-Dec 08:00-18:00",
        "2026-05-01",
        "2026-12-31",
        "Jan-Mar 08:00-12:00",
    ),
    ("Apr-Dec 08:00-18:00; 2025 Oct 01-07 off", "2026-05-01", None, "2025 Oct 01-07 off"),
    (
        "Mo off, 2025 Oct 08:00-09:00, Tu 08:00-12:00",
        "2026-05-01",
        None,
        "2025 Oct 08:00-09:00",
    ),
    ("Feb 29 08:00-18:00", "2026-01-01", "2027-12-31", "all"),
    # A week without a Saturday.
    ("Mo-Fr 08:00-18:00; Sa 09:00-12:00", "2026-01-05", "2026-01-09", "Sa 09:00-12:00"),
]
SOME_TIME = [
    ("2024-2026 08:00-18:00", "2026-01-01", None),
    ("2027 08:00-18:00", "2026-01-01", None),
    ("2020+ 08:00-18:00", "2026-01-01", None),
    ("2024 08:00-18:00", None, "2026-12-31"),
    ("2024 08:00-18:00", None, None),
    ("2010 08:00-18:00", None, "2026-12-31"),
    ("2040 08:00-18:00", "2026-01-01", None),
    ("08:00-18:00; 2026 Oct 01-07 off", "2026-01-01", "2026-12-31"),
    ("Jan-Mar 08:00-12:00", "2026-05-01", None),
    ("Jan-Mar 08:00-12:00", None, "2026-05-01"),
    ("Nov-Feb 08:00-12:00; Mar-Oct 08:00-18:00", "2026-02-28", "2026-03-01"),
    ("Feb 29 08:00-18:00", "2026-01-01", None),
    ("Feb 29 08:00-18:00", None, "2027-12-31"),
    ("Mo-Fr 08:00-12:00,14:00-18:00", "2026-01-05", "2026-01-05"),
    ("Mo,We,Fr 08:00-12:00", "2026-01-05", "2026-01-05"),
    ("22:00-06:00", "2026-01-05", "2026-01-05"),
    ("24/7", "2026-01-01", None),
    ("08:00-18:00; Sa off", "2026-01-01", None),
    ("2026 Dec 31 23:00-24:00", "2026-12-31", "2026-12-31"),
]


@pytest.mark.parametrize(("text", "first", "last", "what"), NEVER)
def test_what_never_comes_on_the_days_of_the_duty_is_named(
    text: str, first: str | None, last: str | None, what: str
) -> None:
    told = hours_outside(text, first and D(first), last and D(last))
    if what == "all":
        assert len(told) == 1
        assert str(told[0]).startswith(f"{text!r} never comes on the days of the duty, ")
    else:
        assert [str(one).split(" never counts")[0] for one in told] == [repr(what)]
    assert (first or last or "") in str(told[0])


@pytest.mark.parametrize(("text", "first", "last"), SOME_TIME)
def test_what_comes_some_time_is_not(text: str, first: str | None, last: str | None) -> None:
    assert hours_outside(text, first and D(first), last and D(last)) == ()


YEARS, MONTHS = st.integers(2024, 2028), st.integers(1, 12)
NAMES = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


@given(YEARS, MONTHS, st.dates(D("2023-06-01"), D("2029-06-01")), st.integers(0, 900))
def test_a_month_of_a_year_is_told_if_no_day_of_the_duty_lies_in_it(
    year: int, month: int, first: date, length: int
) -> None:
    last = first + timedelta(days=length)
    text = f"{year} {NAMES[month - 1]} 08:00-18:00"
    days = (first + timedelta(days=n) for n in range(length + 1))
    is_there = any((day.year, day.month) == (year, month) for day in days)
    assert parse_hours(text)
    assert (hours_outside(text, first, last) == ()) == is_there
