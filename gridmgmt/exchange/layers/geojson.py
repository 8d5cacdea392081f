"""What GDAL does not check in GeoJSON: its encoding, and the crs member of older files."""

import codecs
import json
import mmap
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyproj
from pyproj.exceptions import CRSError as ProjError

from gridmgmt.errors import CRSError, LayerError
from gridmgmt.exchange.bytes.encodings import codec_name, shown_name
from gridmgmt.exchange.layers.sources import LayerSource
from gridmgmt.exchange.layers.stated_crs import is_proj_text, read_crs

# As GDAL finds it: in upper or lower case, its letters escaped or not.
_CRS_MEMBER = re.compile(
    rb'"(?:c|\\u00[46]3)(?:r|\\u00[57]2)(?:s|\\u00[57]3)"\s*:\s*(?=\{)', re.IGNORECASE
)
# Longer than any CRS written in full.
_MEMBER_BYTES = 1 << 16
_ELSEWHERE = ("link", "url")
_CHUNK = 1 << 20


def proven_encoding(source: LayerSource, asked: str | None) -> str:
    """Prove the encoding of a GeoJSON file, which is UTF-8 unless a person says otherwise."""
    encoding = codec_name(asked) if asked else "utf-8"
    line = _undecodable_line(source.path, encoding)
    if line:
        message = f"is not {shown_name(encoding)} (first at line {line})"
        raise LayerError(source.shown, message, remedy=_remedy(source.path, encoding))
    return encoding


def _undecodable_line(path: Path, encoding: str) -> int:
    """Return the number of the first line that is not in an encoding; 0 when all are."""
    decoder = codecs.getincrementaldecoder(encoding)()
    line = 1
    for chunk in _chunks(path):
        # What is left of a character from the chunk before stands in front of an error's place.
        held = len(decoder.getstate()[0])
        try:
            decoder.decode(chunk, final=not chunk)
        except UnicodeError as error:
            start = getattr(error, "start", 0)
            return line + chunk.count(b"\n", 0, max(start - held, 0))
        line += chunk.count(b"\n")
    return 0


def _chunks(path: Path) -> Iterator[bytes]:
    """Read a file in pieces, the last of which is empty."""
    with path.open("rb") as stream:
        while True:
            chunk = stream.read(_CHUNK)
            yield chunk
            if not chunk:
                return


def _remedy(path: Path, encoding: str) -> str:
    for other in ("utf-8", "gb18030"):
        if other != encoding and not _undecodable_line(path, other):
            return f"it could be {shown_name(other)}: say --encoding {other}"
    return "save it as UTF-8"


def write_as_utf8(path: Path, encoding: str, target: Path) -> None:
    """Write a file again as UTF-8; its encoding is proven."""
    decoder = codecs.getincrementaldecoder(encoding)()
    with target.open("wb") as sink:
        for chunk in _chunks(path):
            sink.write(decoder.decode(chunk, final=not chunk).encode())


def crs_member(source: LayerSource) -> dict[str, Any] | None:
    """Find the crs member of the 2008 specification in a file that is UTF-8, if there is one.

    Raises
    ------
    CRSError
        when it lies elsewhere, since GDAL would go and fetch it
    """
    with (
        source.path.open("rb") as stream,
        mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as text,
    ):
        members = [_pairs_at(text, found.end()) for found in _CRS_MEMBER.finditer(text)]
    for member in members:
        _refuse_elsewhere(source, member)
    return next((found for found in map(_members, members) if "type" in found), None)


def _pairs_at(text: mmap.mmap, begin: int) -> list[tuple[str, Any]]:
    """Parse the object that begins at a place; objects as lists of pairs, for some come twice.

    What is no JSON is nothing: GDAL does not read it either.
    """
    decoder = json.JSONDecoder(object_pairs_hook=list)
    for end in (begin + _MEMBER_BYTES, len(text)):
        try:
            found, _ = decoder.raw_decode(text[begin:end].decode("utf-8", "replace"))
        except (ValueError, RecursionError):
            if end >= len(text):
                return []
        else:
            return list(found)
    return []


def _members(pairs: Any) -> Any:
    """Make dictionaries of lists of pairs."""
    if isinstance(pairs, list) and all(isinstance(pair, tuple) for pair in pairs):
        return {name: _members(value) for name, value in pairs}
    return pairs


def _refuse_elsewhere(source: LayerSource, pairs: list[tuple[str, Any]]) -> None:
    kinds = [str(value).lower() for name, value in pairs if name.lower() == "type"]
    if any(kind.startswith(_ELSEWHERE) for kind in kinds):
        message = "its crs member is an address, and nothing is fetched from elsewhere"
        raise CRSError(source.shown, message, remedy="remove it and say the CRS with --crs")
    if kinds and any(map(is_proj_text, _texts(pairs))):
        message = "its crs member is written in a language that can name files"
        remedy = "write urn:ogc:def:crs:EPSG::n, or remove it and say the CRS with --crs"
        raise CRSError(source.shown, message, remedy=remedy)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from _texts(part)


def member_crs(source: LayerSource, member: dict[str, Any]) -> pyproj.CRS:
    """Return the CRS that a crs member states.

    RFC 7946 removed the member; GDAL takes one that it does not understand for WGS 84 without a
    word, which here is a CRSError.
    """
    properties = member.get("properties")
    name = properties.get("name") if isinstance(properties, dict) else None
    try:
        if isinstance(name, (str, int)):
            return read_crs(source.shown, name)
    except ProjError as error:
        raise _not_understood(source, member) from error
    raise _not_understood(source, member)


def _not_understood(source: LayerSource, member: dict[str, Any]) -> CRSError:
    message = f"its crs member cannot be understood: {json.dumps(member)[:120]}"
    return CRSError(source.shown, message, remedy="say which it is with --crs")
