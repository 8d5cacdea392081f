"""Strangers who hold connections open, and people who work meanwhile.

Everything is a ratio to the quiet site, measured in the same run on the same processes.
"""

import socket
import time
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy.engine import Engine

from gridmgmt.settings import Settings
from tests.attacks import slow_clients
from tests.attacks.serving_streams import HOST, PROCESSES
from tests.attacks.slow_clients import SlowClients, Streams, Work, held, work
from tests.attacks.streaming_pages import LARGE, STREAM
from tests.cli.serving_program import Serving, serving
from tests.worker.counting import eventually
from web.server.limits import Limits

PATHS = ("/login", "/healthz")
# The machine that runs the tests has other things to do; being stopped is another matter:
# with a thread for each connection nobody was answered at all.
MOST_TIMES = 4.0
FEW_S = 0.3


@pytest.fixture
def site(settings: Settings, engine: Engine) -> Iterator[Serving]:
    with serving(settings, module="tests.attacks.serving_streams") as served:
        served.await_words(r"the pages are ready(?s:.*)the pages are ready", most_s=120)
        served.await_words("the worker is ready", most_s=120)
        eventually(lambda: served.get("/healthz").status == 200)
        work(served.port, PATHS, most_s=3)  # what every process does only once
        yield served


def compare(quiet: Work, met: Work, what: str) -> None:
    words = f"{what}: {met.said()}; quiet: {quiet.said()}"
    print(words)  # noqa: T201 - the figures, for who runs it with -s
    assert not met.errors, f"{words}\n{met.errors[:5]}"
    assert met.median_s < max(MOST_TIMES * quiet.median_s, FEW_S), words
    assert len(met.taken_s) > len(quiet.taken_s) / MOST_TIMES, words


def test_nobody_stops_the_site_by_holding_connections(site: Serving) -> None:
    port = site.port
    quiet = work(port, PATHS)
    attacks: dict[str, Callable[[], SlowClients]] = {
        "60 half-sent heads": lambda: slow_clients.half_sent_heads(port, 60),
        "60 slow bodies": lambda: slow_clients.slow_bodies(port, 60),
        "60 slow readers": lambda: slow_clients.slow_readers(port, 60, LARGE),
    }
    for what, begin in attacks.items():
        with held(begin()):
            time.sleep(3)  # until the answers to slow readers are made
            compare(quiet, work(port, PATHS), what)


def test_heads_that_drip_are_ended_and_come_back_in_vain(site: Serving) -> None:
    limits = Limits()
    quiet = work(site.port, PATHS)
    with held(slow_clients.half_sent_heads(site.port, 60)) as heads:
        met = work(site.port, PATHS, most_s=2 * limits.head_s + 4)
        # Each was ended at least once, however it dripped.
        assert heads.reopened >= 60
    assert not met.errors
    assert met.median_s < max(MOST_TIMES * quiet.median_s, FEW_S)


def test_more_connections_than_there_are_places_shut_nobody_out(site: Serving) -> None:
    places = PROCESSES * Limits().connections
    with held(SlowClients(site.port, places + 200, slow_clients.HALF_A_HEAD)):
        met = work(site.port, PATHS)
        print(f"{places + 200} connections held: {met.said()}")  # noqa: T201
        # Slower it may be: the loop looks at a thousand connections in every round.
        assert not met.errors, met.errors[:5]
        assert met.median_s < 2


def test_200_streams_are_open_beside_20_people_at_work(site: Serving) -> None:
    quiet = work(site.port, PATHS)
    streams = Streams(site.port, 200, STREAM)
    try:
        eventually(lambda: streams.served() == 200)
        compare(quiet, work(site.port, PATHS), "200 open streams")
        assert streams.open == 200
    finally:
        streams.close()


def test_a_stranger_sends_no_large_body(site: Serving) -> None:
    with socket.create_connection((HOST, site.port), timeout=20) as client:
        client.sendall(slow_clients.half_a_body("/case-imports", 150_000_000))
        # It is answered before the body has come.
        assert client.recv(1000).split()[1] in (b"303", b"400")


def test_it_ends_in_good_order_while_it_is_attacked(site: Serving) -> None:
    with (
        held(slow_clients.half_sent_heads(site.port, 60)),
        held(slow_clients.slow_readers(site.port, 20, LARGE)),
    ):
        started = time.monotonic()
        assert site.stop() == 0
        assert time.monotonic() - started < 20
    assert "is killed" not in site.said
