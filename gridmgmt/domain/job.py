"""Jobs: long work somebody asked for, done beside the pages by a worker."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

# A worker that dies leaves its job to the next one; a job that kills workers is given up.
MOST_ATTEMPTS = 3


class JobStatus(StrEnum):
    """What has become of a job."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


UNFINISHED = (JobStatus.QUEUED, JobStatus.RUNNING)


@dataclass(frozen=True, slots=True)
class Job:
    """A job as stored.

    ``arguments`` and ``result`` are plain JSON values, whose meaning the ``kind`` decides.
    ``done`` of ``total`` is how far the current ``step`` is; ``total`` is 0 while nobody knows.
    ``attempts`` counts how often a worker began it. ``error`` is the sentence a person reads.
    """

    id: int
    kind: str
    title: str
    arguments: Mapping[str, Any]
    created_by: str
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    status: JobStatus
    attempts: int
    step: str | None
    done: int
    total: int
    cancel_requested: bool
    result: Mapping[str, Any] | None
    error: str | None

    @property
    def is_finished(self) -> bool:
        """Whether nothing will happen to it any more."""
        return self.status not in UNFINISHED

    @property
    def share(self) -> float | None:
        """How much of the current step is done, 0 to 1; None while nobody knows."""
        return min(self.done / self.total, 1.0) if self.total > 0 else None
