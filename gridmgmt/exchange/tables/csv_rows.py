"""Read CSV as rows numbered as in a spreadsheet; every unreadable row is named."""

import codecs
import csv
import re
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gridmgmt.errors import LayerError
from gridmgmt.exchange.bytes.encodings import codec_name, shown_name
from gridmgmt.exchange.bytes.raw_rows import RawRows
from gridmgmt.exchange.bytes.safe_tables import unprotected
from gridmgmt.exchange.bytes.streams import MAX_LINE, as_utf8, chunks, lines
from gridmgmt.exchange.tables.csv_encodings import WIDE, NotUtf8, unmarked, without_mark
from gridmgmt.sentence import Sentence

# A longer value means a quote that was never closed. (The default of the csv module, which
# other libraries in the process may have changed.)
MAX_VALUE = 131_072
MAX_BROKEN_QUOTES = 1_000

_SEPARATORS = {"\t": "tabs", ";": "semicolons", "|": "vertical bars"}
# Excel takes the separator from such a first line and hides it; here it counts as row 1 of the
# file, as every other program shows it.
_STATED = re.compile(r'("?)sep=([,;|\t])\1[,;|\t]*\s*', re.IGNORECASE)


class _Feed:
    """Decoded lines for the csv module, with the faults found in them."""

    def __init__(self, raw: Iterator[bytes | None], encoding: str) -> None:
        self._raw = raw
        self._encoding = encoding
        self._again: deque[tuple[str, str]] = deque()
        self._line = 0
        self.taken: list[tuple[str, str]] = []
        self.fault = ""
        self.not_utf8 = NotUtf8()
        self.wide_text_was_read = False

    def __iter__(self) -> "_Feed":
        return self

    def __next__(self) -> str:
        text, fault = self._again.popleft() if self._again else self._next_line()
        if fault:
            self.fault = self.fault or fault
        self.taken.append((text, fault))
        return text

    def _next_line(self) -> tuple[str, str]:
        line = next(self._raw)
        self._line += 1
        if line is None:
            return "\n", Sentence("line {} is longer than {} MiB", self._line, MAX_LINE >> 20)
        try:
            text = line.decode(self._encoding)
        except UnicodeDecodeError as error:
            self.not_utf8.add(self._line, line)
            return line.decode(self._encoding, "backslashreplace"), Sentence(
                "line {} is not {} (byte {})", self._line, self._encoding, error.start + 1
            )
        if "\0" in text:
            return text.replace("\0", ""), Sentence("line {} holds a NUL byte", self._line)
        if not text.isascii():
            self.wide_text_was_read = True
        return text, ""

    def begin_row(self) -> None:
        self.taken.clear()
        self.fault = ""

    def give_back(self, since: int) -> None:
        """Return the lines of this row for reading again, from the ``since``-th on."""
        self._again.extendleft(reversed(self.taken[since:]))


def read_csv(path: Path, encoding: str | None, at_once: int) -> Iterator[RawRows]:
    """Read a CSV file, plain or gzip; its first row that is not blank is the header.

    A first line ``sep=;`` states the separator, which else is taken from the header.

    It yields chunks of at most ``at_once`` rows; the first chunk may have no rows.

    Without ``encoding`` the file must be UTF-8, with or without a BOM; otherwise LayerError
    says which encoding it looks like and asks for it. A few lines with invalid bytes, in a file
    that otherwise is valid, are broken rows.
    """
    content = without_mark(path, chunks(path), encoding)
    asked = codec_name(encoding) if encoding else "utf-8"
    notes = []
    if encoding and codecs.lookup(encoding).name != asked:
        notes.append(
            Sentence("{} is read as {}, which contains it", encoding, shown_name(asked))
        )
    decode_as = asked
    if asked.startswith(WIDE):
        content = unmarked(as_utf8(path, content, asked))
        decode_as = "utf-8"
    feed = _Feed(lines(content), decode_as)
    for found in _parse(path, feed, at_once, ask=encoding is None):
        found.encoding = asked
        found.notes[:0] = notes
        notes = []
        yield found
    if encoding is None and feed.not_utf8 and not feed.wide_text_was_read:
        raise feed.not_utf8.error(path)


