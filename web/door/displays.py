"""Wall screens: their own cookie opens the few views that are marked for them, for reading."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

from flask import Flask, Response, current_app, g, request

from gridmgmt.domain.accounts.display import Display
from gridmgmt.services.accounts import displays
from gridmgmt.store.accounts.displays import note_use
from web.app import cookies
from web.app.transaction import apart, current_settings, read_only

View = TypeVar("View", bound=Callable[..., Any])

# Stored on the view.
_SHOWN = "gridmgmt_shown"
# The longest time that browsers allow; it is renewed while the screen is used.
_COOKIE_LASTS_S = 400 * 24 * 3600
# The state of a page is in its URL, so a reload shows the same with newer figures.
_REFRESH_S = "300"


def on_displays(view: View) -> View:
    """Allow a view for wall screens: it has figures, no personal data, and changes nothing."""
    setattr(view, _SHOWN, True)
    return view


def current() -> Display | None:
    """Return the wall screen of this request, or None if view or method are not for screens.

    From here on its transaction is read-only, whatever the view does.
    """
    if "display" not in g:
        g.display = None
        g.display = _find()
    found: Display | None = g.display
    return found


def keep(response: Response, token: str) -> None:
    """Send the screen its token as a cookie."""
    settings = current_settings()
    response.set_cookie(
        cookies.name("display", settings),
        token,
        max_age=_COOKIE_LASTS_S,
        path="/",
        httponly=True,
        samesite="Lax",
        secure=settings.https,
    )


def _find() -> Display | None:
    view = current_app.view_functions.get(request.endpoint or "")
    if request.method not in ("GET", "HEAD") or not hasattr(view, _SHOWN):
        return None
    token = _token()
    if token is None:
        return None
    found = displays.check(read_only(), token)
    now = datetime.now(UTC)
    if found is not None and displays.is_to_note(found, now):
        with apart() as conn:
            note_use(conn, found.id, now)
        g.display_token = token
    return found


def _go_on(response: Response) -> Response:
    """Renew the cookie of a screen and reload its page, since nobody stands there to do it."""
    token = g.pop("display_token", None)
    if token is not None:
        keep(response, token)
    if response.mimetype == "text/html" and _is_on_screen(response):
        response.headers["Refresh"] = _REFRESH_S
    return response


def _is_on_screen(response: Response) -> bool:
    if g.get("display") is not None:
        return True
    # Without the database nobody knows whose cookie it is.
    return response.status_code >= 500 and _token() is not None


def _token() -> str | None:
    return request.cookies.get(cookies.name("display", current_settings()))


def init_app(app: Flask) -> None:
    """Keep screens running, and make them known to templates."""
    app.after_request(_go_on)
    app.jinja_env.globals["on_display"] = lambda: g.get("display")
