"""Convert days [from, to] to and from date ranges, whose upper bound is excluded."""

from datetime import date, timedelta

from sqlalchemy.dialects.postgresql import Range

_DAY = timedelta(days=1)


def days(valid_from: date | None, valid_to: date | None) -> Range[date]:
    """Return the range from the first to the last day; None means open.

    Examples
    --------
    >>> days(date(2026, 1, 1), date(2026, 12, 31)).upper.isoformat()
    '2027-01-01'
    """
    return Range(valid_from, None if valid_to is None else valid_to + _DAY)


def days_of(valid: Range[date]) -> tuple[date | None, date | None]:
    """Return the first and the last day of a stored range."""
    return valid.lower, None if valid.upper is None else valid.upper - _DAY
