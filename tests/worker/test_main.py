"""A real worker process, followed, cancelled, stopped and killed."""

import os
import signal
import subprocess
from datetime import UTC, datetime

import pytest
from sqlalchemy.engine import Engine

from gridmgmt.domain.job import JobStatus
from gridmgmt.errors import StoreError
from gridmgmt.services.files import jobs, uploads
from gridmgmt.settings import Settings
from gridmgmt.store import jobs as stored
from gridmgmt.store.engine import transaction
from gridmgmt.worker.main import Worker, sweep
from tests.worker.counting import ask, counted, entries, eventually, job_of, worker


def stop(process: subprocess.Popen[bytes]) -> int:
    process.send_signal(signal.SIGTERM)
    return process.wait(20)


def test_a_job_is_followed_from_its_asking_to_its_end(
    engine: Engine, settings: Settings
) -> None:
    with worker(settings) as process:
        job_id = ask(engine, to=20, each_s=0.1)
        eventually(lambda: job_of(engine, job_id).done > 0)
        seen = job_of(engine, job_id)
        assert (seen.status, seen.step, seen.total) == (JobStatus.RUNNING, "counting", 20)
        assert counted(engine) == 0
        with transaction(engine, commit=False) as conn:
            assert stored.is_worker_alive(conn)
        eventually(lambda: job_of(engine, job_id).is_finished)
        assert job_of(engine, job_id).result == {"counted": 20}
        assert counted(engine) == 20
        eventually(lambda: entries(engine) == 0)
        assert stop(process) == 0
    with transaction(engine, commit=False) as conn:
        assert not stored.is_worker_alive(conn)


@pytest.mark.proof
def test_a_running_job_is_cancelled_and_the_next_one_done(
    engine: Engine, settings: Settings
) -> None:
    with worker(settings) as process:
        job_id = ask(engine, to=1000, each_s=0.05)
        eventually(lambda: job_of(engine, job_id).done > 0)
        with transaction(engine, commit=True) as conn:
            assert jobs.cancel(conn, job_id, "somebody")
        eventually(lambda: job_of(engine, job_id).is_finished)
        assert job_of(engine, job_id).status is JobStatus.CANCELLED
        assert counted(engine) == 0
        after = ask(engine, to=2)
        eventually(lambda: job_of(engine, after).status is JobStatus.SUCCEEDED)
        assert stop(process) == 0


@pytest.mark.proof
def test_a_killed_worker_leaves_nothing_doubled_and_nothing_lost(
    engine: Engine, settings: Settings
) -> None:
    with worker(settings) as process:
        job_id = ask(engine, to=15, each_s=0.1)
        waiting = ask(engine, to=3)
        eventually(lambda: job_of(engine, job_id).done > 2)
        os.kill(process.pid, signal.SIGKILL)
        process.wait(10)
    assert job_of(engine, job_id).status is JobStatus.RUNNING
    with worker(settings) as process:
        eventually(lambda: job_of(engine, job_id).is_finished)
        eventually(lambda: job_of(engine, waiting).is_finished)
        assert stop(process) == 0
    job = job_of(engine, job_id)
    assert (job.status, job.attempts) == (JobStatus.SUCCEEDED, 2)
    assert counted(engine) == 15


@pytest.mark.proof
def test_a_worker_told_to_stop_gives_back_what_would_take_long(
    engine: Engine, settings: Settings
) -> None:
    with worker(settings) as process:
        job_id = ask(engine, to=1000, each_s=0.05)
        eventually(lambda: job_of(engine, job_id).done > 0)
        assert stop(process) == 0
    job = job_of(engine, job_id)
    assert (job.status, job.attempts) == (JobStatus.QUEUED, 0)
    assert counted(engine) == 0
    assert entries(engine) == 1


def test_old_uploads_are_swept_away(engine: Engine, settings: Settings) -> None:
    folder = settings.home / "uploads" / ("0" * 32)
    folder.mkdir(parents=True)
    long_ago = datetime(2020, 1, 1, tzinfo=UTC).timestamp()
    os.utime(folder, (long_ago, long_ago))
    sweep(engine, settings)
    assert not folder.exists()
    assert uploads.remove_old(settings.home, datetime.now(UTC)) == 0


def test_a_worker_without_a_database_says_so(settings: Settings) -> None:
    nowhere = str(settings.database_url).replace("gridmgmt_test_", "gridmgmt_test_no_")
    with pytest.raises(StoreError, match="does not answer"):
        Worker(nowhere, settings).run()
