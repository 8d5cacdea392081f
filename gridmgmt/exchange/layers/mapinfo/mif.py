"""Read the bytes of a MapInfo interchange file: its charset, its objects and its rows."""

import re
from collections.abc import Iterator
from pathlib import Path

from gridmgmt.exchange.layers.mapinfo.shapes import broken_lines
from gridmgmt.sentence import Sentence

_DATA = re.compile(rb"^[ \t]*data[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
_CHARSET = re.compile(rb'^[ \t]*charset[ \t]+"([^"\r\n]*)"', re.IGNORECASE | re.MULTILINE)
_VERSION = re.compile(rb"^[ \t]*version[ \t]+\d+[ \t]*\r?\n", re.IGNORECASE | re.MULTILINE)
_COLUMNS = re.compile(rb"^[ \t]*columns[ \t]+(\d+)", re.IGNORECASE | re.MULTILINE)
_OBJECT = re.compile(
    rb"^[ \t]*(point|line|pline|region|arc|text|rect|roundrect|ellipse|none|multipoint|"
    rb"collection|smooth)\b[ \t]*(\d*)",
    re.IGNORECASE | re.MULTILINE,
)
_CURVES = (b"arc", b"roundrect", b"ellipse", b"smooth")


class Mif:
    """The text of a .mif and its .mid.

    ``charset`` is the name it states, empty if none. ``rows`` is the number of rows of the
    .mid, ``objects`` that of objects in the .mif. ``curved`` are the numbers of objects with
    curves, from 1.
    """

    def __init__(self, shown: str, mif: Path, mid: Path | None) -> None:
        self.shown = shown
        self.mif = mif.read_bytes()
        self.mid = b"" if mid is None else mid.read_bytes()
        begin = _DATA.search(self.mif)
        head = self.mif if begin is None else self.mif[: begin.start()]
        stated = _CHARSET.search(head)
        self.charset = stated[1].decode("latin-1").strip() if stated else ""
        columns = _COLUMNS.search(head)
        self.columns = int(columns[1]) if columns else 0
        self.rows = sum(bool(line.strip()) for line in self.mid.splitlines())
        self._data = begin.end() if begin else len(self.mif)
        self.objects, self.curved = _objects(self.mif, self._data)

    def broken_lines(self) -> list[tuple[int, str]]:
        """Return number and text of the lines that are no position, or one too many or few."""
        # Numbers and names are ASCII; other text is only passed over.
        objects = self.mif[self._data :].decode("latin-1")
        return list(broken_lines(objects, self.mif.count(b"\n", 0, self._data) + 1))

    def is_ascii(self) -> bool:
        """Return whether every encoding reads all the text alike."""
        return self.mif.isascii() and self.mid.isascii()

    def undecodable(self, encoding: str) -> str:
        """Return where the text is not valid in an encoding; empty if all of it is valid."""
        for suffix, text in ((".mif", self.mif), (".mid", self.mid)):
            try:
                text.decode(encoding)
            except UnicodeDecodeError as error:
                line = text.count(b"\n", 0, error.start) + 1
                return Sentence("line {} of the {} is not", line, suffix)
        return ""

    def first_texts(self, encoding: str, most: int) -> list[str]:
        """Return the first values that ASCII cannot write, as an encoding reads them."""
        found: dict[str, None] = {}
        for line in (self.mid + b"\n" + self.mif).splitlines():
            if line.isascii():
                continue
            for value in re.split(r"[\t,;|]", line.decode(encoding, "replace")):
                if not value.isascii():
                    found.setdefault(value.strip(' "'))
            if len(found) >= most:
                break
        return list(found)[:most]

    def chunks(self) -> Iterator[bytes]:
        """Yield both files."""
        yield self.mif
        yield self.mid

    def as_utf8(self, encoding: str) -> dict[str, bytes]:
        """Return both files in UTF-8 by suffix; the .mif says so."""
        mif = self.mif.decode(encoding).encode()
        charset = b'Charset "UTF-8"'
        if _CHARSET.search(mif):
            mif = _CHARSET.sub(charset, mif, count=1)
        else:
            mif = _VERSION.sub(lambda line: line[0] + charset + b"\n", mif, count=1)
        return {".mif": mif, ".mid": self.mid.decode(encoding).encode()}


def _objects(text: bytes, begin: int) -> tuple[int, list[int]]:
    """Count objects; the parts of a collection are one."""
    count, parts = 0, 0
    curved: dict[int, None] = {}
    for found in _OBJECT.finditer(text, begin):
        word = found[1].lower()
        if word in _CURVES:
            curved[max(count + (word != b"smooth" and not parts), 1)] = None
        if word == b"smooth":
            continue
        if parts:
            parts -= 1
            continue
        count += 1
        if word == b"collection":
            parts = int(found[2] or 0)
    return count, list(curved)
