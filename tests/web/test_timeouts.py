"""What takes too long in the database is stopped, and the person gets a sentence."""

import dataclasses
import time
from collections.abc import Iterator
from threading import Event, Thread

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine

from gridmgmt.settings import Settings
from gridmgmt.store.engine import Timeouts, make_engine
from web import create_app
from web.app.transaction import connection
from web.door.access import public

LOCK = "SELECT pg_advisory_xact_lock(1)"
STATEMENTS = {
    "slow": "SELECT pg_sleep(20)",
    "held": LOCK,
    # Another statement would be refused only when the work is kept.
    "late": "CREATE TEMP TABLE a (b int UNIQUE DEFERRABLE INITIALLY DEFERRED);"
    " INSERT INTO a VALUES (1), (1)",
    "lost": "SELECT pg_terminate_backend(pg_backend_pid())",
}


@pytest.fixture
def hurried(settings: Settings) -> Iterator[FlaskClient]:
    made: Flask = create_app(dataclasses.replace(settings, statement_s=0.5, lock_s=0.3))

    @made.get("/test/<what>")
    @public
    def ask(what: str) -> str:
        connection().exec_driver_sql(STATEMENTS[what])
        return "done"

    yield made.test_client()
    made.extensions["gridmgmt"].engine.dispose()


def test_a_statement_that_takes_too_long_is_stopped_with_a_sentence(
    hurried: FlaskClient,
) -> None:
    answer = hurried.get("/test/slow")
    assert answer.status_code == 504
    assert "操作超过页面允许的时间，已中止" in answer.text
    assert "pg_sleep" not in answer.text


def test_a_wait_for_what_somebody_else_holds_ends_with_a_sentence(
    hurried: FlaskClient, engine: Engine
) -> None:
    held, over = Event(), Event()

    def hold() -> None:
        with engine.begin() as conn:
            conn.exec_driver_sql(LOCK)
            held.set()
            over.wait(20)

    other = Thread(target=hold)
    other.start()
    try:
        assert held.wait(20)
        answer = hurried.get("/test/held")
        assert answer.status_code == 409
        assert "他人正在修改同一内容" in answer.text
    finally:
        over.set()
        other.join()
    assert hurried.get("/test/held").text == "done"


def test_what_fails_while_the_work_is_kept_gets_a_sentence_too(hurried: FlaskClient) -> None:
    answer = hurried.get("/test/late")
    assert answer.status_code == 503
    assert "数据库未能执行此操作" in answer.text


def test_a_lost_connection_is_no_trace_and_the_next_request_works(hurried: FlaskClient) -> None:
    answer = hurried.get("/test/lost")
    assert answer.status_code == 503
    assert "请先核对更改是否已保存" in answer.text
    assert hurried.get("/login").status_code == 200


def test_a_session_that_is_silent_within_a_transaction_is_ended(database_url: str) -> None:
    engine = make_engine(database_url, Timeouts(idle_s=0.2))
    with engine.connect() as conn:
        conn.execute(sa.text("SELECT 1"))
        time.sleep(1)
        with pytest.raises(sa.exc.DBAPIError, match="idle-in-transaction"):
            conn.execute(sa.text("SELECT 1"))
    engine.dispose()


def test_without_limits_nothing_is_asked_for() -> None:
    assert Timeouts().options == ""
