from datetime import UTC, datetime, timedelta

import pytest

from gridmgmt.domain.cases.case import GivenCase
from gridmgmt.domain.cases.deadline import Deadline, standing

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
    given = GivenCase(
        "C1",
        "E1",
        NOW - 24 * HOUR,
        due_at=due_at,
        disposed_at=disposed_at,
        closed_at=closed_at,
    )
    assert standing(given, NOW) is expected
