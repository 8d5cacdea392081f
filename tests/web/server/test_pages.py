"""The server of one process, in a thread, with limits short enough to be waited for."""

import errno
import http.client
import logging
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from web.server.limits import Limits
from web.server.pages import Doorman, PagesServer

SHORT = Limits(
    head_s=1.0, idle_s=1.0, grace_s=1.0, pace=1_000_000.0, linger_s=2.0, small_body=1000
)
LARGE = 20_000_000
THREADS = 2


class App:
    """Says how long the body was, waits, sends much, or streams, as the path wants it."""

    def __init__(self) -> None:
        self.go_on = threading.Event()
        self.begun = threading.Semaphore(0)
        self.over = threading.Event()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        kind = "text/event-stream" if path == "/stream" else "text/plain"
        start_response("200 OK", [("Content-Type", kind)])
        if path == "/stream":
            return self._events()
        if path == "/waits":
            self.begun.release()
            assert self.go_on.wait(20)
        if path == "/large":
            return [b"x" * LARGE]
        body = environ["wsgi.input"].read()
        return [f"{len(body)} {body.count(b'b')}".encode()]

    def _events(self) -> Iterator[bytes]:
        while not self.over.wait(0.05):
            yield b"data: 1\n\n"


@contextmanager
def running(
    limits: Limits = SHORT, doorman: Doorman | None = None, most: int = LARGE
) -> Iterator[tuple[int, App, PagesServer]]:
    app = App()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        server = PagesServer(
            app,
            listening,
            threads=THREADS,
            most_body_bytes=most,
            doorman=doorman,
            limits=limits,
        )
        thread = threading.Thread(target=server.run)
        thread.start()
        try:
            yield port, app, server
        finally:
            app.go_on.set()
            app.over.set()
            server.stop()
            thread.join(20)
            assert not thread.is_alive()


def connect(port: int, *, room: int | None = None) -> socket.socket:
    client = socket.socket()
    if room is not None:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room)
    client.settimeout(10)
    try:
        client.connect(("127.0.0.1", port))
    except OSError:
        client.close()
        raise
    return client


def receive(client: socket.socket, last: bytes) -> bytes:
    """What the client is sent, up to these last bytes."""
    got = b""
    while not got.endswith(last):
        part = client.recv(65_536)
        assert part, got
        got += part
    return got


def get(port: int, path: str = "/", body: bytes | None = None) -> tuple[int, bytes]:
    conn = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        conn.request("GET" if body is None else "POST", path, body)
        answer = conn.getresponse()
        return answer.status, answer.read()
    finally:
        conn.close()


def ended_after(client: socket.socket, drip: bytes = b"") -> float:
    """How many seconds the server lets a client go on with one byte at a time."""
    started = time.monotonic()
    client.settimeout(0.1)
    while time.monotonic() - started < 10:
        try:
            if drip:
                client.send(drip)
            if not client.recv(65_536):
                break
        except TimeoutError:
            continue
        except OSError:
            break
    else:
        pytest.fail("the server never ends it")
    return time.monotonic() - started


def test_a_head_has_its_time_however_it_drips() -> None:
    with running() as (port, _, _server), connect(port) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nX: ")
        assert 0.5 < ended_after(client, b"x") < 4


def test_a_connection_without_a_word_is_ended() -> None:
    with running() as (port, _, _server), connect(port) as client:
        assert 0.5 < ended_after(client) < 4


def test_a_kept_connection_answers_again_and_is_ended_when_idle() -> None:
    with running() as (port, _, _server), connect(port) as client:
        for _ in range(2):
            client.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            receive(client, b"0 0")
            time.sleep(0.2)
        assert 0.3 < ended_after(client) < 4


def test_a_body_that_drips_is_ended() -> None:
    with running() as (port, _, _server), connect(port) as client:
        client.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 900\r\n\r\n")
        assert 0.5 < ended_after(client, b"x") < 4


def test_a_large_body_that_drips_is_ended() -> None:
    with running() as (port, _, _server), connect(port) as client:
        client.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9000\r\n\r\n")
        assert 0.5 < ended_after(client, b"x") < 4


