"""Sessions: the cookie names a session that is stored on the server.

Flask's signed cookie has a random secret, beside what forms and messages need. Only the hash of
the secret is stored. When the stored session ends, every copy of the cookie is worthless.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from flask import current_app, g, request, session

from gridmgmt.domain.accounts.account import Account
from gridmgmt.domain.accounts.session import Session, SessionEnd
from gridmgmt.errors import NotAllowedError
from gridmgmt.sentence import Sentence
from gridmgmt.services.accounts import sessions
from gridmgmt.store.accounts.accounts import find_account
from web.app.transaction import apart, connection, current_settings

View = TypeVar("View", bound=Callable[..., Any])

_SECRET = "session"
# Stored on the view.
_BACKGROUND = "gridmgmt_background"
# Scripts send this with requests they make by themselves. It can only keep a session from being
# prolonged.
_BACKGROUND_HEADER = "Gridmgmt-Background"


@dataclass(frozen=True)
class LoggedIn:
    """An account and its session."""

    account: Account
    session: Session


def background(view: View) -> View:
    """Mark a view that pages call by themselves.

    Such a request is not an activity of a person and does not prolong the session.
    """
    setattr(view, _BACKGROUND, True)
    return view


def current() -> LoggedIn | None:
    """Return who is logged in, or None; determined once for each request."""
    if "logged_in" not in g:
        g.logged_in = None
        g.logged_in = _find()
    found: LoggedIn | None = g.logged_in
    return found


def log_in(account: Account, *, second_factor_at: datetime | None = None) -> None:
    """Begin a session for a person who has just logged in.

    Nothing of the session before is continued, since somebody else may have begun it: neither
    its secret nor its form token.
    """
    now = datetime.now(UTC)
    _end(SessionEnd.REPLACED)
    begun = sessions.begin(
        connection(),
        account.username,
        address=request.remote_addr or "",
        user_agent=request.headers.get("User-Agent", ""),
        now=now,
        second_factor_at=second_factor_at,
    )
    session.permanent = True
    session[_SECRET] = begun.secret
    g.logged_in = LoggedIn(account, begun.session)


def log_out() -> None:
    """End the session of this request."""
    _end(SessionEnd.LOGGED_OUT)


def here() -> Session:
    """Return the session of this request.

    Raises
    ------
    NotAllowedError
        when nobody is logged in
    """
    found = current()
    if found is None:
        raise NotAllowedError(Sentence("log in first"))
    return found.session


def second_factor_at() -> datetime | None:
    """Return when a second factor was shown in this session, or None."""
    found = current()
    return None if found is None else found.session.second_factor_at


def _end(by: SessionEnd) -> None:
    found = current()
    if found is not None:
        sessions.end(connection(), found.session, by, now=datetime.now(UTC))
    session.clear()
    # The form token of this request belongs to the ended session.
    g.pop("csrf_token", None)
    g.logged_in = None


def _find() -> LoggedIn | None:
    secret = session.get(_SECRET)
    if secret is None:
        return None
    now = datetime.now(UTC)
    found = sessions.check(connection(), secret, current_settings().session_limits, now=now)
    account = None if found is None else find_account(connection(), found.username)
    if found is None or account is None or not account.active:
        session.pop(_SECRET)
        return None
    if sessions.is_to_note(found, now) and not _is_background():
        # In a separate transaction: it is kept even if the request fails, and nobody waits for
        # it.
        with apart() as conn:
            sessions.note_seen(conn, found, now=now)
    return LoggedIn(account, found)


def _is_background() -> bool:
    view = current_app.view_functions.get(request.endpoint or "")
    return getattr(view, _BACKGROUND, False) or _BACKGROUND_HEADER in request.headers
