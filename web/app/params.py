"""Query parameters, read into what services take; what cannot be read is said by name."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TypeVar
from zoneinfo import ZoneInfo

from werkzeug.datastructures import MultiDict

from gridmgmt.domain.moments import EARLIEST_YEAR, LATEST_YEAR, read_moment
from gridmgmt.domain.period import Period
from gridmgmt.errors import InputError

Kind = TypeVar("Kind", bound=StrEnum)
Args = MultiDict[str, str]

DEFAULT_DAYS = 30


def period(args: Args, *, tz: ZoneInfo, newest: date) -> Period:
    """Read ``from`` and ``to``; without them the thirty days up to ``newest``.

    Raises
    ------
    InputError
        when one is not a day or they are in the wrong order
    """
    last = day(args, "to") or newest
    first = day(args, "from") or last - timedelta(days=DEFAULT_DAYS - 1)
    in_order(first, last)
    return Period(first, last, tz)


def in_order(first: date, last: date) -> None:
    """Refuse days of which the later one is called ``from``.

    Raises
    ------
    InputError
        when they are in the wrong order
    """
    if first > last:
        message = f"{first} is after {last}; put the earlier day first"
        raise InputError(field="from", message=message)


def day(args: Args, name: str) -> date | None:
    """Read a day written as ``2026-11-22``; None when there is none.

    Raises
    ------
    InputError
        when it is written otherwise, or far from any day that could be meant
    """
    text = args.get(name, "").strip()
    if not text:
        return None
    try:
        found = date.fromisoformat(text)
    except ValueError:
        message = f"{text!r} is not a day; write it like 2026-11-22"
        raise InputError(field=name, message=message) from None
    if not EARLIEST_YEAR <= found.year <= LATEST_YEAR:
        message = f"{text!r} is not between {EARLIEST_YEAR} and {LATEST_YEAR}"
        raise InputError(field=name, message=message)
    return found


def moment(args: Args, name: str, *, tz: ZoneInfo) -> datetime:
    """Read a moment that must be there; one without an offset is on the bureau's wall clock.

    Raises
    ------
    InputError
        when it is missing or none
    """
    given = args.get(name, "").strip()
    try:
        return read_moment(given, tz)
    except ValueError as error:
        raise InputError(field=name, message=str(error)) from None


def text(args: Args, name: str) -> str | None:
    """Read text without blanks around it; None when there is none.

    Raises
    ------
    InputError
        when it holds a character that PostgreSQL keeps in no text
    """
    given = args.get(name, "").strip()
    if "\x00" in given:
        raise InputError(field=name, message="that is no text")
    return given or None


def whole(args: Args, name: str) -> int | None:
    """Read a whole number; None when there is none.

    Raises
    ------
    InputError
        when it is not one, or too large to be meant
    """
    given = text(args, name)
    if given is None:
        return None
    if not given.isascii() or not given.isdigit() or len(given) > 9:
        raise InputError(field=name, message=f"{given!r} is not a whole number")
    return int(given)


def decimal(args: Args, name: str) -> float | None:
    """Read a number; None when there is none.

    Raises
    ------
    InputError
        when it is not one
    """
    given = text(args, name)
    if given is None:
        return None
    try:
        value = float(given)
    except ValueError:
        value = float("nan")
    if not abs(value) < float("inf"):
        raise InputError(field=name, message=f"{given!r} is not a number")
    return value


def kind(args: Args, name: str, kinds: type[Kind]) -> Kind | None:
    """Read one word of an enumeration; None when there is none.

    Raises
    ------
    InputError
        listing the words there are
    """
    given = choice(args, name, list(kinds))
    return None if given is None else kinds(given)


def choice(args: Args, name: str, choices: Collection[str]) -> str | None:
    """Read one of the given words; None when there is none.

    Raises
    ------
    InputError
        listing the words there are
    """
    given = text(args, name)
    if given is not None and given not in choices:
        message = f"{given!r} is none of: {', '.join(choices)}"
        raise InputError(field=name, message=message)
    return given


def flag(args: Args, name: str) -> bool:
    """Read a box that is ticked or not."""
    return args.get(name, "") in {"1", "on", "yes"}


def area(args: Args, name: str = "area") -> tuple[str, str] | None:
    """Read ``level:code``; None when there is none.

    Raises
    ------
    InputError
        when it is written otherwise
    """
    given = text(args, name)
    if given is None:
        return None
    level, colon, code = given.partition(":")
    if not (level and colon and code):
        message = f"{given!r} is not an area; write level:code, for example cell:A1"
        raise InputError(field=name, message=message)
    return level, code
