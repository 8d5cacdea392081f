"""Jobs as stored, and the queue through which a worker learns of them."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from gridmgmt.domain.job import UNFINISHED, Job, JobStatus
from gridmgmt.errors import NotFoundError
from gridmgmt.store.schema import jobs
from gridmgmt.store.statements import statement

# What the worker listens to; entries of the queue carry the number of the job, nothing else.
QUEUE = "gridmgmt"
TASK = "gridmgmt.run_job"
# A worker tells every ten seconds that it lives.
SILENT_S = 60.0
# Whoever watches the platform is told sooner.
_MISSED_S = 30.0

# The first of the two numbers of a job's advisory lock; the second is the job's own.
_LOCK_CLASS = 0x6A6F62
_WORKERS = sa.table("procrastinate_workers", sa.column("last_heartbeat"))


def add_job(
    conn: Connection, kind: str, title: str, arguments: Mapping[str, Any], by: str
) -> int:
    """Store a job that waits, and put it into the queue; both go with a rollback."""
    added = (
        jobs.insert()
        .values(
            kind=kind,
            title=title,
            arguments=dict(arguments),
            created_by=by,
            status=JobStatus.QUEUED,
        )
        .returning(jobs.c.id)
    )
    job_id = int(conn.execute(added).scalar_one())
    queue_job(conn, job_id)
    return job_id


def queue_job(conn: Connection, job_id: int) -> None:
    """Let a worker know of a job."""
    given = {"queue": QUEUE, "task": TASK, "job": job_id}
    conn.execute(statement("queue_job"), given)


def get_job(conn: Connection, job_id: int) -> Job:
    """Return a job.

    Raises
    ------
    NotFoundError
        when there is none of this number
    """
    row = conn.execute(sa.select(jobs).where(jobs.c.id == job_id)).one_or_none()
    if row is None:
        raise NotFoundError(kind="job", key=job_id)
    return _from_row(row)


def list_jobs(
    conn: Connection,
    *,
    by: str | None,
    kind: str | None = None,
    before: int | None = None,
    limit: int,
) -> list[Job]:
    """List jobs, the newest first; ``by`` None: everybody's; ``before`` the last one seen."""
    query = sa.select(jobs).order_by(jobs.c.id.desc()).limit(limit)
    if by is not None:
        query = query.where(jobs.c.created_by == by)
    if kind is not None:
        query = query.where(jobs.c.kind == kind)
    if before is not None:
        query = query.where(jobs.c.id < before)
    return [_from_row(row) for row in conn.execute(query)]


def cancel_job(conn: Connection, job_id: int) -> JobStatus | None:
    """Cancel a waiting job, ask a running one to stop; None when it had ended before."""
    waits = jobs.c.status == JobStatus.QUEUED
    cancelled = (
        _unfinished(job_id)
        .values(
            cancel_requested=True,
            status=sa.case((waits, JobStatus.CANCELLED), else_=jobs.c.status),
            finished_at=sa.case((waits, sa.func.clock_timestamp())),
        )
        .returning(jobs.c.status)
    )
    status = conn.execute(cancelled).scalar_one_or_none()
    return None if status is None else JobStatus(status)


def hold_job(conn: Connection, job_id: int) -> bool:
    """Hold a job until the connection ends, however it ends; False when another one does."""
    lock = sa.func.pg_try_advisory_lock(_LOCK_CLASS, job_id)
    return bool(conn.execute(sa.select(lock)).scalar_one())


def begin_job(conn: Connection, job_id: int) -> Job | None:
    """Mark a waiting job as running and return it; None when it does not wait any more."""
    begun = (
        jobs.update()
        .where(jobs.c.id == job_id, jobs.c.status == JobStatus.QUEUED)
        .values(
            status=JobStatus.RUNNING,
            attempts=jobs.c.attempts + 1,
            started_at=sa.func.clock_timestamp(),
            step=None,
            done=0,
            total=0,
        )
        .returning(jobs)
    )
    row = conn.execute(begun).one_or_none()
    return None if row is None else _from_row(row)


