"""Find the members of a FeatureCollection that are no Feature, which GDAL passes over."""

import codecs
from collections.abc import Iterator
from pathlib import Path

import ijson

from gridmgmt.domain.listing import listed
from gridmgmt.errors import LayerError
from gridmgmt.exchange.layers.sources import LayerSource
from gridmgmt.sentence import Sentence

# What Python and GDAL write for a number that JSON has no word for.
_NO_NUMBERS = (b"NaN", b"-Infinity", b"Infinity")
_CHUNK = 1 << 20


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
