"""Browsers in which somebody was logged in before, told by a cookie that opens nothing.

It only lets its owner's attempts be counted apart from those of strangers, who then cannot keep
the owner out by trying the name. One browser keeps the marks of several accounts, since offices
share machines.
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
    """Return the mark of this browser for an account, None when it was never logged in here."""
    return _marks().get(_tag(username))


def remember(username: str) -> None:
    """Mark this browser with the answer to this request: somebody has just logged in."""
    tag, marks = _tag(username), _marks()
    mark = marks.pop(tag, None) or secrets.token_urlsafe(_MARK_BYTES)
    g.known_browser = {tag: mark, **marks}


def keep(response: Response) -> Response:
    """Send the cookie, when somebody has just logged in."""
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
    """Read the marks that we signed, the newest first; whatever else was sent holds none."""
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
