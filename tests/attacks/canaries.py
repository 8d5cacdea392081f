"""A file and an address that nobody may touch, and word of who did."""

import ctypes
import os
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import geopandas
import pyogrio
import shapely

WORD = "the-canary-sings-7f3a"

_IN_OPEN, _IN_NONBLOCK = 0x20, 0x800
_EVENT = struct.Struct("iIII")
_libc = ctypes.CDLL(None, use_errno=True)


@dataclass
class Canary:
    """Files in several forms that hold ``WORD``, and a port on which somebody listens.

    The folder is watched by the system itself: opening a file is told of, whoever does it and
    whatever becomes of what was read.
    """

    folder: Path
    port: int
    callers: list[str] = field(default_factory=list)
    _watch: int = -1

    def file(self, suffix: str) -> Path:
        """The canary as a .csv, .geojson, .gpkg or .shp."""
        return self.folder / f"canary.{suffix}"

    @property
    def address(self) -> str:
        """Where somebody listens."""
        return f"http://127.0.0.1:{self.port}"

    def touched(self) -> list[str]:
        """Tell which files were opened and who called, since this was asked the last time."""
        names = []
        while events := _read(self._watch):
            at = 0
            while at < len(events):
                *_, length = _EVENT.unpack_from(events, at)
                at += _EVENT.size
                names.append(events[at : at + length].rstrip(b"\0").decode())
                at += length
        called, self.callers[:] = list(self.callers), []
        return sorted({name for name in names if name} | set(called))


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 1 << 16)
    except BlockingIOError:
        return b""


def _plant(folder: Path) -> None:
    square = shapely.box(120.1, 30.2, 120.2, 30.3)
    data = geopandas.GeoDataFrame({"code": [WORD]}, geometry=[square], crs=4326)
    for suffix in ("gpkg", "geojson", "shp"):
        pyogrio.write_dataframe(data, folder / f"canary.{suffix}", layer="canary")
    (folder / "canary.csv").write_text(f"code,x,y\n{WORD},120.1,30.2\n")


@contextmanager
def planted(folder: Path) -> Iterator[Canary]:
    """Plant a canary in a folder for the time of the block."""
    folder.mkdir(parents=True)
    _plant(folder)
    with socket.create_server(("127.0.0.1", 0)) as server:
        canary = Canary(folder, server.getsockname()[1])
        canary._watch = _libc.inotify_init1(_IN_NONBLOCK)
        watching = _libc.inotify_add_watch(canary._watch, os.fsencode(folder), _IN_OPEN)
        assert watching >= 0, os.strerror(ctypes.get_errno())
        thread = threading.Thread(target=_listen, args=(server, canary), daemon=True)
        thread.start()
        try:
            yield canary
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join()
            os.close(canary._watch)


def _listen(server: socket.socket, canary: Canary) -> None:
    while True:
        try:
            caller, _ = server.accept()
        except OSError:
            return
        with caller:
            caller.settimeout(2)
            try:
                said = caller.recv(1 << 10)
                caller.sendall(b"HTTP/1.0 404 Not Found\r\nContent-Length: 0\r\n\r\n")
            except OSError:
                said = b""
            canary.callers.append(f"called: {said[:60]!r}")
