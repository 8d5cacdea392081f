"""Somebody copied a session's cookie: it is worth nothing in any process once it has ended."""

import http.client
import re
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

import pytest
from sqlalchemy.engine import Engine

from gridmgmt.services.accounts import accounts
from gridmgmt.settings import Settings
from tests.cli.serving_program import Serving, serving

PASSWORD = "a long password for 3 processes"
PROCESSES = 3
TRIES = 120


@pytest.fixture(autouse=True)
def somebody(engine: Engine) -> None:
    with engine.begin() as conn:
        accounts.create(conn, "wang", "commander", PASSWORD, must_change=False, actor="a test")


class Client:
    """A browser as simple as possible: it keeps cookies, and opens a connection each time."""

    def __init__(self, served: Serving, cookies: dict[str, str] | None = None) -> None:
        self.served = served
        self.cookies = dict(cookies or {})

    def ask(self, path: str, **form: str) -> tuple[int, str, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.served.port, timeout=60)
        headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}
        if form:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            connection.request("POST" if form else "GET", path, urlencode(form), headers)
            answer = connection.getresponse()
            for cookie in answer.headers.get_all("Set-Cookie") or []:
                name, _, value = cookie.partition(";")[0].partition("=")
                self.cookies[name] = value
            page = answer.read().decode()
        finally:
            connection.close()
        return answer.status, answer.headers.get("Location") or "", page

    def token(self, path: str) -> str:
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', self.ask(path)[2])
        assert found
        return found[1]


def statuses(served: Serving, cookies: dict[str, str]) -> set[int]:
    """What many requests at a time are answered with the same cookie, by all processes."""
    with ThreadPoolExecutor(12) as pool:
        asked = pool.map(lambda _: Client(served, cookies).ask("/account")[0], range(TRIES))
        return set(asked)


def test_a_copied_cookie_dies_in_every_process_with_its_session(
    settings: Settings, engine: Engine
) -> None:
    with serving(settings, "serve", "--port", "0", "--workers", str(PROCESSES)) as served:
        served.await_words(rf"(?s:.*the pages are ready){{{PROCESSES}}}", most_s=180)
        client = Client(served)
        login = {"username": "wang", "password": PASSWORD}
        answer = client.ask("/login", csrf_token=client.token("/login"), **login)
        assert answer[:2] == (303, "/overview"), answer
        stolen = dict(client.cookies)
        assert statuses(served, stolen) == {200}
        answer = client.ask("/logout", csrf_token=client.token("/account"))
        assert answer[:2] == (303, "/login"), answer
        assert statuses(served, stolen) == {303}
        assert served.stop() == 0
