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


# A format for one field: due_at=DD/MM/YYYY.
_FOR_FIELD = re.compile(r"([a-z_]+)\s*=\s*(.*)", re.DOTALL)


@dataclass(frozen=True)
class DateFormat:
    """A format as a person stated it, for one field or, without ``field``, for all.

    ``pattern`` has a group for each part of a date.
    """

    text: str
    pattern: re.Pattern[str]
    field: str | None = None

    @property
    def stated(self) -> str:
        """Return the format with its field, as ``parse_format`` takes it."""
        return self.text if self.field is None else f"{self.field}={self.text}"

    @property
    def begins_with_year(self) -> bool:
        """Return whether the four digits of the year come first."""
        return self._parts[0] == "year"

    @property
    def order(self) -> tuple[str, ...]:
        """Return the order of the parts of a day.

        Examples
        --------
        >>> parse_format("DD/MM/YY HH:mm").order
        ('day', 'month', 'year')
        """
        kinds = {"short_year": "year", **dict.fromkeys(_MONTH_PARTS, "month")}
        parts = (kinds.get(part, part) for part in self._parts)
        return tuple(part for part in parts if part in ("year", "month", "day"))

    def agrees_with(self, other: "DateFormat") -> bool:
        """Return whether no text can be a day by this format and another day by the other.

        Examples
        --------
        >>> day_first = parse_format("DD/MM/YYYY")
        >>> [day_first.agrees_with(parse_format(one)) for one in ("M.D.YYYY", "M/D/YYYY")]
        [True, False]
        """
        is_named = not all("month" in one.pattern.groupindex for one in (self, other))
        is_other_end = self.begins_with_year != other.begins_with_year
        has_other_signs = self._signs != other._signs
        return is_named or is_other_end or has_other_signs or self.order == other.order

    @property
    def _signs(self) -> str:
        return re.sub("[A-Za-z]", "", self.text)

    @property
    def _parts(self) -> list[str]:
        return list(self.pattern.groupindex)

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
    """Parse a format, such as ``MM/DD/YYYY hh:mm A``, or ``due_at=MM/DD/YYYY`` for one field.

    Blanks stand for one or more blanks. Letters are case-sensitive, as MM and mm differ; the
    texts of months and halves of a day are not.

    Raises
    ------
    InputError
        when the format has unknown letters, a part twice, or not all parts of a day
    """
    pattern, parts, unknown = [], list[str](), list[str]()
    given = _FOR_FIELD.fullmatch(text.strip())
    field, text = (given[1], given[2]) if given else (None, text.strip())
    for bracketed, iso, token, _, blanks, sign in _PIECE.findall(text):
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
    return DateFormat(text, re.compile("".join(pattern), re.IGNORECASE), field)


def parse_formats(text: str) -> tuple[DateFormat, ...]:
    r"""Parse formats, each on a line of its own; raise InputError like ``parse_format``.

    Examples
    --------
    >>> [one.stated for one in parse_formats("DD/MM/YYYY\n\ndue_at = D.M.YY")]
    ['DD/MM/YYYY', 'due_at=D.M.YY']
    """
    lines = (line.strip() for line in text.splitlines())
    return tuple(parse_format(line) for line in dict.fromkeys(lines) if line)


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
