"""What the text of duty hours says that no schedule can mean."""

import re
from calendar import monthrange

from gridmgmt.domain.judging.hours import EXAMPLES
from gridmgmt.errors import InputError
from gridmgmt.sentence import Sentence

_COMMENT = re.compile(r'"[^"]*"')
_UNKNOWN = re.compile(r"\bunknown\b", re.IGNORECASE)
# No sign within a comment ends anything.
RULE_END, _FALLBACK = (
    re.compile(rf'{sign}(?=(?:[^"]*"[^"]*")*[^"]*$)') for sign in (";", r"\|\|")
)
# 08:00-18:00/30: moments such as those of a bus, which the library takes for the whole span.
_REPETITION = re.compile(r"(\d\d:\d\d)\s*/\s*[\d:]+")

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
# 2027 Feb 05-11; a time of day may stand behind the days.
_MONTH_DAYS = re.compile(
    rf"(?:(?<![\d-])(\d{{4}})\s+)?\b({'|'.join(_MONTHS)})\s*(\d\d?)(?:\s*-\s*(\d\d?))?(?![\d:])",
    re.IGNORECASE,
)
_YEAR = re.compile(r"(?<!\d)(?:19|2[01])\d\d(?![\d:])")
_LEAP_YEAR = 2028


def rules_of(text: str) -> list[str]:
    """Return the rules of duty hours, which ``;`` separates.

    Examples
    --------
    >>> rules_of('08:00-18:00 "a; b"; Sa off')
    ['08:00-18:00 "a; b"', 'Sa off']
    """
    return [rule.strip() for rule in RULE_END.split(text)]


def years_in(text: str) -> set[int]:
    """Return the years that duty hours name.

    Examples
    --------
    >>> years_in("2027 Feb 05-11 10:00-22:00")
    {2027}
    """
    return {int(year) for year in _YEAR.findall(text)}


def refuse_unsaid(text: str) -> None:
    """Raise InputError for hours that say nothing, or days that no calendar has.

    These are hours that are unknown, a comment without hours, a fallback (``||``), a repetition
    (``/30``) and days such as 30 February, which the library takes for every day.

    Examples
    --------
    >>> refuse_unsaid("Feb 29 08:00-18:00")
    >>> refuse_unsaid("Jun 31 08:00-18:00")
    Traceback (most recent call last):
    gridmgmt.errors.InputError: hours: 'Jun 31' is no day of the year
    """
    said = _COMMENT.sub("", text)
    if _UNKNOWN.search(said):
        raise _refusal(
            Sentence(
                "{} says unknown, and then nobody is on duty; write hours such as {}",
                repr(text),
                EXAMPLES,
            )
        )
    if "||" in said:
        raise _refusal(
            Sentence(
                "{} has rules joined by ||, of which one counts on a day; join them by ,: {}",
                repr(text),
                "; ".join(map(_joined, RULE_END.split(text))),
            )
        )
    # The library takes a comment alone for hours that never end.
    if not all(part.strip() for part in re.split("[;,]", said)):
        raise _refusal(
            Sentence(
                "{} has a comment without hours; write hours such as {}", repr(text), EXAMPLES
            )
        )
    repeated = _REPETITION.search(said)
    if repeated:
        raise _refusal(
            Sentence(
                "{} repeats moments; hours are from a time to another: {}",
                repr(text),
                _REPETITION.sub(r"\1", text),
            )
        )
    for found in _MONTH_DAYS.finditer(said):
        year, month, *days = found.groups()
        last = monthrange(int(year or _LEAP_YEAR), _MONTHS.index(month.lower()) + 1)[1]
        if any(day is not None and int(day) > last for day in days):
            raise _refusal(Sentence("{} is no day of the year", repr(found[0].strip())))


def _joined(rule: str) -> str:
    """Return a rule with its fallbacks joined by commas, without those that are comments."""
    parts = (part.strip() for part in _FALLBACK.split(rule))
    return ", ".join(part for part in parts if _COMMENT.sub("", part).strip())


def _refusal(message: Sentence) -> InputError:
    return InputError(field="hours", message=message)
