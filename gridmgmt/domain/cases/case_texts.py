"""Limits on the texts of a case: their length and characters.

Pages, API and case files have the same limits. A text stored by one of them can be shown,
searched and exported by the others.
"""

from gridmgmt.domain.columns import Texts, has_control, plain
from gridmgmt.domain.stored_time import stored_times
from gridmgmt.sentence import Sentence

# For a channel or a coordinate system.
LONGEST_SHORT = 200
# For a description, an address, or what somebody writes when acting on a case.
LONGEST_TEXT = 2_000


def short_text(text: str) -> str:
    """Return a text of one line; the rules are those of ``free_text`` otherwise."""
    return _read(text, LONGEST_SHORT)


def free_text(text: str) -> str:
    r"""Return what a person wrote, or raise ValueError.

    Tabs and line breaks are allowed; other control characters and unpaired surrogates are not.

    Examples
    --------
    >>> free_text("坑洞\n甲路1号")
    '坑洞\n甲路1号'
    >>> free_text("x" * 2001)
    Traceback (most recent call last):
    ValueError: 2,001 characters; at most 2,000
    """
    return _read(text, LONGEST_TEXT)


def short_texts(texts: Texts) -> Texts | None:
    """Return short texts like ``short_text``, or None if one may be invalid."""
    return _all(texts, LONGEST_SHORT)


def free_texts(texts: Texts) -> Texts | None:
    """Return free texts like ``free_text``, or None if one may be invalid."""
    return _all(texts, LONGEST_TEXT)


def _read(text: str, most: int) -> str:
    if len(text) > most:
        raise ValueError(Sentence("{} characters; at most {}", f"{len(text):,}", f"{most:,}"))
    return plain(text)


def _all(texts: Texts, most: int) -> Texts | None:
    there = [text for text in texts if text]
    if max(map(len, there), default=0) > most or has_control("\n".join(there)):
        return None
    return None if stored_times(texts) else texts
