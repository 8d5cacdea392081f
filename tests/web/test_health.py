import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine

from gridmgmt.settings import Settings
from gridmgmt.store import migrations
from web import create_app


def test_a_healthy_platform_says_so_to_everybody(client: FlaskClient) -> None:
    answer = client.get("/healthz")
    assert answer.status_code == 200
    assert answer.json == {"status": "ok", "schema": migrations.head(), "worker": False}


def test_a_living_worker_is_told(client: FlaskClient, engine: Engine) -> None:
    with engine.begin() as conn:
        conn.execute(sa.text("INSERT INTO procrastinate_workers DEFAULT VALUES"))
    assert client.get("/healthz").json["worker"] is True  # type: ignore[index]


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
