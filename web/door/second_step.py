"""Between password and second factor, when nobody is logged in yet.

The result of the password check is kept for ten minutes in Flask's signed cookie. This cookie
is not a session: it only opens the two pages that ask for a code.
"""

import time
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

import segno
from flask import current_app, session
from markupsafe import Markup

from gridmgmt.domain.accounts.account import Account
from gridmgmt.domain.accounts.second_factor import needs_second_factor
from gridmgmt.services.accounts import second_factors
from gridmgmt.services.accounts.sealing import Seal
from gridmgmt.store.accounts import accounts
from gridmgmt.store.accounts.second_factors import find_second_factor
from web.app.transaction import connection, current_settings
from web.door import sessions

LASTS = timedelta(minutes=10)
_PENDING, _ENROLLING = "second_step", "enrolling"
_QR_PIXELS = 5


@dataclass(frozen=True)
class Pending:
    """A person whose password was right, and the page they wanted."""

    account: Account
    wanted: str


def is_asked_of(account: Account) -> bool:
    """Return whether an account must show a second factor: it has one, or needs one."""
    return is_required_of(account) or has_one(account)


def is_required_of(account: Account) -> bool:
    """Return whether the bureau requires a second factor of an account."""
    return current_settings().second_factor and needs_second_factor(account)


def has_one(account: Account) -> bool:
    """Return whether an account has a second factor."""
    return find_second_factor(connection(), account.username) is not None


def begin(account: Account, wanted: str) -> None:
    """Store that the password of an account was right; anybody logged in here is logged out."""
    sessions.log_out()
    session[_PENDING] = {
        "username": account.username,
        "password": _mark_of_password(account.username),
        "until": time.time() + LASTS.total_seconds(),
        "wanted": wanted,
    }


def pending() -> Pending | None:
    """Return the person whose password was right.

    Return None if there is none, or if it was too long ago.
    """
    kept = session.get(_PENDING)
    if kept is None or time.time() >= kept["until"]:
        return None
    account = accounts.find_account(connection(), kept["username"])
    if account is None or not account.active:
        return None
    # The password was changed in the meantime, so the typed one proves nothing any more.
    if kept["password"] != _mark_of_password(account.username):
        return None
    return Pending(account, kept["wanted"])


def seal() -> Seal:
    """Return the object that encrypts and decrypts the secrets of second factors."""
    return Seal(current_app.config["SECRET_KEY"], second_factors.PURPOSE)


def begin_enrolling(username: str) -> str:
    """Make a secret for a person's phone and store it, sealed, until a code confirms it."""
    secret = second_factors.new_secret()
    session[_ENROLLING] = seal().close(username, secret)
    return secret


def enrolling(username: str) -> str | None:
    """Return the secret that waits for its first code, or None if there is none any more."""
    sealed = session.get(_ENROLLING)
    return None if sealed is None else seal().open(username, sealed, within=LASTS)


def end_enrolling() -> None:
    """Forget the secret that waited for its first code."""
    session.pop(_ENROLLING, None)


def qr_code(username: str, secret: str) -> Markup:
    """Return the secret as a QR code in SVG, without any URL or style."""
    drawn = segno.make_qr(second_factors.address_of(username, secret), error="m")
    svg = drawn.svg_inline(
        scale=_QR_PIXELS, light="#fff", dark="#000", svgclass="qr-code", lineclass=None
    )
    # The library draws squares; the SVG has no text that a browser could run.
    return Markup(svg)


def _mark_of_password(username: str) -> str:
    stored = accounts.password_hash(connection(), username) or ""
    return sha256(stored.encode()).hexdigest()[:16]
