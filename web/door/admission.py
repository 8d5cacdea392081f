"""The door: what is asked of every request, in this order, before anything of its body is read.

1. the host is ours, the address is text, and there is such a page
2. who asks is logged in and may do it
3. no other site's page sent it
4. its body is no longer than the view takes, and there is room for the files in it
5. only then is a form read: its token comes before any file in it, and is right

The views say what they need beside their routes (``web.door.access``, ``web.door.bodies``).
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
    """Ask what can be asked before a body is there; return the answer to who has to log in.

    Whatever else is wrong is raised, as the answers to errors are (``web.pages.errors``).
    """
    origins.check_host()
    _refuse_nul([request.path, *_texts(request.args.items(multi=True))])
    if request.routing_exception is not None:
        # There is no such page; what was sent to it is not looked at.
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
        # There is no cookie in the API that another site's form could make use of.
        csrf.protect()
        _refuse_nul(_texts(request.form.items(multi=True)))
    return None


def _is_form() -> bool:
    return request.method not in bodies.SAFE and not bearer.is_api()


def _elsewhere(answer: HTTPException) -> ResponseReturnValue | None:
    """Send to where the router would, without the host: anybody can ask for any."""
    if not isinstance(answer, RequestRedirect):
        return None
    parts = urlsplit(answer.new_url)
    path = "/" + parts.path.lstrip("/")
    return redirect(f"{path}?{parts.query}" if parts.query else path, answer.code)


def _texts(pairs: Iterable[tuple[str, str]]) -> list[str]:
    return [text for pair in pairs for text in pair]


def _refuse_nul(texts: Iterable[str]) -> None:
    """Refuse what PostgreSQL cannot keep as text before anything asks it."""
    if any("\0" in text for text in texts):
        raise BadRequest(_("A NUL is not text."))


def init_app(app: Flask) -> None:
    """Ask it of every request."""
    app.before_request(_admit)
