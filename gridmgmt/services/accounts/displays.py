"""Wall screens: make a link, let a screen open it once, and revoke the screen.

Link and token are two secrets. The link appears in histories and logs, so it is useless after a
screen has opened it. The token is only in the cookie of the screen.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy.engine import Connection

from gridmgmt.domain.accounts.display import Display
from gridmgmt.domain.areas.area import AreaKey
from gridmgmt.errors import InputError
from gridmgmt.sentence import Sentence
from gridmgmt.store.accounts import audit
from gridmgmt.store.accounts import displays as store
from gridmgmt.store.areas.areas import known_areas

MAX_NAME = 100
# A link stands in histories and in access logs, so it must be of no use for long (DECISIONS
# 43).
LINK_LASTS = timedelta(hours=24)
# A screen asks for new figures all day; storing each use would write a row every time.
USE_NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class NewLink:
    """A new link for a screen; ``secret`` is shown only once."""

    display: Display
    secret: str


@dataclass(frozen=True, slots=True)
class Opened:
    """A screen that has just opened its link; ``token`` goes into its cookie."""

    display: Display
    token: str


def create(
    conn: Connection, name: str, *, area: AreaKey | None, actor: str, now: datetime
) -> NewLink:
    """Make a screen, and the link that opens it within 24 hours.

    Raises
    ------
    InputError
        when the name is empty or too long, or there is no such area
    """
    if not name.strip() or len(name) > MAX_NAME:
        raise InputError(
            field="name", message=Sentence("give a name of at most {} characters", MAX_NAME)
        )
    if area is not None:
        level, code = area
        try:
            known_areas(conn).level_of(code, level)
        except ValueError as error:
            raise InputError(field="area", message=str(error)) from error
    made = store.add_display(conn, name.strip(), area, actor, now)
    _record(conn, actor, "create_display", made, area=None if area is None else list(area))
    return _linked(conn, made.id, now)


def new_link(conn: Connection, display_id: int, *, actor: str, now: datetime) -> NewLink:
    """Make another link; the screen works until the new link is opened.

    Raises
    ------
    NotFoundError
        when there is no such screen, or the screen is revoked
    """
    made = _linked(conn, display_id, now)
    _record(conn, actor, "link_display", made.display)
    return made


def open_link(conn: Connection, secret: str, *, address: str, now: datetime) -> Opened | None:
    """Let a screen open its link; return None if the link is not valid (any more).

    A screen that opened an earlier link of the same display shows nothing from now on.
    """
    # Another secret than the link, which stays in the histories of browsers and messengers.
    token = secrets.token_urlsafe(32)
    taken = store.take_link(conn, _hashed(secret), _hashed(token), now)
    if taken is None:
        return None
    _record(conn, taken.account().username, "open_display", taken, address=address)
    return Opened(taken, token)


def check(conn: Connection, token: str) -> Display | None:
    """Return the screen with this token, or None if the token is not valid."""
    return store.find_display(conn, _hashed(token))


def is_to_note(display: Display, now: datetime) -> bool:
    """Return whether its last use was stored long enough ago to store it again."""
    return display.last_used_at is None or now - display.last_used_at >= USE_NOTED_EVERY


def revoke(conn: Connection, display_id: int, *, actor: str, now: datetime) -> Display:
    """Revoke a screen: it shows nothing from its next request on.

    Raises
    ------
    NotFoundError
        when there is no such screen, or the screen was revoked before
    """
    revoked = store.revoke_display(conn, display_id, now)
    _record(conn, actor, "revoke_display", revoked)
    return revoked


def _linked(conn: Connection, display_id: int, now: datetime) -> NewLink:
    secret = secrets.token_urlsafe(32)
    ends_at = now + LINK_LASTS
    return NewLink(store.set_link(conn, display_id, _hashed(secret), ends_at), secret)


def _record(
    conn: Connection, actor: str, action: str, display: Display, **facts: object
) -> None:
    detail = {"name": display.name, **facts}
    audit.record(conn, actor, action, f"display {display.id}", detail)


def _hashed(secret: str) -> str:
    """Return the hash of a secret: 256 random bits need no salt and no slow hash."""
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
