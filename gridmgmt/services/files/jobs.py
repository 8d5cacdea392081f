"""Jobs: enqueue, follow and cancel them; no job is ever lost or done twice."""

import logging
from collections.abc import Mapping
from typing import Any

from sqlalchemy.engine import Connection

from gridmgmt.domain.job import MOST_ATTEMPTS, Job, JobStatus
from gridmgmt.sentence import Sentence
from gridmgmt.store import jobs
from gridmgmt.store.accounts import audit

_log = logging.getLogger(__name__)


def enqueue(
    conn: Connection, kind: str, arguments: Mapping[str, Any], *, title: str, actor: str
) -> int:
    """Enqueue a job and return its number.

    A rollback of this transaction removes the job and its queue entry; a worker sees neither
    before the commit. ``arguments`` are plain JSON values for the ``kind`` (see
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
        when there is no such job
    """
    return jobs.get_job(conn, job_id)


def cancel(conn: Connection, job_id: int, actor: str) -> bool:
    """Cancel a job; return False if it had ended before.

    A waiting job is cancelled at once. A running job reads the request between its chunks and
    then rolls back everything; a job whose work is committed cannot be cancelled.

    Raises
    ------
    NotFoundError
        when there is no such job
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

    Their work was rolled back with the connection of the worker. A job that was begun three
    times and never ended is marked as failed.
    """
    put_back = []
    for job_id, attempts in jobs.lost_jobs(conn):
        # Work that kills its worker would otherwise do so for ever.
        if attempts >= MOST_ATTEMPTS:
            job = jobs.get_job(conn, job_id)
            # Only a job that was running when its worker died may have caused this.
            if job.status is JobStatus.RUNNING:
                jobs.fail(
                    conn, job, Sentence("the worker ended {} times during this work", attempts)
                )
                _log.error("job %s is given up", job_id, extra={"action": "give_up_job"})
                continue
        if jobs.put_back(conn, job_id, attempts, counted=True):
            _log.warning("job %s is put back", job_id, extra={"action": "put_back_job"})
            put_back.append(job_id)
    jobs.forget_fetched(conn)
    return put_back
