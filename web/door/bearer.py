"""Find the account of a program that calls the API, by the token in its request."""

from datetime import UTC, datetime

from flask import g, request
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Unauthorized

from gridmgmt.domain.accounts.account import Account
from gridmgmt.errors import TooManyAttemptsError
from gridmgmt.services.accounts import access_audit, counted_attempts, tokens
from web.app.transaction import apart, current_settings

API = "/api/"


def is_api() -> bool:
    """Return whether this is an API request: cookies count for nothing, only the token does."""
    return request.path.startswith(API)


def caller() -> Account | None:
    """Return the account of the token in this request, or None without a valid token.

    Raises
    ------
    TooManyAttemptsError
        when the token was used too often within the minute
    """
    if "caller" not in g:
        g.caller = None
        g.caller = _check()
    account: Account | None = g.caller
    return account


def unauthorized() -> Unauthorized:
    """Return the answer to a request without a valid token."""
    message = "Send a token that is neither expired nor revoked: Authorization: Bearer …"
    return Unauthorized(
        message, www_authenticate=WWWAuthenticate("bearer", {"realm": "gridmgmt"})
    )


def _check() -> Account | None:
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return None
    now = datetime.now(UTC)
    with apart() as conn:
        found = tokens.check(conn, secret.strip(), now=now)
        if found is None:
            access_audit.bad_token(conn, request.remote_addr or "", now=now)
            return None
        wait = counted_attempts.count(
            conn, tokens.calls(current_settings().api_calls), str(found.token.id), now=now
        )
    if wait:
        raise TooManyAttemptsError(wait)
    return found.account
