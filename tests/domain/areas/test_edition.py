from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmgmt.domain.areas.edition import Edition, edition_at, editions_at, parse_effective_from
from gridmgmt.errors import InputError

SHANGHAI = ZoneInfo("Asia/Shanghai")


def edition(number: int, effective_from: datetime) -> Edition:
    return Edition(number, f"{number}", effective_from, None, effective_from, "a test", 1.0)


FIRST = edition(1, datetime(2003, 5, 1, tzinfo=UTC))
SECOND = edition(3, datetime(2015, 5, 18, tzinfo=UTC))


@pytest.mark.parametrize(
    ("at", "number"),
    [
        ("2003-04-30T23:59:59.999999", -1),  # the last instant before the first edition
        ("2003-05-01", 1),  # the first instant belongs to the edition
        ("2015-05-17T23:59:59.999999", 1),
        ("2015-05-18", 3),  # number 2 was withdrawn
        ("2099-01-01", 3),
        ("NaT", -1),
    ],
)
def test_the_edition_in_force_is_the_last_that_began(at: str, number: int) -> None:
    found = editions_at([SECOND, FIRST], np.array([at], "datetime64[us]"))
    assert found.tolist() == [number]


def test_a_withdrawn_edition_judges_nothing() -> None:
    withdrawn = replace(SECOND, withdrawn_at=datetime(2015, 1, 1, tzinfo=UTC))
    at = np.array(["2020-01-01"], "datetime64[us]")
    assert editions_at([FIRST, withdrawn], at).tolist() == [1]


def test_before_any_edition_there_is_none() -> None:
    assert editions_at([], np.array(["2020-01-01"], "datetime64[us]")).tolist() == [-1]


@given(
    st.lists(st.integers(0, 10_000), unique=True, max_size=5),
    st.lists(st.integers(-10, 10_010), max_size=5),
)
def test_the_array_answer_is_the_answer_one_by_one(starts: list[int], hours: list[int]) -> None:
    midnight = datetime(2026, 1, 1, tzinfo=UTC)
    editions = [
        edition(number, midnight + timedelta(hours=start))
        for number, start in enumerate(sorted(starts), start=1)
    ]
    expected = [
        max((n for n, start in enumerate(sorted(starts), start=1) if start <= at), default=-1)
        for at in hours
    ]
    at = np.datetime64("2026-01-01", "us") + np.array(hours, "timedelta64[h]")
    assert editions_at(editions, at).tolist() == expected


def test_an_edition_is_in_force_from_its_very_microsecond() -> None:
    start = datetime(2026, 1, 1, 0, 0, 0, 100_001, tzinfo=UTC)
    one = replace(FIRST, effective_from=start)
    assert edition_at([one], start) is one
    assert edition_at([one], start - timedelta(microseconds=1)) is None


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-01-01", "2025-12-31T16:00:00+00:00"),  # a bare date: midnight in Shanghai
        ("2026-01-01T08:30", "2026-01-01T00:30:00+00:00"),  # no offset: local too
        ("2026-01-01T08:30:00+00:00", "2026-01-01T08:30:00+00:00"),
        ("2026-01-01T08:30:00Z", "2026-01-01T08:30:00+00:00"),
    ],
)
def test_a_date_is_read_in_the_bureaus_time_zone(text: str, instant: str) -> None:
    assert parse_effective_from(text, SHANGHAI) == datetime.fromisoformat(instant)


@pytest.mark.parametrize("text", ["9999-12-31", "2200-01-01", "1899-12-31T12:00:00Z"])
def test_an_edition_starts_in_a_year_that_people_mean(text: str) -> None:
    with pytest.raises(InputError, match="lies outside the years 1900 to 2199"):
        parse_effective_from(text, SHANGHAI)


def test_the_start_of_an_edition_is_on_the_clock_of_the_bureau() -> None:
    read = parse_effective_from("2025-12-31T16:00:00Z", SHANGHAI)
    assert read.isoformat() == "2026-01-01T00:00:00+08:00"


@pytest.mark.parametrize("text", ["", "tomorrow", "2026-13-01", "01/02/2026", "2026-02-30"])
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="is no date"):
        parse_effective_from(text, SHANGHAI)
