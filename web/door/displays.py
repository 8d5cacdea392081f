"""Wall screens: a cookie of their own opens the few views that are marked for it, to read."""

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

# Kept on the view itself.
_SHOWN = "gridmgmt_shown"
# The most that browsers keep; it is given anew while the screen is used.
_COOKIE_LASTS_S = 400 * 24 * 3600
# What a page shows stands in its address, so it shows the same again, with newer figures.
_REFRESH_S = "300"


def on_displays(view: View) -> View:
    """Open a view to wall screens: it shows figures, nobody's data, and changes nothing."""
    setattr(view, _SHOWN, True)
    return view


def current() -> Display | None:
    """Return the wall screen that asks, None when the view or the method is not for one.

    Its transaction is read only from here on, whatever the view does.
    """
    if "display" not in g:
        g.display = None
        g.display = _find()
    found: Display | None = g.display
    return found


def keep(response: Response, token: str) -> None:
    """Let the screen keep its token."""
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
    """Let a screen keep its cookie, and load its page anew: nobody stands there to do it."""
    token = g.pop("display_token", None)
    if token is not None:
        keep(response, token)
    if response.mimetype == "text/html" and _is_on_screen(response):
        response.headers["Refresh"] = _REFRESH_S
    return response


def _is_on_screen(response: Response) -> bool:
    if g.get("display") is not None:
        return True
    # While the database does not answer, nobody knows whose the cookie is.
    return response.status_code >= 500 and _token() is not None


def _token() -> str | None:
    return request.cookies.get(cookies.name("display", current_settings()))


def init_app(app: Flask) -> None:
    """Keep screens going, and let templates know them."""
    app.after_request(_go_on)
    app.jinja_env.globals["on_display"] = lambda: g.get("display")
