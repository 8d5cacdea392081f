"""Large bodies are let in, or not, by the head of their request alone."""

import dataclasses
from io import BytesIO
from typing import Any

import pytest
from flask import Flask, url_for
from flask.testing import FlaskClient
from werkzeug.test import EnvironBuilder

from gridmgmt.settings import Settings
from tests.web.conftest import Login
from web import create_app
from web.door.doorman import Doorman

MB = 1024 * 1024
MOST = 200 * MB


class _Unread(BytesIO):
    def read(self, *args: Any) -> bytes:
        raise AssertionError


def asked(
    app: Flask,
    path: str,
    client: FlaskClient | None = None,
    *,
    length: int | None = 10 * MB,
    headers: dict[str, str] | None = None,
) -> int | None:
    """What the doorman says to a request with this head; length None: it comes in chunks."""
    builder = EnvironBuilder(path, method="POST", headers=headers)
    if client is not None:
        cookies = client._cookies.values()  # type: ignore[attr-defined]
        builder.headers["Cookie"] = "; ".join(f"{one.key}={one.value}" for one in cookies)
    environ = {**builder.get_environ(), "wsgi.input": _Unread()}
    environ.pop("CONTENT_LENGTH", None)
    if length is not None:
        environ["CONTENT_LENGTH"] = str(length)
    return Doorman(app)(environ)


@pytest.fixture
def upload(app: Flask) -> str:
    with app.test_request_context():
        return url_for("case_imports.upload")


def test_who_may_send_a_file_may_send_it(app: Flask, login: Login, upload: str) -> None:
    client = login("acceptor")
    assert asked(app, upload, client) == MOST
    assert asked(app, upload, client, length=None) == MOST


def test_another_site_sends_no_file_in_a_persons_name(
    app: Flask, login: Login, upload: str
) -> None:
    client = login("acceptor")
    assert asked(app, upload, client, headers={"Origin": "http://evil.example"}) is None
    assert asked(app, upload, client, headers={"Origin": "http://localhost"}) == MOST


def test_what_proxies_say_counts_as_it_does_for_the_pages(
    settings: Settings, login: Login, upload: str
) -> None:
    client = login("acceptor")
    behind = create_app(dataclasses.replace(settings, proxies=1))
    said = {
        "Origin": "https://city.example",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "city.example",
    }
    assert asked(behind, upload, client, headers=said) == MOST
    assert asked(behind, upload, client, headers={**said, "X-Forwarded-Proto": "http"}) is None
    behind.extensions["gridmgmt"].engine.dispose()


def test_nobody_sends_a_file_without_a_login(app: Flask, upload: str) -> None:
    assert asked(app, upload) is None
    assert asked(app, upload, headers={"Cookie": "gridmgmt_session=made-up"}) is None


def test_whose_role_does_not_import_sends_no_file(
    app: Flask, login: Login, upload: str
) -> None:
    assert asked(app, upload, login("commander")) is None


def test_nobody_sends_more_than_the_view_takes(app: Flask, login: Login, upload: str) -> None:
    too_much = MOST + 1
    assert asked(app, upload, login("acceptor"), length=too_much) is None


def test_a_form_for_everybody_takes_no_large_body(app: Flask) -> None:
    assert asked(app, "/login") is None
    assert asked(app, "/login", length=1000) == 64 * 1024


def test_programs_need_their_token_first(app: Flask) -> None:
    assert asked(app, "/api/v1/cases") is None
    wrong = {"Authorization": "Bearer wrong"}
    assert asked(app, "/api/v1/cases", headers=wrong) is None


def test_an_address_that_takes_no_body_gets_none(app: Flask, login: Login) -> None:
    client = login("acceptor")
    assert asked(app, "/no/such/page", client) is None
    assert asked(app, "/audit", client) is None
