"""Guessing passwords at a real server: it stays bounded, and no owner is shut out by it."""

import http.client
import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from http.cookies import SimpleCookie
from statistics import median
from urllib.parse import urlencode

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from gridmgmt.services.accounts import accounts, login_limits
from gridmgmt.settings import Settings
from tests.cli.serving_program import Serving, serving

PASSWORD = "a password for tests"
OWNERS = ("wang", "li", "zhao")
HOME, OFFICE, ABROAD = "127.0.0.10", "127.0.0.20", "127.0.0.30"


class Browser:
    """A browser at an address of the loopback, with its cookies."""

    def __init__(self, port: int, address: str) -> None:
        self.port, self.address = port, address
        self.cookies: dict[str, str] = {}

    def send(self, method: str, path: str, **data: str) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection(
            "127.0.0.1", self.port, timeout=60, source_address=(self.address, 0)
        )
        headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}
        body = urlencode(data) if data else None
        if body:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            self.text = answer.read().decode()
        finally:
            connection.close()
        for line in answer.headers.get_all("Set-Cookie") or ():
            self.cookies |= {name: one.value for name, one in SimpleCookie(line).items()}
        return answer

    def token(self, path: str) -> str:
        self.send("GET", path)
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', self.text)
        assert found, self.text
        return found[1]

    def log_in(self, username: str, password: str) -> http.client.HTTPResponse:
        token = self.token("/login")
        return self.send(
            "POST", "/login", csrf_token=token, username=username, password=password
        )

    def log_out(self) -> None:
        answer = self.send("POST", "/logout", csrf_token=self.token("/account"))
        assert answer.status == 303

    def is_in(self) -> bool:
        return self.send("GET", "/account").status == 200


@pytest.fixture
def served(settings: Settings, engine: Engine) -> Iterator[Serving]:
    with engine.begin() as conn:
        for name in OWNERS:
            accounts.create(
                conn, name, "commander", PASSWORD, must_change=False, actor="a test"
            )
    # Attempts are counted by the clock's hours: none of them ends amid a test.
    left = login_limits.BY_NAME.seconds_left(datetime.now(UTC))
    if left < 180:
        time.sleep(left + 1)
    with serving(settings, "serve", "--port", "0") as running:
        running.await_words(r"the pages are ready(?s:.*)the pages are ready", most_s=120)
        yield running


def guesses(port: int, address: str, names: list[str]) -> list[int]:
    """Try a wrong password for each name, four at a time, each in a new browser."""

    def guess(name: str) -> int:
        return Browser(port, address).log_in(name, "not the password").status

    with ThreadPoolExecutor(4) as pool:
        return list(pool.map(guess, names))


def an_hour_later(engine: Engine) -> None:
    """Let the hour end in which attempts were counted."""
    with engine.begin() as conn:
        conn.execute(
            sa.text("UPDATE attempts SET window_start = window_start - interval '1 hour'")
        )


def test_thirty_wrong_names_from_an_office_shut_out_nobody_in_it(served: Serving) -> None:
    tried = guesses(served.port, OFFICE, [f"name{number}" for number in range(40)])
    assert tried == [200] * 40
    for name in OWNERS:
        browser = Browser(served.port, OFFICE)
        assert browser.log_in(name, PASSWORD).status == 303
        assert browser.is_in()


def test_the_owner_of_a_name_under_attack_gets_in(served: Serving, engine: Engine) -> None:
    own = Browser(served.port, HOME)
    assert own.log_in("wang", PASSWORD).status == 303
    own.log_out()
    for block in (ABROAD, "127.0.0.31", "127.0.0.32", "127.0.0.33"):
        tried = guesses(served.port, block, ["wang"] * 50)
        assert set(tried) <= {200, 429}
    with engine.connect() as conn:
        looked_at = conn.execute(
            sa.text("SELECT count(*) FROM audit_log WHERE action = 'fail_login'")
        ).scalar_one()
        locks = conn.execute(
            sa.text("SELECT count(*) FROM audit_log WHERE action = 'lock_login'")
        ).scalar_one()
    assert looked_at == login_limits.BY_NAME.most, "so many of 200 passwords were looked at"
    assert locks > 0
    assert own.log_in("wang", PASSWORD).status == 303, "on a browser the owner used before"
    assert own.is_in()

    new = Browser(served.port, OFFICE)
    answer = new.log_in("wang", PASSWORD)
    left = login_limits.BY_NAME.seconds_left(datetime.now(UTC))
    assert answer.status == 429
    assert abs(int(answer.headers["Retry-After"]) - left) <= 2, "until the full hour"
    assert new.log_in("li", PASSWORD).status == 303, "other names go on"
    new.log_out()
    an_hour_later(engine)
    assert new.log_in("wang", PASSWORD).status == 303
    assert new.is_in()


def test_a_copied_mark_of_a_browser_opens_nothing_and_has_ten_tries(served: Serving) -> None:
    own = Browser(served.port, HOME)
    own.log_in("wang", PASSWORD)
    thief = Browser(served.port, ABROAD)
    thief.cookies = {"gridmgmt_browser": own.cookies["gridmgmt_browser"]}
    assert not thief.is_in()
    tried = [thief.log_in("wang", f"guess {number}").status for number in range(12)]
    assert tried == [200] * login_limits.BY_BROWSER.most + [429] * 2


def test_while_passwords_are_guessed_everybody_else_works_on(served: Serving) -> None:
    """Forty who guess at once leave the pages to those who are logged in."""
    own = Browser(served.port, HOME)
    own.log_in("wang", PASSWORD)
    with ThreadPoolExecutor(2) as pool:
        flood = [
            pool.submit(guesses, served.port, ABROAD, [f"name{a}x{b}" for b in range(60)])
            for a in range(2)
        ]
        waits = []
        while not all(one.done() for one in flood):
            begun = time.perf_counter()
            assert own.is_in()
            waits.append(time.perf_counter() - begun)
        assert {status for one in flood for status in one.result()} <= {200, 429, 503}
    assert median(waits) < 2, waits
