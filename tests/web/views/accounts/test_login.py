import re

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy.engine import Engine

from gridmgmt.services.accounts import access_audit, accounts, login_limits
from gridmgmt.store.schema import audit_log
from tests.web.conftest import PASSWORD, Login, csrf_of


def send(client: FlaskClient, username: str, password: str, back: str = "") -> tuple[int, str]:
    data = {"username": username, "password": password, "next": back}
    data["csrf_token"] = csrf_of(client.get("/login").text)
    answer = client.post("/login", data=data)
    return answer.status_code, answer.headers.get("Location", "")


def leave(client: FlaskClient) -> None:
    answer = client.post("/logout", data={"csrf_token": csrf_of(client.get("/account").text)})
    assert answer.status_code == 303


def make(engine: Engine, username: str = "zhang") -> None:
    with engine.begin() as conn:
        accounts.create(
            conn, username, "commander", PASSWORD, must_change=False, actor="a test"
        )


def test_the_right_password_opens_the_first_page(client: FlaskClient, engine: Engine) -> None:
    make(engine)
    status, where = send(client, "zhang", PASSWORD)
    assert (status, where) == (303, "/overview")


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
        assert send(fresh, "zhang", PASSWORD, evil) == (303, "/overview")


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


def test_after_five_failures_from_an_address_the_name_waits_there_and_nowhere_else(
    client: FlaskClient, engine: Engine
) -> None:
    make(engine)
    assert [send(client, "zhang", "wrong password")[0] for _ in range(5)] == [200] * 5
    token = csrf_of(client.get("/login").text)
    data = {"username": "zhang", "password": PASSWORD, "csrf_token": token}
    answer = client.post("/login?lang=en", data=data)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 3600
    assert "min, then try again." in answer.text
    elsewhere = client.application.test_client()
    elsewhere.environ_base["REMOTE_ADDR"] = "10.0.0.8"
    assert send(elsewhere, "zhang", PASSWORD)[0] == 303


def test_a_name_nobody_has_waits_just_the_same(client: FlaskClient, engine: Engine) -> None:
    tries = [send(client, "nobody", "wrong password")[0] for _ in range(6)]
    assert tries == [200] * 5 + [429]


def test_the_owners_browser_has_tries_of_its_own_and_begins_anew_with_each_login(
    client: FlaskClient, engine: Engine
) -> None:
    make(engine)
    assert send(client, "zhang", PASSWORD)[0] == 303
    for _ in range(2):
        leave(client)
        tries = [send(client, "zhang", "wrong password")[0] for _ in range(9)]
        assert tries == [200] * 9
        assert send(client, "zhang", PASSWORD)[0] == 303
    leave(client)
    tries = [send(client, "zhang", "wrong password")[0] for _ in range(11)]
    assert tries == [200] * 10 + [429]
    assert send(client, "zhang", PASSWORD)[0] == 429


def test_the_owner_gets_in_where_strangers_used_up_every_try(
    client: FlaskClient, engine: Engine
) -> None:
    make(engine)
    assert send(client, "zhang", PASSWORD)[0] == 303
    leave(client)
    tries = []
    for number in range(60):
        stranger = client.application.test_client()
        stranger.environ_base["REMOTE_ADDR"] = f"10.0.0.{number % 4}"
        tries.append(send(stranger, "zhang", f"wrong password {number}")[0])
    assert tries.count(200) == login_limits.BY_NAME.most
    new = client.application.test_client()
    new.environ_base["REMOTE_ADDR"] = "10.0.0.99"
    assert send(new, "zhang", PASSWORD)[0] == 429, "a new browser waits"
    assert send(client, "zhang", PASSWORD)[0] == 303, "the owner's own does not"


@pytest.mark.parametrize("change", ["cut", "of another key", "of another account"])
def test_a_mark_that_is_not_ours_or_of_another_account_counts_as_none(
    client: FlaskClient, engine: Engine, change: str
) -> None:
    make(engine)
    make(engine, "wang")
    owner = "wang" if change == "of another account" else "zhang"
    assert send(client, owner, PASSWORD)[0] == 303
    leave(client)
    cookie = client.get_cookie("gridmgmt_browser")
    assert cookie is not None
    value = cookie.value
    if change == "cut":
        value = value[:-2]
    if change == "of another key":
        signer = URLSafeTimedSerializer("x" * 40, salt="gridmgmt known browser")
        value = signer.dumps(URLSafeTimedSerializer("").loads_unsafe(value)[1])
    client.set_cookie("gridmgmt_browser", value)
    tries = [send(client, "zhang", "wrong password")[0] for _ in range(6)]
    assert tries == [200] * login_limits.BY_NAME_THERE.most + [429]


