from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmgmt.domain.cases.case import GivenCase
from gridmgmt.domain.cases.deadline import (
    Deadline,
    plain_length,
    provisional_due_at,
    standing,
    why_no_due_at,
)
from gridmgmt.domain.time_limit import TimeLimit, parse_limits

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
BEFORE, AFTER = NOW - HOUR, NOW + HOUR


@pytest.mark.parametrize(
    ("due_at", "disposed_at", "closed_at", "expected"),
    [
        (None, None, None, Deadline.WITHOUT),
        (None, BEFORE, BEFORE, Deadline.WITHOUT),
        (BEFORE, None, None, Deadline.OVERDUE),
        (AFTER, None, None, Deadline.PENDING),
        (NOW, None, None, Deadline.PENDING),  # due this very instant: not over yet
        (NOW, NOW, None, Deadline.ON_TIME),  # the deadline itself is on time
        (BEFORE, NOW, None, Deadline.LATE),
        (AFTER, BEFORE, AFTER, Deadline.ON_TIME),
        (BEFORE, None, NOW, Deadline.LATE),  # closed counts where no disposal is written
        (BEFORE, AFTER, None, Deadline.OVERDUE),  # what comes later has not happened yet
    ],
)
def test_how_a_case_stands_to_its_deadline(
    due_at: datetime | None,
    disposed_at: datetime | None,
    closed_at: datetime | None,
    expected: Deadline,
) -> None:
    case = GivenCase(
        "C1",
        "E1",
        NOW - 24 * HOUR,
        due_at=due_at,
        disposed_at=disposed_at,
        closed_at=closed_at,
    )
    assert standing(case, NOW) is expected


def limit(text: str) -> TimeLimit:
    (one,) = parse_limits(text)
    return one


@given(
    number=st.integers(1, 400),
    unit=st.sampled_from(("分钟", "紧急工作时", "小时", "工作日", "天", "自然日", "周")),
    days=st.integers(0, 3_650),
    zone=st.sampled_from(("Asia/Shanghai", "America/Chicago", "UTC")),
)
def test_a_provisional_deadline_is_the_report_plus_plain_hours(
    number: int, unit: str, days: int, zone: str
) -> None:
    reported_at = (NOW + timedelta(days=days)).astimezone(ZoneInfo(zone))
    hours = {"分钟": 1 / 60, "紧急工作时": 1, "小时": 1, "周": 168}.get(unit, 24)
    due_at = provisional_due_at(reported_at, limit(f"{number}{unit}"))
    assert due_at is not None
    # By the instants: where clocks are changed in between, a day has 24 hours all the same.
    apart = due_at.astimezone(UTC) - reported_at.astimezone(UTC)
    assert apart == timedelta(seconds=round(number * hours * 3600))
    assert due_at.tzinfo is reported_at.tzinfo


@pytest.mark.parametrize(
    ("text", "expected"),
    [("半天", 12 * HOUR), ("1个半小时", 1.5 * HOUR), ("0.1小时", timedelta(minutes=6))],
)
def test_parts_of_a_unit_are_parts_of_its_length(text: str, expected: timedelta) -> None:
    assert plain_length(limit(text)) == expected


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("及时", "及时 states no length of time"),
        ("种植季节", "种植季节 states no length of time"),
        ("1-3天", "1-3天 is not understood as a time limit"),
        ("1个月", "1个月 is not always equally long"),
        ("90000天", "90000天 ends too far in the future"),
        (f"{10**9}天", f"{10**9}天 ends too far in the future"),
        (f"{10**30}天", f"{10**30}天 ends too far in the future"),
    ],
)
def test_a_limit_without_a_plain_length_gives_no_deadline_and_a_reason(
    text: str, why: str
) -> None:
    assert provisional_due_at(NOW, limit(text)) is None
    assert why_no_due_at(limit(text)) == why
