"""Prove the encoding of a layer's text, or ask for it with the first texts as each reads."""

import codecs
import mmap
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

from gridmgmt.errors import LayerError
from gridmgmt.exchange.bytes.encodings import shown_name
from gridmgmt.sentence import Sentence

# The encodings that text of several bytes a character may be in.
_CANDIDATES = ("utf-8", "gb18030", "cp950", "cp932", "cp949")
# Those with more characters, for text that the usual one does not decode: of Hong Kong.
_WIDER = {"cp950": "big5hkscs"}
# Many programs write the name of one of these whatever the text is, and they decode nearly any
# bytes. So such a name counts only where the text can be nothing else.
_WRITTEN_BY_DEFAULT = (
    *("cp1252", "iso8859-1", "iso8859-15"),
    *("cp437", "cp850", "cp858", "mac-roman"),
)
# Every encoding that an error may name in its remedy.
ASKED_FOR = (*_CANDIDATES, *_WRITTEN_BY_DEFAULT)
# A byte beyond ASCII, before one that may belong to the same character, and that in western
# text rarely follows a letter.
_SEVERAL_BYTES = re.compile(rb"[\x80-\xff][\x80-\xff0-9@\[\\\]^_`{|}~]")
# Two small letters with accents within a word, as in Conceição and Müßiggang. Read as Chinese,
# Japanese or Korean, such bytes begin the rare characters alone: the common ones begin lower.
_SMALL_PAIR = re.compile(rb"(?<=[A-Za-z])[\xdf-\xf6\xf8-\xff]{2}(?=[a-z])")
_LATIN = ("cp1252", "iso8859-1", "iso8859-15")
_ASCII = bytes(range(0x80))
# The smallest first byte of a UTF-8 character of three bytes.
_THREE_BYTES = 0xE0
_SHOWN_TEXTS = 3
_SAY_IT = Sentence("say --encoding NAME, or write the layer again with a .cpg")
_SHOWN_CHARACTERS = 40
_CHUNK = 1 << 20


class LayerText(Protocol):
    """The text of a layer as bytes; ``shown`` is the file for people."""

    shown: str

    def undecodable(self, encoding: str) -> str:
        """Return where the text is not valid in an encoding; empty if all of it is valid."""
        ...

    def chunks(self) -> Iterator[bytes]:
        """Yield all the text in parts."""
        ...

    def first_texts(self, encoding: str, most: int) -> list[str]:
        """Return the first values that ASCII cannot write, as an encoding reads them."""
        ...


class TextFile:
    """The text of a file of one kind of syntax, read in parts.

    Parameters
    ----------
    value : a regular expression; its group is a value that ASCII cannot write
    """

    def __init__(self, shown: str, path: Path, value: bytes) -> None:
        self.shown = shown
        self._path = path
        self._value = re.compile(value)

    def undecodable(self, encoding: str) -> str:
        """Return where the text is not valid in an encoding; empty if all of it is valid."""
        line = self.undecodable_line(encoding)
        return Sentence("line {} is not", line) if line else ""

    def undecodable_line(self, encoding: str) -> int:
        """Return the number of the first line not valid in an encoding; 0 if there is none."""
        decoder = codecs.getincrementaldecoder(encoding)()
        line = 1
        for chunk in self.chunks():
            # The rest of a character from the chunk before comes before the position of an
            # error.
            held = len(decoder.getstate()[0])
            try:
                decoder.decode(chunk, final=not chunk)
            except UnicodeError as error:
                start = getattr(error, "start", 0)
                return line + chunk.count(b"\n", 0, max(start - held, 0))
            line += chunk.count(b"\n")
        return 0

    def chunks(self) -> Iterator[bytes]:
        """Yield the file in chunks; the last one is empty."""
        with self._path.open("rb") as stream:
            while True:
                chunk = stream.read(_CHUNK)
                yield chunk
                if not chunk:
                    return

    def first_texts(self, encoding: str, most: int) -> list[str]:
        """Return the first values that ASCII cannot write, as an encoding reads them."""
        found: dict[str, None] = {}
        with (
            self._path.open("rb") as stream,
            mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as text,
        ):
            for value in self._value.finditer(text):
                shown = value[1].decode(encoding, "replace").strip()
                found.setdefault(shown[:_SHOWN_CHARACTERS])
                if len(found) == most:
                    break
        return list(found)