def test_who_does_not_read_holds_no_thread_and_is_ended() -> None:
    slow = Limits(grace_s=2.0, pace=1e9)
    with running(slow) as (port, _, server):
        clients = [connect(port, room=2048) for _ in range(3 * THREADS)]
        try:
            for client in clients:
                client.sendall(b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
            time.sleep(0.5)
            assert get(port) == (200, b"0 0")
            until = time.monotonic() + 10
            while server.active_channels and time.monotonic() < until:
                time.sleep(0.1)
            assert not server.active_channels
        finally:
            for client in clients:
                client.close()


def test_a_large_body_arrives_whole_once_it_is_admitted() -> None:
    with running(doorman=lambda environ: LARGE) as (port, _, _server):
        body = b"a" * 400_000 + b"b" * 600_000
        assert get(port, body=body) == (200, b"1000000 600000")


def test_a_small_body_needs_no_word() -> None:
    def never(environ: dict[str, Any]) -> int | None:
        raise AssertionError

    with running(doorman=never) as (port, _, _server):
        assert get(port, body=b"b" * 900) == (200, b"900 900")


def test_who_is_turned_away_hears_why_though_the_body_keeps_coming() -> None:
    asked: list[dict[str, Any]] = []

    def refuse(environ: dict[str, Any]) -> int | None:
        asked.append(environ)
        return None

    with running(doorman=refuse) as (port, _, _server), connect(port) as client:
        client.sendall(b"POST /x?y=1 HTTP/1.1\r\nHost: a\r\nContent-Length: 9000000\r\n\r\n")
        for _ in range(100):
            client.sendall(b"b" * 50_000)
        said = receive(client, b"\r\n\r\n0 0")
        assert b"200 OK" in said
        assert b"Connection: close" in said
    assert [(one["PATH_INFO"], one["CONTENT_LENGTH"]) for one in asked] == [("/x", "9000000")]


def test_the_application_itself_refuses_a_body_longer_than_any_may_be() -> None:
    with running(doorman=lambda environ: None, most=5000) as (port, _, _server):
        assert get(port, body=b"b" * 9_000_000) == (200, b"0 0")


def test_a_body_longer_than_what_is_admitted_is_refused_by_its_head() -> None:
    with running(doorman=lambda environ: 5000) as (port, _, _server), connect(port) as client:
        client.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9000000\r\n\r\n")
        assert client.recv(1000).startswith(b"HTTP/1.1 413")


def test_a_doorman_that_fails_lets_nothing_in() -> None:
    def broken(environ: dict[str, Any]) -> int | None:
        raise RuntimeError

    with running(doorman=broken) as (port, _, _server):
        assert get(port, body=b"b" * 5000) == (200, b"0 0")


def test_who_asks_first_is_told_to_go_on_only_when_admitted() -> None:
    head = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5000\r\nExpect: 100-continue\r\n\r\n"
    with running(doorman=lambda environ: 5000) as (port, _, _server), connect(port) as client:
        client.sendall(head)
        assert client.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(b"b" * 5000)
        receive(client, b"5000 5000")
    with running(doorman=lambda environ: None) as (port, _, _server), connect(port) as client:
        client.sendall(head)
        assert client.recv(1000).startswith(b"HTTP/1.1 200 OK")


@pytest.mark.parametrize(("length", "status"), [(3000, b"200"), (9000, b"413")])
def test_a_body_in_chunks_is_counted_as_it_comes(length: int, status: bytes) -> None:
    with running(doorman=lambda environ: 5000) as (port, _, _server), connect(port) as client:
        client.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
        time.sleep(0.1)
        for _ in range(length // 1000):
            client.sendall(b"3e8\r\n" + b"b" * 1000 + b"\r\n")
        client.sendall(b"0\r\n\r\n")
        assert client.recv(1000).startswith(b"HTTP/1.1 " + status)


def test_a_body_for_which_there_is_no_room_is_answered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def full(*args: object, **more: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with running(doorman=lambda environ: LARGE) as (port, _, _server), connect(port) as client:
        client.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9000000\r\n\r\n")
        time.sleep(0.2)
        monkeypatch.setattr(tempfile, "TemporaryFile", full)
        for _ in range(100):
            client.sendall(b"b" * 50_000)
        assert client.recv(1000).startswith(b"HTTP/1.1 507")
        assert get(port) == (200, b"0 0")


def test_streams_leave_the_threads_to_the_others() -> None:
    with running() as (port, app, server):
        clients = [connect(port) for _ in range(10 * THREADS)]
        for client in clients:
            client.sendall(b"GET /stream HTTP/1.1\r\nHost: a\r\n\r\n")
        for client in clients:
            said = client.recv(1000)
            assert b"X-Accel-Buffering: no" in said
        assert get(port) == (200, b"0 0")
        assert len(server.task_dispatcher.threads) == 11 * THREADS
        for client in clients:
            client.close()
        until = time.monotonic() + 10
        while len(server.task_dispatcher.threads) > THREADS and time.monotonic() < until:
            time.sleep(0.05)
        assert len(server.task_dispatcher.threads) == THREADS
        assert get(port) == (200, b"0 0")
        assert not app.over.is_set()


def test_more_streams_than_there_may_be_are_told_so() -> None:
    with running(Limits(streams=1)) as (port, _, _server), connect(port) as client:
        client.sendall(b"GET /stream HTTP/1.1\r\nHost: a\r\n\r\n")
        assert client.recv(1000)
        assert get(port, "/stream")[0] == 503
        assert get(port, "/")[0] == 200


def test_newcomers_are_answered_when_every_place_is_held() -> None:
    with running(Limits(connections=20)) as (port, _, server):
        held = [connect(port) for _ in range(60)]
        try:
            for client in held:
                client.send(b"GET / HTTP/1.1\r\nX: ")
            for _ in range(5):
                assert get(port) == (200, b"0 0")
            assert len(server.active_channels) <= 25
        finally:
            for client in held:
                client.close()


def test_a_request_under_way_is_finished_before_the_end() -> None:
    with running() as (port, app, server):
        answers: list[tuple[int, bytes]] = []
        asking = threading.Thread(target=lambda: answers.append(get(port, "/waits")))
        asking.start()
        assert app.begun.acquire(timeout=10)
        server.stop()
        time.sleep(1)
        with pytest.raises(OSError, match="refused"):
            connect(port)
        app.go_on.set()
        asking.join(10)
    assert answers == [(200, b"0 0")]


def test_the_log_names_neither_who_nor_what_for(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "gridmgmt.access"), running() as (port, _, _server):
        get(port, "/cases%0a%20fake?q=secret")
        get(port, "/%E6%A1%88")
        get(port, "/display/the-link-of-a-wall-screen")
    # A thread logs after it has answered: the next answer's line may come first.
    lines = sorted(record.getMessage().rpartition(" bytes ")[0] for record in caplog.records)
    assert lines == ["GET /cases%0A%20fake 200 3", "GET /display/… 200 3", "GET /案 200 3"]


@pytest.mark.parametrize(
    "head",
    [
        b"GET / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"GET / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
        b"GET / HTTP/1.1\r\nA b: c\r\n\r\n",
        b"GET / HTTP/1.1\nHost: a\n\n\r\n\r\n",
        b"nonsense\r\n\r\n",
    ],
)
def test_what_is_no_request_ends_the_connection(head: bytes) -> None:
    with running() as (port, _, _server), connect(port) as client:
        client.sendall(head)
        assert client.recv(1000).split()[1] in (b"400", b"501")
        assert ended_after(client) < 4


def test_it_shows_that_it_lives() -> None:
    beats: list[float] = []
    beat: Callable[[], None] = lambda: beats.append(time.monotonic())  # noqa: E731
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = PagesServer(App(), listening, threads=1, most_body_bytes=1, beat=beat)
        thread = threading.Thread(target=server.run)
        thread.start()
        time.sleep(1.6)
        server.stop()
        thread.join(10)
    assert 2 <= len(beats) <= 6


def test_a_server_that_nobody_asks_waits_and_does_not_go_round_and_round(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rounds = []
    go_round = PagesServer._go_round
    monkeypatch.setattr(
        PagesServer, "_go_round", lambda self: (rounds.append(1), go_round(self))
    )
    with running(Limits()) as (port, _, _), connect(port):
        time.sleep(1.5)
        assert 1 < len(rounds) < 20
