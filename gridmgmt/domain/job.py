"""Jobs: long work that people start, done by a worker beside the pages."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

# The job of a dead worker goes to the next worker; a job that kills workers is given up.
MOST_ATTEMPTS = 3


class JobStatus(StrEnum):
    """The status of a job."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


UNFINISHED = (JobStatus.QUEUED, JobStatus.RUNNING)


@dataclass(frozen=True, slots=True)
class Job:
    """A job as stored.

    ``arguments`` and ``result`` are plain JSON values; the ``kind`` decides their meaning.
    ``done`` of ``total`` is the progress of the current ``step``; ``total`` is 0 while it is
    unknown. ``attempts`` counts how often a worker began the job. ``error`` is the sentence for
    people.
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
        """Return whether the job has ended in any way."""
        return self.status not in UNFINISHED

    @property
    def share(self) -> float | None:
        """Return the progress of the current step, 0 to 1, or None while it is unknown."""
        return min(self.done / self.total, 1.0) if self.total > 0 else None
