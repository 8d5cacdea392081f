"""Read and write jobs, and the queue that tells the worker about them."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from gridmgmt.domain.job import UNFINISHED, Job, JobStatus
from gridmgmt.errors import NotFoundError
from gridmgmt.store.schema import jobs
from gridmgmt.store.statements import statement

# The task the worker listens to. Entries of the queue carry only the number of the job.
QUEUE = "gridmgmt"
TASK = "gridmgmt.run_job"
# A worker reports every ten seconds that it is alive.
SILENT_S = 60.0
# Monitoring is told sooner.
_MISSED_S = 30.0

# The first of the two keys of a job's advisory lock. The second key is the job's number.
_LOCK_CLASS = 0x6A6F62
_WORKERS = sa.table("procrastinate_workers", sa.column("last_heartbeat"))


def add_job(
    conn: Connection, kind: str, title: str, arguments: Mapping[str, Any], by: str
) -> int:
    """Store a waiting job and put it into the queue; return its number.

    A rollback removes both.
    """
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
    """Put a job into the queue of the worker."""
    given = {"queue": QUEUE, "task": TASK, "job": job_id}
    conn.execute(statement("queue_job"), given)


def get_job(conn: Connection, job_id: int) -> Job:
    """Return the job with this number.

    Raises
    ------
    NotFoundError
        when there is no such job
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
    """List at most ``limit`` jobs, newest first.

    ``by`` None lists the jobs of all people. ``before`` is the last job of the page before.
    """
    query = sa.select(jobs).order_by(jobs.c.id.desc()).limit(limit)
    if by is not None:
        query = query.where(jobs.c.created_by == by)
    if kind is not None:
        query = query.where(jobs.c.kind == kind)
    if before is not None:
        query = query.where(jobs.c.id < before)
    return [_from_row(row) for row in conn.execute(query)]


def cancel_job(conn: Connection, job_id: int) -> JobStatus | None:
    """Cancel a waiting job, or ask a running job to stop.

    Return the status of the job, or None if it had ended before.
    """
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
    """Lock a job until the connection ends; return False if another connection has the lock.

    The lock also ends if the worker is killed.
    """
    lock = sa.func.pg_try_advisory_lock(_LOCK_CLASS, job_id)
    return bool(conn.execute(sa.select(lock)).scalar_one())


def begin_job(conn: Connection, job_id: int) -> Job | None:
    """Mark a waiting job as running and return it; return None if it no longer waits."""
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
    """Store the progress of a job and return the job as stored.

    Return None if this attempt is no longer the newest.
    """
    noted = _running(job).values(step=step, done=done, total=total).returning(jobs)
    row = conn.execute(noted).one_or_none()
    return None if row is None else _from_row(row)


def succeed(conn: Connection, job: Job, result: Mapping[str, Any]) -> bool:
    """Store the result of a job.

    Return False if the job is to be cancelled or this attempt is no longer the newest. This
    runs in the transaction of the work itself, so that work and result are kept together.
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
    """Store that a job stopped because somebody cancelled it."""
    conn.execute(_running(job).values(**_ended(JobStatus.CANCELLED)))


def put_back(conn: Connection, job_id: int, attempts: int, *, counted: bool) -> bool:
    """Let an unfinished job wait for a worker again; return False if it does not wait now.

    A job that was to be cancelled is cancelled instead. With ``counted`` False the attempt does
    not count: the job was not the cause of the failure.
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
    """Return number and attempts of unfinished jobs that no worker has or will get."""
    given = {"task": TASK, "lock_class": _LOCK_CLASS, "silent_s": SILENT_S}
    return [(row.id, row.attempts) for row in conn.execute(statement("lost_jobs"), given)]


def forget_fetched(conn: Connection) -> None:
    """Delete the entries of the queue whose worker died."""
    conn.execute(statement("forget_fetched"), {"task": TASK, "silent_s": SILENT_S})


def is_worker_alive(conn: Connection) -> bool:
    """Return whether a worker has reported lately."""
    since = sa.func.now() - sa.func.make_interval(0, 0, 0, 0, 0, 0, _MISSED_S)
    query = sa.select(sa.exists().where(_WORKERS.c.last_heartbeat > since))
    return bool(conn.execute(query).scalar_one())


def _unfinished(job_id: int) -> sa.Update:
    return jobs.update().where(jobs.c.id == job_id, jobs.c.status.in_(UNFINISHED))


def _running(job: Job) -> sa.Update:
    # Only the newest attempt may write. An older one was taken for dead; it must not write
    # again.
    return jobs.update().where(
        jobs.c.id == job.id,
        jobs.c.status == JobStatus.RUNNING,
        jobs.c.attempts == job.attempts,
    )


def _ended(status: JobStatus) -> dict[str, Any]:
    return {"status": status, "finished_at": sa.func.clock_timestamp()}


def _from_row(row: Row[*tuple[Any, ...]]) -> Job:
    return Job(**{**row._mapping, "status": JobStatus(row.status)})