def other_encodings(text: LayerText, encoding: str) -> list[str]:
    """Return the usual encodings that decode all of a text, except this one."""
    fitting = []
    for usual in _CANDIDATES:
        for other in (usual, _WIDER.get(usual)):
            if other and other != encoding and not text.undecodable(other):
                fitting.append(other)
                break
    return fitting


def doubted(text: LayerText, encoding: str, *, is_stated: bool = True) -> list[str]:
    """Return the other encodings to ask for, although this one decodes all of a text.

    ``is_stated`` is whether the file states the encoding. What a person states is not doubted:
    do not ask here.
    """
    if not is_stated:
        return [] if _proves_utf8(text) else other_encodings(text, encoding)
    if encoding in _WRITTEN_BY_DEFAULT:
        return [] if _is_western(text, encoding) else other_encodings(text, encoding)
    if encoding.startswith("utf") or text.undecodable("utf-8"):
        return []
    return ["utf-8"] if _proves_utf8(text) else []


def _proves_utf8(text: LayerText) -> bool:
    """Return whether text valid as UTF-8 can hardly be valid by chance.

    Characters of two bytes also occur in short GBK text; those of three or more do not.
    """
    return any(max(chunk, default=0) >= _THREE_BYTES for chunk in text.chunks())


def _is_western(text: LayerText, encoding: str) -> bool:
    """Return whether all that ASCII cannot write are letters, each among ASCII letters.

    Zürich is also valid as GB18030, but text in that has two such bytes side by side somewhere.
    Two stand side by side in western words too, but there they are small letters among small
    ones. Other pairs, as in CONCEIÇÃO, are asked about.
    """
    for chunk in text.chunks():
        letters = bytes(set(chunk.translate(None, _ASCII))).decode(encoding)
        plain = _SMALL_PAIR.sub(b"a", chunk) if encoding in _LATIN else chunk
        if _SEVERAL_BYTES.search(plain) or not (letters + "a").isalpha():
            return False
    return True


def read_as(encoding: str, origin: str) -> Sentence:
    """Return a note on the encoding a text was read in, and on who says so."""
    return Sentence("text read as {}, {}", shown_name(encoding), origin)


def wrong_encoding(text: LayerText, encoding: str, origin: str, fault: str) -> LayerError:
    """Return an error for a text that is not in the encoding stated for it."""
    message = Sentence("{} {}, {}", fault, shown_name(encoding), origin)
    return question(text, message, other_encodings(text, encoding))


def unstated_encoding(text: LayerText, fault: str) -> LayerError:
    """Return an error for a text that is not UTF-8, where nothing states its encoding."""
    message = Sentence("the encoding of its text is not stated, and {} UTF-8", fault)
    # UTF-8 is among them where only the end of a value is missing.
    return question(text, message, other_encodings(text, ""))


def unsure_encoding(text: LayerText, fitting: Sequence[str]) -> LayerError:
    """Return an error for a text that several encodings decode."""
    message = Sentence("nothing says for certain which encoding its text is in")
    return question(text, message, fitting)


def question(
    text: LayerText,
    message: Sentence,
    fitting: Sequence[str],
    otherwise: Sentence = _SAY_IT,
) -> LayerError:
    """Return an error that shows how each fitting encoding reads the first texts.

    ``otherwise`` is the remedy if none fits.
    """
    readings = [
        Sentence(
            "as {}: {}",
            shown_name(encoding),
            ", ".join(text.first_texts(encoding, _SHOWN_TEXTS)),
        )
        for encoding in fitting
    ]
    if not fitting:
        remedy = otherwise
    elif len(fitting) == 1:
        remedy = Sentence(
            "it could be {}: say --encoding {}", shown_name(fitting[0]), fitting[0]
        )
    else:
        remedy = Sentence("say the one that reads right: --encoding {}", " / ".join(fitting))
    return LayerError(text.shown, message, problems=readings, remedy=remedy)
