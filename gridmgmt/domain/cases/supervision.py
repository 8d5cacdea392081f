"""Supervision (督办): a superior presses the responder of a case."""

from dataclasses import dataclass
from datetime import datetime, timedelta

# Pressing again before this has passed tells the responder nothing new: it must be meant.
RECENT = timedelta(hours=4)


@dataclass(frozen=True, slots=True)
class Supervision:
    """Who pressed the responder of a case, and when."""

    actor: str
    at: datetime

    def is_recent(self, now: datetime) -> bool:
        """Return whether it happened less than `RECENT` ago.

        Examples
        --------
        >>> at = datetime.fromisoformat("2026-11-22T08:00:00+00:00")
        >>> one = Supervision("wang", at)
        >>> one.is_recent(at + timedelta(hours=3)), one.is_recent(at + RECENT)
        (True, False)
        """
        return now - self.at < RECENT
