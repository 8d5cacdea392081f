"""Duty hours as somebody writes them: rules that hide others, and hours that are not said."""

import re
from datetime import datetime
from functools import lru_cache
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from gridmgmt.domain.judging.hours import EXAMPLES, Hours, parse_hours
from gridmgmt.errors import InputError
from gridmgmt.sentence import Sentence

_COMMENT = re.compile(r'"[^"]*"')
_RULE_END = re.compile(r';(?=(?:[^"]*"[^"]*")*[^"]*$)')  # no semicolon of a comment
_UNKNOWN = re.compile(r"\bunknown\b", re.IGNORECASE)
_OPEN_END = re.compile(r"\d\d?:\d\d\s*\+")
_YEAR = re.compile(r"(?<!\d)2[01]\d\d(?![\d:])")

# Some leap year, so that 29 February is looked at, beside the years that the hours name.
_LEAP_YEAR = 2028
_YEAR_DAYS = 366
_DAY = 24 * 60  # in minutes
# Each rule is compared with all before it.
_MOST_RULES = 20


@lru_cache(maxsize=4096)
def check_hours(text: str) -> tuple[Sentence, ...]:
    """Return warnings about duty hours that mean something else than they seem to say.

    In opening_hours a rule after ``;`` replaces, on its own days, all the rules before it.

    Parameters
    ----------
    text : duty hours that ``parse_hours`` takes

    Returns
    -------
    one sentence for each pair of rules of which the later one hides the earlier one on some
    days, and one for hours without an end; empty if there are none

    Raises
    ------
    InputError
        if hours are said to be unknown, if a rule is only a comment or a fallback (``||``), if
        a later rule hides an earlier one on all its days, or if there are over 20 rules

    Examples
    --------
    >>> [str(warning)[:60] for warning in check_hours("Mo-Fr 08:00-12:00; We 14:00-18:00")]
    ["on the days of both, 'We 14:00-18:00' replaces 'Mo-Fr 08:00-"]
    >>> check_hours("08:00-18:00; Sa 09:00-12:00")
    ()
    """
    rules = [rule.strip() for rule in _RULE_END.split(text)]
    if len(rules) > _MOST_RULES:
        message = Sentence("has {} rules, at most {} are read", len(rules), _MOST_RULES)
        raise InputError(field="hours", message=message)
    _refuse_unsaid(text, rules)
    warnings = [
        warning
        for earlier, later in combinations(rules, 2)
        if (warning := _hiding(earlier, later)) is not None
    ]
    if _OPEN_END.search(_COMMENT.sub("", text)):
        warnings.append(
            Sentence(
                "{} has no end and is read as until midnight; write it, such as 08:00-24:00",
                repr(text),
            )
        )
    return tuple(warnings)


def _refuse_unsaid(text: str, rules: list[str]) -> None:
    said = [_COMMENT.sub("", rule).strip() for rule in rules]
    if any(_UNKNOWN.search(rule) for rule in said):
        raise InputError(
            field="hours",
            message=Sentence(
                "{} says unknown, and then nobody is on duty; write hours such as {}",
                repr(text),
                EXAMPLES,
            ),
        )
    if any("||" in rule for rule in said):
        raise InputError(
            field="hours",
            message=Sentence(
                "{} has rules joined by ||, of which one counts on a day; join them by ,: {}",
                repr(text),
                re.sub(r"\s*\|\|\s*", ", ", text),
            ),
        )
    # opening_hours takes a comment alone for hours that never end.
    if not all(said):
        raise InputError(
            field="hours",
            message=Sentence(
                "{} has a comment without hours; write hours such as {}", repr(text), EXAMPLES
            ),
        )


def _hiding(earlier: str, later: str) -> Sentence | None:
    """Return a warning if the later rule hides the earlier one; raise if on all its days."""
    alone, after, both = (_opening(text) for text in (earlier, later, f"{earlier}; {later}"))
    if alone is None:
        return None
    if both is None:
        message = Sentence(
            "{} never counts: {} after it closes all its hours; leave out one of the two",
            repr(earlier),
            repr(later),
        )
        raise InputError(field="hours", message=message)
    if after is None:
        return None  # an exception, such as "Sa off"
    days = np.concatenate([_days(alone, both, after, year) for year in _years(earlier, later)])
    before, left, new = days[:, 0], days[:, 1], days[:, 2]
    is_cut = (before & ~left).any(axis=1)
    has_hours = before.any(axis=1)
    if has_hours.any() and is_cut[has_hours].all():
        message = Sentence(
            "{} never counts: {} after it replaces it on all its days; join them by ,: {}",
            repr(earlier),
            repr(later),
            f"{earlier}, {later}",
        )
        raise InputError(field="hours", message=message)
    # A later rule within the hours of the earlier one is taken for what it most often is: a
    # shorter day, such as "08:00-18:00; Sa 09:00-12:00".
    is_replaced = is_cut & (new & ~before).any(axis=1)
    if is_replaced.any():
        return Sentence(
            "on the days of both, {} replaces {}; if both shall count, join them by ,: {}",
            repr(later),
            repr(earlier),
            f"{earlier}, {later}",
        )
    return None


def _opening(text: str) -> Hours | None:
    """Return the hours of one or two rules, or None if they are never open."""
    try:
        return parse_hours(text)
    except InputError:
        return None


def _years(*rules: str) -> set[int]:
    return {_LEAP_YEAR, *(int(year) for rule in rules for year in _YEAR.findall(rule))}


def _days(alone: Hours, both: Hours, after: Hours, year: int) -> NDArray[np.bool_]:
    """Return whether each is open, of shape (366 days, 3 schedules, 1440 minutes)."""
    start = datetime(year, 1, 1)  # noqa: DTZ001 - the wall clock of the bureau
    minutes = np.zeros((3, _YEAR_DAYS * _DAY), dtype=bool)
    for row, hours in zip(minutes, (alone, both, after), strict=True):
        for begin, end in hours.open_spans(start, _YEAR_DAYS):
            first, last = (int((at - start).total_seconds()) // 60 for at in (begin, end))
            row[first:last] = True
    return minutes.reshape(3, _YEAR_DAYS, _DAY).swapaxes(0, 1)
