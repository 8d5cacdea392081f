"""Jobs: asked for by people, followed and cancelled by them, and never lost or done twice."""

import logging
from collections.abc import Mapping
from typing import Any

from sqlalchemy.engine import Connection

from gridmgmt.domain.job import MOST_ATTEMPTS, Job, JobStatus
from gridmgmt.store import jobs
from gridmgmt.store.accounts import audit

_log = logging.getLogger(__name__)


def enqueue(
    conn: Connection, kind: str, arguments: Mapping[str, Any], *, title: str, actor: str
) -> int:
    """Ask for long work and return the job's number.

    The job and its place in the queue vanish with a rollback of this transaction; a worker
    sees neither before it commits. ``arguments`` are plain JSON values for the ``kind`` (see
    ``gridmgmt.worker.kinds``), ``title`` is what people read in lists.
    """
    job_id = jobs.add_job(conn, kind, title, arguments, actor)
    audit.record(conn, actor, "enqueue_job", f"job {job_id}", {"kind": kind, "title": title})
    return job_id


def get(conn: Connection, job_id: int) -> Job:
    """Return a job.

    Raises
    ------
    NotFoundError
        when there is none of this number
    """
    return jobs.get_job(conn, job_id)


def cancel(conn: Connection, job_id: int, actor: str) -> bool:
    """Cancel a job; False when it had ended before.

    One that waits is cancelled at once. One that runs reads the wish between its chunks and
    then takes back everything it did; once its work is kept it can no longer be cancelled.

    Raises
    ------
    NotFoundError
        when there is none of this number
    """
    before = jobs.get_job(conn, job_id)
    status = jobs.cancel_job(conn, job_id)
    if status is None:
        return False
    detail = {"before": {"status": before.status}, "after": {"status": status}}
    audit.record(conn, actor, "cancel_job", f"job {job_id}", detail)
    return True


def rescue(conn: Connection) -> list[int]:
    """Let jobs whose worker died wait again, and return their numbers.

    What they had done was rolled back with the worker's connection. A job that was begun
    three times and never ended is given up as failed.
    """
    put_back = []
    for job_id, attempts in jobs.lost_jobs(conn):
        if attempts >= MOST_ATTEMPTS:
            job = jobs.get_job(conn, job_id)
            if job.status is JobStatus.RUNNING:
                jobs.fail(conn, job, f"the worker ended {attempts} times during this work")
                _log.error("job %s is given up", job_id, extra={"action": "give_up_job"})
                continue
        if jobs.put_back(conn, job_id, attempts, counted=True):
            _log.warning("job %s is put back", job_id, extra={"action": "put_back_job"})
            put_back.append(job_id)
    jobs.forget_fetched(conn)
    return put_back
