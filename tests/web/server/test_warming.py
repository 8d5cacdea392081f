"""What a process does before it takes connections is not done again for its first visitor."""

import logging
import threading

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.engine import Engine

from gridmgmt.settings import Settings
from tests.web.conftest import Login
from web import create_app
from web.server.warming import warm_up


def test_the_first_visitor_finds_duties_read_and_templates_translated(
    app: Flask, login: Login, city: Engine
) -> None:
    client = login("duty_chief")
    with city.connect() as conn:
        before = conn.execute(sa.text("SELECT count(*) FROM audit_log")).scalar_one()
    warm_up(app, most_s=120)
    with city.connect() as conn:
        assert conn.execute(sa.text("SELECT count(*) FROM audit_log")).scalar_one() == before
    known = {name for _, name in app.jinja_env.cache}  # type: ignore[union-attr]
    assert known >= set(app.jinja_env.list_templates(extensions=["html"]))
    asked: list[str] = []
    engine = app.extensions["gridmgmt"].engine
    sa.event.listen(
        engine, "before_cursor_execute", lambda *given: asked.append(" ".join(given[2].split()))
    )
    assert client.get("/cases/C1").status_code == 200
    assert asked
    assert [one for one in asked if "FROM duties" in one or "FROM group_members" in one] == []


def test_a_process_does_not_wait_for_long(
    app: Flask, city: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    with city.begin() as conn, caplog.at_level(logging.INFO):
        conn.execute(sa.text("LOCK TABLE cases IN ACCESS EXCLUSIVE MODE"))
        warm_up(app, most_s=0.1)
        assert "warmed up" not in caplog.text
    warming = next(one for one in threading.enumerate() if one.name == "warming up")
    warming.join(120)
    assert not warming.is_alive()


def test_a_process_starts_without_its_database(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    assert settings.database_url is not None
    gone = sa.make_url(settings.database_url).set(database="gridmgmt_nowhere")
    app = create_app(
        Settings(home=settings.home, database_url=gone.render_as_string(hide_password=False))
    )
    with caplog.at_level(logging.INFO):
        warm_up(app, most_s=120)
    assert "the first pages will take longer" in caplog.text
    app.extensions["gridmgmt"].engine.dispose()
