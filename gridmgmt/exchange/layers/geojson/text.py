"""Find the encoding of GeoJSON, and write it as UTF-8, which GDAL reads."""

import codecs
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from gridmgmt.exchange.bytes.encodings import codec_name, encoding_by_bytes, shown_name
from gridmgmt.exchange.bytes.streams import head
from gridmgmt.exchange.layers.private_copies import private_folder
from gridmgmt.exchange.layers.sources import LayerSource
from gridmgmt.exchange.layers.text_encoding import (
    TextFile,
    other_encodings,
    question,
    read_as,
)
from gridmgmt.sentence import Sentence

# A string with bytes beyond ASCII; none of these encodings has a quotation mark within another
# character.
_VALUE = rb'"([^"]*[\x80-\xff][^"]*)"'


def proven_encoding(source: LayerSource, asked: str | None) -> tuple[str, tuple[Sentence, ...]]:
    """Return the proven encoding of a GeoJSON file, with a note if it is not the usual one.

    It is UTF-8 unless a person states another, or the first bytes show UTF-16 or UTF-32.
    """
    shown = encoding_by_bytes(head(source.path, 4))
    encoding = codec_name(asked) if asked else shown or "utf-8"
    text = TextFile(source.shown, source.path, _VALUE)
    line = text.undecodable_line(encoding)
    if line:
        raise question(
            text,
            Sentence("is not {} (first at line {})", shown_name(encoding), line),
            other_encodings(text, encoding),
            Sentence("save it as UTF-8"),
        )
    is_told = asked is None and shown is not None
    return encoding, (read_as(encoding, Sentence("as its first bytes say")),) if is_told else ()


def as_utf8(source: LayerSource, encoding: str, stack: ExitStack) -> LayerSource:
    """Return a source in UTF-8, the only encoding in which GDAL reads GeoJSON.

    The encoding is proven. The copy exists as long as the stack.
    """
    if encoding == "utf-8":
        return source
    copy = private_folder(stack) / source.path.name
    _write_as_utf8(source.path, encoding, copy)
    return replace(source, path=copy)


def _write_as_utf8(path: Path, encoding: str, target: Path) -> None:
    decoder = codecs.getincrementaldecoder(encoding)()
    with target.open("wb") as sink:
        for chunk in TextFile(str(path), path, _VALUE).chunks():
            text = decoder.decode(chunk, final=not chunk)
            sink.write((text if sink.tell() else text.removeprefix("\ufeff")).encode())
