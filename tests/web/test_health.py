import tempfile
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine

from gridmgmt.settings import Settings
from gridmgmt.store.upkeep import migrations
from web import create_app


@pytest.fixture
def worker(engine: Engine) -> None:
    """A worker that has just shown itself."""
    with engine.begin() as conn:
        conn.execute(sa.text("INSERT INTO procrastinate_workers DEFAULT VALUES"))


def reason(client: FlaskClient) -> str:
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json is not None
    assert answer.json["status"] == "unavailable"
    return str(answer.json["reason"])


@pytest.mark.usefixtures("worker")
def test_a_healthy_platform_says_so_to_everybody(client: FlaskClient) -> None:
    answer = client.get("/healthz")
    assert answer.status_code == 200
    assert answer.json == {"status": "ok", "schema": migrations.head(), "worker": True}


def test_without_a_worker_nothing_long_is_done(client: FlaskClient) -> None:
    assert reason(client) == "no worker is alive"


@pytest.mark.usefixtures("worker")
def test_a_worker_that_is_silent_counts_as_dead(client: FlaskClient, engine: Engine) -> None:
    with engine.begin() as conn:
        ago = "UPDATE procrastinate_workers SET last_heartbeat = now() - interval '31 s'"
        conn.execute(sa.text(ago))
    assert reason(client) == "no worker is alive"


@pytest.mark.usefixtures("worker")
def test_a_home_in_which_nothing_can_be_written_is_told_without_its_path(
    client: FlaskClient, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.home.rename(settings.home.with_name("gone"))
    assert reason(client) == "nothing can be written in the home"
    assert str(settings.home) in caplog.text


@pytest.mark.usefixtures("worker")
def test_a_temporary_folder_in_which_nothing_can_be_written_is_told(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    assert reason(client) == "nothing can be written in the temporary folder"


def test_an_old_schema_is_not_healthy(client: FlaskClient, engine: Engine) -> None:
    with engine.begin() as conn:
        conn.execute(sa.text("UPDATE alembic_version SET version_num = '0004'"))
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert "schema" in answer.json["reason"]  # type: ignore[index]


def test_an_empty_database_is_not_healthy(empty_database_url: str, settings: Settings) -> None:
    empty = create_app(Settings(home=settings.home, database_url=empty_database_url))
    assert empty.test_client().get("/healthz").status_code == 503
    empty.extensions["gridmgmt"].engine.dispose()


def test_a_database_that_does_not_answer_is_told_without_its_address(
    settings: Settings,
) -> None:
    nowhere = str(settings.database_url).replace("gridmgmt_test_", "gridmgmt_test_no_")
    lost = create_app(Settings(home=settings.home, database_url=nowhere))
    answer = lost.test_client().get("/healthz")
    assert answer.status_code == 503
    assert answer.json == {"status": "unavailable", "reason": "the database does not answer"}
    lost.extensions["gridmgmt"].engine.dispose()
