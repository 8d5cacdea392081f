"""Sessions: who is logged in, since when, from where, and until when."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class SessionEnd(StrEnum):
    """Why a session ended."""

    LOGGED_OUT = "logged_out"
    # Somebody logged in anew in the same browser, or proved again who they are.
    REPLACED = "replaced"
    BY_OWNER = "by_owner"
    BY_ADMINISTRATOR = "by_administrator"
    PASSWORD = "password"
    # The account was disabled, or its role or limits were changed.
    ACCOUNT = "account"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class SessionLimits:
    """How long a session lasts: without any activity, and in all."""

    idle: timedelta
    whole: timedelta


@dataclass(frozen=True, slots=True)
class Session:
    """One browser in which an account is logged in; its secret is not kept, only a hash is.

    ``device`` names browser and system. ``second_factor_at`` is when a second factor was
    shown, None while only the password was.
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
        """Tell whether it opens anything at a moment: neither ended nor expired.

        At the very moment of a limit it has expired.
        """
        return (
            self.ended_at is None
            and at - self.last_seen_at < limits.idle
            and at - self.created_at < limits.whole
        )
