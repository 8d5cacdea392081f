"""What is asked of a request before its body is read, and how much of a body is read at all."""

import io
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.engine import Engine
from werkzeug.test import TestResponse

from gridmgmt.settings import Settings
from tests.web.conftest import Login, csrf_of
from tests.web.test_api import program
from tests.web.test_roles import PUBLIC, calls, is_sent_to_log_in, may_call
from web import create_app
from web.door import bodies

FORM = "application/x-www-form-urlencoded"
PARTS = "multipart/form-data; boundary=mark"
# Where files are taken; every other address takes a form of at most 256 kB, a case 64 kB.
WITH_FILES = {"case_imports.upload", "draft_imports.upload", "layer_imports.send"}


class Untouched(io.RawIOBase):
    """A body that nobody may read."""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        raise AssertionError("the body was read")


class Endless(io.RawIOBase):
    """A body without an end, that counts what was read of it."""

    def __init__(self, beginning: bytes = b"") -> None:
        self.beginning = beginning
        self.given = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        assert self.given < 2_000_000, "nobody stops reading"
        piece = (self.beginning + b"x" * len(buffer))[: len(buffer)]
        self.beginning = self.beginning[len(buffer) :]
        buffer[:] = piece
        self.given += len(buffer)
        return len(buffer)


def unread(
    client: FlaskClient,
    method: str,
    path: str,
    *,
    size: int = 1000,
    kind: str = FORM,
    **headers: str,
) -> TestResponse:
    """Send a request whose body must not be read."""
    said = {name.replace("_", "-"): value for name, value in headers.items()}
    return stream(client, method, path, Untouched(), size=size, kind=kind, headers=said)


def stream(
    client: FlaskClient,
    method: str,
    path: str,
    body: io.IOBase,
    *,
    size: int | None,
    kind: str,
    headers: dict[str, str] | None = None,
) -> TestResponse:
    """Send a body as it comes; without a size it ends where the server says."""
    length = {"wsgi.input_terminated": True} if size is None else {"CONTENT_LENGTH": str(size)}
    environ = {"wsgi.input": body, "CONTENT_TYPE": kind, **length}
    return client.open(path, method=method, headers=headers, environ_overrides=environ)


def unsafe(app: Flask, *, api: bool = False) -> Iterator[tuple[str, str, str]]:
    return (one for one in calls(app, api=api) if one[1] not in bodies.SAFE)


def test_a_strangers_body_is_read_nowhere(app: Flask, client: FlaskClient) -> None:
    tried = 0
    for endpoint, method, path in [*unsafe(app), *unsafe(app, api=True)]:
        for kind in (FORM, PARTS, "application/json"):
            if endpoint in PUBLIC:
                continue
            answer = unread(client, method, path, kind=kind)
            is_api = path.startswith("/api/")
            assert answer.status_code == 401 if is_api else is_sent_to_log_in(answer), endpoint
            tried += 1
    assert tried > 60


def test_a_body_sent_to_what_is_not_there_is_not_read(login: Login, city: Engine) -> None:
    client = login("duty_chief")
    for method, path, status in (
        ("POST", "/nowhere", 404),
        ("POST", "/api/v1/nowhere", 404),
        ("PUT", "/cases/C1", 405),
        ("DELETE", "/areas", 405),
        ("TRACE", "/areas", 405),
    ):
        assert unread(client, method, path).status_code == status, path


@pytest.mark.parametrize("role", ["planner", "responder", "administrator"])
def test_what_a_role_may_not_send_is_not_read(
    role: str, app: Flask, login: Login, city: Engine
) -> None:
    limits = {"responder_code": "S1"} if role == "responder" else {}
    client = login(role, **limits)
    forbidden = [one for one in unsafe(app) if one[0] not in PUBLIC]
    forbidden = [one for one in forbidden if not may_call(role, one[0])]
    assert len(forbidden) > 10
    for endpoint, method, path in forbidden:
        assert unread(client, method, path).status_code == 403, endpoint