def _parse(path: Path, feed: _Feed, at_once: int, *, ask: bool) -> Iterator[RawRows]:
    with _long_values():
        header, number, separator = _header(path, feed, ask=ask)
    found = RawRows(header, number)
    if separator != ",":
        found.notes.append(Sentence("values are separated by {}", _SEPARATORS[separator]))
    rows = _Rows(path, feed, separator, found)
    while True:
        with _long_values():
            is_more = rows.collect(found, at_once)
        yield found
        if not is_more:
            return
        found = found.begin_next()


@contextmanager
def _long_values() -> Iterator[None]:
    """Raise the csv module's limit for values during the block.

    The limit belongs to the whole process.
    """
    limit = csv.field_size_limit(MAX_VALUE)
    try:
        yield
    finally:
        csv.field_size_limit(limit)


def _header(path: Path, feed: _Feed, *, ask: bool) -> tuple[list[str], int, str]:
    number = 0
    separator = ""
    for text in feed:
        number += 1
        if feed.fault and feed.not_utf8 and ask:
            raise feed.not_utf8.error(path)
        if feed.fault:
            raise LayerError(path, Sentence("the header cannot be read: {}", feed.fault))
        stated = _STATED.fullmatch(text) if number == 1 else None
        if stated:
            separator = stated[2]
        elif text.strip():
            break
        feed.begin_row()
    else:
        raise LayerError.of_nothing(path, Sentence("is empty: there is not even a header"))
    separator = separator or _separator(text)
    # The header is parsed like any row: a name may have a quoted line break.
    feed.give_back(0)
    reader = csv.reader(feed, delimiter=separator, strict=True)
    try:
        header = [unprotected(name) for name in next(reader)]
    except csv.Error as error:
        raise LayerError(path, Sentence("the header cannot be read: {}", error)) from error
    return header, number, separator


def _separator(header: str) -> str:
    if "," in header:
        return ","
    return next((mark for mark in _SEPARATORS if mark in header), ",")


class _Rows:
    """The rows below the header, read in chunks."""

    def __init__(self, path: Path, feed: _Feed, separator: str, found: RawRows) -> None:
        self._path = path
        self._feed = feed
        self._reader = csv.reader(feed, delimiter=separator, strict=True)
        self._width = len(found.header)
        self._number = found.header_row
        self._quotes = 0
        self._protected = 0

    def collect(self, found: RawRows, at_once: int) -> bool:
        """Read rows until there are enough good rows; return False at the end of the file."""
        while not found.is_full(at_once):
            self._feed.begin_row()
            self._number += 1
            try:
                values = next(self._reader)
            except StopIteration:
                self._tell_protected(found)
                return False
            except csv.Error as error:
                self._broken_quote(found, error)
            else:
                self._sort(found, values)
        return True

    def _broken_quote(self, found: RawRows, error: csv.Error) -> None:
        self._quotes += 1
        if self._quotes > MAX_BROKEN_QUOTES:
            raise LayerError(
                self._path,
                Sentence("quotes are broken in more than {} rows", f"{MAX_BROKEN_QUOTES:,}"),
                remedy=Sentence("export the file again"),
            ) from error
        # Only the first line is at fault: an open quote must not swallow the lines after it.
        line = self._feed.taken[0][0].rstrip()
        found.broken.append((self._number, _quote_reason(error), [line]))
        self._feed.give_back(1)

    def _tell_protected(self, found: RawRows) -> None:
        if self._protected:
            found.notes.append(
                Sentence(
                    "{} value(s) begin with a ' that keeps spreadsheets from calculating them; "
                    "read without it",
                    f"{self._protected:,}",
                )
            )

    def _sort(self, found: RawRows, values: list[str]) -> None:
        if any("'" in line for line, _ in self._feed.taken):
            plain = [unprotected(value) for value in values]
            self._protected += sum(map(str.__ne__, plain, values))
            values = plain
        if self._feed.fault:
            found.broken.append((self._number, self._feed.fault, values))
        elif len(values) == self._width and any(values):
            found.rows.append(values)
            found.row.append(self._number)
        elif not any(values):
            found.blank += 1
        else:
            reason = Sentence("has {} values, the header has {}", len(values), self._width)
            found.broken.append((self._number, reason, values))


def _quote_reason(error: csv.Error) -> str:
    text = str(error)
    if "field larger" in text or "unexpected end" in text:
        return Sentence("a quote opened in this row is never closed")
    if "expected after" in text:
        return Sentence("text follows a closing quote: quotes inside a value must be doubled")
    if "new-line" in text:
        return Sentence("a line break stands within a value: put the value in quotes")
    return Sentence("cannot be parsed: {}", text)
