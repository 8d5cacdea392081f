"""Days in the bureau's time zone: today, and the period of a request."""

from datetime import UTC, date, datetime

from flask import request

from gridmgmt.domain.period import Period, in_order
from gridmgmt.services.situation.reported_days import newest_day
from web.app import params
from web.app.transaction import connection, current_settings


def today() -> date:
    """Return today's date in the bureau's time zone."""
    return datetime.now(current_settings().tz).date()


def asked_day(name: str) -> date | None:
    """Return the day of a parameter in the bureau's time zone, or None if it is missing.

    Raises
    ------
    InputError
        when it is not a day, or not in a plausible year
    """
    return params.day(request.args, name, tz=current_settings().tz)


def asked_period() -> Period:
    """Return the period from the parameters ``from`` and ``to``.

    Without ``to`` it ends with the newest case or today. Without ``from`` it has thirty days.

    Raises
    ------
    InputError
        when a date is invalid, or the two are in the wrong order
    """
    tz = current_settings().tz
    last = asked_day("to") or newest_day(connection(), tz, now=datetime.now(UTC))
    return params.period(request.args, tz=tz, newest=last)


def asked_instants(
    args: params.Args | None = None,
) -> tuple[datetime | None, datetime | None]:
    """Return ``from`` and ``to`` as the first instant and the first one after; or None.

    They are parameters of this request, or others.

    Raises
    ------
    InputError
        when a date is invalid, or the two are in the wrong order
    """
    tz = current_settings().tz
    given = request.args if args is None else args
    first, last = (params.day(given, name, tz=tz) for name in ("from", "to"))
    if first and last:
        in_order(first, last)
    return (
        None if first is None else Period(first, first, tz).begin,
        None if last is None else Period(last, last, tz).end,
    )
