"""How long the texts of a case may be, and what may stand in them.

The pages, the API and the files of cases take the same: what one of them stored, the others can
show, search and give away.
"""

from gridmgmt.domain.columns import LONGEST_CODE, Texts, has_control, plain

# A number, a category, a channel, a coordinate system.
LONGEST_SHORT = LONGEST_CODE
# A description, an address, what somebody writes when they act on a case.
LONGEST_TEXT = 2_000


def short_text(text: str) -> str:
    """Read a text of one line, as ``free_text`` reads longer ones."""
    return _read(text, LONGEST_SHORT)


def free_text(text: str) -> str:
    r"""Read what people write, or raise ValueError.

    Tabs and ends of lines may stand in it, other control characters and halves of characters
    may not.

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
    """Read short texts as ``short_text`` does; None where one may be unfit."""
    return _all(texts, LONGEST_SHORT)


def free_texts(texts: Texts) -> Texts | None:
    """Read free texts as ``free_text`` does; None where one may be unfit."""
    return _all(texts, LONGEST_TEXT)


def _read(text: str, most: int) -> str:
    if len(text) > most:
        message = f"{len(text):,} characters; at most {most:,}"
        raise ValueError(message)
    return plain(text)


def _all(texts: Texts, most: int) -> Texts | None:
    there = [text for text in texts if text]
    if max(map(len, there), default=0) > most or has_control("\n".join(there)):
        return None
    return texts
