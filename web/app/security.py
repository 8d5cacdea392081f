"""Security headers of every answer."""

import secrets
from collections.abc import Callable, MutableMapping
from typing import Any

from flask import Flask, Response, g, request
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from web.app.transaction import current_settings

csrf = CSRFProtect()

_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'nonce-{nonce}'",
        "style-src 'self' 'nonce-{nonce}'",
        "img-src 'self' data: blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(self)",
}
_HSTS = "max-age=31536000"


def csp_nonce() -> str:
    """Return the nonce of this answer; scripts without it do not run."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    nonce: str = g.csp_nonce
    return nonce


def _protect(response: Response) -> Response:
    response.headers.update(_HEADERS)
    response.headers["Content-Security-Policy"] = _POLICY.format(nonce=csp_nonce())
    if current_settings().https:
        response.headers["Strict-Transport-Security"] = _HSTS
    # Pages have data of the bureau, so they do not stay in caches unless a view allows it.
    if "Cache-Control" not in response.headers and request.endpoint != "static":
        response.headers["Cache-Control"] = "no-store"
    return response


def static_headers(headers: MutableMapping[str, str], path: str, url: str) -> None:
    """Add the headers to files that are served without Flask."""
    for name, value in _HEADERS.items():
        headers[name] = value


def behind_proxies(app: Callable[..., Any], proxies: int) -> Callable[..., Any]:
    """Trust the forwarded headers (address, host, scheme) of this number of proxies."""
    if not proxies:
        return app
    return ProxyFix(app, x_for=proxies, x_proto=proxies, x_host=proxies)


def init_app(app: Flask) -> None:
    """Add the headers to every answer, and make form tokens.

    ``web.door.admission`` checks the tokens.
    """
    settings = app.extensions["gridmgmt"].settings
    app.config.update(
        # A form may stay open over lunch. Its token ends with the session and not before.
        WTF_CSRF_TIME_LIMIT=None,
        # Checked by web.door.admission, after the login and before a file.
        WTF_CSRF_CHECK_DEFAULT=False,
        WTF_CSRF_SSL_STRICT=settings.https,
    )
    csrf.init_app(app)
    app.after_request(_protect)
    app.jinja_env.globals["csp_nonce"] = csp_nonce
    app.wsgi_app = behind_proxies(  # type: ignore[method-assign]
        app.wsgi_app, settings.proxies
    )
