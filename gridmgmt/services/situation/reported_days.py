"""The days of the first and last report, from which pages choose what to show first."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy.engine import Connection

from gridmgmt.store.asked_once import asked_once
from gridmgmt.store.situation.overview import first_and_last_reported


def reported_days(conn: Connection, tz: ZoneInfo) -> tuple[date, date] | None:
    """Return the days on which the oldest and the newest case were reported."""
    ends = asked_once(conn, reported_days, lambda: first_and_last_reported(conn))
    return None if ends is None else (_day(ends[0], tz), _day(ends[1], tz))


def newest_day(conn: Connection, tz: ZoneInfo, *, now: datetime) -> date:
    """Return the day of the newest case, at most today; today without cases."""
    today = _day(now, tz)
    reported = reported_days(conn, tz)
    return today if reported is None else min(today, reported[1])


def _day(moment: datetime, tz: ZoneInfo) -> date:
    return moment.astimezone(tz).date()
