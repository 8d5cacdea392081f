"""Run one job from its beginning to any kind of end.

The work runs in one transaction that also marks the job as succeeded: after a kill at any
moment both are stored, or neither. Everything else about the job is written on a second
connection that commits at once and holds the lock of the job as long as this process lives.
"""

import logging
import secrets
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import sqlalchemy.exc
from sqlalchemy.engine import Connection, Engine

from gridmgmt.domain.job import Job
from gridmgmt.errors import GridMgmtError, LayerError, ProblemsError, StoreError
from gridmgmt.problem_groups import digest
from gridmgmt.sentence import Sentence
from gridmgmt.settings import Settings
from gridmgmt.store import jobs
from gridmgmt.store.engine import transaction
from gridmgmt.worker.work import Work

_log = logging.getLogger(__name__)

# How often the progress is stored and a request to cancel is read.
EVERY_S = 0.5


class JobCancelledError(Exception):
    """Somebody asked the job to stop."""


class JobInterruptedError(Exception):
    """The worker is to end; the job waits for the next worker."""


class JobLostError(Exception):
    """The job was given to another worker because this one seemed dead."""


class JobProgress:
    """Stores the progress of a job, and ends the job between two chunks on request."""

    def __init__(
        self, control: Connection, job: Job, stopping: Callable[[], bool], every_s: float
    ) -> None:
        self._control = control
        self._job = job
        self._stopping = stopping
        self._every_s = every_s
        self._step: str | None = None
        self._next = 0.0

    def __call__(self, step: str, done: int, total: int) -> None:
        """Store the progress; raise an error if the job is to end."""
        if self._stopping():
            raise JobInterruptedError
        now = time.monotonic()
        if step == self._step and now < self._next:
            return
        self._step, self._next = step, now + self._every_s
        noted = jobs.note_progress(self._control, self._job, step, done, total)
        if noted is None:
            raise JobLostError
        if noted.cancel_requested:
            raise JobCancelledError


def run_job(
    engine: Engine,
    kinds: Mapping[str, Work],
    job_id: int,
    settings: Settings,
    stopping: Callable[[], bool] = lambda: False,
    *,
    every_s: float = EVERY_S,
) -> None:
    """Run a waiting job.

    A job that another worker has, or that has ended, is skipped.
    """
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as control:
        # The lock belongs to the database session, so this session must not return to the pool.
        control.detach()
        if not jobs.hold_job(control, job_id):
            return
        job = jobs.begin_job(control, job_id)
        if job is None:
            return
        facts = {"action": "run_job", "job": job.id, "kind": job.kind}
        _log.info("job %s (%s) begins", job.id, job.kind, extra=facts)
        progress = JobProgress(control, job, stopping, every_s)
        _end(control, job, lambda: _do(engine, kinds, job, settings, progress))


def _do(
    engine: Engine,
    kinds: Mapping[str, Work],
    job: Job,
    settings: Settings,
    progress: JobProgress,
) -> None:
    work = kinds[job.kind]
    with transaction(engine, commit=True) as conn:
        result = work(conn, job.arguments, progress, job.created_by, settings)
        if not jobs.succeed(conn, job, result):
            raise JobCancelledError


def _end(control: Connection, job: Job, do: Callable[[], None]) -> None:
    """Run the work and store how it ended, unless its own transaction has stored it."""
    try:
        do()
    except JobCancelledError:
        jobs.mark_cancelled(control, job)
        _log.info("job %s is cancelled", job.id, extra={"action": "cancel_job"})
    except JobInterruptedError:
        jobs.put_back(control, job.id, job.attempts, counted=False)
        _log.info("job %s waits for the next worker", job.id, extra={"action": "put_back_job"})
    except JobLostError:
        _log.warning("job %s went to another worker", job.id, extra={"action": "lose_job"})
    except (StoreError, sqlalchemy.exc.DBAPIError):
        reference = secrets.token_hex(4)
        facts = {"action": "fail_job", "reference": reference}
        _log.exception("job %s failed (reference %s)", job.id, reference, extra=facts)
        jobs.fail(
            control, job, Sentence("the database refused the work (reference {})", reference)
        )
    except GridMgmtError as error:
        jobs.fail(control, job, _sentence(error))
        _log.info("job %s failed: %s", job.id, error, extra={"action": "fail_job"})
    except Exception as error:
        # A fault of the program: the person learns that there was one, and the log has the
        # details.
        _log.exception("job %s failed", job.id, extra={"action": "fail_job"})
        jobs.fail(
            control,
            job,
            Sentence("a fault of the program ({}); see its log", type(error).__name__),
        )
    else:
        _log.info("job %s succeeded", job.id, extra={"action": "succeed_job"})


def _sentence(error: GridMgmtError) -> str:
    """Return what went wrong, without the folders of this machine.

    Of many problems there are some of each kind: the page of a job is read by a person, and the
    log has them all.
    """
    told = error.told(digest(error.listed)) if isinstance(error, ProblemsError) else str(error)
    return (
        told.replace(error.path, Path(error.path).name)
        if isinstance(error, LayerError)
        else told
    )
