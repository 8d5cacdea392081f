"""Check MapInfo tables (TAB, MIF) before GDAL reads them: their files, rows and encoding.

GDAL reads as many features as the shorter of the files has, leaves attributes empty where their
file is missing, and passes on text of an unknown charset as it is.
"""

from contextlib import ExitStack
from dataclasses import replace

import numpy as np

from gridmgmt.arrays import ByteArray
from gridmgmt.domain.listing import listed
from gridmgmt.errors import LayerError
from gridmgmt.exchange.bytes.encodings import codec_name, shown_name
from gridmgmt.exchange.layers.companions import check_companions
from gridmgmt.exchange.layers.curves import curve_notes
from gridmgmt.exchange.layers.mapinfo.charsets import charset_encoding, charset_of
from gridmgmt.exchange.layers.mapinfo.mif import Mif
from gridmgmt.exchange.layers.mapinfo.tab import ROWS_IN, Tab
from gridmgmt.exchange.layers.mapinfo.text_fields import with_text_fields
from gridmgmt.exchange.layers.private_copies import copy_with, named_alike
from gridmgmt.exchange.layers.readable_file import Readable
from gridmgmt.exchange.layers.shapefile.dbf import Dbf
from gridmgmt.exchange.layers.sources import LayerSource
from gridmgmt.exchange.layers.text_encoding import (
    doubted,
    read_as,
    unstated_encoding,
    unsure_encoding,
    wrong_encoding,
)
from gridmgmt.sentence import Sentence

_SAVE_ANEW = Sentence(
    "save the table anew in the program it comes from, and send all the files of that one "
    "export"
)
# The types of objects in a .map, as GDAL's driver names them: arc, rounded rectangle, ellipse.
_CURVED_OBJECTS = (0x0A, 0x0B, 0x16, 0x17, 0x19, 0x1A)


def checked_tab(source: LayerSource, asked: str | None, stack: ExitStack) -> Readable:
    """Check a TAB table and its companions, and find the encoding of its text.

    Raises
    ------
    LayerError
        when files are missing, cut or do not belong together, when the table lies elsewhere, or
        when its encoding is not certain
    """
    tab = Tab(source.path.read_bytes())
    suffix = _suffix_of_rows(source, tab)
    _check_companions(source, (suffix, ".map", ".id"))
    source = named_alike(source, (".tab", suffix, ".map", ".id", ".ind"), stack)
    table = rows_of(source, tab)
    types = _object_types(source, table)
    encoding, notes = _encoding(table, tab.charset, asked)
    charset = tab.charset if table.is_ascii() else _readable_charset(table, encoding)
    if charset.lower() != tab.charset.lower():
        changed = {".tab": tab.with_charset(charset)}
        source = copy_with(source, changed, (suffix, ".map", ".id", ".ind"), stack)
    curved = np.flatnonzero(np.isin(types, _CURVED_OBJECTS)) + 1
    notes = (*notes, *table.deleted_notes(), *curve_notes(curved))
    counts = {source.path.stem: table.rows - len(table.deleted)}
    return Readable(source, encoding, notes, counts=counts)


def checked_mif(source: LayerSource, asked: str | None, stack: ExitStack) -> Readable:
    """Check a MIF table and its .mid, and find the encoding of its text.

    Raises
    ------
    LayerError
        as ``checked_tab`` does
    """
    mid = source.sibling(".mid")
    text = Mif(source.shown, source.path, mid)
    if text.columns:
        _check_companions(source, (".mid",))
    if text.columns and text.rows != text.objects:
        raise LayerError(
            source.shown,
            Sentence(
                "its parts do not belong together: the .mif holds {} objects, the .mid {} rows",
                f"{text.objects:,}",
                f"{text.rows:,}",
            ),
            remedy=_SAVE_ANEW,
        )
    _check_positions(source, text)
    encoding, notes = _encoding(text, text.charset, asked)
    # GDAL reads UTF-8 whatever the charset; of others it knows some, and not every character.
    changed = text.as_utf8(encoding)
    files, time_fields = with_text_fields(changed)
    copied = replace(copy_with(source, files, (), stack), time_fields=time_fields)
    notes = (*notes, *curve_notes(text.curved))
    return Readable(copied, encoding, notes, counts={source.path.stem: text.objects})


def _check_positions(source: LayerSource, text: Mif) -> None:
    broken = text.broken_lines()
    if broken:
        raise LayerError(
            source.shown,
            Sentence("{} coordinates cannot be read", f"{len(broken):,}"),
            problems=[
                Sentence("line {}: {} is no position", line, repr(found[:40]))
                if found
                else Sentence("line {}: the shape ends before all its vertices", line)
                for line, found in broken
            ],
            remedy=_SAVE_ANEW,
        )


