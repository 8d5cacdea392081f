import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine

from gridmgmt.services.accounts import accounts, login_limits, second_factors
from gridmgmt.services.accounts.sealing import Seal
from gridmgmt.settings import Settings
from gridmgmt.store.accounts.second_factors import find_second_factor
from gridmgmt.store.schema import audit_log
from tests.web.conftest import PASSWORD, Login, csrf_of

STEP = timedelta(seconds=second_factors.STEP_S)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Settings of a bureau that requires second factors."""
    return replace(settings, second_factor=True)


def make(engine: Engine, username: str = "wang", role: str = "administrator") -> None:
    with engine.begin() as conn:
        accounts.create(conn, username, role, PASSWORD, must_change=False, actor="a test")


def equip(app: Flask, engine: Engine, username: str = "wang") -> tuple[str, list[str]]:
    """Give an account a second factor that was set up a while ago."""
    secret = second_factors.new_secret()
    then = datetime.now(UTC) - 10 * STEP
    seal = Seal(app.config["SECRET_KEY"], second_factors.PURPOSE)
    with engine.begin() as conn:
        codes = second_factors.set_up(
            conn, username, secret, pyotp.TOTP(secret).at(then), seal, now=then
        )
    return secret, codes


def post(client: FlaskClient, path: str, page: str = "", **data: str) -> tuple[int, str, str]:
    token = csrf_of(client.get(page or path).text)
    answer = client.post(f"{path}?lang=en", data={"csrf_token": token, **data})
    return answer.status_code, answer.headers.get("Location", ""), answer.text


def log_in(
    client: FlaskClient, username: str = "wang", back: str = "", password: str = PASSWORD
) -> tuple[int, str, str]:
    return post(client, "/login", username=username, password=password, next=back)


def code(client: FlaskClient, typed: str) -> tuple[int, str, str]:
    return post(client, "/login/code", code=typed)


def is_in(client: FlaskClient) -> bool:
    return client.get("/account").status_code == 200


def told(engine: Engine, action: str) -> list[dict]:
    log = audit_log.c
    query = sa.select(log.detail).where(log.action == action).order_by(log.id)
    with engine.connect() as conn:
        return list(conn.execute(query).scalars())


def test_the_password_alone_logs_nobody_in(
    app: Flask, client: FlaskClient, engine: Engine
) -> None:
    make(engine)
    equip(app, engine)
    assert log_in(client)[:2] == (303, "/login/code")
    assert not is_in(client)
    with engine.connect() as conn:
        assert not conn.execute(sa.text("SELECT 1 FROM sessions")).first()
    assert told(engine, "log_in") == []


def test_the_code_completes_the_login_and_leads_on(
    app: Flask, client: FlaskClient, engine: Engine
) -> None:
    make(engine)
    secret, _ = equip(app, engine)
    log_in(client, back="/audit?actor=li")
    assert code(client, pyotp.TOTP(secret).now())[:2] == (303, "/audit?actor=li")
    assert is_in(client)
    assert [one["second_factor"] for one in told(engine, "log_in")] == ["code"]
    with engine.connect() as conn:
        row = conn.execute(sa.text("SELECT second_factor_at FROM sessions")).one()
    assert row.second_factor_at is not None


def test_a_code_that_was_used_opens_no_second_login(
    app: Flask, client: FlaskClient, engine: Engine
) -> None:
    make(engine)
    secret, _ = equip(app, engine)
    other = app.test_client()
    log_in(client)
    log_in(other)
    now = pyotp.TOTP(secret).now()
    assert code(client, now)[0] == 303
    assert "The code is wrong, or was used before." in code(other, now)[2]
    assert not is_in(other)


def test_a_recovery_code_opens_once_and_says_so(
    app: Flask, client: FlaskClient, engine: Engine
) -> None:
    make(engine)
    _, codes = equip(app, engine)
    log_in(client)
    assert code(client, codes[0])[:2] == (303, "/account")
    page = client.get("/account?lang=en").text
    assert "You used a recovery code." in page
    assert "recovery codes left: 9" in page
    other = app.test_client()
    log_in(other)
    assert code(other, codes[0])[0] == 200
    assert not is_in(other)


def test_wrong_codes_count_as_attempts_at_the_account(
    app: Flask, client: FlaskClient, engine: Engine
) -> None:
    make(engine)
    secret, _ = equip(app, engine)
    log_in(client)
    tries = [code(client, "000000")[0] for _ in range(login_limits.BY_NAME_THERE.most + 1)]
    assert tries == [200] * login_limits.BY_NAME_THERE.most + [429]
    assert code(client, pyotp.TOTP(secret).now())[0] == 429
    assert log_in(app.test_client())[0] == 429
    assert [one["wrong"] for one in told(engine, "fail_login")] == ["code"] * 5


def test_what_the_password_proved_ends_after_ten_minutes_or_with_the_password(
    app: Flask, client: FlaskClient, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(engine)
    secret, _ = equip(app, engine)
    log_in(client)
    page = client.get("/login/code")
    assert page.status_code == 200
    token = csrf_of(page.text)
    with engine.begin() as conn:
        accounts.set_password(
            conn, "wang", "another password", must_change=False, actor="a test"
        )
    data = {"csrf_token": token, "code": pyotp.TOTP(secret).now()}
    assert client.post("/login/code", data=data).headers["Location"] == "/login"
    log_in(client, password="another password")
    assert client.get("/login/code").status_code == 200
    later = datetime.now(UTC).timestamp() + 601
    monkeypatch.setattr("web.door.second_step.time.time", lambda: later)
    assert client.get("/login/code").headers["Location"] == "/login"


def test_without_a_password_there_is_no_code_to_type(client: FlaskClient) -> None:
    for path in ("/login/code", "/login/second-factor"):
        assert client.get(path).headers["Location"] == "/login"
        data = {"csrf_token": csrf_of(client.get("/login").text), "code": "123456"}
        assert client.post(path, data=data).headers["Location"] == "/login"


def secret_on(page: str) -> str:
    found = re.search(r"<code[^>]*>([A-Z2-7 ]{39})</code>", page)
    assert found
    return found[1].replace(" ", "")


def test_who_needs_one_sets_it_up_before_the_first_login(
    client: FlaskClient, engine: Engine
) -> None:
    make(engine)
    assert log_in(client)[:2] == (303, "/login/second-factor")
    assert not is_in(client)
    page = client.get("/login/second-factor").text
    secret = secret_on(page)
    assert secret_on(client.get("/login/second-factor").text) == secret, "a reload keeps it"
    wrong = post(client, "/login/second-factor", code="000000")
    assert "this code is not valid now" in wrong[2]
    assert not is_in(client)
    status, _, codes = post(client, "/login/second-factor", code=pyotp.TOTP(secret).now())
    assert status == 201
    assert len(re.findall(r"<code>[a-z2-9]{5}-[a-z2-9]{5}</code>", codes)) == 10
    assert is_in(client)
    assert [one["second_factor"] for one in told(engine, "log_in")] == ["code"]
    with engine.connect() as conn:
        assert find_second_factor(conn, "wang") is not None


def test_the_picture_is_drawn_here_and_obeys_the_content_policy(
    client: FlaskClient, engine: Engine
) -> None:
    make(engine)
    log_in(client)
    answer = client.get("/login/second-factor?lang=zh")
    svg = re.search(r"<svg.*?</svg>", answer.text, re.DOTALL)
    assert svg
    assert "style" not in svg[0]
    assert "//" not in svg[0]
    assert "otpauth" not in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert "动态口令" in answer.text


def test_a_password_does_not_put_another_second_factor_in_place_of_one(
    app: Flask, client: FlaskClient, engine: Engine
) -> None:
    make(engine)
    log_in(client)
    secret = secret_on(client.get("/login/second-factor").text)
    token = csrf_of(client.get("/login/second-factor").text)
    equip(app, engine)
    data = {"csrf_token": token, "code": pyotp.TOTP(secret).now()}
    assert client.post("/login/second-factor", data=data).headers["Location"] == "/login"
    assert not is_in(client)


def test_who_does_not_need_one_logs_in_without_and_may_set_one_up(
    login: Login, engine: Engine
) -> None:
    client = login("planner")
    assert is_in(client)
    begin, page = "/account/second-factor/begin", "/account"
    assert post(client, begin, page, factor_password="wrong")[1] == "/account"
    assert client.get("/account/second-factor").headers["Location"] == "/account"
    assert post(client, begin, page, factor_password=PASSWORD)[1] == "/account/second-factor"
    secret = secret_on(client.get("/account/second-factor").text)
    made = post(client, "/account/second-factor", code=pyotp.TOTP(secret).now())
    assert made[0] == 201
    assert is_in(client)
    other = client.application.test_client()
    assert log_in(other, "planner")[:2] == (303, "/login/code")


def test_a_session_without_one_ends_where_the_bureau_requires_one(
    settings: Settings, app: Flask, engine: Engine
) -> None:
    make(engine)
    lax = replace(settings, second_factor=False)
    platform = app.extensions["gridmgmt"]
    app.extensions["gridmgmt"] = replace(platform, settings=lax)
    client = app.test_client()
    assert log_in(client)[:2] == (303, "/accounts")
    assert is_in(client)
    app.extensions["gridmgmt"] = platform
    assert client.get("/account").headers["Location"] == "/login"
    with engine.connect() as conn:
        assert conn.execute(sa.text("SELECT ended_by FROM sessions")).scalar_one() is not None


def test_another_administrator_resets_a_lost_one_and_nobody_the_own(
    app: Flask, client: FlaskClient, engine: Engine
) -> None:
    make(engine)
    make(engine, "li")
    secret, _ = equip(app, engine)
    equip(app, engine, "li")
    log_in(client)
    code(client, pyotp.TOTP(secret).now())
    page = client.get("/accounts/li?lang=en").text
    assert "recovery codes left: 10" in page
    own = post(client, "/accounts/wang/second-factor/reset", "/accounts/li")
    assert own[0] == 403
    assert post(client, "/accounts/li/second-factor/reset", "/accounts/li")[0] == 303
    with engine.connect() as conn:
        assert find_second_factor(conn, "li") is None
        assert find_second_factor(conn, "wang") is not None
    assert "Verification codes: not set up." in client.get("/accounts/li?lang=en").text
    assert len(told(engine, "reset_second_factor")) == 1


def test_a_second_factor_of_another_secret_key_says_that_it_has_to_be_reset(
    app: Flask, client: FlaskClient, engine: Engine
) -> None:
    make(engine)
    secret, _ = equip(app, engine)
    app.config["SECRET_KEY"] = "another key of more than forty characters"
    log_in(client)
    status, _, page = code(client, pyotp.TOTP(secret).now())
    assert status == 409
    assert "it has to be reset" in page
    assert not is_in(client)
