"""Know GeoJSON by its outermost object, in whatever encoding it is."""

import codecs
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

import ijson

from gridmgmt.exchange.bytes.encodings import encoding_by_bytes
from gridmgmt.exchange.layers.geojson.plain_json import plain_json

GEOMETRY_TYPES = frozenset(
    {
        "Point",
        "MultiPoint",
        "LineString",
        "MultiLineString",
        "Polygon",
        "MultiPolygon",
        "GeometryCollection",
    }
)
_GEOJSON_TYPES = GEOMETRY_TYPES | {"FeatureCollection", "Feature"}
_NO_JSON = (ijson.JSONError, UnicodeDecodeError)
_OPENING, _CLOSING = ("start_map", "start_array"), ("end_map", "end_array")
# It stands before each text of a sequence (RFC 7464).
RECORD_SEPARATOR = b"\x1e"


def is_geojson(file: Path) -> bool:
    """Return whether the outermost object of a file, or the first of several, is GeoJSON."""
    return json_type(file) in _GEOJSON_TYPES


def json_type(file: Path) -> str | None:
    """Return the type of the outermost object of a JSON file, if it states one.

    It may come after everything else, and inner objects may state their types before it.
    """
    with suppress(*_NO_JSON), file.open("rb") as stream:
        return _outermost_type(_PlainText(stream))
    # NaN or half a character stands before it.
    with suppress(*_NO_JSON):
        return _outermost_type(ijson.from_iter(plain_json(file)))
    return None


def _outermost_type(stream: Any) -> str | None:
    depth, key = 0, None
    for event, value in ijson.basic_parse(stream):
        depth += (event in _OPENING) - (event in _CLOSING)
        if depth == 1 and key == "type" and event == "string":
            return str(value)
        key = value if event == "map_key" else None
    return None


class _PlainText:
    """A file as UTF-8, as the parser wants it.

    Text that is not UTF-16 or UTF-32 is read byte by byte: the names of types are ASCII, and it
    is refused or converted later, when a person has stated its encoding.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        start = stream.read(4)
        stream.seek(0)
        encoding = encoding_by_bytes(start) or "latin-1"
        self._decoder = codecs.getincrementaldecoder(encoding)("replace")
        self._is_begin = True

    def read(self, size: int) -> bytes:
        chunk = self._stream.read(size)
        if self._is_begin:
            chunk = chunk.removeprefix(codecs.BOM_UTF8)
        # Half a character may wait for its other half; no text would be the end.
        while chunk and not (text := self._decoder.decode(chunk)):
            chunk = self._stream.read(size)
        plain = text.encode() if chunk else b""
        if self._is_begin and size:
            self._is_begin = False
            plain = plain.removeprefix(RECORD_SEPARATOR)
        return plain
