"""Check every request, in this order, before anything of its body is read.

1. the host is ours, the URL is valid text, and such a page exists
2. the person is logged in and may call the page
3. the request does not come from another site's page
4. the body is not longer than the view allows, and there is room for the files in it
5. only then the form is read: its token comes before any file, and is right

The views state what they need beside their routes (``web.door.access``, ``web.door.bodies``).
"""

from collections.abc import Iterable
from urllib.parse import urlsplit

from flask import Flask, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.exceptions import BadRequest, HTTPException
from werkzeug.routing import RequestRedirect

from web.app.security import csrf
from web.door import access, bearer, bodies, file_room, origins


def before_body() -> ResponseReturnValue | None:
    """Check everything that can be checked before the body; return a redirect to the login.

    Any other fault is raised as an error, which ``web.pages.errors`` answers.
    """
    origins.check_host()
    _refuse_nul([request.path, *_texts(request.args.items(multi=True))])
    if request.routing_exception is not None:
        # There is no such page; its body is not read.
        return _elsewhere(request.routing_exception)
    answer = access.guard()
    if answer is not None:
        return answer
    if _is_form():
        origins.check_origin()
    bodies.limit()
    file_room.check()
    return None


def _admit() -> ResponseReturnValue | None:
    answer = before_body()
    if answer is not None:
        return answer
    if request.routing_exception is None and _is_form():
        # The API uses no cookie that a form on another site could misuse.
        csrf.protect()
        _refuse_nul(_texts(request.form.items(multi=True)))
    return None


def _is_form() -> bool:
    return request.method not in bodies.SAFE and not bearer.is_api()


def _elsewhere(answer: HTTPException) -> ResponseReturnValue | None:
    """Redirect as the router would, but without the host.

    The host comes from the request, and anybody can write any host there.
    """
    if not isinstance(answer, RequestRedirect):
        return None
    parts = urlsplit(answer.new_url)
    path = "/" + parts.path.lstrip("/")
    return redirect(f"{path}?{parts.query}" if parts.query else path, answer.code)


def _texts(pairs: Iterable[tuple[str, str]]) -> list[str]:
    return [text for pair in pairs for text in pair]


def _refuse_nul(texts: Iterable[str]) -> None:
    """Raise an error for NUL, which PostgreSQL cannot store as text, before any query."""
    if any("\0" in text for text in texts):
        raise BadRequest(_("A NUL is not text."))


def init_app(app: Flask) -> None:
    """Check every request."""
    app.before_request(_admit)
