"""Limits on the number of attempts."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class AttemptLimit:
    """At most ``most`` attempts of a kind by one subject within each window of time.

    Windows of one ``span`` follow one another since 1970, so that counting needs one row and
    one statement. Around the change of a window up to twice the limit is possible.

    Examples
    --------
    >>> login = AttemptLimit("login", 5, timedelta(minutes=15))
    >>> at = datetime.fromisoformat("2026-11-22T08:14:59.5+00:00")
    >>> login.window_start(at).isoformat(), login.seconds_left(at)
    ('2026-11-22T08:00:00+00:00', 1)
    """

    kind: str
    most: int
    span: timedelta

    def window_start(self, now: datetime) -> datetime:
        """Return when the window of an instant began."""
        return now - (now - _EPOCH) % self.span

    def seconds_left(self, now: datetime) -> int:
        """Return the whole seconds, at least 1, until the next window begins."""
        return ceil((self.window_start(now) + self.span - now).total_seconds())
