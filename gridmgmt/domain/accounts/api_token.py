"""API tokens, which a program sends instead of a password."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A token of an account; only the hash of the token is stored."""

    id: int
    username: str
    name: str
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None

    def is_good(self, at: datetime) -> bool:
        """Return whether it is valid at an instant: neither revoked nor expired."""
        return self.revoked_at is None and at < self.expires_at