def test_what_another_sites_page_sends_is_not_read(
    app: Flask, login: Login, city: Engine
) -> None:
    client = login("duty_chief")
    allowed = [one for one in unsafe(app) if one[0] in PUBLIC or may_call("duty_chief", one[0])]
    assert len(allowed) > 10
    for endpoint, method, path in allowed:
        for said in ({"Sec_Fetch_Site": "cross-site"}, {"Origin": "https://evil.example"}):
            assert unread(client, method, path, **said).status_code == 403, endpoint
    # Not one of them ended the session.
    assert client.get("/account").status_code == 200


# What a browser says of where a form comes from, and whether that is this site.
ORIGINS: list[tuple[dict[str, str], bool]] = [
    # A program, or a browser that says nothing: the form's token decides.
    ({}, True),
    ({"Sec-Fetch-Site": "same-origin"}, True),
    ({"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost"}, True),
    # A proxy that changes the host's name on the way.
    ({"Sec-Fetch-Site": "same-origin", "Origin": "https://grid.example"}, True),
    # Sent again after "reload".
    ({"Sec-Fetch-Site": "none"}, True),
    ({"Sec-Fetch-Site": "none", "Origin": "https://evil.example"}, False),
    ({"Sec-Fetch-Site": "same-site"}, False),
    ({"Sec-Fetch-Site": "cross-site"}, False),
    ({"Sec-Fetch-Site": "a word of tomorrow"}, False),
    ({"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"}, False),
    ({"Origin": "http://localhost"}, True),
    ({"Origin": "http://localhost:80"}, True),
    ({"Origin": "http://localhost:8000"}, False),
    ({"Origin": "https://localhost"}, False),
    ({"Origin": "http://localhost.evil.example"}, False),
    ({"Origin": "null"}, False),
    ({"Origin": ""}, False),
    ({"Origin": "http://[localhost"}, False),
    ({"Origin": "http://localhost:99999999"}, False),
]


def test_the_browser_says_whose_page_sent_a_form(login: Login) -> None:
    client = login("planner")
    token = csrf_of(client.get("/account").text)
    for number, (headers, is_ours) in enumerate(ORIGINS):
        data = {"csrf_token": token, "name": f"token {number}", "days": "1"}
        answer = client.post("/account/tokens", data=data, headers=headers)
        assert answer.status_code == (201 if is_ours else 403), headers


def test_a_program_of_another_site_is_judged_by_its_token(app: Flask, city: Engine) -> None:
    chief = program(app, city, "duty_chief")
    headers = {"Origin": "https://other.example", "Sec-Fetch-Site": "cross-site"}
    headers |= chief.headers
    assert app.test_client().get("/api/v1/cases", headers=headers).status_code == 200


def most_of(app: Flask) -> dict[str, int | None]:
    """What each endpoint that takes anything takes at most; None: an upload."""
    rules = [rule for rule in app.url_map.iter_rules() if (rule.methods or set()) - bodies.SAFE]
    views = {rule.endpoint: app.view_functions[rule.endpoint] for rule in rules}
    return {name: getattr(view, "gridmgmt_takes", bodies.FORM) for name, view in views.items()}


def test_files_are_taken_in_three_places_and_little_elsewhere(app: Flask) -> None:
    most = most_of(app)
    assert {name for name, one in most.items() if one is None} == WITH_FILES
    assert most["api_cases.report"] == 64 * 1024
    # Operations on drafts, and what reviewers say about them.
    long = {name for name, one in most.items() if one == 1024 * 1024}
    reviews = {"api_draft_reviews.approve", "api_draft_reviews.give_back"}
    assert long == {"api_drafts.edit", "workbench.edit", *reviews}
    assert max(one for name, one in most.items() if one and name not in long) == 256 * 1024


