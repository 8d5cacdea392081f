"""Find the text encoding of a shapefile's attribute file, and prove it before use."""

import re
from dataclasses import dataclass, replace
from pathlib import Path

from gridmgmt.domain.listing import listed
from gridmgmt.errors import InputError, LayerError
from gridmgmt.exchange.bytes.encodings import codec_name
from gridmgmt.exchange.layers.own_fields import own_names
from gridmgmt.exchange.layers.shapefile.dbf import Dbf
from gridmgmt.exchange.layers.text_encoding import (
    doubted,
    read_as,
    unstated_encoding,
    unsure_encoding,
    wrong_encoding,
)
from gridmgmt.sentence import Sentence

# The values of a DBF's language byte that name one encoding. 0 and 87 ("current ANSI") name
# none.
_LANGUAGES = {
    **dict.fromkeys((1, 9, 11, 13, 15, 17, 21, 24, 25, 27), "cp437"),
    **dict.fromkeys((2, 10, 14, 16, 18, 20, 22, 26, 29, 37, 55), "cp850"),
    **dict.fromkeys((3, 88, 89), "cp1252"),
    **dict.fromkeys((31, 34, 35, 64, 100, 135), "cp852"),
    **dict.fromkeys((8, 23, 102), "cp865"),
    **dict.fromkeys((38, 101), "cp866"),
    **dict.fromkeys((28, 108), "cp863"),
    **dict.fromkeys((19, 123), "cp932"),
    **dict.fromkeys((77, 122), "gb18030"),
    **dict.fromkeys((78, 121), "cp949"),
    **dict.fromkeys((79, 120), "cp950"),
    **dict.fromkeys((80, 124), "cp874"),
    **dict.fromkeys((106, 134), "cp737"),
    **dict.fromkeys((107, 136), "cp857"),
    4: "mac-roman",
    36: "cp860",
    103: "cp861",
    125: "cp1255",
    126: "cp1256",
    150: "mac-cyrillic",
    151: "mac-latin2",
    152: "mac-greek",
    200: "cp1250",
    201: "cp1251",
    202: "cp1254",
    203: "cp1253",
    204: "cp1257",
}
_PROVEN = Sentence("which it proves to be; nothing else names its encoding")
_CPG_NAMES = {"65001": "utf-8", "936": "gb18030", "54936": "gb18030"}
# What is shown of a .cpg: a name, and no content of another file.
_NAME = re.compile(r"[\w .:-]{1,20}")
_ISO_NUMBER = re.compile(r"(?:iso)?[ -]?8859-?(\d{1,2})")


@dataclass(frozen=True)
class DbfText:
    """The encoding of a DBF and how it was found; ``notes`` are for people.

    ``mended`` is the file without incomplete characters at the end of values, or None if there
    were none; ``cut`` are the feature and the field of each.
    """

    encoding: str
    notes: tuple[str, ...]
    mended: bytes | None = None
    cut: tuple[tuple[int, str], ...] = ()


def dbf_text(table: Dbf, cpg: Path | None, asked: str | None) -> DbfText:
    """Find the encoding of a DBF: as asked, by .cpg, by language byte, or UTF-8 if it fits.

    The encoding must decode every name and value. If none does, or several could, LayerError
    asks for ``--encoding`` and shows how each possible encoding reads the first texts. A name
    in the .cpg that nobody knows is said with either.
    """
    unknown = _unknown_name(cpg) if cpg and asked is None else ""
    if not unknown:
        return _found_text(table, cpg, asked)
    # A link may lead to any file, of which not a word is repeated.
    told = (
        Sentence("its .cpg names {}, which is no encoding known here", repr(unknown))
        if _NAME.fullmatch(unknown) and cpg and not cpg.is_symlink()
        else Sentence("its .cpg names no encoding that is known here")
    )
    try:
        found = _found_text(table, None, None)
    except LayerError as error:
        problems = (told, *error.problems)
        raise LayerError(
            error.path, error.message, problems=problems, remedy=error.remedy
        ) from error
    how = found.notes or (read_as(found.encoding, Sentence("since all of it is ASCII")),)
    return replace(found, notes=(told, *how))


def _found_text(table: Dbf, cpg: Path | None, asked: str | None) -> DbfText:
    encoding, origin = _stated(table, cpg, asked)
    fault = table.undecodable(encoding)
    told = read_as(encoding, origin)
    if not fault:
        if table.is_ascii():
            return DbfText(encoding, ())
        is_sure = asked is not None
        others = [] if is_sure else doubted(table, encoding, is_stated=origin != _PROVEN)
        if others:
            raise unsure_encoding(table, [encoding, *others])
        return DbfText(encoding, (told,))
    question = (
        unstated_encoding(table.forgiving(), fault)
        if origin == _PROVEN
        else wrong_encoding(table.forgiving(), encoding, origin, fault)
    )
    # If nobody stated the encoding, an incomplete character may be a complete one of another
    # encoding.
    cut = table.without_half_characters(encoding) if origin != _PROVEN else []
    if not cut or table.undecodable(encoding):
        raise question
    names = table.names(encoding)
    lost = Sentence(
        "text is cut in the middle of a character; the broken character was left out: {}",
        listed(Sentence("field {} of feature {}", names[field], row) for field, row in cut),
    )
    own = own_names(names)
    ends = tuple((row, own[field]) for field, row in cut)
    return DbfText(encoding, (told, lost), table.mended(), ends)


def _stated(table: Dbf, cpg: Path | None, asked: str | None) -> tuple[str, str]:
    if asked is not None:
        return codec_name(asked), Sentence("as --encoding says")
    named = _cpg_encoding(cpg) if cpg else None
    if named:
        return named, Sentence("as its .cpg says")
    if table.language in _LANGUAGES:
        told = Sentence("as its .dbf says (language byte {})", table.language)
        return _LANGUAGES[table.language], told
    return "utf-8", _PROVEN


def _unknown_name(cpg: Path) -> str:
    """Return the name in a .cpg if it is none of an encoding; empty if it names one or none."""
    name = _cpg_name(cpg)
    return name if name and _cpg_encoding(cpg) is None else ""


def _cpg_name(cpg: Path) -> str:
    return cpg.read_bytes()[:64].decode("utf-8-sig", "replace").strip(" \0\r\n\t")


def _cpg_encoding(cpg: Path) -> str | None:
    text = _cpg_name(cpg).lower()
    # Esri writes "ANSI 936", "OEM 936", "88591" or the plain number.
    word = text.removeprefix("ansi").removeprefix("oem").strip()
    iso = _ISO_NUMBER.fullmatch(word)
    if iso:
        word = f"iso8859-{iso[1]}"
    elif word.isdigit():
        word = _CPG_NAMES.get(word, f"cp{word}")
    try:
        return codec_name(word) if word else None
    except InputError:
        return None
