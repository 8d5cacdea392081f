from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gridmgmt.domain.local_time import from_local, local_days, never_shown, to_local
from gridmgmt.domain.moments import as_utc64, read_moment

ZONES = (
    "Asia/Shanghai",
    "America/Chicago",
    "America/Sao_Paulo",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "Europe/London",
    "UTC",
)
zones = st.sampled_from(ZONES).map(ZoneInfo)
clocks = st.datetimes(datetime(1900, 1, 2), datetime(2199, 12, 30))  # noqa: DTZ001


def clock64(clock: datetime) -> np.ndarray:
    return np.array([clock.isoformat()], dtype="datetime64[us]")


@given(clock=clocks, tz=zones)
def test_the_day_of_an_instant_is_the_one_python_says(clock: datetime, tz: ZoneInfo) -> None:
    at = clock.replace(tzinfo=UTC)
    assert local_days(as_utc64([at]), tz)[0].item() == at.astimezone(tz).date()


@given(clock=clocks, tz=zones)
def test_the_clock_shows_what_python_says(clock: datetime, tz: ZoneInfo) -> None:
    at = clock.replace(tzinfo=UTC)
    shown = at.astimezone(tz).replace(tzinfo=None, microsecond=0)
    assert to_local(as_utc64([at]), tz)[0].item() == shown


@given(clock=clocks, tz=zones)
def test_a_time_on_the_wall_is_the_instant_python_says(clock: datetime, tz: ZoneInfo) -> None:
    assert from_local(clock64(clock), tz)[0] == as_utc64([clock.replace(tzinfo=tz)])[0]


@given(clock=clocks, tz=zones)
@example(datetime(2025, 3, 9, 2, 30), ZoneInfo("America/Chicago"))  # noqa: DTZ001
@example(datetime(2025, 3, 9, 3), ZoneInfo("America/Chicago"))  # noqa: DTZ001
@example(datetime(2025, 11, 2, 1, 30), ZoneInfo("America/Chicago"))  # noqa: DTZ001
@example(datetime(2018, 11, 4), ZoneInfo("America/Sao_Paulo"))  # noqa: DTZ001
@example(datetime(2018, 11, 4, 0, 0, 0, 1), ZoneInfo("America/Sao_Paulo"))  # noqa: DTZ001
@example(datetime(2018, 11, 4, 0, 1), ZoneInfo("America/Sao_Paulo"))  # noqa: DTZ001
@example(datetime(2011, 12, 30), ZoneInfo("Pacific/Apia"))  # noqa: DTZ001
def test_arrays_skip_the_times_that_single_texts_skip(clock: datetime, tz: ZoneInfo) -> None:
    try:
        read_moment(clock.isoformat(), tz)
    except ValueError:
        assert never_shown(clock64(clock), tz).tolist() == [True]
    else:
        assert never_shown(clock64(clock), tz).tolist() == [False]


@pytest.mark.parametrize(
    ("tz", "clock"),
    [
        ("America/Chicago", "2025-11-02T01:30:00"),  # comes twice
        ("America/Chicago", "2025-11-02T01:00:00"),
        ("America/Chicago", "2025-11-02T02:00:00"),
        ("America/Chicago", "2025-03-09T02:00:00"),  # skipped
        ("America/Chicago", "2025-03-09T02:59:59.999999"),
        ("America/Chicago", "2025-03-09T03:00:00"),
        ("America/Sao_Paulo", "2018-11-04T00:30:00"),  # midnight is skipped
        ("Asia/Shanghai", "1991-09-15T01:30:00"),  # summer time of the eighties ends
        ("Asia/Shanghai", "1901-01-01T00:00:00"),  # local mean time ends
        ("Australia/Lord_Howe", "2025-04-06T01:45:00"),  # half an hour comes twice
    ],
)
def test_times_that_come_twice_or_never_are_read_as_python_reads_them(
    tz: str, clock: str
) -> None:
    zone, moment = ZoneInfo(tz), datetime.fromisoformat(clock)
    expected = as_utc64([moment.replace(tzinfo=zone)])
    assert from_local(clock64(moment), zone) == expected
    assert local_days(expected, zone)[0].item() == (
        moment.replace(tzinfo=zone).astimezone(UTC).astimezone(zone).date()
    )


def test_what_is_no_moment_stays_none() -> None:
    nothing = np.array(["NaT"], dtype="datetime64[us]")
    assert np.isnat(local_days(nothing, ZoneInfo("Asia/Shanghai"))).all()
    assert np.isnat(from_local(nothing, ZoneInfo("Asia/Shanghai"))).all()
    empty = nothing[:0]
    assert (
        len(local_days(empty, ZoneInfo("UTC"))) == len(from_local(empty, ZoneInfo("UTC"))) == 0
    )
