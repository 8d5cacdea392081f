"""Propose the format of the dates in a file, where only one can be meant."""

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import product

from gridmgmt.domain.date_format import DateFormat, parse_format
from gridmgmt.domain.stored_time import StoredTime

# Orders of day, month and year that nobody can read without being told. A year in front is
# read without a format.
_ORDERS = (
    *(
        order.replace("/", sign)
        for order in ("M/D/YYYY", "D/M/YYYY", "M/D/YY", "D/M/YY", "YY/M/D")
        for sign in "/-."
    ),
    "D MMM YYYY",
    "D-MMM-YYYY",
    "D-MMM-YY",
    "MMM D, YYYY",
    "D MMMM YYYY",
    "MMMM D, YYYY",
)
_TIMES = ("", " H:mm", " H:mm:ss", " h:mm A", " h:mm:ss A")
# With the year in front they lack only what tells the halves of a day, or the signs between.
_HALVES = (" h:mm A", " h:mm:ss A", " A h:mm", " A h:mm:ss", " Ah:mm", " Ah:mm:ss")
_YEAR_FIRST = (
    *map("".join, product(("YYYY-M-D", "YYYY/M/D", "YYYY年M月D日"), _HALVES)),
    *("YYYY年M月D日" + time for time in ("H时m分", " H时m分", "H时m分s秒", " H时m分s秒")),
    "YYYYMMDDHHmm",
    "YYYYMMDDHHmmss",
    "YYYYMMDD HH:mm",
    "YYYYMMDD HH:mm:ss",
)
_KNOWN = (*map("".join, product(_ORDERS, _TIMES)), *_YEAR_FIRST)
# What may be written with one digit or two: the group of its pattern.
_SHORT = {"M": "month", "D": "day", "H": "hour", "h": "hour_of_12"}


class FormatProposal:
    """Finds the one known format that fits every date of a file.

    Examples
    --------
    >>> proposal = FormatProposal()
    >>> proposal.add(["03/04/2026", None])
    >>> proposal.found()
    >>> proposal.add(["13/04/2026"])
    >>> proposal.found()
    'DD/MM/YYYY'
    """

    def __init__(self) -> None:
        # Each known format that still fits, and the parts that some date writes with one digit.
        self._left: dict[DateFormat, set[str]] = {parse_format(text): set() for text in _KNOWN}
        self._seen = False

    @property
    def is_open(self) -> bool:
        """Return whether some format fits all dates so far."""
        return bool(self._left)

    @property
    def is_doubtful(self) -> bool:
        """Return whether there was a date, and all need a format."""
        return self._seen and self.is_open

    def add(self, texts: Iterable[str | None]) -> None:
        """Look at more dates; empty cells and those stored as dates say nothing."""
        written = {text for text in texts if text is not None and type(text) is not StoredTime}
        for text in written:
            self._seen = True
            self._left = {
                known: single | short
                for known, single in self._left.items()
                if (short := _short_parts(known, text)) is not None
            }

    def found(self) -> str | None:
        """Return the format, or None if none or several fit, or there was no date."""
        if not self._seen or len(self._left) != 1:
            return None
        [(only, single)] = self._left.items()
        return _padded(only, single)


def formats_of(text: str) -> list[str]:
    """Return the known formats that a date fits.

    Examples
    --------
    >>> formats_of("3/4/2026"), formats_of("2026-04-03")
    (['M/D/YYYY', 'D/M/YYYY'], [])
    """
    shape = re.sub("[0-9]", "9", text)
    fitting = ((known, _short_parts(known, text)) for known in _of_shape(shape))
    return [_padded(known, short) for known, short in fitting if short is not None]


@lru_cache(maxsize=4096)
def _of_shape(shape: str) -> list[DateFormat]:
    """Return the known formats whose pattern fits; each digit fits as 9 does."""
    every = map(parse_format, _KNOWN)
    return [known for known in every if known.pattern.fullmatch(shape)]


def _padded(known: DateFormat, single: set[str]) -> str:
    """Return a format with two letters for parts that are always written with two digits."""

    def padded(token: re.Match[str]) -> str:
        part = _SHORT.get(token[0])
        return token[0] if part is None or part in single else token[0] * 2

    return re.sub(r"([A-Za-z])\1*", padded, known.text)


def _short_parts(known: DateFormat, text: str) -> set[str] | None:
    """Return the parts that a date writes with one digit, or None if it does not fit."""
    match = known.pattern.fullmatch(text)
    if match is None:
        return None
    try:
        known.read(text)
    except ValueError:
        return None
    return {part for part, digits in match.groupdict().items() if len(digits) == 1}
