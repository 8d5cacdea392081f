from datetime import date, datetime, timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gridmgmt.domain.judging.hours import parse_hours
from gridmgmt.domain.judging.open_states import OpenStates

TEXTS = [
    "06:00-22:00",
    "22:00-06:00",
    "Mo-Fr 08:00-12:00,14:00-18:00",
    "Sa,Su 20:00-26:00",
    "24/7",
    "Oct 01-07 09:00-21:00",
    "08:00-18:00; Oct 01-07 00:00-24:00",
    "2026 Feb 17-23 10:00-22:00",
    "Jul-Aug 20:00-23:00",
]
texts = st.lists(st.sampled_from(TEXTS), max_size=len(TEXTS), unique=True)
clocks = st.one_of(
    st.datetimes(datetime(1899, 12, 30), datetime(2101, 1, 1)),  # noqa: DTZ001
    st.datetimes(datetime(2026, 2, 15), datetime(2026, 2, 26)),  # noqa: DTZ001
    st.datetimes(datetime(2026, 9, 29), datetime(2026, 10, 9)),  # noqa: DTZ001
    st.sampled_from([datetime(2026, 10, 8), datetime(2026, 5, 4, 22), datetime(2026, 5, 5, 6)]),  # noqa: DTZ001
)


def asked(states: OpenStates, moments: list[datetime]) -> list[frozenset[str]]:
    day = np.array([at.toordinal() for at in moments], dtype=np.int64)
    minute = np.array([at.hour * 60 + at.minute for at in moments], dtype=np.int64)
    return [states.open_in(state) for state in states.states(day, minute).tolist()]


@given(texts, st.lists(clocks, max_size=20), st.lists(clocks, max_size=5))
def test_the_open_hours_are_those_each_schedule_has_open(given_texts, first, then):
    states = OpenStates(given_texts)
    for moments in (first, then, first):
        expected = [
            frozenset(text for text in given_texts if parse_hours(text).open_at(at))
            for at in moments
        ]
        assert asked(states, moments) == expected


def test_a_year_is_made_of_few_states_and_few_courses_of_a_day():
    states = OpenStates(TEXTS[:3])
    days = np.arange(366) + date(2026, 1, 1).toordinal()
    found = states.states(np.repeat(days, 1440), np.tile(np.arange(1440), 366))
    # By day and at work, by day and not at work, at night: what never comes is not numbered.
    assert len(states) == len(np.unique(found)) == 3
    assert states.states(days[:0], days[:0]).shape == (0,)


def test_a_holiday_is_open_on_its_days_and_on_no_other():
    states = OpenStates(["Oct 01-07 09:00-21:00"])
    noon = datetime(2026, 1, 1, 12)  # noqa: DTZ001
    year = [noon + timedelta(days=n) for n in range(365)]
    open_on = [at.date() for at, found in zip(year, asked(states, year), strict=True) if found]
    assert open_on == [date(2026, 10, day) for day in range(1, 8)]
