"""Duty hours of other years, months or days than those of the duty, which never count."""

import re
from datetime import date, datetime, timedelta
from functools import lru_cache

from gridmgmt.domain.judging.hours import Hours, parse_hours
from gridmgmt.domain.judging.hours_text import rules_of, years_in
from gridmgmt.errors import InputError
from gridmgmt.sentence import Sentence

# A comma behind a time or "off", before a month, weekday or year, begins another rule.
_ADDED = re.compile(r"(?:(?<=\d\d:\d\d)|(?<=off)|(?<=closed))\s*,\s*(?=[A-Z]|\d{4}\b(?!:))")
_OFF = re.compile(r"\s*\b(?:off|closed)\s*$", re.IGNORECASE)

# 29 February is at most eight years away.
_LONGEST_GAP = 9
_EARLIEST, _LATEST = date(1900, 1, 1), date(2300, 1, 1)


@lru_cache(maxsize=4096)
def hours_outside(text: str, first: date | None, last: date | None) -> tuple[Sentence, ...]:
    """Return warnings about hours that never come on the days of a duty.

    Parameters
    ----------
    text : duty hours that ``parse_hours`` takes
    first, last : the first and the last day of the duty, None = open

    Returns
    -------
    one sentence if the hours never come at all, else one for each rule that never counts, also
    one that only closes; empty if there are none, or if the duty has no first and no last day

    Examples
    --------
    >>> summer = "May-Sep 06:00-20:00; Oct-Apr 08:00-18:00"
    >>> [str(one) for one in hours_outside(summer, date(2026, 6, 1), date(2026, 8, 31))]
    ["'Oct-Apr 08:00-18:00' never counts on the days of the duty, 2026-06-01 – 2026-08-31"]
    >>> hours_outside(summer, date(2026, 6, 1), None)
    ()
    """
    if first is None and last is None:
        return ()
    days = _days(first, last)
    if not _is_ever_open(text, first, last):
        return (Sentence("{} never comes on the days of the duty, {}", repr(text), days),)
    rules = [one.strip() for rule in rules_of(text) for one in _ADDED.split(rule)]
    return tuple(
        Sentence("{} never counts on the days of the duty, {}", repr(rule), days)
        for rule in rules
        if len(rules) > 1 and not _is_ever_open(_opened(rule), first, last)
    )


def _days(first: date | None, last: date | None) -> str:
    # Signs and no words, which every language reads.
    return f"{first or '…'} – {last or '…'}"


def _opened(rule: str) -> str:
    """Return a rule that opens where the given one opens or closes."""
    return _OFF.sub("", rule) or "24/7"


def _is_ever_open(text: str, first: date | None, last: date | None) -> bool:
    try:
        hours = parse_hours(text)
    except InputError:
        # What cannot be read alone is not judged alone.
        return True
    return hours.always or _opens_between(hours, *_window(text, first, last))


def _window(text: str, first: date | None, last: date | None) -> tuple[date, date]:
    """Return the days in which hours come if they ever do, the end excluded."""
    years = years_in(text)
    begin, end = first or _EARLIEST, _LATEST if last is None else last + timedelta(days=1)
    if first is None and last is not None:
        begin = max(begin, date(min([last.year, *years]) - _LONGEST_GAP, 1, 1))
    if last is None and first is not None:
        end = min(end, date(max([first.year, *years]) + _LONGEST_GAP, 1, 1))
    return begin, end


def _opens_between(hours: Hours, begin: date, end: date) -> bool:
    start = datetime.combine(begin, datetime.min.time())
    return hours.opens_within(start, (end - begin).days)
