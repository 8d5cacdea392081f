"""Recognise browsers in which an account was logged in before, by a cookie without any rights.

The login attempts of such a browser are counted apart from those of strangers. So strangers
cannot lock the owner out by trying the name. One browser keeps marks for several accounts,
since offices share machines.
"""

import secrets
from hashlib import sha256

from flask import Response, current_app, g, request
from itsdangerous import BadSignature, URLSafeTimedSerializer

from web.app import cookies
from web.app.transaction import current_settings

_LASTS_S = 180 * 24 * 3600
_MOST_ACCOUNTS = 12
_MARK_BYTES = 9


def mark_of(username: str) -> str | None:
    """Return the mark of this browser for an account.

    Return None if the account was never logged in here.
    """
    return _marks().get(_tag(username))


def remember(username: str) -> None:
    """Mark this browser in the answer to this request, after a login."""
    tag, marks = _tag(username), _marks()
    mark = marks.pop(tag, None) or secrets.token_urlsafe(_MARK_BYTES)
    g.known_browser = {tag: mark, **marks}


def keep(response: Response) -> Response:
    """Send the cookie after a login."""
    marks: dict[str, str] | None = g.pop("known_browser", None)
    if marks is not None:
        settings = current_settings()
        response.set_cookie(
            cookies.name("browser", settings),
            _signer().dumps(list(marks.items())[:_MOST_ACCOUNTS]),
            max_age=_LASTS_S,
            secure=settings.https,
            httponly=True,
            samesite="Strict",
        )
    return response


def _marks() -> dict[str, str]:
    """Return the marks with a valid signature, newest first; anything else counts as none."""
    sent = request.cookies.get(cookies.name("browser", current_settings()), "")
    try:
        return dict(_signer().loads(sent, max_age=_LASTS_S))
    except BadSignature:
        return {}


def _signer() -> URLSafeTimedSerializer:
    key = current_app.config["SECRET_KEY"]
    return URLSafeTimedSerializer(key, salt="gridmgmt known browser")


def _tag(username: str) -> str:
    return sha256(username.encode("utf-8", "surrogatepass")).hexdigest()[:12]
