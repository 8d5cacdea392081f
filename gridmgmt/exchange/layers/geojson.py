"""Checks of GeoJSON that GDAL does not make: encoding, crs member, kinds of members."""

import codecs
import json
import mmap
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

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

_STRING = rb'"(?:[^"\\]++|\\.)*+"'
# An object within a Feature, four levels deep at most: so most are skipped without parsing.
_OBJECT = rb"\{(?:[^\"{}]++|%s)*+\}" % _STRING
for _ in range(3):
    _OBJECT = rb"\{(?:[^\"{}]++|%s|%s)*+\}" % (_STRING, _OBJECT)
_REST = rb'(?:[^"{}]++|(?!"type"\s*:)%s|%s)*+' % (_STRING, _OBJECT)
_FEATURE = re.compile(rb'\{%s"type"\s*:\s*"Feature"%s\}' % (_REST, _REST), re.DOTALL)
_SCALAR = re.compile(rb'%s|[^\s"\[\]{},:]++' % _STRING, re.DOTALL)
_BRACKET = re.compile(rb"%s|[\[\]{}]" % _STRING, re.DOTALL)
_KEY = re.compile(rb"[\s,]*+(%s)\s*:\s*" % _STRING, re.DOTALL)
_BETWEEN = re.compile(rb"[\s,]*+")
_BEGIN = re.compile(rb"(?:\xef\xbb\xbf)?\s*\{")


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
    with (
        source.path.open("rb") as stream,
        mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as text,
    ):
        others = _other_members(text)
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


def _other_members(text: mmap.mmap) -> list[int]:
    """Return the numbers, from 1, of the members of a FeatureCollection that are no Feature."""
    begin = _BEGIN.match(text)
    others: list[int] = []
    kind = None
    try:
        place = begin.end() if begin else len(text)
        while key := _KEY.match(text, place):
            place = key.end()
            name = json.loads(key[1])
            if name == "features" and text[place : place + 1] == b"[":
                others, place = _walk_members(text, place + 1)
                continue
            end = _value_end(text, place)
            if name == "type":
                kind = json.loads(text[place:end])
            place = end
    except (ValueError, RecursionError):
        return []
    return others if kind == "FeatureCollection" else []


def _walk_members(text: mmap.mmap, place: int) -> tuple[list[int], int]:
    """Return the numbers of members that are no Feature, and the offset behind the array."""
    others: list[int] = []
    number = 0
    while True:
        place = _end(_BETWEEN.match(text, place))
        if text[place : place + 1] == b"]":
            return others, place + 1
        number += 1
        found = _FEATURE.match(text, place)
        end = found.end() if found else _value_end(text, place)
        if not found:
            member = json.loads(text[place:end])
            if not isinstance(member, dict) or member.get("type") != "Feature":
                others.append(number)
        place = end


def _value_end(text: mmap.mmap, place: int) -> int:
    """Return the offset behind the value at an offset. Raise ValueError if there is none."""
    if text[place : place + 1] not in (b"{", b"["):
        return _end(_SCALAR.match(text, place))
    depth = 0
    for found in _BRACKET.finditer(text, place):
        depth += {b"{": 1, b"[": 1, b"}": -1, b"]": -1}.get(found[0], 0)
        if not depth:
            return found.end()
    raise ValueError


def _end(found: re.Match[bytes] | None) -> int:
    if found is None:
        raise ValueError
    return found.end()


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
