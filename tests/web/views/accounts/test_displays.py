"""A wall screen shows figures and map, to read; for everything else it is a stranger."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine

from gridmgmt.services.accounts import displays
from gridmgmt.settings import Settings
from gridmgmt.store.schema import audit_log, sessions
from gridmgmt.store.schema import displays as rows
from tests.web.conftest import Login, csrf_of
from tests.web.test_roles import calls, is_sent_to_log_in, send
from web import create_app
from web.app.transaction import connection
from web.door.access import allow
from web.door.displays import on_displays

COOKIE = "gridmgmt_display"
# What a wall screen may ask for; written by hand, like the roles' table.
SHOWN = {
    "overview.begin",
    "overview.index",
    "map.index",
    "map_data.shapes",
    "map_data.figures",
    "map_data.density",
    "map_data.timeline",
    "map_tiles.tile",
}
# What everybody may, logged in or not.
PUBLIC = {
    "login.login",
    "login.enter",
    "health.healthz",
    "displays.open_link",
}

# Makes a screen and opens its link; area=(level, code).
Screen = Callable[..., FlaskClient]


@pytest.fixture
def screen(app: Flask, engine: Engine) -> Screen:
    def make(area: tuple[str, str] | None = None) -> FlaskClient:
        with engine.begin() as conn:
            now = datetime.now(UTC)
            made = displays.create(conn, "大厅 <b>", area=area, actor="a test", now=now)
        client = app.test_client()
        answer = client.get(f"/display/{made.secret}")
        assert (answer.status_code, answer.headers["Location"]) == (303, "/overview")
        assert made.secret not in str(answer.headers)
        return client

    return make


def test_a_link_becomes_a_cookie_and_opens_once(app: Flask, engine: Engine) -> None:
    with engine.begin() as conn:
        now = datetime.now(UTC)
        made = displays.create(conn, "大厅", area=None, actor="a test", now=now)
    address = f"/display/{made.secret}"
    client, other = app.test_client(), app.test_client()
    # Whoever only looks whether it is there does not use it up.
    assert client.head(address).status_code == 204
    assert client.get(address, headers={"Sec-Purpose": "prefetch"}).status_code == 204
    answer = client.get(address)
    [cookie] = answer.headers.getlist("Set-Cookie")
    assert cookie.startswith(f"{COOKIE}=")
    assert {"HttpOnly", "Path=/", "SameSite=Lax"} <= {one.strip() for one in cookie.split(";")}
    assert client.get("/").status_code == 200
    refused = other.get(address)
    assert refused.status_code == 404
    assert "链接无效或已失效" in refused.text
    assert other.get_cookie(COOKIE) is None
    assert is_sent_to_log_in(other.get("/"))


def test_a_screen_opens_what_is_marked_for_it_and_is_a_stranger_elsewhere(
    app: Flask, screen: Screen, city: Engine
) -> None:
    client = screen()
    token = csrf_of(client.get("/login").text)
    wrong = []
    for endpoint, method, path in calls(app, api=False):
        if endpoint in PUBLIC:
            continue
        answer = send(client, method, path, token)
        opens = not is_sent_to_log_in(answer)
        if opens is not (endpoint in SHOWN and method == "GET") or answer.status_code >= 500:
            wrong.append((endpoint, method, answer.status_code))
    assert wrong == []
    for endpoint, method, path in calls(app, api=True):
        answer = client.open(path, method=method, json={} if method == "POST" else None)
        assert answer.status_code == (200 if endpoint == "api.openapi" else 401), endpoint


def test_a_screen_changes_nothing_whatever_it_sends(screen: Screen, city: Engine) -> None:
    client = screen()
    token = csrf_of(client.get("/login").text)
    with city.connect() as conn:
        before = conn.execute(sa.select(sa.func.max(audit_log.c.id))).scalar_one()
    for path in ("/", "/map", "/map/figures.json", "/cases/C1/close", "/logout", "/displays"):
        answer = client.post(path, data={"csrf_token": token})
        assert answer.status_code == 405 or is_sent_to_log_in(answer), path
    for method in ("PUT", "PATCH", "DELETE"):
        assert client.open("/", method=method).status_code in (400, 405)
    with city.connect() as conn:
        assert conn.execute(sa.select(sa.func.max(audit_log.c.id))).scalar_one() == before
        assert conn.execute(sa.select(sa.func.count()).select_from(sessions)).scalar_one() == 0


def test_a_screen_only_reads_even_where_a_view_would_write(
    app: Flask, screen: Screen, city: Engine
) -> None:
    @allow()
    @on_displays
    def write() -> str:
        connection().execute(sa.update(rows).values(name="changed"))
        return "done"

    app.add_url_rule("/planted", "planted", write, methods=["GET", "POST"])
    client = screen()
    # By GET the database refuses it, by another method it is a stranger.
    assert client.get("/planted").status_code == 503
    token = csrf_of(client.get("/login").text)
    assert is_sent_to_log_in(client.post("/planted", data={"csrf_token": token}))
    with city.connect() as conn:
        assert conn.execute(sa.select(rows.c.name)).scalars().all() == ["大厅 <b>"]


def test_pages_of_a_screen_name_nobody_and_lead_nowhere_else(
    screen: Screen, city: Engine, login: Login
) -> None:
    login("duty_chief", name="张值班")
    client = screen()
    for path in ("/", "/overview", "/map"):
        # A nonce is random, and may have the letters of a code.
        page = re.sub(r'nonce="[^"]+"', "", client.get(path).text)
        assert "大厅 &lt;b&gt;" in page
        links = set(re.findall(r'(?:href|action)="(/[^"?#]*)', page))
        pages = {one for one in links if not one.startswith("/static")}
        assert pages <= {"/", "/overview", "/map"}
        # No forms that change anything, no session, nobody's name, no case.
        assert 'method="post"' not in page
        assert "csrf_token" not in page
        assert "/map/areas" not in page
        assert "demolitions.json" not in page
        for word in ("张值班", "duty_chief", "S1", "C1", "坑洞", "甲路"):
            assert word not in page, word
    figures = client.get("/map/figures.json?level=street").text
    assert "S1" not in figures
    assert client.get_cookie("gridmgmt_session") is None


def test_a_screen_limited_to_an_area_shows_only_that(screen: Screen, city: Engine) -> None:
    whole = screen().get("/map/figures.json?level=street").json
    limited = screen(("street", "A")).get("/map/figures.json?level=street").json
    assert whole is not None
    assert limited is not None
    assert sum(limited["columns"]["cases"]) < sum(whole["columns"]["cases"])
    assert limited["elsewhere"]["outside_case_scope"]


def test_a_screen_never_idles_out_and_is_noted_once_a_minute(
    screen: Screen, city: Engine
) -> None:
    client = screen()
    with city.begin() as conn:
        years_ago = datetime.now(UTC) - timedelta(days=800)
        conn.execute(sa.update(rows).values(created_at=years_ago, last_used_at=years_ago))
    answer = client.get("/")
    assert answer.status_code == 200
    # The page loads itself anew, and the browser keeps the cookie longer.
    assert answer.headers["Refresh"] == "300"
    assert "Max-Age=34560000" in answer.headers["Set-Cookie"]
    with city.connect() as conn:
        noted = conn.execute(sa.select(rows.c.last_used_at)).scalar_one()
    assert datetime.now(UTC) - noted < timedelta(minutes=1)
    assert "Set-Cookie" not in client.get("/").headers
    with city.connect() as conn:
        assert conn.execute(sa.select(rows.c.last_used_at)).scalar_one() == noted


def test_a_revoked_screen_is_a_stranger_from_its_next_request_on(
    screen: Screen, city: Engine, login: Login
) -> None:
    client, admin = screen(), login("administrator")
    page = admin.get("/displays").text
    assert "使用中" in page
    [path] = set(re.findall(r'action="(/displays/\d+/revoke)"', page))
    answer = admin.post(path, data={"csrf_token": csrf_of(page)})
    assert answer.status_code == 303
    for path in ("/", "/map", "/map/figures.json?level=street"):
        assert is_sent_to_log_in(client.get(path))
    assert "已吊销" in admin.get("/displays").text


def test_who_may_makes_a_screen_and_its_link_is_shown_once(
    app: Flask, city: Engine, login: Login
) -> None:
    admin = login("administrator")
    page = admin.get("/displays").text
    data = {"name": "指挥大厅", "area": "street:A", "csrf_token": csrf_of(page)}
    answer = admin.post("/displays", data=data)
    assert answer.status_code == 201
    [link] = re.findall(r"http://localhost/display/[\w-]{40,}", answer.text)
    listed = admin.get("/displays").text
    assert "指挥大厅" in listed
    assert link not in listed
    again = admin.post("/displays", data={**data, "area": "Z"})
    assert again.status_code == 200
    assert "is-invalid" in again.text
    client = app.test_client()
    assert client.get(link).status_code == 303
    assert client.get("/").status_code == 200


def test_who_is_logged_in_stays_who_they_are_on_a_screen(
    app: Flask, screen: Screen, city: Engine, login: Login
) -> None:
    person, wall = login("duty_chief"), screen()
    cookie = wall.get_cookie(COOKIE)
    assert cookie is not None
    person.set_cookie(COOKIE, cookie.value)
    page = person.get("/")
    assert "Refresh" not in page.headers
    assert "duty_chief" in page.text
    assert person.get("/cases").status_code == 200


def test_under_https_the_cookie_of_a_screen_is_bound_to_this_host(
    settings: Settings, city: Engine
) -> None:
    made_app = create_app(replace(settings, https=True))
    with city.begin() as conn:
        now = datetime.now(UTC)
        made = displays.create(conn, "大厅", area=None, actor="a test", now=now)
    client = made_app.test_client()
    answer = client.get(f"/display/{made.secret}", base_url="https://grid.example")
    made_app.extensions["gridmgmt"].engine.dispose()
    [cookie] = answer.headers.getlist("Set-Cookie")
    assert cookie.startswith("__Host-gridmgmt_display=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= {
        one.strip() for one in cookie.split(";")
    }


@pytest.mark.parametrize("token", ["", "x", "\ud800", "x" * 3000])
def test_a_made_up_token_opens_nothing(app: Flask, city: Engine, token: str) -> None:
    client = app.test_client()
    client.set_cookie(COOKIE, token.encode("utf-8", "replace").decode())
    assert is_sent_to_log_in(client.get("/"))