def test_a_browser_keeps_the_marks_of_those_who_share_it(
    client: FlaskClient, engine: Engine
) -> None:
    for number in range(14):
        make(engine, f"shift{number}")
        assert send(client, f"shift{number}", PASSWORD)[0] == 303
        leave(client)
    cookie = client.get_cookie("gridmgmt_browser")
    assert cookie is not None
    assert len(cookie.value) < 800
    signer = URLSafeTimedSerializer(
        client.application.secret_key, salt="gridmgmt known browser"
    )
    assert len(signer.loads(cookie.value)) == 12
    assert (cookie.http_only, cookie.same_site, cookie.path) == (True, "Strict", "/")


def test_thirty_wrong_names_from_an_address_shut_out_no_right_password(
    client: FlaskClient, engine: Engine
) -> None:
    make(engine)
    make(engine, "wang")
    tries = [send(client, f"name {number}", "wrong password")[0] for number in range(40)]
    assert tries == [200] * 40
    for name in ("zhang", "wang"):
        fresh = client.application.test_client()
        assert send(fresh, name, PASSWORD)[0] == 303
    # From there each name has one try left instead of five.
    fresh = client.application.test_client()
    assert [send(fresh, "zhang", "wrong password")[0] for _ in range(2)] == [200, 429]


def entries(engine: Engine) -> list[tuple[str, str, str, dict]]:
    log = audit_log.c
    query = sa.select(log.actor, log.action, log.subject, log.detail).order_by(log.id)
    with engine.connect() as conn:
        return [tuple(row) for row in conn.execute(query)]


def test_logins_failures_locks_and_logouts_stand_in_the_audit_log(
    client: FlaskClient, engine: Engine
) -> None:
    make(engine)
    send(client, "zhang", "wrong password")
    send(client, "zhang", PASSWORD)
    leave(client)
    send(client, "zhang", "wrong password")
    for number in range(7):
        stranger = client.application.test_client()
        send(stranger, "zhang", f"wrong password {number}")
    told = [one for one in entries(engine) if one[1] != "create_account"]
    assert [(actor, action) for actor, action, _, _ in told] == [
        ("not logged in", "fail_login"),
        ("zhang", "log_in"),
        ("zhang", "log_out"),
        ("not logged in", "fail_login"),
        *[("not logged in", "fail_login")] * 4,
        ("not logged in", "lock_login"),
    ]
    assert {subject for *_, subject, _ in told} == {"account zhang"}
    assert {detail["client_address"] for *_, detail in told} == {"127.0.0.1"}
    assert [detail.get("known_browser") for *_, detail in told[3:5]] == [True, False]
    assert "wrong password" not in str(told)


def test_what_was_typed_as_a_name_is_not_written_unless_it_is_one(
    client: FlaskClient, engine: Engine
) -> None:
    for typed in ("my secret password", "\ufffe", "x" * 3000):
        send(client, typed, "wrong password")
    told = entries(engine)
    assert [(action, subject) for _, action, subject, _ in told] == [
        ("fail_login", "no account")
    ] * 3
    assert "secret" not in str(told)


def test_no_stranger_fills_the_audit_log(client: FlaskClient, engine: Engine) -> None:
    for number in range(access_audit.OF_ADDRESS.most + 20):
        send(client, f"name {number}", "wrong password")
    actions = [action for _, action, _, _ in entries(engine)]
    assert actions.count("fail_login") == access_audit.OF_ADDRESS.most
    assert actions.count("leave_out_entries") == 1


def test_refused_actions_stand_in_the_audit_log_and_are_limited(
    login: Login, engine: Engine
) -> None:
    client = login("commander")
    assert client.get("/audit").status_code == 403
    actor, action, subject, detail = entries(engine)[-1]
    assert (actor, action, subject) == ("commander", "refuse_action", "GET /audit")
    assert detail["client_address"] == "127.0.0.1"
    for _ in range(access_audit.OF_ACCOUNT.most + 5):
        client.get("/audit")
    actions = [action for _, action, _, _ in entries(engine)]
    assert actions.count("refuse_action") == access_audit.OF_ACCOUNT.most
    assert actions.count("leave_out_entries") == 1


def test_a_token_that_is_no_good_stands_in_the_audit_log(
    client: FlaskClient, engine: Engine
) -> None:
    client.get("/api/v1/areas")
    assert entries(engine) == []
    client.get("/api/v1/areas", headers={"Authorization": "Bearer gridmgmt_guess"})
    [(actor, action, _, detail)] = entries(engine)
    assert (actor, action) == ("not logged in", "refuse_token")
    assert "guess" not in str(detail)


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


def test_who_logged_out_is_told_so(login: Login) -> None:
    planner = login("planner")
    left = planner.post("/logout", data={"csrf_token": csrf_of(planner.get("/account").text)})
    assert left.status_code == 303
    assert "您已退出登录。" in planner.get("/login").text
