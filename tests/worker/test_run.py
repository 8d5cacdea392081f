import time

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from gridmgmt.domain.job import JobStatus
from gridmgmt.errors import LayerError
from gridmgmt.sentence import Sentence
from gridmgmt.services.files import jobs
from gridmgmt.settings import Settings
from gridmgmt.store import jobs as stored
from gridmgmt.store.engine import transaction
from gridmgmt.worker.run import run_job
from tests.worker.counting import KINDS, ask, count, counted, entries, job_of


def run(engine: Engine, settings: Settings, job_id: int, **more: object) -> None:
    run_job(engine, KINDS, job_id, settings, **{"every_s": 0.0, **more})  # type: ignore[arg-type]


def test_work_and_its_success_are_kept_together(engine: Engine, settings: Settings) -> None:
    job_id = ask(engine, to=3)
    waiting = job_of(engine, job_id)
    assert (waiting.status, waiting.attempts, waiting.share) == (JobStatus.QUEUED, 0, None)
    run(engine, settings, job_id)
    job = job_of(engine, job_id)
    assert job.status is JobStatus.SUCCEEDED
    assert job.is_finished
    assert job.result == {"counted": 3}
    assert (job.step, job.done, job.total, job.share) == ("counting", 2, 3, 2 / 3)
    assert job.started_at is not None
    assert job.finished_at is not None
    assert waiting.created_at <= job.started_at <= job.finished_at
    assert counted(engine) == 3


def test_a_job_that_ended_is_not_done_again(engine: Engine, settings: Settings) -> None:
    job_id = ask(engine, to=1)
    run(engine, settings, job_id)
    first = job_of(engine, job_id)
    run(engine, settings, job_id)
    assert job_of(engine, job_id) == first


def test_a_job_that_somebody_is_at_is_passed_over(engine: Engine, settings: Settings) -> None:
    job_id = ask(engine, to=1)
    with engine.connect() as other:
        assert stored.hold_job(other, job_id)
        run(engine, settings, job_id)
        other.rollback()
        other.invalidate()
    assert job_of(engine, job_id).status is JobStatus.QUEUED


@pytest.mark.parametrize(
    ("surprise", "said"), [(False, "cannot be used"), (True, "a fault of the program")]
)
def test_work_that_fails_leaves_the_reason_and_nothing_else(
    engine: Engine, settings: Settings, surprise: bool, said: str
) -> None:
    job_id = ask(engine, "refuse", surprise=surprise)
    run(engine, settings, job_id)
    job = job_of(engine, job_id)
    assert job.status is JobStatus.FAILED
    assert said in str(job.error)
    assert "nobody thought" not in str(job.error)
    assert counted(engine) == 0


def test_where_a_file_lies_is_not_told(engine: Engine, settings: Settings) -> None:
    def read(*given: object) -> dict[str, object]:
        raise LayerError(settings.home / "uploads" / "0" / "cases.csv", "is empty")

    job_id = ask(engine, "read")
    run_job(engine, {"read": read}, job_id, settings)
    assert job_of(engine, job_id).error == "cases.csv: is empty"


def test_of_many_problems_some_of_each_kind_are_kept(
    engine: Engine, settings: Settings
) -> None:
    def read(*given: object) -> dict[str, object]:
        problems = [Sentence("row {}: {}", row, "no date") for row in range(2, 902)]
        raise LayerError("cases.csv", "cannot be used", problems=problems, remedy="mend it")

    job_id = ask(engine, "read")
    run_job(engine, {"read": read}, job_id, settings)
    assert str(job_of(engine, job_id).error).splitlines() == [
        "cases.csv: cannot be used",
        *(f"  - row {row}: no date" for row in (2, 3, 4)),
        "  - … and 897 more",
        "  what to do: mend it",
    ]


