"""What every answer tells the browser not to do."""

import secrets
from collections.abc import MutableMapping

from flask import Flask, Response, g, request
from flask_wtf.csrf import CSRFProtect
from werkzeug.exceptions import BadRequest
from werkzeug.middleware.proxy_fix import ProxyFix

from web.transaction import current_settings

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
    """Return the nonce of this answer; a script without it does not run."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    nonce: str = g.csp_nonce
    return nonce


def _refuse_nul() -> None:
    """Refuse what PostgreSQL cannot keep as text before anything asks it."""
    texts = [request.path]
    for given in (request.args, request.form):
        texts += [text for pair in given.items(multi=True) for text in pair]
    if any("\0" in text for text in texts):
        message = "A NUL is not text."
        raise BadRequest(message)


def _protect(response: Response) -> Response:
    response.headers.update(_HEADERS)
    response.headers["Content-Security-Policy"] = _POLICY.format(nonce=csp_nonce())
    if current_settings().https:
        response.headers["Strict-Transport-Security"] = _HSTS
    # Pages hold the bureau's data: they are not left in caches, unless a view says otherwise.
    if "Cache-Control" not in response.headers and request.endpoint != "static":
        response.headers["Cache-Control"] = "no-store"
    return response


def static_headers(headers: MutableMapping[str, str], path: str, url: str) -> None:
    """Add the headers to files that are served past Flask."""
    for name, value in _HEADERS.items():
        headers[name] = value


def init_app(app: Flask) -> None:
    """Protect every form and every answer."""
    csrf.init_app(app)
    app.before_request(_refuse_nul)
    app.after_request(_protect)
    app.jinja_env.globals["csp_nonce"] = csp_nonce
    proxies = app.extensions["gridmgmt"].settings.proxies
    if proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies
        )
