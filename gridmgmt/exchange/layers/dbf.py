"""Find the text encoding of a shapefile's attribute file, and prove it before use."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gridmgmt.domain.listing import listed
from gridmgmt.errors import InputError, LayerError
from gridmgmt.exchange.bytes.encodings import codec_name, shown_name
from gridmgmt.sentence import Sentence

# The values of a DBF's language byte that name one encoding for certain. 87 ("current ANSI")
# and 0 mean nothing.
_LANGUAGES = {
    77: "gb18030",
    122: "gb18030",
    79: "cp950",
    120: "cp950",
    19: "cp932",
    123: "cp932",
    78: "cp949",
    121: "cp949",
}
_PROVEN = Sentence("which it proves to be (no .cpg, no language byte)")
_CPG_NAMES = {"65001": "utf-8", "936": "gb18030", "54936": "gb18030"}


@dataclass(frozen=True)
class DbfText:
    """The encoding of a DBF and how it was found; ``notes`` are for people.

    ``mended`` is the file without incomplete characters at the end of values, or None if there
    were none.
    """

    encoding: str
    notes: tuple[str, ...]
    mended: bytes | None = None


@dataclass(frozen=True)
class _Column:
    name: bytes
    start: int
    width: int


class _Dbf:
    """The needed parts of a DBF: its language byte and its text columns."""

    def __init__(self, shown: str, path: Path) -> None:
        data = path.read_bytes()
        if len(data) < 33:
            raise LayerError(
                shown,
                Sentence("its .dbf is empty or cut"),
                remedy=Sentence("send all the files"),
            )
        self.shown = shown
        self._data = data
        self.rows = int.from_bytes(data[4:8], "little")
        header = int.from_bytes(data[8:10], "little")
        width = int.from_bytes(data[10:12], "little")
        self.language = data[29]
        if header < 33 or len(data) < header + self.rows * width:
            raise LayerError(
                shown,
                Sentence(
                    "its .dbf is cut: {} rows announced, fewer are there", f"{self.rows:,}"
                ),
                remedy=Sentence("send all the files again"),
            )
        self.columns = list(_text_columns(data[32 : header - 1]))
        body = np.frombuffer(data, np.uint8, self.rows * width, header)
        self._table = body.reshape(self.rows, width)
        self._header = header

    def is_ascii(self) -> bool:
        names = all(column.name.isascii() for column in self.columns)
        return names and all(self._bytes(column).isascii() for column in self.columns)

    def _bytes(self, column: _Column) -> bytes:
        # One line feed after each value, so that a character that is cut at the end of its
        # field does not join the next value.
        values = self._table[:, column.start : column.start + column.width]
        ends = np.full((self.rows, 1), ord("\n"), np.uint8)
        return np.hstack([values, ends]).tobytes()

    def undecodable(self, encoding: str) -> str:
        """Return where the text is not valid in an encoding; empty if all of it is valid."""
        for column in self.columns:
            try:
                name = column.name.decode(encoding)
            except UnicodeDecodeError:
                shown = column.name.decode("ascii", "backslashreplace")
                return Sentence("the field name {} is not", shown)
            try:
                self._bytes(column).decode(encoding)
            except UnicodeDecodeError as error:
                row = error.start // (column.width + 1) + 1
                return Sentence("field {} of feature {} is not", name, row)
        return ""

    def without_half_characters(self, encoding: str) -> list[str]:
        """Blank incomplete characters at the end of full values; return where.

        Programs that cut text at the width of its field in bytes leave them.
        """
        table = self._table.copy()
        cut: list[str] = []
        for column in self.columns:
            for row in range(self.rows):
                value = table[row, column.start : column.start + column.width]
                kept = _whole_characters(value.tobytes(), encoding)
                if kept < column.width:
                    value[kept:] = ord(" ")
                    name = column.name.decode(encoding, "replace")
                    cut.append(Sentence("field {} of feature {}", name, row + 1))
        self._table = table
        return cut

    def mended(self) -> bytes:
        """Return the whole file with the present values."""
        end = self._header + self._table.size
        return self._data[: self._header] + self._table.tobytes() + self._data[end:]


def _whole_characters(value: bytes, encoding: str) -> int:
    """Count the bytes that remain without an incomplete character at the end."""
    try:
        value.decode(encoding)
    except UnicodeDecodeError as error:
        # At most three bytes of a four-byte character; anything else means another encoding.
        at_the_end = error.end == len(value) and len(value) - error.start <= 3
        return error.start if at_the_end else len(value)
    return len(value)


def _text_columns(header: bytes) -> Iterator[_Column]:
    start = 1  # the first byte of a row marks deleted rows
    for at in range(0, len(header) - 31, 32):
        field = header[at : at + 32]
        if field[0] == 0x0D:
            return
        width = field[16]
        name = field[:11].split(b"\0", 1)[0]
        # Numbers and dates are ASCII by definition; the names of their fields may not be.
        yield _Column(name, start, width if field[11:12] == b"C" else 0)
        start += width


def dbf_text(shown: str, dbf: Path, cpg: Path | None, asked: str | None) -> DbfText:
    """Find the encoding of a DBF: as asked, by .cpg, by language byte, or UTF-8 if it fits.

    The encoding must decode every name and value. If none does, LayerError asks for
    ``--encoding`` and says which encoding the text looks like.
    """
    table = _Dbf(shown, dbf)
    encoding, origin = _stated(table, cpg, asked)
    fault = table.undecodable(encoding)
    told = Sentence("text read as {}, {}", shown_name(encoding), origin)
    if not fault:
        return DbfText(encoding, () if table.is_ascii() else (told,))
    question = _asks(table, encoding, origin, fault)
    # If nobody stated the encoding, an incomplete character may be a complete one of another
    # encoding.
    cut = table.without_half_characters(encoding) if origin != _PROVEN else []
    if not cut or table.undecodable(encoding):
        raise question
    lost = Sentence(
        "text is cut in the middle of a character; the broken character was left out: {}",
        listed(cut),
    )
    return DbfText(encoding, (told, lost), table.mended())


def _stated(table: _Dbf, cpg: Path | None, asked: str | None) -> tuple[str, str]:
    if asked is not None:
        return codec_name(asked), Sentence("as --encoding says")
    named = _cpg_encoding(cpg) if cpg else None
    if named:
        return named, Sentence("as its .cpg says")
    if table.language in _LANGUAGES:
        return _LANGUAGES[table.language], Sentence(
            "as its .dbf says (language byte {})", table.language
        )
    return "utf-8", _PROVEN


def _cpg_encoding(cpg: Path) -> str | None:
    text = cpg.read_bytes()[:64].decode("ascii", "ignore").strip().lower()
    # Esri writes "ANSI 936", "OEM 936" or the plain number.
    word = text.removeprefix("ansi").removeprefix("oem").strip()
    if word.isdigit():
        word = _CPG_NAMES.get(word, f"cp{word}")
    try:
        return codec_name(word) if word else None
    except InputError:
        return None


def _asks(table: _Dbf, encoding: str, origin: str, fault: str) -> LayerError:
    message = Sentence("{} {}, {}", fault, shown_name(encoding), origin)
    if origin == _PROVEN:
        message = Sentence("the encoding of its text is not stated, and {} UTF-8", fault)
    fitting = [
        other
        for other in ("utf-8", "gb18030")
        if other != encoding and not table.undecodable(other)
    ]
    remedy = (
        Sentence(
            "it could be {}: say --encoding {}",
            " or ".join(map(shown_name, fitting)),
            fitting[0],
        )
        if fitting
        else Sentence("say --encoding NAME, or write the layer again with a .cpg")
    )
    return LayerError(table.shown, message, remedy=remedy)
