"""What answers tell when something is broken: nothing of this machine, and where to look."""

import logging
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine, make_url

from gridmgmt.errors import LayerError, SettingsError, StoreError
from gridmgmt.settings import Settings
from tests.web.conftest import PASSWORD, Login, csrf_of
from tests.web.test_roles import calls, send
from web import create_app
from web.door.access import public

REFERENCE = re.compile(r"\b[0-9a-f]{8}\b")


def secrets_of(settings: Settings) -> set[str]:
    """What of the machine nobody outside is to read."""
    url = make_url(str(settings.database_url))
    names = {str(settings.home), "postgresql", "psycopg", "SELECT ", "Traceback", "/tmp/"}
    socket = url.query.get("host")
    return names | {str(url.database), str(socket or url.host)}


@pytest.fixture
def broken(settings: Settings) -> Iterator[Flask]:
    """The application while its database is gone."""
    nowhere = str(settings.database_url).replace("gridmgmt_test_", "gridmgmt_test_no_")
    made = create_app(replace(settings, database_url=nowhere))
    yield made
    made.extensions["gridmgmt"].engine.dispose()


def crawl(app: Flask, client: FlaskClient) -> Iterator[tuple[str, int, str]]:
    """Call every address as a stranger, as one with a cookie, and as one with a token."""
    token = csrf_of(client.get("/login").text)
    cookie = {"Cookie": "gridmgmt_session=made-up; gridmgmt_display=made-up"}
    bearer = {"Authorization": "Bearer gridmgmt_madeup"}
    for headers in ({}, cookie, bearer, {"Accept": "application/json"}):
        for api in (False, True):
            for _endpoint, method, path in calls(app, api=api):
                data = {"csrf_token": token, "username": "zhang", "password": "wrong"}
                sent = {"json": {"category": "E1"}} if api else {"data": data}
                answer = client.open(
                    path, method=method, headers=headers, **({} if method == "GET" else sent)
                )
                told = f"{answer.headers}{answer.get_data(as_text=True)}"
                yield f"{method} {path}", answer.status_code, told


def test_without_its_database_no_answer_tells_of_this_machine(
    broken: Flask, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    hidden = secrets_of(settings)
    statuses = set()
    for where, status, told in crawl(broken, broken.test_client()):
        assert not {one for one in hidden if one in told}, (where, told)
        statuses.add(status)
    assert 503 in statuses
    assert "gridmgmt_test_no_" in caplog.text


def test_without_its_home_no_answer_tells_of_this_machine(
    app: Flask, login: Login, city: Engine, settings: Settings
) -> None:
    client = login("duty_chief")
    shutil.rmtree(settings.home)
    settings.home.write_text("no folder")
    token = csrf_of(client.get("/account").text)
    hidden = secrets_of(settings)
    for _endpoint, method, path in calls(app, api=False):
        if path == "/logout":
            continue
        answer = send(client, method, path, token)
        told = f"{answer.headers}{answer.get_data(as_text=True)}"
        assert not {one for one in hidden if one in told}, (path, told)


def test_what_an_answer_withholds_stands_in_the_log_under_its_reference(
    broken: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    client = broken.test_client()
    bearer = {"Authorization": "Bearer gridmgmt_madeup"}
    token = csrf_of(client.get("/login?lang=en").text)
    data = {"csrf_token": token, "username": "zhang", "password": PASSWORD}
    told = [
        client.get("/api/v1/cases", headers=bearer).get_json()["reference"],
        client.post("/login?lang=en", data=data).text,
    ]
    for text in told:
        found = REFERENCE.search(text)
        assert found, text
        assert f"reference {found[0]}" in caplog.text


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_no_kind_of_failure_tells_where_files_lie(
    settings: Settings, accept: str, caplog: pytest.LogCaptureFixture
) -> None:
    home = settings.home
    inside = f"{home}/uploads/0123/案件.zip"
    failures = [
        StoreError(f"cannot connect to {home}/cluster/socket"),
        SettingsError([f"GRIDMGMT_HOME={home}"]),
        LayerError(inside, f"{inside} has no layer", problems=[f"see {home}/x.shp, row 3"]),
        OSError(28, "No space left on device", inside),
        ValueError(inside),
    ]
    app = create_app(settings)

    @app.get("/fail/<int:number>")
    @public
    def fail(number: int) -> str:
        raise failures[number]

    client = app.test_client()
    for number in range(len(failures)):
        answer = client.get(f"/fail/{number}?lang=en", headers={"Accept": accept})
        told = answer.get_data(as_text=True)
        assert answer.status_code >= 400
        assert str(home) not in told, told
        if isinstance(failures[number], LayerError):
            assert Path(inside).name in answer.get_data(as_text=True) or accept != "text/html"
            assert "x.shp, row 3" in told
    app.extensions["gridmgmt"].engine.dispose()


def test_the_log_does_not_name_whom_somebody_looked_for(
    login: Login, city: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    """Every list is searched for a name while its statements fail."""
    caplog.set_level(logging.DEBUG)
    planted = "王小明的电话"
    client = login("duty_chief")
    officer = login("gis_officer")
    with city.begin() as conn:
        for table in ("cases", "areas", "responders", "components"):
            conn.exec_driver_sql(f"ALTER TABLE {table} RENAME TO {table}_gone")
    failed = 0
    paths = ("/cases", "/areas", "/components", "/responders", "/map/search.json")
    for who in (client, officer):
        for path in (*paths, "/cases?responder=", "/duties?responder="):
            question = f"{path}{planted}" if "?" in path else f"{path}?q={planted}"
            answer = who.get(question)
            failed += answer.status_code == 503
            assert answer.status_code != 500
    assert failed > 5
    assert "psycopg" in caplog.text
    assert planted not in caplog.text
