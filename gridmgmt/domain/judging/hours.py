"""Duty hours: OpenStreetMap opening_hours, judged in the bureau's time zone."""

import re
from datetime import datetime, timedelta
from functools import lru_cache

from opening_hours import OpeningHours, ParserError, State  # type: ignore[attr-defined]

from gridmgmt.errors import InputError
from gridmgmt.sentence import Sentence

EXAMPLES = Sentence("Mo-Fr 08:00-18:00 or 22:00-06:00")

# Holidays must be written as dates, which no calendar can get wrong.
HOLIDAY_EXAMPLE = Sentence("Oct 01-07 09:00-21:00 or 2027 Feb 05-11 10:00-22:00")
_HOLIDAYS = ("PH", "SH")

# Words that the library would accept with a wrong meaning: without a calendar "PH" never comes,
# and without a position the sun always rises at the same time.
_NEEDS_MORE = re.compile(r"\b(PH|SH|sunrise|sunset|dawn|dusk)\b", re.IGNORECASE)
_COMMENT = re.compile(r'"[^"]*"')


class Hours:
    """A weekly or seasonal schedule, minute by minute; the last minute is excluded.

    ``always`` is whether it is open at every minute.

    Raises
    ------
    InputError
        when the text is not valid opening_hours, is never open, or needs holidays or the sun

    Examples
    --------
    >>> night = Hours("22:00-06:00")
    >>> [night.open_at(datetime(2026, 1, 5, hour)) for hour in (5, 6, 21, 22)]
    [True, False, False, True]
    """

    def __init__(self, text: str) -> None:
        self.text = text
        needs = _NEEDS_MORE.search(_COMMENT.sub("", text))
        if needs:
            message = Sentence(
                "{} uses {}, which no calendar stands behind yet", repr(text), needs[0]
            )
            remedy = EXAMPLES if needs[0].upper() not in _HOLIDAYS else HOLIDAY_EXAMPLE
            raise InputError(
                field="hours", message=Sentence("{}; write hours such as {}", message, remedy)
            )
        try:
            self._schedule = OpeningHours(text, auto_country=False, auto_timezone=False)
        except ParserError:
            raise InputError(
                field="hours",
                message=Sentence(
                    "{} cannot be read; write hours such as {}", repr(text), EXAMPLES
                ),
            ) from None
        # In normal form, because looking for the next change searches thousands of years.
        normal = str(self._schedule.normalize())
        self.always = normal == "24/7"
        if normal == "closed":
            raise InputError(
                field="hours",
                message=Sentence(
                    "{} is never open; write hours such as {}", repr(text), EXAMPLES
                ),
            )

    def open_at(self, at: datetime) -> bool:
        """Return whether it is open at the minute of ``at``; an offset is ignored."""
        minute = at.replace(second=0, microsecond=0, tzinfo=None)
        return bool(self._schedule.is_open(minute))

    def changes(self, start: datetime, days: int) -> set[datetime]:
        """Return the instants in ``[start, start + days)`` at which the schedule changes."""
        end = start + timedelta(days=days)
        found: set[datetime] = set()
        for begin, until, _, _ in self._schedule.intervals(start, end):
            found.update(at for at in (begin, until) if at is not None and start <= at < end)
        return found

    def open_spans(self, start: datetime, days: int) -> list[tuple[datetime, datetime]]:
        """Return when it is open in ``[start, start + days)``, ends excluded, ascending.

        Examples
        --------
        >>> for begin, end in Hours("22:00-06:00").open_spans(datetime(2026, 1, 5), 1):
        ...     print(begin.time(), end.time())
        00:00:00 06:00:00
        22:00:00 00:00:00
        """
        end = start + timedelta(days=days)
        return [
            (begin, min(until or end, end))
            for begin, until, state, _ in self._schedule.intervals(start, end)
            if state == State.OPEN
        ]

    def opens_within(self, start: datetime, days: int) -> bool:
        """Return whether it is open at any minute of ``[start, start + days)``.

        Examples
        --------
        >>> Hours("Sa 09:00-12:00").opens_within(datetime(2026, 1, 5), 5)
        False
        """
        spans = self._schedule.intervals(start, start + timedelta(days=days))
        return any(state == State.OPEN for _, _, state, _ in spans)


@lru_cache(maxsize=4096)
def parse_hours(text: str) -> Hours:
    """Parse duty hours, once for each text; errors are those of Hours."""
    return Hours(text)


# A season returns within a year.
_CYCLE_DAYS = 366


@lru_cache(maxsize=4096)
def open_together(texts: tuple[str, ...], start: datetime) -> frozenset[tuple[bool, ...]]:
    """Return the combinations of open and closed within the year from ``start``.

    Parameters
    ----------
    texts : duty hours
    start : local time, without an offset

    Returns
    -------
    one tuple for each combination, in the order of ``texts``; without texts, one empty tuple

    Examples
    --------
    >>> sorted(open_together(("06:00-22:00", "22:00-06:00"), datetime(2026, 1, 1)))
    [(False, True), (True, False)]
    """
    schedules = [parse_hours(text) for text in texts]
    instants = {start}.union(*(one.changes(start, _CYCLE_DAYS) for one in schedules))
    return frozenset(tuple(one.open_at(at) for one in schedules) for at in instants)
