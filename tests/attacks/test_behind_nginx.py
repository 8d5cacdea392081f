"""The same attacks on nginx in front of the pages, configured as ``deploy`` says."""

import dataclasses
import http.client
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy.engine import Engine

from gridmgmt.settings import Settings
from tests.attacks import slow_clients
from tests.attacks.nginx import PROGRAM, nginx_before
from tests.attacks.serving_streams import HOST
from tests.attacks.slow_clients import SlowClients, Streams, held, work
from tests.attacks.streaming_pages import LARGE, STREAM
from tests.attacks.test_half_sent import compare
from tests.cli.serving_program import serving
from tests.worker.counting import eventually

pytestmark = pytest.mark.skipif(PROGRAM is None, reason="no nginx, and none could be fetched")

PATHS = ("/healthz",)
# Below what the configuration lets one address ask for in a second.
CLIENTS, THINK_S = 20, 0.6


@pytest.fixture
def port(settings: Settings, engine: Engine, tmp_path: Path) -> Iterator[int]:
    behind = dataclasses.replace(settings, proxies=1)
    with serving(behind, module="tests.attacks.serving_streams") as served:
        served.await_words("the pages are ready(?s:.*)the pages are ready", most_s=120)
        eventually(lambda: served.get("/healthz").status == 200)
        with nginx_before(served.port, tmp_path) as before:
            work(before, PATHS, most_s=3, think_s=THINK_S)
            yield before


def test_nobody_stops_the_site_behind_nginx(port: int) -> None:
    quiet = work(port, PATHS, clients=CLIENTS, think_s=THINK_S)
    attacks: dict[str, Callable[[], SlowClients]] = {
        "60 half-sent heads": lambda: slow_clients.half_sent_heads(port, 60),
        "60 slow bodies": lambda: slow_clients.slow_bodies(port, 60),
        "60 slow readers": lambda: slow_clients.slow_readers(port, 60, LARGE),
    }
    for what, begin in attacks.items():
        with held(begin()):
            time.sleep(3)  # until the answers to slow readers are made
            met = work(port, PATHS, clients=CLIENTS, think_s=THINK_S)
            compare(quiet, met, f"behind nginx: {what}")
    streams = Streams(port, 200, STREAM)
    try:
        eventually(lambda: streams.served() == 200)
        met = work(port, PATHS, clients=CLIENTS, think_s=THINK_S)
        compare(quiet, met, "behind nginx: 200 open streams")
        assert streams.open == 200
    finally:
        streams.close()


def ask(port: int, path: str, headers: dict[str, str] | None = None) -> tuple[int, str]:
    conn = http.client.HTTPConnection(HOST, port, timeout=20)
    try:
        conn.request("GET", path, headers=headers or {})
        answer = conn.getresponse()
        body = answer.read().decode()
        return answer.status, f"{answer.headers}{body}"
    finally:
        conn.close()


def test_what_nginx_lets_through(port: int) -> None:
    # A stranger's file is turned away by the pages before it has come.
    with socket.create_connection((HOST, port), timeout=20) as client:
        client.sendall(slow_clients.half_a_body("/case-imports", 150_000_000))
        assert client.recv(1000).split()[1] == b"303"
    # Anywhere else nginx does it.
    with socket.create_connection((HOST, port), timeout=20) as client:
        client.sendall(slow_clients.half_a_body("/cases", 1_000_000))
        assert client.recv(1000).split()[1] == b"413"
    status, said = ask(port, "/static/css/site.css")
    assert status == 200
    for header in ("nosniff", "DENY", "immutable", "same-origin"):
        assert header in said
    # What a client says of itself goes no further: the address to log in at keeps our name.
    claimed = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "gopher"}
    status, said = ask(port, "/cases", claimed)
    assert status == 303
    assert "evil.example" not in said
    assert "gopher" not in said


def test_more_than_one_address_may_ask_is_refused_and_others_wait_for_nothing(
    port: int,
) -> None:
    met = work(port, PATHS, clients=20, most_s=5, think_s=0.0, statuses=(200, 429))
    assert not met.errors
    time.sleep(5)
    assert ask(port, "/healthz")[0] == 200
