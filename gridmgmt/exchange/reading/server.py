"""The reading process: loaded once, with one thread and no network; it forks for each file.

``reader`` starts it with a socket. Each request is one message: JSON and two sockets. On one
the child answers. On the other this process reports if the child did not end by itself. When
nobody is left at the other end of the first socket, the process ends.
"""

import ctypes
import gc
import json
import os
import select
import shutil
import signal
import socket
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gridmgmt.exchange.layers.drivers import DRIVER, only_driver
from gridmgmt.exchange.layers.vectors import read_layer
from gridmgmt.exchange.reading import confinement
from gridmgmt.exchange.reading.child import answer
from gridmgmt.exchange.reading.network import leave_network, thread_count
from gridmgmt.exchange.reading.values import layer_values

LONGEST_REQUEST = 1 << 16

# The folders of children; the number is that of their reading process.
_FOLDERS = "gridmgmt-reading-"
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)


@dataclass(frozen=True)
class _Child:
    pid: int
    pidfd: int
    channel: socket.socket
    fate: socket.socket
    folder: Path


class _Server:
    def __init__(self, requests: socket.socket) -> None:
        self._requests = requests
        self._poll = select.poll()
        self._poll.register(requests, select.POLLIN)
        self._ending: dict[int, _Child] = {}
        self._asking: dict[int, _Child] = {}

    def run(self) -> None:
        while True:
            for descriptor, _ in self._poll.poll():
                if descriptor == self._requests.fileno():
                    if not self._take():
                        return
                elif descriptor in self._ending:
                    self._end(self._ending[descriptor])
                elif descriptor in self._asking:
                    self._give_up(self._asking[descriptor])

    def close(self) -> None:
        for child in list(self._ending.values()):
            os.kill(child.pid, signal.SIGKILL)
            self._end(child)

    def _take(self) -> bool:
        """Take the next request; return False if there will be no more."""
        message, descriptors, _, _ = socket.recv_fds(self._requests, LONGEST_REQUEST, 2)
        if not message:
            return False
        channel, fate = (socket.socket(fileno=descriptor) for descriptor in descriptors)
        folder = Path(tempfile.mkdtemp(prefix=f"{_FOLDERS}{os.getpid()}-"))
        pid = os.fork()
        if pid == 0:
            self._be_child(json.loads(message), channel, folder)
        child = _Child(pid, os.pidfd_open(pid), channel, fate, folder)
        self._ending[child.pidfd] = child
        self._poll.register(child.pidfd, select.POLLIN)
        self._asking[channel.fileno()] = child
        # Only to learn that the other side hung up, which is always reported.
        self._poll.register(channel, 0)
        return True

    def _be_child(self, request: dict[str, Any], channel: socket.socket, folder: Path) -> None:
        try:
            _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
            self._requests.close()
            for other in self._ending.values():
                other.channel.close()
                other.fate.close()
            answer(request, channel, folder)
            channel.shutdown(socket.SHUT_WR)
        except OSError:
            os._exit(1)  # nobody listens
        finally:
            os._exit(0)

    def _give_up(self, child: _Child) -> None:
        """End a child that nobody listens to any more."""
        self._poll.unregister(child.channel)
        del self._asking[child.channel.fileno()]
        os.kill(child.pid, signal.SIGKILL)

    def _end(self, child: _Child) -> None:
        _, status = os.waitpid(child.pid, 0)
        self._poll.unregister(child.pidfd)
        os.close(child.pidfd)
        del self._ending[child.pidfd]
        if self._asking.pop(child.channel.fileno(), None):
            self._poll.unregister(child.channel)
        shutil.rmtree(child.folder, ignore_errors=True)
        code = os.waitstatus_to_exitcode(status)
        with suppress(OSError):
            child.fate.send(json.dumps({"signal": max(-code, 0)}).encode())
        child.fate.close()
        child.channel.close()


def _check_drivers() -> None:
    """Check that GDAL can be reduced to one driver for each kind of file."""
    for kind in DRIVER:
        with only_driver(kind):
            pass


def _remove_leftovers() -> None:
    """Delete the folders of reading processes that were killed."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_FOLDERS}*-*"):
        number = folder.name.removeprefix(_FOLDERS).partition("-")[0]
        if not Path("/proc", number).exists():
            shutil.rmtree(folder, ignore_errors=True)


_FEATURE = '{"type": "Feature", "properties": {"a": "b"}, "geometry": null}'


def _warm_up() -> None:
    """Read a small file of our own, so that no child has to load libraries first."""
    with tempfile.TemporaryDirectory(prefix=f"{_FOLDERS}{os.getpid()}-") as folder:
        path = Path(folder) / "a.geojson"
        path.write_text(f'{{"type": "FeatureCollection", "features": [{_FEATURE}]}}')
        list(layer_values(read_layer(path), is_datum_said=False))


def main() -> None:
    """Run the reading process; its argument is the number of its request socket."""
    requests = socket.socket(fileno=int(sys.argv[1]))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _remove_leftovers()
    _check_drivers()
    _warm_up()
    told = {
        "left": leave_network(),
        "threads": thread_count(),
        "is_confined": confinement.version() > 0,
    }
    requests.send(json.dumps(told).encode())
    # Children share the present memory as long as nobody writes to it.
    gc.collect()
    gc.freeze()
    server = _Server(requests)
    try:
        server.run()
    finally:
        server.close()