def test_a_body_that_says_it_is_too_long_is_not_read(
    app: Flask, login: Login, city: Engine
) -> None:
    most = most_of(app)
    client = login("duty_chief")
    officer = login("gis_officer")
    for endpoint, method, path in unsafe(app):
        if endpoint in WITH_FILES or endpoint == "login.leave":
            continue
        who = client if endpoint in PUBLIC or may_call("duty_chief", endpoint) else officer
        if endpoint not in PUBLIC and who is officer and not may_call("gis_officer", endpoint):
            continue
        size = (most[endpoint] or 0) + 1
        for kind in (FORM, PARTS, "text/plain"):
            answer = unread(who, method, path, size=size, kind=kind)
            assert answer.status_code == 413, endpoint
            assert f"{(most[endpoint] or 0) // 1024} kB" in answer.text
    upload = unread(client, "POST", "/case-imports", size=200 * 2**20 + 1, kind=PARTS)
    assert upload.status_code == 413
    assert "200 MB" in upload.text


def test_a_question_has_no_body(login: Login, city: Engine) -> None:
    client = login("duty_chief")
    for path in ("/", "/cases", "/case-imports", "/nowhere"):
        assert unread(client, "GET", path).status_code == (404 if path == "/nowhere" else 413)
    assert client.get("/cases", headers={"Content-Length": "0"}).status_code == 200


def test_sixty_megabytes_to_the_api_are_refused_unread(app: Flask, city: Engine) -> None:
    chief = program(app, city, "duty_chief")
    for path in ("/cases", "/cases?x=1"):
        answer = unread(
            app.test_client(),
            "POST",
            f"/api/v1{path}",
            size=60 * 2**20,
            kind="application/json",
            **chief.headers,
        )
        assert answer.status_code == 413
        assert answer.get_json() == {
            "status": 413,
            "message": "At most 64 kB may be sent to this address.",
        }


def test_a_body_without_a_length_is_counted_while_it_is_read(
    login: Login, city: Engine
) -> None:
    client = login("duty_chief")
    beginning = b'--mark\r\nContent-Disposition: form-data; name="a"\r\n\r\n'
    # What is no form is not read at all, and has no token.
    for kind, status in ((FORM, 413), (PARTS, 413), ("text/plain", 400)):
        body = Endless(beginning if kind == PARTS else b"a=")
        answer = stream(client, "POST", "/cases/new", body, size=None, kind=kind)
        assert answer.status_code == status
        assert body.given <= 256 * 1024 + 128 * 1024


@pytest.mark.parametrize("size", [None, 0])
def test_a_body_as_long_as_it_may_be_is_read_whole(login: Login, size: int | None) -> None:
    client = login("planner")
    token = csrf_of(client.get("/account").text)
    for more, status in ((0, 201), (1, 413)):
        head = f"csrf_token={token}&days=1&name=whole&filler=".encode()
        body = head + b"x" * (256 * 1024 - len(head) + more)
        length = None if size is None else len(body)
        sent = io.BytesIO(body)
        answer = stream(client, "POST", "/account/tokens", sent, size=length, kind=FORM)
        assert answer.status_code == status


def test_a_body_without_a_length_to_the_api_is_counted_too(app: Flask, city: Engine) -> None:
    body = Endless(b'{"category": "')
    chief = program(app, city, "duty_chief")
    answer = stream(
        app.test_client(),
        "POST",
        "/api/v1/cases",
        body,
        size=None,
        kind="application/json",
        headers=chief.headers,
    )
    assert answer.status_code == 413
    assert body.given <= 64 * 1024 + 128 * 1024


def test_json_within_json_is_refused_at_any_depth(app: Flask, city: Engine) -> None:
    client = app.test_client()
    headers = {**program(app, city, "duty_chief").headers, "Content-Type": "application/json"}
    for depth in (10, 400, 900, 1000, 3000, 20_000):
        for opening, closing in (("[", "]"), ('{"a":', "}")):
            inner = opening * depth + "1" + closing * depth
            for text in (inner, opening * depth, f'{{"category": {inner}}}'):
                answer = client.post("/api/v1/cases", data=text, headers=headers)
                assert answer.status_code in {400, 413, 422}, (depth, answer.text)


def parts(*named: tuple[str, str, bytes]) -> bytes:
    """A form of several parts: name, file name or nothing, content."""
    written = b""
    for name, filename, content in named:
        file = f'; filename="{filename}"' if filename else ""
        head = f'--mark\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n'
        written += head.encode() + content + b"\r\n"
    return written + b"--mark--\r\n"


