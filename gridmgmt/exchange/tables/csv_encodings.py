"""In which encoding a CSV file is: what its first bytes say, and what its lines may be."""

import codecs
import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from gridmgmt.errors import LayerError
from gridmgmt.exchange.bytes.encodings import codec_name, shown_name
from gridmgmt.sentence import Sentence

# Encodings whose second bytes may look like a line feed or a comma.
WIDE = ("utf-16", "utf-32")

# The marks at the beginning; that of UTF-32 begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Without a mark the order of the bytes is part of the name.
_UNMARKED = ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
# The encodings that text of several bytes a character may be in, besides UTF-8.
_CANDIDATES = ("gb18030", "cp950", "cp932", "cp949")
_SHOWN_TEXTS, _SHOWN_CHARACTERS = 3, 40
_LOOKED_AT, _SHARE_OF_NULS = 4_096, 0.1


def without_mark(path: Path, content: Iterator[bytes], encoding: str | None) -> Iterator[bytes]:
    """Yield the content of a file without the mark of UTF-8.

    Raises
    ------
    LayerError
        when its first bytes show another encoding than the stated one, or than UTF-8
    """
    first = next(content, b"")
    asked = codec_name(encoding) if encoding else "utf-8"
    marked = next((name for mark, name in _MARKS if first.startswith(mark)), None)
    if first.startswith(codecs.BOM_UTF8) and asked not in ("utf-8", "utf-8-sig"):
        raise LayerError(
            path,
            Sentence("begins with the mark of UTF-8, and {} is stated", shown_name(asked)),
            remedy=Sentence("leave out --encoding"),
        )
    if marked is not None and not asked.startswith(marked):
        raise _looks_like(path, marked, encoding)
    nuls = first[:_LOOKED_AT].count(0)
    # A NUL or two are damage; every sign and digit of wide text has one.
    if marked is None and (asked in WIDE or nuls > len(first[:_LOOKED_AT]) * _SHARE_OF_NULS):
        wide = _wide(first)
        if wide is not None and wide != asked:
            raise _looks_like(path, wide, encoding)
    yield from unmarked(chain([first], content))


def unmarked(content: Iterator[bytes]) -> Iterator[bytes]:
    """Yield UTF-8 content without its mark; some programs write it twice."""
    first = next(content, b"")
    while first.startswith(codecs.BOM_UTF8):
        first = first.removeprefix(codecs.BOM_UTF8)
    yield first
    yield from content


def _looks_like(path: Path, found: str, stated: str | None) -> LayerError:
    said = Sentence("is not {}", "UTF-8" if stated is None else shown_name(stated))
    return LayerError(
        path,
        Sentence("{}: it looks like {}", said, shown_name(found)),
        remedy=Sentence("say --encoding {}, or save it as CSV UTF-8", found),
    )


def _wide(first: bytes) -> str | None:
    """Return the wide encoding in which the beginning of a file is text."""
    beginning = first[:_LOOKED_AT]
    for name in _UNMARKED:
        # What is cut at the end is left out.
        text = codecs.getincrementaldecoder(name)("replace").decode(beginning).rstrip("\ufffd")
        is_table = any(sign in text for sign in "\n\r,;\t")
        if is_table and all(one.isprintable() or one in "\t\r\n" for one in text):
            return name
    return None


class NotUtf8:
    """The lines of a file that are not valid as UTF-8, and what else they may be."""

    def __init__(self) -> None:
        self._first: tuple[int, bytes] | None = None
        self._fitting = list(_CANDIDATES)

    def __bool__(self) -> bool:
        return self._first is not None

    def add(self, number: int, line: bytes) -> None:
        """Note a line."""
        self._first = self._first or (number, line)
        self._fitting = [name for name in self._fitting if _decoded(line, name) is not None]

    def error(self, path: Path) -> LayerError:
        """Return an error that shows how each fitting encoding reads the first line."""
        assert self._first is not None
        number, line = self._first
        is_chinese = "gb18030" in self._fitting
        looks = (
            Sentence("it looks like GB18030 (GBK)")
            if is_chinese
            else Sentence("its encoding cannot be told from its bytes")
        )
        readings = [
            Sentence("as {}: {}", shown_name(name), ", ".join(_texts(line, name)))
            for name in self._fitting
        ]
        remedy = Sentence("say --encoding gb18030 if it is, or save the file as CSV UTF-8")
        if self._fitting and self._fitting != ["gb18030"]:
            choices = " / ".join(self._fitting)
            remedy = Sentence("say the one that reads right: --encoding {}", choices)
        return LayerError(
            path,
            Sentence("is not UTF-8 (first at line {}): {}", number, looks),
            problems=readings,
            remedy=remedy,
        )


def _decoded(line: bytes, encoding: str) -> str | None:
    try:
        return line.decode(encoding)
    except UnicodeDecodeError:
        return None


def _texts(line: bytes, encoding: str) -> list[str]:
    """Return the first values of a line that ASCII cannot write."""
    values = re.split(r'[,;\t|"\r\n]+', line.decode(encoding))
    others = [value.strip()[:_SHOWN_CHARACTERS] for value in values if not value.isascii()]
    return others[:_SHOWN_TEXTS]
