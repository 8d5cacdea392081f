"""Deadlines of cases that are entered without one: by the time limit of their category.

Only cases that a person enters or a program reports get one. A file of another system says
itself what its cases are due by: what is empty there stays empty.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.engine import Connection

from gridmgmt.domain.cases.case import GivenCase
from gridmgmt.domain.cases.deadline import provisional_due_at, why_no_due_at
from gridmgmt.domain.time_limit import TimeLimit, parse_limits
from gridmgmt.errors import InputError
from gridmgmt.sentence import Sentence
from gridmgmt.store.responsibility.categories import get_category

# Forms show times to the minute.
_SHOWN_TO = timedelta(minutes=1)


@dataclass(frozen=True)
class Due:
    """A case with its deadline, and what is to be said about it, if anything.

    ``limits`` are the texts of all limits of its category. ``is_open`` means that a person
    still has to decide: there are several, or the only one has no plain length.
    """

    given: GivenCase
    limits: tuple[str, ...] = ()
    note: Sentence | None = None
    is_open: bool = False


def limits_of(conn: Connection, category: str) -> tuple[TimeLimit, ...]:
    """Return the different time limits of a category.

    Raises
    ------
    NotFoundError
        when there is no such category
    """
    return parse_limits(get_category(conn, category).time_limit)


@dataclass(frozen=True)
class OfferedLimit:
    """A time limit that a form offers, and the deadline it gives; or why it gives none."""

    text: str
    due_at: datetime | None
    why_not: Sentence | None


def offered_limits(
    conn: Connection, category: str, reported_at: datetime
) -> list[OfferedLimit]:
    """Return the time limits of a category for a case that is reported at a time.

    Raises
    ------
    NotFoundError
        when there is no such category
    """
    offered = []
    for limit in limits_of(conn, category):
        due_at = provisional_due_at(reported_at, limit)
        why_not = why_no_due_at(limit) if due_at is None else None
        offered.append(OfferedLimit(limit.text, due_at, why_not))
    return offered


def due_by_limit(
    given: GivenCase,
    limits: Sequence[TimeLimit],
    chosen: str | None = None,
    *,
    is_stated: bool = False,
) -> Due:
    """Return a case with the deadline that its category's time limit gives it.

    A deadline that was given stays, and is not provisional; unless it is, to the minute, the
    one of the chosen limit.

    Parameters
    ----------
    limits : the limits of its category
    chosen : the text of the limit that somebody chose
    is_stated : no deadline was given on purpose

    Raises
    ------
    InputError
        when the category has no such limit
    """
    texts = tuple(one.text for one in limits)
    limit = None if chosen is None else chosen_limit(given.category, limits, chosen)
    if given.due_at is not None:
        return Due(_with_given_due(given, limit), texts)
    if is_stated or not limits:
        return Due(given, texts)
    if limit is None and len(limits) > 1:
        note = Sentence(
            "{} has several time limits, {}: no deadline was set",
            given.category,
            " | ".join(texts),
        )
        return Due(given, texts, note, is_open=True)
    limit = limit or limits[0]
    due_at = provisional_due_at(given.reported_at, limit)
    by_limit = replace(given, due_limit=limit.text)
    if due_at is None:
        note = Sentence("no deadline was set: {}", why_no_due_at(limit))
        return Due(by_limit, texts, note, is_open=True)
    note = Sentence(
        "the deadline follows from {} in plain hours and is provisional", limit.text
    )
    return Due(replace(by_limit, due_at=due_at, due_provisional=True), texts, note)


def chosen_limit(category: str, limits: Sequence[TimeLimit], chosen: str) -> TimeLimit:
    """Return the limit of a category that somebody chose by its text.

    Raises
    ------
    InputError
        when the category has no such limit
    """
    meanings = {limit.meaning: limit for limit in limits}
    read = parse_limits(chosen)
    found = meanings.get(read[0].meaning) if len(read) == 1 else None
    if found is None:
        texts = " | ".join(one.text for one in limits) or "–"
        raise InputError(
            field="due_limit",
            message=Sentence(
                "{} is no time limit of category {}; it has {}", repr(chosen), category, texts
            ),
        )
    return found


def _with_given_due(given: GivenCase, limit: TimeLimit | None) -> GivenCase:
    if limit is None or given.due_at is None:
        return given
    computed = provisional_due_at(given.reported_at, limit)
    by_limit = replace(given, due_limit=limit.text)
    if computed is None or not timedelta(0) <= computed - given.due_at < _SHOWN_TO:
        return by_limit
    return replace(by_limit, due_at=computed, due_provisional=True)
