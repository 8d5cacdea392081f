"""Login sessions: who is logged in, since when, from where, and until when."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class SessionEnd(StrEnum):
    """Why a session ended."""

    LOGGED_OUT = "logged_out"
    # The person logged in again in the same browser, or confirmed their password.
    REPLACED = "replaced"
    BY_OWNER = "by_owner"
    BY_ADMINISTRATOR = "by_administrator"
    PASSWORD = "password"
    # The account was disabled, or its role or limits were changed.
    ACCOUNT = "account"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class SessionLimits:
    """The longest duration of a session: without activity, and in total."""

    idle: timedelta
    whole: timedelta


@dataclass(frozen=True, slots=True)
class Session:
    """A browser in which an account is logged in; only a hash of its secret is stored.

    ``device`` names browser and system. ``second_factor_at`` is when a second factor was shown,
    or None if only the password was.
    """

    id: int
    username: str
    created_at: datetime
    last_seen_at: datetime
    address: str
    device: str
    second_factor_at: datetime | None
    ended_at: datetime | None

    def is_live(self, at: datetime, limits: SessionLimits) -> bool:
        """Return whether it is valid at an instant: neither ended nor expired.

        At the exact instant of a limit it has expired.
        """
        return (
            self.ended_at is None
            and at - self.last_seen_at < limits.idle
            and at - self.created_at < limits.whole
        )
