"""Wall screens: what shows figures and map without anybody being logged in."""

from dataclasses import dataclass
from datetime import datetime

from gridmgmt.domain.accounts.account import Account, Role
from gridmgmt.domain.accounts.permission import Permission

# What any screen may show, whoever made it; which views that is, the views say.
_ROLE = Role(
    "display",
    "显示屏",
    "Wall screen",
    frozenset({Permission.SEE_OVERVIEW, Permission.SEE_MAP}),
)


@dataclass(frozen=True, slots=True)
class Display:
    """One wall screen, or one for which there is only a link yet.

    ``area`` is the level and code of the one area it shows, None for the whole city.
    ``link_ends_at`` is until when its link can be opened, None when there is none to open;
    ``opened_at`` is when a screen opened the newest link.
    """

    id: int
    name: str
    area: tuple[str, str] | None
    created_by: str
    created_at: datetime
    link_ends_at: datetime | None
    opened_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None

    def waits(self, at: datetime) -> bool:
        """Tell whether there is a link that a screen can still open."""
        if self.revoked_at is not None or self.link_ends_at is None:
            return False
        return at < self.link_ends_at

    def account(self) -> Account:
        """Return what the screen may see, in the form of an account.

        Its name holds a slash, which the name of no account may.
        """
        return Account(
            username=f"display/{self.id}",
            name=self.name,
            role=_ROLE,
            area=self.area,
            responder_code=None,
            active=self.revoked_at is None,
        )
