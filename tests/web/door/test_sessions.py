"""Sessions end where they are kept: on the server, whatever a copy of a cookie says."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine

from gridmgmt.services.accounts import accounts
from gridmgmt.services.files import jobs
from gridmgmt.settings import Settings
from gridmgmt.store.schema import accounts as account_rows
from gridmgmt.store.schema import audit_log
from gridmgmt.store.schema import sessions as rows
from tests.web.conftest import PASSWORD, Login, csrf_of
from web import create_app

COOKIE = "gridmgmt_session"


def cookie_of(client: FlaskClient) -> str:
    kept = client.get_cookie(COOKIE)
    assert kept is not None
    return kept.value


def copy_of(client: FlaskClient, app: Flask | None = None) -> FlaskClient:
    """Another browser with the same cookie, as somebody who got hold of it has."""
    copy = (app or client.application).test_client()
    copy.set_cookie(COOKIE, cookie_of(client))
    return copy


def is_in(client: FlaskClient, path: str = "/account") -> bool:
    return client.get(path).status_code == 200


def set_back(engine: Engine, column: str, by: timedelta) -> None:
    with engine.begin() as conn:
        conn.execute(sa.update(rows).values({column: rows.c[column] - by}))


def seen(engine: Engine) -> object:
    with engine.connect() as conn:
        return conn.execute(sa.select(rows.c.last_seen_at)).scalar_one()


def post(client: FlaskClient, path: str, page: str = "/account", **data: object) -> str:
    token = csrf_of(client.get(page).text)
    answer = client.post(path, data={"csrf_token": token, **data})
    assert answer.status_code in (200, 303), answer.text
    return answer.text


def test_a_copied_cookie_is_dead_after_logging_out(login: Login) -> None:
    client = login("commander")
    copy = copy_of(client)
    assert is_in(copy)
    post(client, "/logout")
    assert not is_in(copy)
    assert not is_in(client)


def test_a_copied_cookie_is_dead_after_another_password(login: Login) -> None:
    client, elsewhere = login("commander"), login("commander")
    copy = copy_of(client)
    another = "another password"
    post(client, "/account/password", old=PASSWORD, new=another, again=another)
    assert [is_in(one) for one in (client, elsewhere, copy)] == [True, False, False]


def test_logging_in_anew_ends_the_session_before(login: Login, engine: Engine) -> None:
    client = login("commander")
    copy = copy_of(client)
    token = csrf_of(client.get("/account").text)
    data = {"username": "commander", "password": PASSWORD, "csrf_token": token}
    assert client.post("/login", data=data).status_code == 303
    assert [is_in(one) for one in (client, copy)] == [True, False]
    with engine.connect() as conn:
        ended = conn.execute(sa.select(rows.c.ended_by).order_by(rows.c.id)).scalars().all()
    assert ended == ["replaced", None]


def test_a_cookie_planted_before_the_login_does_not_become_a_session(
    app: Flask, login: Login
) -> None:
    login("commander")
    stranger = app.test_client()
    planted_token = csrf_of(stranger.get("/login").text)
    victim = copy_of(stranger)
    data = {"username": "commander", "password": PASSWORD, "csrf_token": planted_token}
    assert victim.post("/login", data=data).status_code == 303
    assert cookie_of(victim) != cookie_of(stranger)
    assert not is_in(stranger)
    # Nor does the form token that whoever planted it knows.
    assert victim.post("/logout", data={"csrf_token": planted_token}).status_code == 400
    assert is_in(victim)


def test_a_form_token_of_one_session_is_worth_nothing_in_another(login: Login) -> None:
    one, other = login("commander"), login("planner")
    token = csrf_of(one.get("/account").text)
    assert other.post("/logout", data={"csrf_token": token}).status_code == 400
    assert is_in(other)


@pytest.mark.parametrize(
    ("column", "limit"),
    [("last_seen_at", timedelta(minutes=60)), ("created_at", timedelta(hours=12))],
)
def test_a_session_ends_at_either_limit(
    login: Login, engine: Engine, column: str, limit: timedelta
) -> None:
    client = login("commander")
    set_back(engine, column, limit - timedelta(minutes=1))
    assert is_in(client)
    set_back(engine, column, timedelta(minutes=62))
    assert not is_in(client)


def test_the_limits_are_settings(settings: Settings, login: Login, engine: Engine) -> None:
    client = login("commander")
    other = create_app(replace(settings, idle_min=5, session_hours=1))
    try:
        copy = copy_of(client, other)
        set_back(engine, "last_seen_at", timedelta(minutes=4))
        assert is_in(copy)
        set_back(engine, "last_seen_at", timedelta(minutes=6))
        assert [is_in(copy), is_in(client)] == [False, True]
        set_back(engine, "created_at", timedelta(minutes=61))
        assert [is_in(copy), is_in(client)] == [False, True]
    finally:
        other.extensions["gridmgmt"].engine.dispose()


def test_activity_keeps_a_session_and_is_noted_once_a_minute(
    login: Login, engine: Engine
) -> None:
    client = login("commander")
    for _ in range(3):
        set_back(engine, "last_seen_at", timedelta(minutes=40))
        assert is_in(client)
    first = seen(engine)
    assert is_in(client)
    assert seen(engine) == first


def test_even_a_request_that_fails_is_activity(login: Login, engine: Engine) -> None:
    client = login("commander")
    set_back(engine, "last_seen_at", timedelta(minutes=40))
    before = seen(engine)
    assert client.get("/accounts").status_code == 403
    assert seen(engine) > before


def test_what_pages_ask_by_themselves_is_no_activity(login: Login, engine: Engine) -> None:
    client = login("planner")
    with engine.begin() as conn:
        job = jobs.enqueue(conn, "count", {}, title="count", actor="planner")
    set_back(engine, "last_seen_at", timedelta(minutes=40))
    before = seen(engine)
    # The progress of a job, and whatever a script says that it asks by itself.
    assert client.get(f"/jobs/{job}.json").status_code == 200
    header = {"Gridmgmt-Background": "1"}
    assert client.get("/map/search.json?q=a", headers=header).status_code < 500
    assert client.get("/account", headers=header).status_code == 200
    assert seen(engine) == before
    # Neither does it open anything once the session has ended.
    set_back(engine, "last_seen_at", timedelta(minutes=21))
    assert client.get(f"/jobs/{job}.json").status_code == 303
    assert client.get("/account", headers=header).status_code == 303


def test_two_servers_share_the_sessions(
    settings: Settings, app: Flask, login: Login, engine: Engine
) -> None:
    client = login("commander")
    other = create_app(settings)
    try:
        copy = copy_of(client, other)
        assert is_in(copy)
        post(copy, "/logout")
        assert [is_in(copy), is_in(client)] == [False, False]
    finally:
        other.extensions["gridmgmt"].engine.dispose()


def test_a_row_that_is_gone_and_a_disabled_account_open_nothing(
    login: Login, engine: Engine
) -> None:
    gone, disabled, by_hand = login("commander"), login("planner"), login("collector")
    with engine.begin() as conn:
        conn.execute(sa.delete(rows).where(rows.c.username == "commander"))
        accounts.set_active(conn, "planner", active=False, actor="a test")
        of_it = account_rows.c.username == "collector"
        conn.execute(sa.update(account_rows).where(of_it).values(active=False))
    assert [is_in(one) for one in (gone, disabled, by_hand)] == [False] * 3
    with engine.begin() as conn:
        accounts.set_active(conn, "planner", active=True, actor="a test")
    assert not is_in(disabled)


@pytest.fixture
def https_app(settings: Settings) -> Iterator[Flask]:
    made = create_app(replace(settings, https=True))
    yield made
    made.extensions["gridmgmt"].engine.dispose()


def test_under_https_every_cookie_is_bound_to_this_host(https_app: Flask, login: Login) -> None:
    login("commander")
    client = https_app.test_client()
    site = {"base_url": "https://grid.example"}
    token = csrf_of(client.get("/login", **site).text)
    data = {"username": "commander", "password": PASSWORD, "csrf_token": token}
    answer = client.post(
        "/login?lang=en", data=data, headers={"Referer": "https://grid.example/login"}, **site
    )
    assert answer.status_code == 303
    cookies = answer.headers.getlist("Set-Cookie")
    names = {one.partition("=")[0] for one in cookies}
    assert names >= {"__Host-gridmgmt_language", "__Host-gridmgmt_session"}
    assert [one for one in names if not one.startswith("__Host-gridmgmt_")] == []
    for cookie in cookies:
        parts = {one.strip() for one in cookie.split(";")[1:]}
        assert {"Secure", "HttpOnly", "Path=/"} <= parts
        assert {"SameSite=Lax", "SameSite=Strict"} & parts
        assert not [one for one in parts if one.startswith("Domain")]
    page = client.get("/account", **site)
    assert page.status_code == 200
    # Nothing that was cached outlasts logging out.
    answer = client.post(
        "/logout",
        data={"csrf_token": csrf_of(page.text)},
        headers={"Referer": "https://grid.example/account"},
        **site,
    )
    assert answer.headers["Clear-Site-Data"] == '"cache"'


def test_without_https_the_cookie_has_another_name(login: Login) -> None:
    assert login("commander").get_cookie("__Host-gridmgmt_session") is None


def ids(engine: Engine) -> list[int]:
    with engine.connect() as conn:
        live = sa.select(rows.c.id).where(rows.c.ended_at.is_(None)).order_by(rows.c.id)
        return list(conn.execute(live).scalars())


def test_my_account_lists_where_i_am_logged_in_and_nobody_else(
    login: Login, engine: Engine
) -> None:
    here, _other = login("commander"), login("planner")
    with engine.begin() as conn:
        conn.execute(sa.update(rows).values(device="Firefox 128, <b>", address="10.0.0.8"))
    login("commander")
    page = here.get("/account?lang=en").text
    listed = page[page.index("Where I am logged in") :]
    assert "Firefox 128, &lt;b&gt;" in listed
    assert "10.0.0.8" in listed
    assert "this one" in listed
    assert re.findall(r'name="session" value="(\d+)"', listed) == [str(ids(engine)[2])]


def test_one_session_is_ended_from_another(login: Login, engine: Engine) -> None:
    here, there, third = (login("commander") for _ in range(3))
    which = ids(engine)[1]
    post(here, "/account/sessions/end", session_password=PASSWORD, session=which)
    assert [is_in(one) for one in (here, there, third)] == [True, False, True]


def test_all_others_are_ended_at_once(login: Login) -> None:
    here, there, third, planner = (
        *(login("commander") for _ in range(3)),
        login("planner"),
    )
    post(here, "/account/sessions/end", session_password=PASSWORD)
    assert [is_in(one) for one in (here, there, third, planner)] == [True, False, False, True]
    assert "You are logged in nowhere else." in here.get("/account?lang=en").text


def test_sessions_are_not_ended_without_the_password(login: Login) -> None:
    here, there = login("commander"), login("commander")
    page = post(here, "/account/sessions/end?lang=en", session_password="a wrong one")
    assert "This is not your password." in page
    assert [is_in(one) for one in (here, there)] == [True, True]


def test_somebody_elses_session_is_not_there_to_be_ended(login: Login, engine: Engine) -> None:
    here, other = login("commander"), login("planner")
    token = csrf_of(here.get("/account").text)
    data = {"csrf_token": token, "session_password": PASSWORD, "session": ids(engine)[1]}
    assert here.post("/account/sessions/end", data=data).status_code == 404
    assert is_in(other)


def test_an_administrator_sees_and_ends_the_sessions_of_an_account(
    login: Login, engine: Engine
) -> None:
    admin, here, there = login("administrator"), login("commander"), login("commander")
    assert "127.0.0.1" in admin.get("/accounts/commander").text
    post(admin, "/accounts/commander/sessions/end")
    assert [is_in(one) for one in (admin, here, there)] == [True, False, False]
    assert "127.0.0.1" not in admin.get("/accounts/commander").text
    with engine.connect() as conn:
        entry = conn.execute(
            sa.select(audit_log)
            .where(audit_log.c.action == "end_sessions")
            .order_by(audit_log.c.id)
        ).one()
    assert (entry.actor, entry.subject) == ("administrator", "account commander")
