"""Accounts: who may log in, in which role, and with which limits."""

from dataclasses import dataclass

from gridmgmt.domain.accounts.permission import WHOLE_CITY, Permission


@dataclass(frozen=True, slots=True)
class Role:
    """A kind of work at the bureau with its permissions; roles are data."""

    code: str
    name_zh: str
    name_en: str
    permissions: frozenset[Permission]


@dataclass(frozen=True, slots=True)
class Account:
    """A person who may log in.

    ``area`` is the level and code of the one area the account is limited to, with all areas in
    it. ``responder_code`` is the responder for whom it acts. While ``must_change`` is True, the
    password only opens the page for a new one.
    """

    username: str
    name: str
    role: Role
    area: tuple[str, str] | None
    responder_code: str | None
    active: bool
    must_change: bool = False

    def may(self, permission: Permission) -> bool:
        """Return whether the role of the account has a permission and its area allows it."""
        limited = self.area is not None and permission in WHOLE_CITY
        return self.active and not limited and permission in self.role.permissions