@pytest.fixture
def opened(app: Flask, monkeypatch: pytest.MonkeyPatch) -> list[str | None]:
    """The names of the files that were begun."""
    names: list[str | None] = []
    request_class: Any = app.request_class
    begin = request_class._get_file_stream

    def noting(self: Any, *args: Any, **given: Any) -> Any:
        names.append(given.get("filename"))
        return begin(self, *args, **given)

    monkeypatch.setattr(request_class, "_get_file_stream", noting)
    return names


def test_no_file_is_begun_before_the_right_token(
    login: Login, city: Engine, opened: list[str | None], settings: Settings
) -> None:
    client = login("duty_chief")
    token = csrf_of(client.get("/case-imports").text)
    file = ("file", "cases.csv", b"x" * 1_000_000)
    for named in (
        [file],
        [("csrf_token", "", b"made-up"), file],
        [("csrf_token", "", b""), file],
        [file, ("csrf_token", "", token.encode())],
        [("csrf_token", "token.txt", token.encode()), file],
    ):
        answer = client.post("/case-imports", data=parts(*named), content_type=PARTS)
        assert answer.status_code == 400
    assert opened == []
    assert not (settings.home / "uploads").exists()
    right = [("csrf_token", "", token.encode()), file]
    answer = client.post("/case-imports", data=parts(*right), content_type=PARTS)
    assert answer.status_code == 303
    assert opened == ["cases.csv"]


def test_a_wrong_token_ends_the_reading_of_a_file(login: Login, city: Engine) -> None:
    client = login("duty_chief")
    beginning = parts(("csrf_token", "", b"made-up"), ("file", "a.csv", b""))[:-10]
    body = Endless(beginning)
    answer = stream(client, "POST", "/case-imports", body, size=100 * 2**20, kind=PARTS)
    assert answer.status_code == 400
    assert body.given < 200_000


def test_no_file_is_begun_where_none_is_taken(
    app: Flask, login: Login, city: Engine, opened: list[str | None]
) -> None:
    client = login("duty_chief")
    token = csrf_of(client.get("/account").text)
    body = parts(("csrf_token", "", token.encode()), ("file", "a.csv", b"x"))
    for path in ("/login", "/cases/new", "/account/password", "/case-imports/0123"):
        answer = client.post(path, data=body, content_type=PARTS)
        assert answer.status_code == 400, path
    assert opened == []


def test_a_form_may_come_in_parts(login: Login, city: Engine) -> None:
    client = login("commander")
    token = csrf_of(client.get("/account").text)
    fields = {"csrf_token": token, "old": "不对的", "new": "y", "again": "y"}
    body = parts(*((name, "", text.encode()) for name, text in fields.items()))
    answer = client.post("/account/password", data=body, content_type=PARTS)
    assert answer.status_code == 200
    broken = client.post("/account/password", data=body[:-6], content_type=PARTS)
    assert broken.status_code == 400
    unmarked = client.post("/account/password", data=body, content_type="multipart/form-data")
    assert unmarked.status_code == 400


@pytest.mark.parametrize("kind", [FORM, PARTS])
def test_a_form_of_too_many_fields_is_refused(login: Login, kind: str) -> None:
    client = login("commander")
    token = csrf_of(client.get("/account").text)
    for count, status in ((900, 200), (1100, 413)):
        names = ["csrf_token", "old", *(f"f{number}" for number in range(count))]
        texts = {name: token if name == "csrf_token" else "1" for name in names}
        pairs = "&".join(f"{name}={text}" for name, text in texts.items())
        fields = [(name, "", text.encode()) for name, text in texts.items()]
        body = parts(*fields) if kind == PARTS else pairs.encode()
        answer = client.post("/account/password", data=body, content_type=kind)
        assert answer.status_code == status


def test_a_view_that_takes_nothing_says_nothing_of_it(settings: Settings) -> None:
    app = create_app(settings)

    @app.get("/idle")
    @bodies.takes(10)
    def idle() -> str:
        return ""

    with pytest.raises(TypeError, match="idle"):
        bodies.check_every_view(app)
    app.extensions["gridmgmt"].engine.dispose()
