import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from gridmgmt.domain.job import MOST_ATTEMPTS, JobStatus
from gridmgmt.errors import NotFoundError
from gridmgmt.services.files import jobs
from gridmgmt.store import jobs as stored
from gridmgmt.store.engine import transaction


def ask(conn: Connection, by: str = "somebody", kind: str = "k") -> int:
    return jobs.enqueue(conn, kind, {"a": ["b"]}, title="a title", actor=by)


def waiting(conn: Connection) -> list[dict[str, int]]:
    query = "SELECT args FROM procrastinate_jobs WHERE status = 'todo' ORDER BY id"
    return list(conn.execute(sa.text(query)).scalars())


def test_a_job_and_its_place_in_the_queue_are_made_together(conn: Connection) -> None:
    job_id = ask(conn)
    job = jobs.get(conn, job_id)
    assert (job.kind, job.title, job.created_by) == ("k", "a title", "somebody")
    assert job.arguments == {"a": ["b"]}
    assert job.status is JobStatus.QUEUED
    assert waiting(conn) == [{"job": job_id}]
    logged = conn.execute(sa.text("SELECT actor, action, subject FROM audit_log")).all()
    assert logged == [("somebody", "enqueue_job", f"job {job_id}")]


def test_both_vanish_with_a_rollback(engine: Engine) -> None:
    with transaction(engine, commit=False) as conn:
        job_id = ask(conn)
    with transaction(engine, commit=False) as conn:
        assert waiting(conn) == []
        with pytest.raises(NotFoundError, match="job"):
            jobs.get(conn, job_id)


def test_a_waiting_job_is_cancelled_at_once(conn: Connection) -> None:
    job_id = ask(conn)
    assert jobs.cancel(conn, job_id, "somebody")
    job = jobs.get(conn, job_id)
    assert job.status is JobStatus.CANCELLED
    assert job.finished_at is not None
    assert stored.begin_job(conn, job_id) is None
    assert not jobs.cancel(conn, job_id, "somebody")


def test_a_running_job_is_asked_to_stop(conn: Connection) -> None:
    job_id = ask(conn)
    running = stored.begin_job(conn, job_id)
    assert running is not None
    assert jobs.cancel(conn, job_id, "somebody")
    job = jobs.get(conn, job_id)
    assert (job.status, job.cancel_requested) == (JobStatus.RUNNING, True)
    assert not stored.succeed(conn, running, {})


def test_a_finished_job_cannot_be_cancelled(conn: Connection) -> None:
    job_id = ask(conn)
    running = stored.begin_job(conn, job_id)
    assert running is not None
    assert stored.succeed(conn, running, {"done": True})
    assert not jobs.cancel(conn, job_id, "somebody")
    assert jobs.get(conn, job_id).status is JobStatus.SUCCEEDED


def test_what_there_is_not_cannot_be_cancelled(conn: Connection) -> None:
    with pytest.raises(NotFoundError):
        jobs.cancel(conn, 99, "somebody")


def test_a_job_whose_worker_is_gone_waits_again(conn: Connection) -> None:
    job_id = ask(conn)
    assert stored.begin_job(conn, job_id)
    conn.execute(sa.text("DELETE FROM procrastinate_jobs"))
    assert jobs.rescue(conn) == [job_id]
    job = jobs.get(conn, job_id)
    assert (job.status, job.attempts) == (JobStatus.QUEUED, 1)
    assert waiting(conn) == [{"job": job_id}]
    assert jobs.rescue(conn) == []


def test_a_job_that_somebody_holds_is_left_alone(engine: Engine) -> None:
    with transaction(engine, commit=True) as conn:
        job_id = ask(conn)
        assert stored.begin_job(conn, job_id)
    with engine.connect() as holder, transaction(engine, commit=True) as conn:
        assert stored.hold_job(holder, job_id)
        assert jobs.rescue(conn) == []
        holder.rollback()
        holder.invalidate()


def test_a_job_that_ends_every_worker_is_given_up(conn: Connection) -> None:
    job_id = ask(conn)
    for attempt in range(MOST_ATTEMPTS):
        assert jobs.rescue(conn) == ([job_id] if attempt else [])
        assert stored.begin_job(conn, job_id)
    assert jobs.rescue(conn) == []
    job = jobs.get(conn, job_id)
    assert job.status is JobStatus.FAILED
    assert "3 times" in str(job.error)


def test_a_job_that_was_to_be_cancelled_when_its_worker_died_is_cancelled(
    conn: Connection,
) -> None:
    job_id = ask(conn)
    assert stored.begin_job(conn, job_id)
    assert jobs.cancel(conn, job_id, "somebody")
    assert jobs.rescue(conn) == []
    assert jobs.get(conn, job_id).status is JobStatus.CANCELLED


def test_a_job_fetched_by_a_worker_that_died_before_it_began_waits_again(
    conn: Connection,
) -> None:
    job_id = ask(conn)
    fetched = sa.text(
        "WITH worker AS (INSERT INTO procrastinate_workers (last_heartbeat)"
        " VALUES (now() - make_interval(secs => :ago)) RETURNING id)"
        " UPDATE procrastinate_jobs SET status = 'doing', worker_id = worker.id FROM worker"
    )
    conn.execute(fetched, {"ago": 5})
    assert jobs.rescue(conn) == []
    assert waiting(conn) == []
    silent = "UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 hour'"
    conn.execute(sa.text(silent))
    assert not stored.is_worker_alive(conn)
    assert jobs.rescue(conn) == [job_id]
    entries = conn.execute(sa.text("SELECT status FROM procrastinate_jobs")).scalars().all()
    assert entries == ["todo"]


def test_a_worker_that_shows_itself_is_alive(conn: Connection) -> None:
    assert not stored.is_worker_alive(conn)
    conn.execute(sa.text("INSERT INTO procrastinate_workers DEFAULT VALUES"))
    assert stored.is_worker_alive(conn)


def test_jobs_are_listed_the_newest_first_page_by_page(conn: Connection) -> None:
    mine = [ask(conn, "me") for _ in range(3)]
    theirs = ask(conn, "them", kind="other")
    assert [job.id for job in stored.list_jobs(conn, by="me", limit=2)] == mine[:0:-1]
    older = stored.list_jobs(conn, by="me", before=mine[1], limit=2)
    assert [job.id for job in older] == mine[:1]
    everybodys = stored.list_jobs(conn, by=None, limit=9)
    assert [job.id for job in everybodys] == [theirs, *mine[::-1]]
    assert [job.id for job in stored.list_jobs(conn, by=None, kind="other", limit=9)] == [
        theirs
    ]
