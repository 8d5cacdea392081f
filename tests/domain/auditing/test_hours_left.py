from datetime import date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from gridmgmt.domain.auditing.hours_left import hours_left
from gridmgmt.domain.judging.hours import parse_hours
from gridmgmt.domain.judging.hours_checks import check_hours

DAY = date(2026, 5, 6)
TEXTS = (
    "08:00-18:00",
    "22:00-06:00",
    "Mo-Fr 08:00-12:00,13:00-17:30",
    "Sa-Su 09:00-24:00",
    "We 00:00-24:00",
    "Mo 20:00-04:00",
)


@given(st.lists(st.sampled_from(TEXTS), min_size=1, max_size=3), st.integers(0, 14 * 24 * 60))
def test_it_is_open_when_none_of_the_others_is(texts: list[str], minute: int) -> None:
    left = hours_left(texts, DAY)
    at = datetime(2026, 6, 1) + timedelta(minutes=minute)  # noqa: DTZ001 - the bureau's clock
    covered = any(parse_hours(text).open_at(at) for text in texts)
    if left is None:
        # Nothing is left at all.
        assert covered
    else:
        assert not check_hours(left)
        assert parse_hours(left).open_at(at) != covered


def test_a_season_has_no_week_of_its_own() -> None:
    assert hours_left(["May-Sep 06:00-20:00"], DAY) is None
    assert hours_left(["Oct 01-07 09:00-21:00"], DAY) is None
    assert hours_left(["06:00-22:00", "22:00-06:00"], DAY) is None
