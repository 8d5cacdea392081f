"""Parse query parameters for services; invalid parameters raise InputError with their name."""

import math
from collections.abc import Collection
from datetime import date, datetime
from enum import StrEnum
from typing import TypeVar
from zoneinfo import ZoneInfo

from werkzeug.datastructures import MultiDict

from gridmgmt.domain.case_choice import read_flag
from gridmgmt.domain.moments import read_day, read_moment
from gridmgmt.domain.numbers import number_of
from gridmgmt.domain.period import Period
from gridmgmt.errors import InputError
from gridmgmt.sentence import Sentence

Kind = TypeVar("Kind", bound=StrEnum)
Args = MultiDict[str, str]


def period(args: Args, *, tz: ZoneInfo, newest: date) -> Period:
    """Return ``from`` and ``to``; without them, the thirty days up to ``newest``.

    Raises
    ------
    InputError
        when a date is invalid, or the two are in the wrong order
    """
    last = day(args, "to", tz=tz) or newest
    return Period.asked(day(args, "from", tz=tz), last, tz)


def day(args: Args, name: str, *, tz: ZoneInfo) -> date | None:
    """Return a date, or None if it is missing; an instant has the day of the bureau's clock.

    Raises
    ------
    InputError
        when it is not a date, or not in a plausible year
    """
    given = _one(args, name)
    if not given:
        return None
    try:
        return read_day(given, tz)
    except ValueError as error:
        raise InputError(field=name, message=str(error)) from None


def moment(args: Args, name: str, *, tz: ZoneInfo) -> datetime:
    """Return a required time; without an offset it is in the bureau's time zone.

    Raises
    ------
    InputError
        when it is missing or not a time
    """
    given = _one(args, name)
    try:
        return read_moment(given, tz)
    except ValueError as error:
        raise InputError(field=name, message=str(error)) from None


def text(args: Args, name: str) -> str | None:
    """Return a text without surrounding blanks, or None if it is missing.

    Raises
    ------
    InputError
        when it has a character that PostgreSQL cannot store, or several values are given
    """
    given = _one(args, name)
    if "\x00" in given:
        raise InputError(field=name, message="that is no text")
    return given or None


def whole(args: Args, name: str) -> int | None:
    """Return a whole number, or None if it is missing.

    Raises
    ------
    InputError
        when it is not a whole number, or too large
    """
    given = text(args, name)
    return None if given is None else whole_number(name, given)


def whole_number(name: str, given: str) -> int:
    """Return the whole number that is one of the values of a parameter.

    Raises
    ------
    InputError
        when it is not a whole number, or too large for any row of the database
    """
    if not given.isascii() or not given.isdigit() or len(given) > 9:
        raise InputError(field=name, message=Sentence("{} is not a whole number", repr(given)))
    return int(given)


def decimal(args: Args, name: str) -> float | None:
    """Return a number, or None if it is missing.

    Raises
    ------
    InputError
        when it is not a number
    """
    given = text(args, name)
    if given is None:
        return None
    value = number_of(given)
    if math.isnan(value):
        raise InputError(field=name, message=Sentence("{} is not a number", repr(given)))
    return value


def kind(args: Args, name: str, kinds: type[Kind]) -> Kind | None:
    """Return a member of an enumeration, or None if it is missing.

    Raises
    ------
    InputError
        listing the allowed words
    """
    given = choice(args, name, list(kinds))
    return None if given is None else kinds(given)


def kinds(args: Args, name: str, kinds: type[Kind]) -> tuple[Kind, ...]:
    """Return members of an enumeration, written with commas; none if it is missing.

    Raises
    ------
    InputError
        listing the allowed words
    """
    words = [word.strip() for word in (text(args, name) or "").split(",")]
    for word in filter(None, words):
        choice(MultiDict({name: word}), name, list(kinds))
    return tuple(dict.fromkeys(kinds(word) for word in words if word))


def choice(args: Args, name: str, choices: Collection[str]) -> str | None:
    """Return one of the given words, or None if it is missing.

    Raises
    ------
    InputError
        listing the allowed words
    """
    given = text(args, name)
    if given is not None and given not in choices:
        raise InputError(
            field=name, message=Sentence("{} is none of: {}", repr(given), ", ".join(choices))
        )
    return given


def flag(args: Args, name: str) -> bool:
    """Return whether a box is ticked.

    Raises
    ------
    InputError
        when the value is neither yes nor no
    """
    return read_flag(name, _one(args, name))


def area(args: Args, name: str = "area") -> tuple[str, str] | None:
    """Return ``level:code`` as a pair, or None if it is missing.

    Raises
    ------
    InputError
        when it is written in another way
    """
    given = text(args, name)
    if given is None:
        return None
    level, colon, code = given.partition(":")
    if not (level and colon and code):
        raise InputError(
            field=name,
            message=Sentence(
                "{} is not an area; write level:code, for example cell:A1", repr(given)
            ),
        )
    return level, code


def _one(args: Args, name: str) -> str:
    """Return the only value of a parameter, empty if there is none.

    Nobody can tell which of several is meant, and the first alone would be another question
    than the one that was asked.
    """
    values = [*dict.fromkeys(filter(None, map(str.strip, args.getlist(name))))]
    if len(values) > 1:
        message = Sentence("{} and {} are both given; give one", *map(repr, values[:2]))
        raise InputError(field=name, message=message)
    return values[0] if values else ""
