"""Wall screens, which show figures and the map although nobody is logged in."""

from dataclasses import dataclass
from datetime import datetime

from gridmgmt.domain.accounts.account import Account, Role
from gridmgmt.domain.accounts.permission import Permission

# The permissions of every screen, whoever made it; views state whether screens may open them.
_ROLE = Role(
    "display",
    "显示屏",
    "Wall screen",
    frozenset({Permission.SEE_OVERVIEW, Permission.SEE_MAP}),
)


@dataclass(frozen=True, slots=True)
class Display:
    """A wall screen, or a wall screen that only has a link yet.

    ``area`` is the level and code of the one area it shows, None for the whole city.
    ``link_ends_at`` is until when its link can be opened, None without such a link.
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
        """Return whether there is a link that a screen can still open."""
        if self.revoked_at is not None or self.link_ends_at is None:
            return False
        return at < self.link_ends_at

    def account(self) -> Account:
        """Return what the screen may see, as an account.

        Its name has a slash, which the username of a real account cannot have.
        """
        return Account(
            username=f"display/{self.id}",
            name=self.name,
            role=_ROLE,
            area=self.area,
            responder_code=None,
            active=self.revoked_at is None,
        )
