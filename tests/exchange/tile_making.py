"""Real tile files and a real tile service for the tests."""

import sqlite3
import struct
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

from pmtiles.tile import Compression, TileType, zxy_to_tileid
from pmtiles.writer import write


def png(shade: int) -> bytes:
    """A picture of one pixel whose grey tells one tile from another."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + body))
        return struct.pack(">I", len(body)) + kind + body + check

    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    data = zlib.compress(bytes([0, shade]))
    parts = chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


def make_mbtiles(path: Path, tiles: dict[tuple[int, int, int], bytes], **metadata: str) -> Path:
    """Rows are given from the north, as in an address; the file counts them from the south."""
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE metadata (name text, value text)")
        database.execute(
            "CREATE TABLE tiles (zoom_level integer, tile_column integer,"
            " tile_row integer, tile_data blob)"
        )
        database.executemany("INSERT INTO metadata VALUES (?, ?)", metadata.items())
        rows = [(z, x, 2**z - 1 - y, data) for (z, x, y), data in tiles.items()]
        database.executemany("INSERT INTO tiles VALUES (?, ?, ?, ?)", rows)
    database.close()
    return path


def make_pmtiles(
    path: Path, tiles: dict[tuple[int, int, int], bytes], tile_type: TileType = TileType.PNG
) -> Path:
    with write(str(path)) as writer:
        for place in sorted(tiles, key=lambda place: zxy_to_tileid(*place)):
            writer.write_tile(zxy_to_tileid(*place), tiles[place])
        header = {
            "tile_type": tile_type,
            "tile_compression": Compression.NONE,
            "min_lon_e7": 1_200_000_000,
            "min_lat_e7": 300_000_000,
            "max_lon_e7": 1_210_000_000,
            "max_lat_e7": 310_000_000,
            "center_zoom": 1,
            "center_lon_e7": 1_205_000_000,
            "center_lat_e7": 305_000_000,
        }
        writer.finalize(header, {"attribution": "the survey's office"})
    return path


@dataclass
class Upstream:
    """What a tile service answers, and what it was asked."""

    address: str
    status: int = 200
    body: bytes = field(default_factory=lambda: png(9))
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)


@contextmanager
def upstream() -> Iterator[Upstream]:
    """A tile service on this machine."""

    class Handler(BaseHTTPRequestHandler):
        told: ClassVar[Upstream]

        def do_GET(self) -> None:
            self.told.asked.append(self.path)
            self.send_response(self.told.status)
            for name, value in self.told.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(self.told.body)

        def log_message(self, *args: Any) -> None:
            """Keep the tests' output clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Handler.told = Upstream(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield Handler.told
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
