"""A process that left the network reaches nobody, whichever means it had."""

import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

TRY = """
import socket, sys
from gridmgmt.exchange.reading import network
left = getattr(network, sys.argv[1])()
def reaches(family, address):
    try:
        with socket.socket(family) as one:
            one.settimeout(5)
            one.connect(address)
            return True
    except OSError:
        return False
print(bool(left), reaches(socket.AF_INET, ("127.0.0.1", int(sys.argv[2]))),
      reaches(socket.AF_UNIX, sys.argv[3]))
"""


@pytest.fixture
def listening(tmp_path: Path) -> tuple[int, str]:
    """A port and a socket in the file system on which somebody listens."""
    inet = socket.create_server(("127.0.0.1", 0))
    unix = socket.socket(socket.AF_UNIX)
    unix.bind(str(tmp_path / "s"))
    unix.listen()
    for server in (inet, unix):
        threading.Thread(target=_accept, args=(server,), daemon=True).start()
    yield inet.getsockname()[1], str(tmp_path / "s")
    inet.close()
    unix.close()


def _accept(server: socket.socket) -> None:
    try:
        while True:
            server.accept()[0].close()
    except OSError:
        return


@pytest.mark.parametrize(
    ("means", "inet", "unix"),
    [
        ("thread_count", True, True),
        ("enter_namespace", False, True),
        ("forbid_sockets", False, False),
        ("leave_network", False, False),
    ],
)
def test_nobody_is_reached_by_who_left(
    listening: tuple[int, str], means: str, inet: bool, unix: bool
) -> None:
    port, path = listening
    done = subprocess.run(
        [sys.executable, "-c", TRY, means, str(port), path],
        capture_output=True,
        text=True,
        check=True,
    )
    left, *reached = [word == "True" for word in done.stdout.split()]
    if not left:
        pytest.skip(f"this system forbids {means}")
    assert reached == [inet, unix]
