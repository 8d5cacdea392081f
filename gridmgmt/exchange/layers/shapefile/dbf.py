"""Read the bytes of a shapefile's attribute file: its rows, its text, its language byte."""

from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from gridmgmt.domain.listing import listed
from gridmgmt.errors import LayerError
from gridmgmt.sentence import Sentence

# The first byte of a row: in use, or marked as deleted.
_DELETED = ord("*")
_ROW_MARKS = (ord(" "), _DELETED)
_BEYOND_ASCII = 0x80


@dataclass(frozen=True)
class _Column:
    """A field: where it stands in a row, and how many bytes of text it has (numbers none)."""

    name: bytes
    start: int
    size: int
    is_text: bool
    kind: bytes
    decimals: int

    @property
    def width(self) -> int:
        # Numbers and dates are ASCII by definition; the names of their fields may not be.
        return self.size if self.is_text else 0


class Dbf:
    """The needed parts of a DBF: its language byte, its text columns, its deleted rows.

    ``deleted`` are the numbers of the rows marked as deleted, from 1: nobody sees them.

    Parameters
    ----------
    fields : the name of each field and whether it holds text, where the file does not say it
    """

    def __init__(
        self, shown: str, path: Path, fields: Sequence[tuple[bytes, bool]] | None = None
    ) -> None:
        data = path.read_bytes()
        self.suffix = path.suffix.lower()
        if len(data) < 33:
            raise LayerError(
                shown,
                Sentence("its {} is empty or cut", self.suffix),
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
                    "its {} is cut: {} rows announced, fewer are there",
                    self.suffix,
                    f"{self.rows:,}",
                ),
                remedy=Sentence("send all the files again"),
            )
        more = _rows_beyond(data, header, self.rows, width)
        if more:
            raise LayerError(
                shown,
                Sentence(
                    "its {} announces {} rows, and {} are there",
                    self.suffix,
                    f"{self.rows:,}",
                    f"{self.rows + more:,}",
                ),
                remedy=Sentence(
                    "save the layer anew in the program it comes from, and send all the files "
                    "of that one export"
                ),
            )
        self.columns = list(_text_columns(data[32 : header - 1]))
        if fields is not None:
            self.columns = _as_stated(shown, self.suffix, self.columns, fields)
        body = np.frombuffer(data, np.uint8, self.rows * width, header)
        self._table = body.reshape(self.rows, width)
        self._header = header
        self._forgives_cuts = False
        is_deleted = self._table[:, 0] == _DELETED if width else np.zeros(self.rows, bool)
        self._kept = np.flatnonzero(~is_deleted)
        self.deleted = [int(row) + 1 for row in np.flatnonzero(is_deleted)]

    def deleted_notes(self) -> list[str]:
        """Return a note on the rows marked as deleted, if there are any."""
        if not self.deleted:
            return []
        return [
            Sentence(
                "{} row(s) that the {} marks as deleted were not loaded: {}",
                f"{len(self.deleted):,}",
                self.suffix,
                listed(self.deleted),
            )
        ]

    def is_ascii(self) -> bool:
        """Return whether every encoding reads all the text alike."""
        names = all(column.name.isascii() for column in self.columns)
        return names and all(self._bytes(column).isascii() for column in self.columns)

    def _bytes(self, column: _Column) -> bytes:
        # One line feed after each value, so that a character that is cut at the end of its
        # field does not join the next value.
        values = self._table[self._kept, column.start : column.start + column.width]
        ends = np.full((len(self._kept), 1), ord("\n"), np.uint8)
        return np.hstack([values, ends]).tobytes()

    def chunks(self) -> Iterator[bytes]:
        """Yield the names of the text, and the values of each column."""
        for column in self.columns:
            yield column.name
            yield self._bytes(column)

    def undecodable(self, encoding: str) -> str:
        """Return where the text is not valid in an encoding; empty if all of it is valid."""
        for column in self.columns:
            try:
                name = column.name.decode(encoding)
            except UnicodeDecodeError:
                shown = column.name.decode("ascii", "backslashreplace")
                return Sentence("the field name {} is not", shown)
            values = (
                self._whole(column, encoding) if self._forgives_cuts else self._bytes(column)
            )
            try:
                values.decode(encoding)
            except UnicodeDecodeError as error:
                row = int(self._kept[error.start // (column.width + 1)]) + 1
                return Sentence("field {} of feature {} is not", name, row)
        return ""

    def forgiving(self) -> "Dbf":
        """Return the table as one whose full values may end within a character.

        Such an end proves nothing against an encoding: programs cut text at its field's width.
        """
        other = copy(self)
        other._forgives_cuts = True
        return other

    def _whole(self, column: _Column, encoding: str) -> bytes:
        lines = self._bytes(column).split(b"\n")[:-1] if column.width else []
        return b"".join(
            (line if line.isascii() else line[: _whole_characters(line, encoding)]).ljust(
                column.width
            )
            + b"\n"
            for line in lines
        )

    def first_texts(self, encoding: str, most: int) -> list[str]:
        """Return the first values that ASCII cannot write, as an encoding reads them."""
        found: dict[str, None] = {}
        for column in self.columns:
            for value in self._bytes(column).split(b"\n"):
                if not value.isascii():
                    found.setdefault(value.decode(encoding, "replace").strip(" \0\r"))
                if len(found) == most:
                    return list(found)
        return list(found)

    def names(self, encoding: str) -> list[str]:
        """Return the names of the fields as an encoding reads them."""
        return [one.name.decode(encoding, "replace").strip(" ") for one in self.columns]

    def texts_beyond_ascii(self, encoding: str) -> Iterator[tuple[int, list[str]]]:
        """Yield position and the text of every row of the fields that ASCII cannot write.

        Spaces around a value, and what stands behind a zero byte, are none of its text.
        """
        for k, column in enumerate(self.columns):
            values = self._table[:, column.start : column.start + column.width]
            if (values >= _BEYOND_ASCII).any():
                texts = (row.tobytes().partition(b"\0")[0].strip(b" ") for row in values)
                yield k, [one.decode(encoding, "replace") for one in texts]

    def without_half_characters(self, encoding: str) -> list[tuple[int, int]]:
        """Blank incomplete characters at the end of full values; return field and row of each.

        Programs that cut text at the width of its field in bytes leave them. Fields count from
        0, rows from 1.
        """
        table = self._table.copy()
        cut: list[tuple[int, int]] = []
        for k, column in enumerate(self.columns):
            for row in map(int, self._kept):
                value = table[row, column.start : column.start + column.width]
                kept = _whole_characters(value.tobytes(), encoding)
                if kept < column.width:
                    value[kept:] = ord(" ")
                    cut.append((k, row + 1))
        self._table = table
        return cut

    def mended(self) -> bytes:
        """Return the whole file with the present values."""
        end = self._header + self._table.size
        return self._data[: self._header] + self._table.tobytes() + self._data[end:]


def _rows_beyond(data: bytes, header: int, rows: int, width: int) -> int:
    """Count whole rows behind the announced ones; other bytes there are no rows."""
    more, at = 0, header + rows * width
    while width and at + width <= len(data) and data[at] in _ROW_MARKS:
        more, at = more + 1, at + width
    return more


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
        kind = field[11:12]
        yield _Column(name, start, width, kind == b"C", kind, decimals=field[17])
        start += width


@dataclass(frozen=True)
class NumberField:
    """A field of numbers or days: its stated decimals, the text of every row.

    ``position`` counts the fields, from 0.
    """

    position: int
    decimals: int
    is_day: bool
    texts: list[str]


def number_fields(path: Path) -> list[NumberField]:
    """Return the fields of numbers and days with the text as it stands in every row.

    They are ASCII; the file was checked before. Spaces and zero bytes around a value are none
    of its text.
    """
    data = path.read_bytes()
    rows, header = int.from_bytes(data[4:8], "little"), int.from_bytes(data[8:10], "little")
    width = int.from_bytes(data[10:12], "little")
    table = np.frombuffer(data, np.uint8, rows * width, header).reshape(rows, width)
    found = []
    for k, column in enumerate(_text_columns(data[32 : header - 1])):
        if column.kind in (b"N", b"F", b"D"):
            values = table[:, column.start : column.start + column.size]
            texts = [row.tobytes().decode("ascii", "replace").strip(" \0") for row in values]
            found.append(NumberField(k, column.decimals, column.kind == b"D", texts))
    return found


def _as_stated(
    shown: str, suffix: str, columns: list[_Column], fields: Sequence[tuple[bytes, bool]]
) -> list[_Column]:
    """Return the columns with the names and types that another file states for them."""
    if len(columns) != len(fields):
        raise LayerError(
            shown,
            Sentence(
                "its parts do not belong together: {} fields stated, the {} holds {}",
                len(fields),
                suffix,
                len(columns),
            ),
            remedy=Sentence(
                "save the table anew in the program it comes from, and send all the files of "
                "that one export"
            ),
        )
    return [
        replace(column, name=name, is_text=is_text)
        for column, (name, is_text) in zip(columns, fields, strict=True)
    ]
