"""The pages as a server of their own serves them."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

from gridmgmt.settings import Settings

# Long enough for a machine that does much else; a server that ends is noticed at once.
READY_S = 120.0


@contextmanager
def served(settings: Settings) -> Iterator[str]:
    """Serve a city on a free port of this machine until the end; yields its address."""
    port = _free_port()
    origin = f"http://127.0.0.1:{port}"
    log = settings.home / "serve.log"
    # One process of the pages is enough for one reader; starting another takes seconds.
    command = [sys.executable, "-m", "gridmgmt", "serve", "--port", str(port), "--workers", "1"]
    with log.open("wb") as out:
        # A session of its own, so that whatever it starts ends with it.
        server = subprocess.Popen(
            command, env=_environment(settings), stdout=out, stderr=out, start_new_session=True
        )
        try:
            _wait(server, f"{origin}/login", lambda: log.read_text("utf-8", "replace"))
            yield origin
        finally:
            os.killpg(server.pid, signal.SIGTERM)
            server.wait(timeout=20)


def _environment(settings: Settings) -> dict[str, str]:
    ours = {name: value for name, value in os.environ.items() if "GRIDMGMT" not in name}
    assert settings.database_url is not None
    return {
        **ours,
        "GRIDMGMT_DATABASE_URL": settings.database_url,
        "GRIDMGMT_HOME": str(settings.home),
        "GRIDMGMT_TZ": settings.tz.key,
        "GRIDMGMT_REVIEW": settings.review,
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait(server: "subprocess.Popen[bytes]", url: str, said) -> None:  # type: ignore[no-untyped-def]
    until = time.monotonic() + READY_S
    while time.monotonic() < until:
        assert server.poll() is None, f"the server ended:\n{said()}"
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:
                assert answer.status == 200
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    message = f"the server does not answer:\n{said()}"
    raise AssertionError(message)