def test_a_wish_to_cancel_is_read_between_chunks(engine: Engine, settings: Settings) -> None:
    job_id = ask(engine, to=5)

    def cancel_at_two(conn, arguments, progress, actor, settings):  # type: ignore[no-untyped-def]
        def watched(step: str, done: int, total: int) -> None:
            if done == 2:
                with transaction(engine, commit=True) as other:
                    assert jobs.cancel(other, job_id, "somebody")
            progress(step, done, total)

        return count(conn, arguments, watched, actor, settings)

    run_job(engine, {"count": cancel_at_two}, job_id, settings, every_s=0.0)
    job = job_of(engine, job_id)
    assert (job.status, job.done, job.result) == (JobStatus.CANCELLED, 2, None)
    assert counted(engine) == 0


def test_a_wish_to_cancel_after_the_last_chunk_is_kept_too(
    engine: Engine, settings: Settings
) -> None:
    job_id = ask(engine, to=2)

    def cancel_at_the_end(conn, arguments, *rest):  # type: ignore[no-untyped-def]
        result = count(conn, arguments, *rest)
        with transaction(engine, commit=True) as other:
            assert jobs.cancel(other, job_id, "somebody")
        return result

    run_job(engine, {"count": cancel_at_the_end}, job_id, settings)
    assert job_of(engine, job_id).status is JobStatus.CANCELLED
    assert counted(engine) == 0


def test_a_worker_that_is_to_end_gives_its_job_back(engine: Engine, settings: Settings) -> None:
    job_id = ask(engine, to=5)
    run(engine, settings, job_id, stopping=lambda: job_of(engine, job_id).done == 2)
    job = job_of(engine, job_id)
    assert (job.status, job.attempts) == (JobStatus.QUEUED, 0)
    assert (job.step, job.done, job.total) == (None, 0, 0)
    assert counted(engine) == 0
    assert entries(engine) == 2
    run(engine, settings, job_id)
    assert job_of(engine, job_id).status is JobStatus.SUCCEEDED


def test_an_attempt_that_was_given_up_can_neither_go_on_nor_finish(
    engine: Engine, settings: Settings
) -> None:
    """Whoever seemed dead and was not finds its work taken back."""
    job_id = ask(engine, to=3, each_s=0.0)

    def overtaken_at(step_no: int) -> object:
        def work(conn, arguments, progress, actor, settings):  # type: ignore[no-untyped-def]
            def watched(step: str, done: int, total: int) -> None:
                if done == step_no:
                    with transaction(engine, commit=True) as other:
                        job = jobs.get(other, job_id)
                        assert stored.put_back(other, job_id, job.attempts, counted=True)
                progress(step, done, total)

            return count(conn, arguments, watched, actor, settings)

        return work

    for step_no, every_s in ((1, 0.0), (2, 60.0)):
        kinds = {"count": overtaken_at(step_no)}
        # The server gives the lock of a session back a moment after it was closed.
        while job_of(engine, job_id).attempts < step_no:
            run_job(engine, kinds, job_id, settings, every_s=every_s)  # type: ignore[arg-type]
        assert job_of(engine, job_id).status is JobStatus.QUEUED
        assert counted(engine) == 0
    while job_of(engine, job_id).status is JobStatus.QUEUED:
        run(engine, settings, job_id)
    job = job_of(engine, job_id)
    assert (job.status, job.attempts) == (JobStatus.SUCCEEDED, 3)


def test_progress_is_not_written_more_often_than_anybody_reads(
    engine: Engine, settings: Settings
) -> None:
    job_id = ask(engine, to=200)
    with engine.connect() as conn:
        before = conn.scalar(sa.text("SELECT pg_current_xact_id()"))
    started = time.monotonic()
    run_job(engine, KINDS, job_id, settings)
    writes = 2 * (time.monotonic() - started) + 8
    with engine.connect() as conn:
        after = conn.scalar(sa.text("SELECT pg_current_xact_id()"))
    assert int(str(after)) - int(str(before)) < 200 + writes
    assert job_of(engine, job_id).status is JobStatus.SUCCEEDED
