"""The pages and the worker, served by real processes on a free port."""

import dataclasses
import os
import signal
import socket
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from gridmgmt.cli import run
from gridmgmt.services.accounts import accounts
from gridmgmt.services.files import jobs
from gridmgmt.settings import Settings
from gridmgmt.store.engine import transaction
from tests.cli.serving_program import is_alive, serving
from tests.worker.counting import eventually, job_of

SERVE = ("serve", "--port", "0", "--workers", "1")


@pytest.fixture(autouse=True)
def somebody(engine: Engine) -> None:
    with transaction(engine, commit=True) as conn:
        accounts.create(conn, "wang", "administrator", "a long password", actor="a test")


def workers(engine: Engine) -> int:
    with transaction(engine, commit=False) as conn:
        query = sa.text("SELECT count(*) FROM procrastinate_workers")
        return int(conn.execute(query).scalar_one())


def test_pages_and_worker_serve_from_anywhere_and_end_together(
    settings: Settings, engine: Engine, tmp_path: Path
) -> None:
    with serving(settings, *SERVE, cwd=tmp_path) as served:
        assert served.get("/healthz").status == 200
        assert served.get("/login?next=a-secret").status == 200
        assert served.get("/static/css/site.css").status == 200
        with transaction(engine, commit=True) as conn:
            job_id = jobs.enqueue(conn, "no such kind", {}, title="t", actor="a test")
        eventually(lambda: job_of(engine, job_id).is_finished)
        assert "KeyError" in str(job_of(engine, job_id).error)
        assert served.stop() == 0
    assert workers(engine) == 0
    assert "GET /healthz 200" in served.said
    assert "GET /login 200" in served.said
    assert "a-secret" not in served.said
    assert "127.0.0.1 -" not in served.said, "who asked"
    assert "nobody can log in" not in served.said


PAGES_READY = r"\[(\d+)\] \[INFO\] the pages are ready"
WORKER_READY = r"\[(\d+)\] \[INFO\] the worker is ready"


@pytest.mark.proof
def test_what_dies_is_started_again_and_ctrl_c_ends_both_in_good_order(
    settings: Settings, engine: Engine
) -> None:
    with serving(settings, *SERVE) as served:
        eventually(lambda: workers(engine) == 1)
        os.kill(int(served.await_words(WORKER_READY)[1]), 9)
        served.await_words("the worker ended with code -9; again in 1 s")
        eventually(lambda: workers(engine) == 2)
        first = int(served.await_words(PAGES_READY)[1])
        assert served.get("/healthz").status == 200
        os.kill(first, 9)
        served.await_words("process 1 of the pages ended with code -9; again in 1 s")
        # The socket is open all the while: who asks now waits, and is answered.
        assert served.get("/login").status == 200
        assert served.stop(signal.SIGINT) == 0
    # That of the worker that was killed cannot be taken back.
    assert workers(engine) == 1
    assert "Traceback" not in served.said


def test_pages_that_cannot_start_end_everything(settings: Settings, engine: Engine) -> None:
    unusable = dataclasses.replace(settings, secret_key="too short")
    with serving(unusable, *SERVE) as served:
        assert served.wait() in (1, 8)
    assert "GRIDMGMT_SECRET_KEY" in served.said


@pytest.mark.proof
def test_nothing_outlives_a_killed_server(settings: Settings, engine: Engine) -> None:
    with serving(settings, *SERVE) as served:
        eventually(lambda: workers(engine) == 1)
        children = [int(served.await_words(what)[1]) for what in (PAGES_READY, WORKER_READY)]
        assert all(map(is_alive, children))
        served.process.kill()
        eventually(lambda: not any(map(is_alive, children)))


def test_a_taken_port_is_refused_with_a_free_one(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert run(["serve", "--port", str(port)], settings) == 2
    said = capsys.readouterr().err
    assert f"127.0.0.1:{port} is taken" in said
    assert "is free" in said


def test_an_address_of_another_machine_is_refused(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["serve", "--host", "192.0.2.1", "--port", "0"], settings) == 2
    assert "no address of this machine" in capsys.readouterr().err


@pytest.mark.parametrize("command", [["serve", "--port", "0"], ["worker"]])
def test_a_database_at_another_schema_is_refused(
    settings: Settings, engine: Engine, capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    with transaction(engine, commit=True) as conn:
        conn.execute(sa.text("UPDATE alembic_version SET version_num = '0004'"))
    assert run(command, settings) == 7
    said = capsys.readouterr().err
    assert "at schema 0004" in said
    assert "gridmgmt db migrate" in said
