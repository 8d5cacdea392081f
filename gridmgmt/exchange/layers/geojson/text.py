"""Find the encoding of GeoJSON, and write it as UTF-8, which GDAL reads."""

import codecs
from pathlib import Path

from gridmgmt.exchange.bytes.encodings import codec_name, shown_name
from gridmgmt.exchange.layers.sources import LayerSource
from gridmgmt.exchange.layers.text_encoding import TextFile, other_encodings, question
from gridmgmt.sentence import Sentence

# A string with bytes beyond ASCII; none of these encodings has a quotation mark within another
# character.
_VALUE = rb'"([^"]*[\x80-\xff][^"]*)"'


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
