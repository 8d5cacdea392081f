"""Checks of GeoJSON that GDAL does not make: encoding, crs member, kinds of members."""

import codecs
import json
import mmap
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ijson
import pyproj
from pyproj.exceptions import CRSError as ProjError

from gridmgmt.domain.listing import listed
from gridmgmt.errors import CRSError, LayerError
from gridmgmt.exchange.bytes.encodings import codec_name, shown_name
from gridmgmt.exchange.layers.sources import LayerSource
from gridmgmt.exchange.layers.stated_crs import is_proj_text, read_crs
from gridmgmt.exchange.layers.text_encoding import TextFile, other_encodings, question
from gridmgmt.sentence import Sentence

# As GDAL finds it: in upper or lower case, with letters escaped or not.
_CRS_MEMBER = re.compile(
    rb'"(?:c|\\u00[46]3)(?:r|\\u00[57]2)(?:s|\\u00[57]3)"\s*:\s*(?=\{)', re.IGNORECASE
)
# Longer than any CRS written in full.
_MEMBER_BYTES = 1 << 16
_ELSEWHERE = ("link", "url")
# A string with bytes beyond ASCII; none of these encodings has a quotation mark within another
# character.
_VALUE = rb'"([^"]*[\x80-\xff][^"]*)"'

# What Python and GDAL write for a number that JSON has no word for.
_NO_NUMBERS = (b"NaN", b"-Infinity", b"Infinity")
_CHUNK = 1 << 20


def proven_encoding(source: LayerSource, asked: str | None) -> str:
    """Return the proven encoding of a GeoJSON file: UTF-8 unless a person states another."""
    encoding = codec_name(asked) if asked else "utf-8"
    text = TextFile(source.shown, source.path, _VALUE)
    line = text.undecodable_line(encoding)
    if line:
        raise question(
            text,
            Sentence("is not {} (first at line {})", shown_name(encoding), line),
            other_encodings(text, encoding),
            Sentence("save it as UTF-8"),
        )
    return encoding


def write_as_utf8(path: Path, encoding: str, target: Path) -> None:
    """Write a copy of a file as UTF-8; its encoding is already proven."""
    decoder = codecs.getincrementaldecoder(encoding)()
    with target.open("wb") as sink:
        for chunk in TextFile(str(path), path, _VALUE).chunks():
            sink.write(decoder.decode(chunk, final=not chunk).encode())


def crs_member(source: LayerSource) -> dict[str, Any] | None:
    """Return the crs member (GeoJSON 2008) of a UTF-8 file, or None if it has none.

    Raises
    ------
    CRSError
        when it is a link, since GDAL would download it
    """
    with (
        source.path.open("rb") as stream,
        mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as text,
    ):
        members = [_pairs_at(text, found.end()) for found in _CRS_MEMBER.finditer(text)]
    for member in members:
        _refuse_elsewhere(source, member)
    return next((found for found in map(_members, members) if "type" in found), None)


def check_members(source: LayerSource) -> None:
    """Raise LayerError if a FeatureCollection in UTF-8 has members that are no Feature.

    GDAL passes over them in silence: a type that is absent or written otherwise, null, a bare
    geometry, a collection within the collection. Invalid JSON is left to GDAL.
    """
    others = _other_members(source.path)
    if others:
        raise LayerError(
            source.shown,
            Sentence(
                "{} member(s) of its features are no Feature, and cannot be read: number {}",
                f"{len(others):,}",
                listed(others),
            ),
            remedy=Sentence('write each as a Feature, with "type": "Feature", or remove it'),
        )


def _other_members(path: Path) -> list[int]:
    """Return the numbers, from 1, of the members of a FeatureCollection that are no Feature."""
    others: list[int] = []
    number, kind, member_kind = 0, None, None
    try:
        for place, event, value in ijson.parse(ijson.from_iter(_plain_json(path))):
            if place == "type":
                kind = value
            elif place == "features.item.type":
                member_kind = value
            elif place != "features.item" or event in ("map_key", "end_array"):
                continue
            elif event == "start_map":
                number, member_kind = number + 1, None
            elif event != "end_map":
                number += 1
                others.append(number)
            elif member_kind != "Feature":
                others.append(number)
    except ijson.JSONError:
        return []
    return others if kind == "FeatureCollection" else []


def _plain_json(path: Path) -> Iterator[bytes]:
    """Yield a file in chunks, with null in the place of NaN and infinity, which GDAL reads.

    These words become null within texts too.
    """
    held = b""
    with path.open("rb") as stream:
        if stream.read(len(codecs.BOM_UTF8)) != codecs.BOM_UTF8:
            stream.seek(0)
        while chunk := stream.read(_CHUNK):
            text = held + chunk
            # Up to a comma, which stands within no word.
            end = text.rfind(b",") + 1
            held = text[end:]
            yield _with_null(text[:end])
    yield _with_null(held)


def _with_null(text: bytes) -> bytes:
    for word in _NO_NUMBERS:
        text = text.replace(word, b"null")
    return text


def _pairs_at(text: mmap.mmap, begin: int) -> list[tuple[str, Any]]:
    """Parse the object at an offset; objects become lists of pairs, as keys may repeat.

    Invalid JSON gives an empty list: GDAL does not read it either.
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
    """Convert lists of pairs to dictionaries."""
    if isinstance(pairs, list) and all(isinstance(pair, tuple) for pair in pairs):
        return {name: _members(value) for name, value in pairs}
    return pairs


def _refuse_elsewhere(source: LayerSource, pairs: list[tuple[str, Any]]) -> None:
    kinds = [str(value).lower() for name, value in pairs if name.lower() == "type"]
    if any(kind.startswith(_ELSEWHERE) for kind in kinds):
        raise CRSError(
            source.shown,
            Sentence("its crs member is an address, and nothing is fetched from elsewhere"),
            remedy=Sentence("remove it and say the CRS with --crs"),
        )
    if kinds and any(map(is_proj_text, _texts(pairs))):
        raise CRSError(
            source.shown,
            Sentence("its crs member is written in a language that can name files"),
            remedy=Sentence(
                "write urn:ogc:def:crs:EPSG::n, or remove it and say the CRS with --crs"
            ),
        )


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from _texts(part)


def member_crs(source: LayerSource, member: dict[str, Any]) -> pyproj.CRS:
    """Return the CRS that a crs member states.

    RFC 7946 removed this member. GDAL silently reads a member it does not understand as WGS 84;
    here it raises CRSError.
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
    return CRSError(
        source.shown,
        Sentence("its crs member cannot be understood: {}", json.dumps(member)[:120]),
        remedy=Sentence("say which it is with --crs"),
    )
