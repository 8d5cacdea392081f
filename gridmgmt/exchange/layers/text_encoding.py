"""Prove the encoding of a layer's text, or ask for it with the first texts as each reads."""

from collections.abc import Sequence
from typing import Protocol

from gridmgmt.errors import LayerError
from gridmgmt.exchange.bytes.encodings import shown_name
from gridmgmt.sentence import Sentence

# The encodings that text of several bytes a character may be in.
_CANDIDATES = ("utf-8", "gb18030", "cp950", "cp932", "cp949")
_SHOWN_TEXTS = 3


class LayerText(Protocol):
    """The text of a layer as bytes; ``shown`` is the file for people."""

    shown: str

    def undecodable(self, encoding: str) -> str:
        """Return where the text is not valid in an encoding; empty if all of it is valid."""
        ...

    def first_texts(self, encoding: str, most: int) -> list[str]:
        """Return the first values that ASCII cannot write, as an encoding reads them."""
        ...


def other_encodings(text: LayerText, encoding: str) -> list[str]:
    """Return the usual encodings that decode all of a text, except this one."""
    return [other for other in _CANDIDATES if other != encoding and not text.undecodable(other)]


def read_as(encoding: str, origin: str) -> Sentence:
    """Return a note on the encoding a text was read in, and on who says so."""
    return Sentence("text read as {}, {}", shown_name(encoding), origin)


def wrong_encoding(text: LayerText, encoding: str, origin: str, fault: str) -> LayerError:
    """Return an error for a text that is not in the encoding stated for it."""
    message = Sentence("{} {}, {}", fault, shown_name(encoding), origin)
    return _question(text, message, other_encodings(text, encoding))


def unstated_encoding(text: LayerText, fault: str) -> LayerError:
    """Return an error for a text that is not UTF-8, where nothing states its encoding."""
    message = Sentence("the encoding of its text is not stated, and {} UTF-8", fault)
    return _question(text, message, other_encodings(text, "utf-8"))


def unsure_encoding(text: LayerText, fitting: Sequence[str]) -> LayerError:
    """Return an error for a text that several encodings decode."""
    message = Sentence("nothing says for certain which encoding its text is in")
    return _question(text, message, fitting)


def _question(text: LayerText, message: Sentence, fitting: Sequence[str]) -> LayerError:
    """Return an error that shows how each fitting encoding reads the first texts."""
    readings = [
        Sentence(
            "as {}: {}",
            shown_name(encoding),
            ", ".join(text.first_texts(encoding, _SHOWN_TEXTS)),
        )
        for encoding in fitting
    ]
    if not fitting:
        remedy = Sentence("say --encoding NAME, or write the layer again with a .cpg")
    elif len(fitting) == 1:
        remedy = Sentence(
            "it could be {}: say --encoding {}", shown_name(fitting[0]), fitting[0]
        )
    else:
        remedy = Sentence(
            "say the one that reads right: {}",
            " / ".join(f"--encoding {encoding}" for encoding in fitting),
        )
    return LayerError(text.shown, message, problems=readings, remedy=remedy)
