"""The one reader of numbers that people and files write as text."""

import math
import re
from collections.abc import Iterable, Sequence
from itertools import filterfalse

from gridmgmt.sentence import Sentence

# Python's float() also reads 1_20.105, nan, infinity and the digits of every script.
_OTHER = re.compile(r"[^0-9.eE+-]")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


def number_of(text: str) -> float:
    """Return the number that a text is, NaN if it is none or too large to be stored.

    It has digits 0 to 9, one point, a sign, and an exponent as spreadsheets write it; blanks
    around it do not count.

    Examples
    --------
    >>> number_of("120.105"), number_of("-1.5E-05"), number_of("1_20.105"), number_of("1e400")
    (120.105, -1.5e-05, nan, nan)
    """
    written = text.strip()
    if _OTHER.search(written):
        return math.nan
    try:
        value = float(written)
    except ValueError:
        return math.nan
    return value if math.isfinite(value) else math.nan


def no_number(texts: Iterable[str]) -> str | None:
    """Return the first of many texts that is no number, None if all are numbers.

    Examples
    --------
    >>> no_number(["120.105", "-1.5E-05"]), no_number(["1", "30,2", ""]), no_number(["nan"])
    (None, '30,2', 'nan')
    """
    return next(filterfalse(_NUMBER.fullmatch, texts), None)


def numbers(
    texts: Sequence[str | None], least: float, less_than: float
) -> list[float | None] | None:
    """Return numbers from ``least`` to ``less_than``, or None if one may be something else.

    Examples
    --------
    >>> numbers(["12.5", None], 0, 100), numbers(["x"], 0, 100), numbers(["100"], 0, 100)
    ([12.5, None], None, None)
    """
    if _OTHER.search("".join(text for text in texts if text is not None)):
        return None
    try:
        values = [None if text is None else float(text) for text in texts]
    except ValueError:
        return None
    there = [value for value in values if value is not None]
    return values if all(least <= value < less_than for value in there) else None


def number(text: str) -> float:
    """Parse a number that is not negative.

    Examples
    --------
    >>> number("12.5")
    12.5
    """
    value = number_of(text)
    # Written in this way so that NaN is refused too.
    if not 0 <= value < 1e12:
        raise ValueError(Sentence("{} is no number of 0 or more", repr(text)))
    return value


def degrees_or_metres(text: str) -> float:
    """Parse a coordinate in any unit."""
    value = number_of(text)
    if not abs(value) < 1e9:
        raise ValueError(Sentence("{} is no coordinate", repr(text)))
    return value


def count(text: str) -> int:
    """Parse a count; spreadsheets write 3 as 3.0.

    Examples
    --------
    >>> count("3"), count("3.0")
    (3, 3)
    """
    value = number(text)
    if value != int(value) or value >= 2**31:
        raise ValueError(Sentence("{} is no count", repr(text)))
    return int(value)
