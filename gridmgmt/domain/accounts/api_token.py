"""Tokens: what a program presents instead of a password."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ApiToken:
    """One token of an account; the token itself is not kept, only its hash is."""

    id: int
    username: str
    name: str
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None

    def is_good(self, at: datetime) -> bool:
        """Tell whether it is accepted at a moment: neither revoked nor expired."""
        return self.revoked_at is None and at < self.expires_at
