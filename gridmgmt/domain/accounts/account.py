"""Accounts: who may log in, in which role, and limited to what."""

from dataclasses import dataclass

from gridmgmt.domain.accounts.permission import WHOLE_CITY, Permission


@dataclass(frozen=True, slots=True)
class Role:
    """A kind of work at the bureau, with what it may do; shipped as data."""

    code: str
    name_zh: str
    name_en: str
    permissions: frozenset[Permission]


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who may log in.

    ``area`` is the level and code of the one area the account is limited to, with all that lies
    in it; ``responder_code`` the responder for whom it acts. While ``must_change`` holds, the
    password opens nothing but the page for a new one.
    """

    username: str
    name: str
    role: Role
    area: tuple[str, str] | None
    responder_code: str | None
    active: bool
    must_change: bool = False

    def may(self, permission: Permission) -> bool:
        """Tell whether the account's role allows something, and its area does not forbid it."""
        limited = self.area is not None and permission in WHOLE_CITY
        return self.active and not limited and permission in self.role.permissions
