from dataclasses import replace
from datetime import UTC, datetime

import pytest

from gridmgmt.domain.job import Job, JobStatus

JOB = Job(
    id=1,
    kind="k",
    title="t",
    arguments={},
    created_by="somebody",
    created_at=datetime(2026, 11, 22, tzinfo=UTC),
    started_at=None,
    finished_at=None,
    status=JobStatus.QUEUED,
    attempts=0,
    step=None,
    done=0,
    total=0,
    cancel_requested=False,
    result=None,
    error=None,
)


@pytest.mark.parametrize(
    ("done", "total", "share"),
    [
        (0, 0, None),  # nobody knows
        (5, 0, None),
        (0, 4, 0.0),
        (1, 4, 0.25),
        (4, 4, 1.0),
        (5, 4, 1.0),  # more turned up than was counted
    ],
)
def test_a_share_is_told_only_where_the_whole_is_known(
    done: int, total: int, share: float | None
) -> None:
    assert replace(JOB, done=done, total=total).share == share


def test_a_job_is_finished_when_nothing_will_happen_to_it() -> None:
    finished = {one for one in JobStatus if replace(JOB, status=one).is_finished}
    assert finished == set(JobStatus) - {JobStatus.QUEUED, JobStatus.RUNNING}
