"""Periods that have a name, on every day of several years."""

from calendar import monthrange
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from gridmgmt.domain.period import NamedPeriod, Period, named_period

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = timedelta(days=1)
# Two turns of the year, the first with a leap day.
DAYS = [date(2027, 12, 1) + n * DAY for n in range(800)]


def on(day: date) -> dict[NamedPeriod, Period]:
    return {name: named_period(name, day, SHANGHAI) for name in NamedPeriod}


def test_weeks_begin_on_monday_and_the_last_one_has_seven_days() -> None:
    for day in DAYS:
        found = on(day)
        this, last = found[NamedPeriod.THIS_WEEK], found[NamedPeriod.LAST_WEEK]
        assert this.first.isoweekday() == last.first.isoweekday() == 1
        assert this.last == day
        assert this.days <= 7
        assert (last.days, last.last) == (7, this.first - DAY)


def test_the_last_month_is_whole_and_ends_before_this_one_begins() -> None:
    for day in DAYS:
        found = on(day)
        this, last = found[NamedPeriod.THIS_MONTH], found[NamedPeriod.LAST_MONTH]
        assert (this.first.day, this.first.month, this.last) == (1, day.month, day)
        assert last.last == this.first - DAY
        assert last.days == monthrange(last.last.year, last.last.month)[1]


def test_no_period_has_a_day_that_has_not_come() -> None:
    for day in DAYS:
        found = on(day)
        assert max(one.last for one in found.values()) == day
        assert found[NamedPeriod.YESTERDAY].first == found[NamedPeriod.YESTERDAY].last
        assert found[NamedPeriod.YESTERDAY].end == found[NamedPeriod.TODAY].begin