def note_progress(conn: Connection, job: Job, step: str, done: int, total: int) -> Job | None:
    """Write how far a job is; return it as it stands, None when this attempt is over."""
    noted = _running(job).values(step=step, done=done, total=total).returning(jobs)
    row = conn.execute(noted).one_or_none()
    return None if row is None else _from_row(row)


def succeed(conn: Connection, job: Job, result: Mapping[str, Any]) -> bool:
    """Store what came of a job; False when it was to be cancelled or the attempt is over.

    Called in the transaction of the work itself, so that one is never kept without the other.
    """
    ended = (
        _running(job)
        .where(~jobs.c.cancel_requested)
        .values(**_ended(JobStatus.SUCCEEDED), result=dict(result))
    )
    return conn.execute(ended).rowcount == 1


def fail(conn: Connection, job: Job, error: str) -> None:
    """Store that a job failed, and why."""
    conn.execute(_running(job).values(**_ended(JobStatus.FAILED), error=error))


def mark_cancelled(conn: Connection, job: Job) -> None:
    """Store that a job stopped because it was asked to."""
    conn.execute(_running(job).values(**_ended(JobStatus.CANCELLED)))


def put_back(conn: Connection, job_id: int, attempts: int, *, counted: bool) -> bool:
    """Let an unfinished job wait for a worker again; False when it does not wait now.

    One that was to be cancelled is cancelled instead. ``counted`` False takes the attempt
    back: the job was not at fault.
    """
    unwanted = jobs.c.cancel_requested
    waiting = (
        _unfinished(job_id)
        .where(jobs.c.attempts == attempts)
        .values(
            status=sa.case((unwanted, JobStatus.CANCELLED), else_=JobStatus.QUEUED),
            finished_at=sa.case((unwanted, sa.func.clock_timestamp())),
            attempts=attempts if counted else max(attempts - 1, 0),
            step=None,
            done=0,
            total=0,
        )
        .returning(jobs.c.status)
    )
    if conn.execute(waiting).scalar_one_or_none() != JobStatus.QUEUED:
        return False
    queue_job(conn, job_id)
    return True


def lost_jobs(conn: Connection) -> list[tuple[int, int]]:
    """List number and attempts of unfinished jobs that no worker is at or will come to."""
    given = {"task": TASK, "lock_class": _LOCK_CLASS, "silent_s": SILENT_S}
    return [(row.id, row.attempts) for row in conn.execute(statement("lost_jobs"), given)]


def forget_fetched(conn: Connection) -> None:
    """Remove the queue's entries that died with their worker."""
    conn.execute(statement("forget_fetched"), {"task": TASK, "silent_s": SILENT_S})


def is_worker_alive(conn: Connection) -> bool:
    """Tell whether any worker has shown itself lately."""
    since = sa.func.now() - sa.func.make_interval(0, 0, 0, 0, 0, 0, _MISSED_S)
    query = sa.select(sa.exists().where(_WORKERS.c.last_heartbeat > since))
    return bool(conn.execute(query).scalar_one())


def _unfinished(job_id: int) -> sa.Update:
    return jobs.update().where(jobs.c.id == job_id, jobs.c.status.in_(UNFINISHED))


def _running(job: Job) -> sa.Update:
    # Only the newest attempt may write: one that was given up for dead must not come back.
    return jobs.update().where(
        jobs.c.id == job.id,
        jobs.c.status == JobStatus.RUNNING,
        jobs.c.attempts == job.attempts,
    )


def _ended(status: JobStatus) -> dict[str, Any]:
    return {"status": status, "finished_at": sa.func.clock_timestamp()}


def _from_row(row: Row[*tuple[Any, ...]]) -> Job:
    return Job(**{**row._mapping, "status": JobStatus(row.status)})
