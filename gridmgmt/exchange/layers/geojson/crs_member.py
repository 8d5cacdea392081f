"""Read the crs member of GeoJSON, and refuse one that leads elsewhere."""

import json
import mmap
import re
from collections.abc import Iterator
from typing import Any

import pyproj
from pyproj.exceptions import CRSError as ProjError

from gridmgmt.errors import CRSError
from gridmgmt.exchange.layers.sources import LayerSource
from gridmgmt.exchange.layers.stated_crs import is_proj_text, read_crs
from gridmgmt.sentence import Sentence

# As GDAL finds it: in upper or lower case, with letters escaped or not.
_CRS_MEMBER = re.compile(
    rb'"(?:c|\\u00[46]3)(?:r|\\u00[57]2)(?:s|\\u00[57]3)"\s*:\s*(?=\{)', re.IGNORECASE
)
# Longer than any CRS written in full.
_MEMBER_BYTES = 1 << 16
_ELSEWHERE = ("link", "url")


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
