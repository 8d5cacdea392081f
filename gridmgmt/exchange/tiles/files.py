"""Read raster tiles from one file, MBTiles or PMTiles, both in Web Mercator."""

import gzip
import sqlite3
from contextlib import closing
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import quote

from pmtiles.reader import MmapSource, Reader
from pmtiles.tile import Compression, TileType

from gridmgmt.domain.tile_matrix import MATRICES
from gridmgmt.errors import LayerError
from gridmgmt.exchange.tiles.tiles import TileRange, TileSource

_VECTOR = "holds vector tiles; the base map shows pictures"
_VECTOR_REMEDY = "make raster tiles (PNG, JPEG or WebP) of it, with QGIS for example"


def open_tile_file(path: Path) -> TileSource:
    """Open a file of raster tiles.

    Raises
    ------
    LayerError
        when it is not a tile file, or holds vector tiles
    """
    return MBTiles(path) if path.suffix.lower() == ".mbtiles" else PMTiles(path)


# The library has no type hints.
_reader: Any = Reader


class MBTiles:
    """Tiles in an SQLite file; it is opened for each tile, so any thread may read one."""

    matrix = MATRICES["EPSG:3857"]

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._metadata = dict(self._rows("SELECT name, value FROM metadata"))
            zooms = self._rows("SELECT min(zoom_level), max(zoom_level) FROM tiles")[0]
        except sqlite3.Error as error:
            raise LayerError(path, f"is no MBTiles file: {error}") from None
        if self._metadata.get("format") == "pbf":
            raise LayerError(path, _VECTOR, remedy=_VECTOR_REMEDY)
        if zooms[0] is None:
            raise LayerError(path, "holds no tile")
        self._zooms: tuple[int, int] = (zooms[0], zooms[1])

    def _rows(self, sql: str, *values: int) -> list[Any]:
        address = f"file:{quote(str(self.path.resolve()))}?mode=ro"
        with closing(sqlite3.connect(address, uri=True)) as database:
            return database.execute(sql, values).fetchall()

    @cached_property
    def range(self) -> TileRange:
        """Return where the file has tiles, by its own metadata."""
        return TileRange(
            self._zooms[0],
            self._zooms[1],
            _bounds(self._metadata.get("bounds", "").split(",")),
            self._metadata.get("attribution", ""),
        )

    def picture(self, zoom: int, column: int, row: int) -> bytes | None:
        """Return a tile, or None; the file counts its rows from the south."""
        found = self._rows(
            "SELECT tile_data FROM tiles"
            " WHERE zoom_level = ? AND tile_column = ? AND tile_row = ?",
            zoom,
            column,
            (1 << zoom) - 1 - row,
        )
        return bytes(found[0][0]) if found else None


class PMTiles:
    """Tiles in a PMTiles file, which is made to be read in parts."""

    matrix = MATRICES["EPSG:3857"]

    def __init__(self, path: Path) -> None:
        try:
            # The mapping stays valid after the file is closed, and in every forked process.
            with path.open("rb") as file:
                self._reader: Any = _reader(MmapSource(file))  # type: ignore[no-untyped-call]
            self._header: dict[str, Any] = self._reader.header()
        except Exception as error:
            # The library has no errors of its own: a wrong file fails in a dozen ways.
            raise LayerError(path, f"is no PMTiles file: {error}") from error
        if self._header["tile_type"] == TileType.MVT:
            raise LayerError(path, _VECTOR, remedy=_VECTOR_REMEDY)

    @cached_property
    def range(self) -> TileRange:
        """Return where the file has tiles, by its header."""
        header = self._header
        edges = [
            header[f"{name}_e7"] / 1e7 for name in ("min_lon", "min_lat", "max_lon", "max_lat")
        ]
        attribution = str(self._reader.metadata().get("attribution", ""))
        return TileRange(header["min_zoom"], header["max_zoom"], _bounds(edges), attribution)

    def picture(self, zoom: int, column: int, row: int) -> bytes | None:
        """Return a tile, or None if there is none."""
        found: bytes | None = self._reader.get(zoom, column, row)
        if found is not None and self._header["tile_compression"] == Compression.GZIP:
            return gzip.decompress(found)
        return found


def _bounds(edges: list[Any]) -> tuple[float, float, float, float] | None:
    """Return bounds with an area; None (no limit) for any other bounds."""
    try:
        west, south, east, north = (float(edge) for edge in edges)
    except ValueError:
        return None
    inside = -180 <= west < east <= 180 and -90 <= south < north <= 90
    return (west, south, east, north) if inside else None
