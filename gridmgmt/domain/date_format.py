"""Formats of dates that a person states, such as ``MM/DD/YYYY hh:mm A``.

The syntax is that of moment.js, where ``MM`` is the month and ``mm`` the minute. A text has to
fit its format as a whole; nothing is guessed or skipped.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import pairwise

from gridmgmt.domain.moments import read_offset
from gridmgmt.errors import InputError
from gridmgmt.sentence import Sentence

# Not those of the calendar module, which are in the language of the machine.
_MONTHS = [
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
]
_SHORT_MONTHS = [month[:3] for month in _MONTHS]

# token: the part of a date it stands for, and the texts it fits.
_TOKENS = {
    "YYYY": ("year", "[0-9]{4}"),
    "YY": ("short_year", "[0-9]{2}"),
    "MMMM": ("long_month", "|".join(_MONTHS)),
    "MMM": ("short_month", "|".join(_SHORT_MONTHS)),
    "MM": ("month", "[0-9]{2}"),
    "M": ("month", "[0-9]{1,2}"),
    "DD": ("day", "[0-9]{2}"),
    "D": ("day", "[0-9]{1,2}"),
    "HH": ("hour", "[0-9]{2}"),
    "H": ("hour", "[0-9]{1,2}"),
    "hh": ("hour_of_12", "[0-9]{2}"),
    "h": ("hour_of_12", "[0-9]{1,2}"),
    "A": ("half", r"[AP]\.?M\.?|上午|下午"),
    "a": ("half", r"[AP]\.?M\.?|上午|下午"),
    "mm": ("minute", "[0-9]{2}"),
    "m": ("minute", "[0-9]{1,2}"),
    "ss": ("second", "[0-9]{2}"),
    "s": ("second", "[0-9]{1,2}"),
    **{"S" * n: ("fraction", f"[0-9]{{{n}}}") for n in range(1, 10)},
    "Z": ("offset", r"Z|UTC|[+-][0-9]{2}(?::?[0-9]{2})?"),
    "ZZ": ("offset", r"Z|UTC|[+-][0-9]{2}(?::?[0-9]{2})?"),
}
# Letters alike belong together; [brackets] hold letters that mean themselves, and so does T.
_PIECE = re.compile(r"\[([^\]]*)\]|(T)|(([A-Za-z])\4*)|(\s+)|(.)")

_YEARS, _MONTH_PARTS = ("year", "short_year"), ("month", "short_month", "long_month")
_HOURS = ("hour", "hour_of_12")
# A part, and the parts of which it needs one.
_NEEDS = (("minute", _HOURS), ("second", ("minute",)), ("fraction", ("second",)))
_HELP = "YYYY, MM, DD, HH (or hh with A), mm, ss"


@dataclass(frozen=True)
class DateFormat:
    """A format as a person stated it; ``pattern`` has a group for each part of a date."""

    text: str
    pattern: re.Pattern[str]

    def read(self, text: str) -> datetime:
        """Parse a text that fits the format; without an offset in it the result has none.

        Raises
        ------
        ValueError
            when the text does not fit as a whole, or there is no such day or time

        Examples
        --------
        >>> stated = parse_format("MM/DD/YYYY hh:mm A")
        >>> stated.read("01/05/2015 12:40 PM").isoformat()
        '2015-01-05T12:40:00'
        >>> parse_format("D.M.YY").read("5.1.15").isoformat()
        '2015-01-05T00:00:00'
        """
        match = self.pattern.fullmatch(text)
        if match is not None:
            try:
                return _moment(match.groupdict())
            except ValueError:
                pass
        raise ValueError(Sentence("{} does not fit the format {}", repr(text), self.text))


@lru_cache(maxsize=128)
def parse_format(text: str) -> DateFormat:
    """Parse a format, such as ``MM/DD/YYYY hh:mm A``.

    Blanks stand for one or more blanks. Letters are case-sensitive, as MM and mm differ; the
    texts of months and halves of a day are not.

    Raises
    ------
    InputError
        when the format has unknown letters, a part twice, or not all parts of a day
    """
    pattern, parts, unknown = [], list[str](), list[str]()
    for bracketed, iso, token, _, blanks, sign in _PIECE.findall(text.strip()):
        if token in _TOKENS:
            part, texts = _TOKENS[token]
            # A second group of one name would be no pattern; the fault is said below.
            pattern.append(f"(?P<{part}>{texts})" if part not in parts else "")
            parts.append(part)
        elif token or sign in ("%", "[", "]"):
            unknown.append(token or sign)
        else:
            # Possessive, so that no format can make the reading of a long cell slow.
            pattern.append(r"\s++" if blanks else re.escape(bracketed or iso or sign))
    fault = _fault(parts, unknown) or _tight(pattern)
    if fault is not None:
        raise InputError(
            field="date-format",
            message=Sentence("the format {} cannot be used: {}; write {}", text, fault, _HELP),
        )
    return DateFormat(text.strip(), re.compile("".join(pattern), re.IGNORECASE))


def _tight(pattern: list[str]) -> Sentence | None:
    """Return the fault of parts that nobody could tell apart: 1112015 as DMYYYY."""
    for before, after in pairwise(pattern):
        if "[0-9]" in before and "[0-9]" in after and "{1,2}" in before + after:
            return Sentence("a part of one letter needs a sign between it and other digits")
    return None


def _fault(parts: list[str], unknown: list[str]) -> Sentence | None:
    if unknown:
        return Sentence("no part of a date is {}", ", ".join(dict.fromkeys(unknown)))
    kinds = (_YEARS, _MONTH_PARTS, ("day",), _HOURS, ("half",), ("minute",), ("second",))
    for kind in (*kinds, ("fraction",), ("offset",)):
        if sum(part in kind for part in parts) > 1:
            return Sentence("it has a part of a date twice")
    if not all(set(kind) & set(parts) for kind in kinds[:3]):
        return Sentence("a date needs year, month and day")
    if ("half" in parts) != ("hour_of_12" in parts):
        return Sentence("hh counts to 12 and needs A beside it, HH counts to 23 and needs none")
    if any(part in parts and not set(needed) & set(parts) for part, needed in _NEEDS):
        return Sentence("minutes need hours, and seconds need minutes")
    return None


def _moment(parts: Mapping[str, str]) -> datetime:
    """Return the time of the parts as they stand; raise ValueError if there is none such."""
    offset = parts.get("offset")
    return datetime(
        _year(parts),
        _month(parts),
        int(parts["day"]),
        _hour(parts),
        int(parts.get("minute", 0)),
        int(parts.get("second", 0)),
        int(parts.get("fraction", "0")[:6].ljust(6, "0")),
        tzinfo=read_offset(offset) if offset else None,
    )


def _year(parts: Mapping[str, str]) -> int:
    if "year" in parts:
        return int(parts["year"])
    # As POSIX, Python and moment.js have it: 69 to 99 are of the last century.
    short = int(parts["short_year"])
    return short + (1900 if short >= 69 else 2000)


def _month(parts: Mapping[str, str]) -> int:
    if "month" in parts:
        return int(parts["month"])
    name = parts.get("short_month") or parts["long_month"]
    return _SHORT_MONTHS.index(name[:3].capitalize()) + 1


def _hour(parts: Mapping[str, str]) -> int:
    if "hour_of_12" not in parts:
        return int(parts.get("hour", 0))
    hour = int(parts["hour_of_12"])
    if not 1 <= hour <= 12:
        message = "no clock with AM and PM shows it"
        raise ValueError(message)
    is_afternoon = parts["half"][0] in "Pp下"
    return hour % 12 + (12 if is_afternoon else 0)