def _suffix_of_rows(source: LayerSource, tab: Tab) -> str:
    """Return the suffix of the file with the rows; raise LayerError if it is not beside."""
    if tab.lies_elsewhere:
        raise LayerError(
            source.shown,
            Sentence("is put together from other tables, and no other file is opened for it"),
            remedy=Sentence("save it as a table of its own (MapInfo: Save Copy As)"),
        )
    if not tab.has_rows_beside:
        raise LayerError(
            source.shown,
            Sentence("is a MapInfo table of the type {}, which is not read here", tab.type),
            remedy=Sentence("save it as a native table or as MIF (MapInfo: Save Copy As)"),
        )
    return ROWS_IN[tab.type]


def _check_companions(source: LayerSource, suffixes: tuple[str, ...]) -> None:
    check_companions(source.path, source.shown, Sentence("a MapInfo table"), suffixes)


def rows_of(source: LayerSource, tab: Tab) -> Dbf:
    """Return the rows of a TAB: its .dat is built like a DBF, with the types in the .tab."""
    suffix = ROWS_IN[tab.type]
    path = source.sibling(suffix)
    assert path is not None
    return Dbf(source.shown, path, list(tab.fields()) if suffix == ".dat" else None)


def _readable_charset(table: Dbf, encoding: str) -> str:
    """Return the charset to tell GDAL; raise LayerError if it cannot read this encoding."""
    charset = charset_of(encoding)
    # Characters of four bytes are beyond what GDAL takes WindowsSimpChinese for.
    if charset is None or (encoding == "gb18030" and table.undecodable("gbk")):
        raise LayerError(
            table.shown,
            Sentence("a TAB cannot be read with text in {}", shown_name(encoding)),
            remedy=Sentence("save the table as MIF and send .mif and .mid"),
        )
    return charset


def _object_types(source: LayerSource, table: Dbf) -> ByteArray:
    """Return the type of the object of each row; raise LayerError if they are not as many."""
    ids, objects = source.sibling(".id"), source.sibling(".map")
    assert ids is not None
    assert objects is not None
    data = ids.read_bytes()
    offsets = np.frombuffer(data, "<u4", len(data) // 4)
    if len(offsets) != table.rows:
        raise LayerError(
            source.shown,
            Sentence(
                "its parts do not belong together: the .id lists {} objects, the {} holds {} "
                "rows",
                f"{len(offsets):,}",
                table.suffix,
                f"{table.rows:,}",
            ),
            remedy=_SAVE_ANEW,
        )
    content = np.frombuffer(objects.read_bytes(), np.uint8)
    beyond = np.flatnonzero(offsets >= max(len(content), 1))
    if len(beyond):
        raise LayerError(
            source.shown,
            Sentence(
                "its .map is cut: the objects of {} row(s) are missing", f"{len(beyond):,}"
            ),
            remedy=_SAVE_ANEW,
        )
    kept = [row for row in table.deleted if offsets[row - 1]]
    if kept:
        raise LayerError(
            source.shown,
            Sentence(
                "its parts do not belong together: the {} marks {} row(s) as deleted that "
                "have objects: {}",
                table.suffix,
                f"{len(kept):,}",
                listed(kept),
            ),
            remedy=_SAVE_ANEW,
        )
    return np.where(offsets == 0, np.uint8(0), content[offsets])


def _encoding(text: Dbf | Mif, charset: str, asked: str | None) -> tuple[str, tuple[str, ...]]:
    """Return the encoding of a table's text with notes, or raise an error that asks for it."""
    stated = charset_encoding(charset)
    if asked is not None:
        encoding, origin = codec_name(asked), Sentence("as --encoding says")
    elif stated:
        encoding, origin = stated, Sentence("as its charset {} says", charset)
    else:
        encoding = "utf-8"
        origin = Sentence("which it proves to be (its charset is {})", charset or "missing")
    if text.is_ascii():
        # Whatever is stated: UTF-16 is not, and would make other characters of it.
        return "utf-8", ()
    fault = text.undecodable(encoding)
    is_stated = asked is not None or bool(stated)
    if fault:
        if is_stated:
            raise wrong_encoding(text, encoding, origin, fault)
        raise unstated_encoding(text, fault)
    others = doubted(text, encoding, is_stated=bool(stated)) if asked is None else []
    if others:
        raise unsure_encoding(text, [encoding, *others])
    return encoding, (read_as(encoding, origin),)
