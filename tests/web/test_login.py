import re
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine

from gridmgmt.services import accounts, logins
from tests.web.conftest import PASSWORD, Login, csrf_of


def send(client: FlaskClient, username: str, password: str, back: str = "") -> tuple[int, str]:
    data = {"username": username, "password": password, "next": back}
    data["csrf_token"] = csrf_of(client.get("/login").text)
    answer = client.post("/login", data=data)
    return answer.status_code, answer.headers.get("Location", "")


def make(engine: Engine, username: str = "zhang") -> None:
    with engine.begin() as conn:
        accounts.create(
            conn, username, "commander", PASSWORD, must_change=False, actor="a test"
        )


def test_the_right_password_opens_the_first_page(client: FlaskClient, engine: Engine) -> None:
    make(engine)
    status, where = send(client, "zhang", PASSWORD)
    assert (status, where) == (303, "/")


def test_a_wrong_password_and_an_unknown_name_get_the_same_words(
    client: FlaskClient, engine: Engine
) -> None:
    make(engine)
    pages = []
    for name in ("zhang", "nobody"):
        data = {"username": name, "password": "wrong password"}
        data["csrf_token"] = csrf_of(client.get("/login?lang=en").text)
        page = client.post("/login", data=data).text
        assert "The name or the password is wrong." in page
        pages.append(re.sub(rf"{name}|nonce=\"[^\"]+\"|value=\"[^\"]+\"", "", page))
    assert pages[0] == pages[1]


def test_one_returns_to_where_one_wanted_to_go_but_never_to_another_site(
    client: FlaskClient, engine: Engine
) -> None:
    make(engine)
    assert send(client, "zhang", PASSWORD, "/login?lang=en")[1] == "/login?lang=en"
    for evil in ("https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:1"):
        fresh = client.application.test_client()
        assert send(fresh, "zhang", PASSWORD, evil) == (303, "/")


def test_a_form_without_its_token_is_refused(client: FlaskClient) -> None:
    answer = client.post("/login", data={"username": "zhang", "password": PASSWORD})
    assert answer.status_code == 400


def test_logging_out_ends_the_session(login: Login) -> None:
    client = login("commander")
    token = csrf_of(client.get("/").text)
    assert client.post("/logout", data={"csrf_token": token}).headers["Location"] == "/login"
    assert "/login" in client.get("/").headers["Location"]


def test_another_password_ends_the_sessions_there_are(login: Login, engine: Engine) -> None:
    client = login("commander")
    assert client.get("/").status_code == 200
    with engine.begin() as conn:
        accounts.set_password(conn, "commander", "yet another password", actor="a test")
    assert client.get("/").status_code == 303


def test_a_disabled_account_is_out_at_once(login: Login, engine: Engine) -> None:
    client = login("commander")
    with engine.begin() as conn:
        accounts.set_active(conn, "commander", active=False, actor="a test")
    assert client.get("/").status_code == 303


def test_after_five_failures_the_name_waits_even_with_the_right_password(
    client: FlaskClient, engine: Engine
) -> None:
    make(engine)
    assert [send(client, "zhang", "wrong password")[0] for _ in range(5)] == [200] * 5
    token = csrf_of(client.get("/login").text)
    data = {"username": "zhang", "password": PASSWORD, "csrf_token": token}
    answer = client.post("/login?lang=en", data=data)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 900
    assert "min, then try again." in answer.text


def test_a_name_nobody_has_waits_just_the_same(client: FlaskClient, engine: Engine) -> None:
    tries = [send(client, "nobody", "wrong password")[0] for _ in range(6)]
    assert tries == [200] * 5 + [429]


def test_success_lets_the_name_begin_anew(client: FlaskClient, engine: Engine) -> None:
    make(engine)
    for _ in range(3):
        fresh = client.application.test_client()
        tries = [send(fresh, "zhang", "wrong password")[0] for _ in range(4)]
        assert tries == [200] * 4
        assert send(fresh, "zhang", PASSWORD)[0] == 303


def test_after_thirty_failures_the_address_waits_and_others_go_on(
    client: FlaskClient, engine: Engine
) -> None:
    make(engine)
    with engine.begin() as conn:
        for number in range(30):
            logins.begin(conn, f"name {number}", "127.0.0.1", now=datetime.now(UTC))
    assert send(client, "zhang", PASSWORD)[0] == 429
    elsewhere = client.application.test_client()
    elsewhere.environ_base["REMOTE_ADDR"] = "10.0.0.8"
    assert send(elsewhere, "zhang", PASSWORD)[0] == 303


def test_a_nul_is_refused_before_the_database_is_asked(client: FlaskClient) -> None:
    assert send(client, "zh\0ang", PASSWORD)[0] == 400
    assert client.get("/login?next=%00").status_code == 400
    assert client.get("/cases/%00").status_code == 400


@pytest.mark.parametrize("name", ["张" * 5000, "' OR 1=1 --", "\ud800"])
def test_a_name_that_cannot_be_is_a_wrong_one(client: FlaskClient, name: str) -> None:
    assert send(client, name.encode("utf-8", "replace").decode(), "wrong password")[0] == 200


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(
    app: Flask, engine: Engine
) -> None:
    make(engine)
    client = app.test_client()
    token = csrf_of(client.get("/login").text)
    data = {"username": "zhang", "password": PASSWORD, "csrf_token": token}
    cookies = client.post("/login", data=data).headers.getlist("Set-Cookie")
    session = next(one for one in cookies if one.startswith("gridmgmt_session="))
    assert "HttpOnly" in session
    assert "SameSite=Lax" in session
