"""Duty hours as somebody writes them: rules that hide others, and hours that are not said."""

import re
from datetime import datetime
from functools import lru_cache
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from gridmgmt.domain.judging.hours import EXAMPLES, Hours, parse_hours
from gridmgmt.domain.judging.hours_text import refuse_unsaid, rules_of, years_in
from gridmgmt.errors import InputError
from gridmgmt.sentence import Sentence

_COMMENT = re.compile(r'"[^"]*"')
_OPEN_END = re.compile(r"\d\d?:\d\d\s*\+")
_CLOSING = re.compile(r'("[^"]*")|\b(?:off|closed)\b', re.IGNORECASE)

# Some leap year, so that 29 February is looked at, beside the years that the hours name; and
# one with 53 weeks for hours that name weeks.
_LEAP_YEAR, _LONG_YEAR = 2028, 2026
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
    one sentence for each pair of rules of which the later one hides the earlier one, or opens
    what it closes, on some days; one for hours without an end; empty if there are none

    Raises
    ------
    InputError
        for what ``refuse_unsaid`` refuses, if a later rule hides an earlier one on all its
        days, if it is never open, or if there are over 20 rules

    Examples
    --------
    >>> [str(warning)[:60] for warning in check_hours("Mo-Fr 08:00-12:00; We 14:00-18:00")]
    ["on the days of both, 'We 14:00-18:00' replaces 'Mo-Fr 08:00-"]
    >>> check_hours("08:00-18:00; Sa 09:00-12:00")
    ()
    """
    rules = rules_of(text)
    if len(rules) > _MOST_RULES:
        message = Sentence("has {} rules, at most {} are read", len(rules), _MOST_RULES)
        raise InputError(field="hours", message=message)
    refuse_unsaid(text)
    warnings = [
        warning
        for (i, earlier), (j, later) in combinations(enumerate(rules), 2)
        if (warning := _hiding(earlier, later) or _reopening(rules, i, j)) is not None
    ]
    if not any(_minutes(parse_hours(text), year).any() for year in _years(text)):
        message = Sentence("{} is never open; write hours such as {}", repr(text), EXAMPLES)
        raise InputError(field="hours", message=message)
    if _OPEN_END.search(_COMMENT.sub("", text)):
        warnings.append(
            Sentence(
                "{} has no end and is read as until midnight; write it, such as 08:00-24:00",
                repr(text),
            )
        )
    return tuple(warnings)


def _hiding(earlier: str, later: str) -> Sentence | None:
    """Return a warning if the later rule hides the earlier one; raise if on all its days."""
    alone, after, both = (_opening(text) for text in (earlier, later, f"{earlier}; {later}"))
    if alone is None:
        return None
    years = _years(earlier, later)
    before = _in_years(alone, years).reshape(-1, _DAY)
    left, new = (
        np.zeros_like(before) if hours is None else _in_years(hours, years).reshape(-1, _DAY)
        for hours in (both, after)
    )
    is_cut = (before & ~left).any(axis=1)
    has_hours = before.any(axis=1)
    if not new.any():
        if left.any() or not has_hours.any():
            return None  # an exception, such as "Sa off"
        message = Sentence(
            "{} never counts: {} after it closes all its hours; leave out one of the two",
            repr(earlier),
            repr(later),
        )
        raise InputError(field="hours", message=message)
    if has_hours.any() and not (has_hours & ~is_cut).any():
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


def _reopening(rules: list[str], i: int, j: int) -> Sentence | None:
    """Return a warning if rule j opens days that rule i before it closes; raise if all of them.

    A later rule within the closed time is taken for an exception: "Su off; Su 10:00-12:00".
    """
    closing, later = rules[i], rules[j]
    years = _years(closing, later)
    itself, after = _opening(closing), _opening(later)
    if after is None or (itself is not None and _in_years(itself, years).any()):
        return None
    closed = _opening(_CLOSING.sub(lambda found: found[1] or "open", closing))
    if closed is None:
        return None
    shut, opened = _in_years(closed, years), _in_years(after, years)
    if not (shut & opened).any() or not (opened & ~shut).any():
        return None
    so_far, others = rules[: j + 1], [*rules[:i], *rules[i + 1 : j + 1]]
    with_it, without = (_opening("; ".join(some)) for some in (so_far, others))
    behind = "; ".join((*others, closing, *rules[j + 1 :]))
    if with_it and without and (_in_years(with_it, years) != _in_years(without, years)).any():
        return Sentence(
            "{} closes days that {} after it opens again; if they shall stay closed, write it "
            "behind: {}",
            repr(closing),
            repr(later),
            behind,
        )
    message = Sentence(
        "{} never counts: {} after it opens its days again; write it behind: {}",
        repr(closing),
        repr(later),
        behind,
    )
    raise InputError(field="hours", message=message)


def _opening(text: str) -> Hours | None:
    """Return the hours of one or two rules, or None if they are never open."""
    try:
        return parse_hours(text)
    except InputError:
        return None


def _years(*rules: str) -> list[int]:
    long = {_LONG_YEAR} if any("week" in rule.lower() for rule in rules) else set()
    return sorted({_LEAP_YEAR, *long}.union(*map(years_in, rules)))


def _in_years(hours: Hours, years: list[int]) -> NDArray[np.bool_]:
    """Return whether it is open at each minute of the years, 366 days each."""
    return np.concatenate([_minutes(hours, year) for year in years])


def _minutes(hours: Hours, year: int) -> NDArray[np.bool_]:
    """Return whether it is open at each of the 366 · 1440 minutes from the year's beginning."""
    start = datetime(year, 1, 1)  # noqa: DTZ001 - the wall clock of the bureau
    minutes = np.zeros(_YEAR_DAYS * _DAY, dtype=np.bool_)
    for begin, end in hours.open_spans(start, _YEAR_DAYS):
        first, last = (int((at - start).total_seconds()) // 60 for at in (begin, end))
        minutes[first:last] = True
    return minutes
