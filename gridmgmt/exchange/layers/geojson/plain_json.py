r"""Read what is no JSON and what GDAL reads all the same.

Programs write NaN and infinity for numbers, though JSON has no word for them, and texts with
line breaks and tabs as they are. Half of a character, written as \ud840 without the other half,
is no text either.
"""

import codecs
import mmap
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_WORDS = (b"NaN", b"Infinity")
# A string, which may hold such a word too, or one of them.
_TOKEN = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|-?Infinity|NaN', re.DOTALL)
_CONTROL = re.compile(rb"[\x00-\x1f]")
# What stands in the place of each: this and the word. A text with a zero byte is refused.
_MARK = "\0"
_MARKS = frozenset({f"{_MARK}NaN", f"{_MARK}Infinity", f"{_MARK}-Infinity"})
_MARKED = re.compile(r'"\\u0000(NaN|-?Infinity)"')
_HALVES = (rb"\ud", rb"\uD")
# The escape of a character: both halves of a rare one, one half, or any other.
_ESCAPE = re.compile(
    rb"\\(?:u[dD][89abAB]..\\u[dD][c-fC-F]..|(u[dD][89a-fA-F]..)|.)", re.DOTALL
)
# A character that was lost, as GDAL reads a half.
_LOST = rb"\ufffd"
_CHUNK = 1 << 20


def plain_json(path: Path) -> Iterator[bytes]:
    """Yield a file as chunks of JSON, with a mark in the place of NaN and infinity.

    Line breaks, tabs and other control characters within texts are escaped, half characters are
    U+FFFD.
    """
    if path.stat().st_size == 0:
        return
    with (
        path.open("rb") as stream,
        mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as text,
    ):
        at = len(codecs.BOM_UTF8) if text[:3] == codecs.BOM_UTF8 else 0
        words = (*_WORDS, *_HALVES)
        if _CONTROL.search(text) or any(text.find(word) >= 0 for word in words):
            for found in _TOKEN.finditer(text, at):
                token = _as_json(found[0])
                if token != found[0]:
                    yield from _chunks(text, at, found.start())
                    yield token
                    at = found.end()
        yield from _chunks(text, at, len(text))


def _as_json(token: bytes) -> bytes:
    if token[:1] != b'"':
        return b'"\\u0000' + token + b'"'
    token = _CONTROL.sub(lambda found: b"\\u%04x" % found[0][0], token)
    if not any(half in token for half in _HALVES):
        return token
    return _ESCAPE.sub(lambda escape: _LOST if escape[1] else escape[0], token)


def is_no_number(value: Any) -> bool:
    """Return whether a value read from ``plain_json`` stands for NaN or infinity."""
    return isinstance(value, str) and value in _MARKS


def without_marks(text: str) -> str:
    """Return a JSON text with the words again in the place of their marks."""
    return _MARKED.sub(r"\1", text)


def _chunks(text: mmap.mmap, begin: int, end: int) -> Iterator[bytes]:
    for at in range(begin, end, _CHUNK):
        yield text[at : min(at + _CHUNK, end)]
