"""Text of dates and times that a program stored as such: nobody typed it in this form.

A spreadsheet makes a number with the format of a date of the code 8-1, and a time of 9:05. The
text we make of it has other characters than what was typed, so it is a date or free text, and
never a code, a name or a number.
"""

from collections.abc import Collection, Iterable
from typing import SupportsIndex

from gridmgmt.sentence import Sentence


class StoredTime(str):
    """The text of a date, a time or a duration that a file holds as such.

    It has no blanks around it.

    Examples
    --------
    >>> StoredTime("09:05:00") == "09:05:00", type(StoredTime("09:05:00").strip()).__name__
    (True, 'StoredTime')
    """

    __slots__ = ()

    def strip(self, chars: str | None = None, /) -> "StoredTime":
        """Return the text itself, and not a copy that is a plain ``str``."""
        del chars
        return self


def time_fault(text: str) -> Sentence | None:
    """Return why a text is nothing that somebody typed, or None if it is not a stored time."""
    if not isinstance(text, StoredTime):
        return None
    return Sentence(
        "{} is stored as a date or time, not as it was typed; make the column text and type it "
        "anew",
        repr(text),
    )


def stored_times(texts: Collection[object]) -> list[int]:
    """Return the positions of stored dates and times among the cells of a column.

    Examples
    --------
    >>> stored_times(["8-1", None, StoredTime("2026-08-01")])
    [2]
    """
    # Nearly no column has any, and this is fast.
    if StoredTime not in set(map(type, texts)):
        return []
    return [i for i, text in enumerate(texts) if type(text) is StoredTime]


def as_stored_times(texts: list[str | None], places: Iterable[SupportsIndex]) -> None:
    """Make stored dates and times of the texts at some positions; the list is changed."""
    for i in places:
        texts[i] = StoredTime(texts[i])
