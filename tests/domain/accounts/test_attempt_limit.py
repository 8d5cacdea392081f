from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from gridmgmt.domain.accounts.attempt_limit import AttemptLimit

MOMENTS = st.integers(0, 4 * 10**15).map(
    lambda microseconds: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
)
SPANS = st.integers(1, 100_000).map(lambda seconds: timedelta(seconds=seconds))


@given(MOMENTS, SPANS)
def test_every_moment_lies_in_one_window_and_the_next_has_begun_after_the_wait(
    now: datetime, span: timedelta
) -> None:
    limit = AttemptLimit("x", 1, span)
    start = limit.window_start(now)
    assert start <= now < start + span
    assert limit.window_start(start) == start
    wait = limit.seconds_left(now)
    assert wait >= 1
    assert limit.window_start(now + timedelta(seconds=wait)) >= start + span
    assert now + timedelta(seconds=wait - 1) < start + span
