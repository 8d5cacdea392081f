"""Read the text of an XML file in its encoding, which is proven before use."""

import re
from contextlib import ExitStack
from dataclasses import replace

from gridmgmt.errors import InputError, LayerError
from gridmgmt.exchange.bytes.encodings import codec_name
from gridmgmt.exchange.layers.private_copies import private_folder
from gridmgmt.exchange.layers.sources import LayerSource, entities_declared
from gridmgmt.exchange.layers.text_encoding import (
    TextFile,
    doubted,
    read_as,
    unstated_encoding,
    unsure_encoding,
    wrong_encoding,
)
from gridmgmt.sentence import Sentence

_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_DECLARATION = re.compile(rb"""^\s*<\?xml[^>]*?encoding\s*=\s*["']([\w.:-]+)["'][^>]*\?>""")
_XML = re.compile(r"^\s*<\?xml.*?\?>", re.DOTALL)
_VALUE = rb">([^<>]*[\x80-\xff][^<>]*)<"
_UTF8 = ("utf-8", "utf-8-sig")


def xml_text(source: LayerSource, asked: str | None) -> tuple[str, tuple[str, ...], str]:
    """Return the encoding of an XML file, notes on it, and its text without declaration.

    Parameters
    ----------
    asked : the encoding a person stated

    Raises
    ------
    LayerError
        when the text is not in the encoding it states, or states none that is sure
    """
    encoding, notes = _encoding(source, asked)
    content = source.path.read_bytes().decode(encoding).removeprefix("\ufeff")
    return encoding, notes, _XML.sub("", content, count=1).lstrip()


def recoded(source: LayerSource, asked: str | None, stack: ExitStack) -> LayerSource:
    """Return a KML source in UTF-8; GDAL reads few other encodings.

    The copy exists as long as the stack. Other kinds are returned as they are.

    Raises
    ------
    LayerError
        as `xml_text`
    """
    if source.kind != "KML":
        return source
    encoding, notes, content = xml_text(source, asked)
    if "<!DOCTYPE" in content or "<!ENTITY" in content:
        raise entities_declared(source.shown)
    if encoding in _UTF8:
        return source
    copy = private_folder(stack) / source.path.name
    copy.write_text(f'<?xml version="1.0" encoding="UTF-8"?>{content}', "utf-8", newline="")
    return replace(source, path=copy, notes=(*source.notes, *notes))


def _encoding(source: LayerSource, asked: str | None) -> tuple[str, tuple[str, ...]]:
    text = TextFile(source.shown, source.path, _VALUE)
    with source.path.open("rb") as stream:
        head = stream.read(1024)
    bom = next((encoding for mark, encoding in _BOMS if head.startswith(mark)), None)
    declared = _DECLARATION.match(head)
    if asked is not None:
        encoding, origin = codec_name(asked), Sentence("as --encoding says")
    elif bom:
        encoding, origin = bom, Sentence("as its first bytes say")
    elif declared:
        encoding = _declared_encoding(source, declared[1].decode("ascii"))
        origin = Sentence("as its XML declaration says")
    else:
        encoding, origin = "utf-8", Sentence("as XML without a declaration is")
    fault = text.undecodable(encoding)
    if fault and encoding == "utf-8" and not declared and asked is None:
        raise unstated_encoding(text, fault)
    if fault:
        raise wrong_encoding(text, encoding, origin, fault)
    others = doubted(text, encoding) if asked is None else []
    if others:
        raise unsure_encoding(text, [encoding, *others])
    return encoding, () if encoding in _UTF8 else (read_as(encoding, origin),)


def _declared_encoding(source: LayerSource, name: str) -> str:
    try:
        return codec_name(name)
    except InputError as error:
        raise LayerError(
            source.shown,
            Sentence("declares the encoding {}, which is not known", repr(name)),
            remedy=Sentence("say --encoding NAME"),
        ) from error
