"""What each view takes: how long a body may be, and whether files may be in it.

A view says it beside its route with ``takes`` or ``takes_files``; one that says nothing takes
an ordinary form. Nothing is read here: ``web.door.admission`` asks before a body is touched.
"""

from collections.abc import Callable
from typing import IO, Any, TypeVar

from flask import Flask, current_app, request
from werkzeug.exceptions import RequestEntityTooLarge

from web.app.transaction import current_settings

View = TypeVar("View", bound=Callable[..., Any])

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

_KB = 1024
# An ordinary form: no page of the platform sends a tenth of it.
FORM = 256 * _KB
# What strangers may send: a name, a password and a token.
LOGIN = 64 * _KB
# A case by the API: two texts of 2,000 characters, however they are escaped, and its numbers.
CASE = 64 * _KB

# Kept on the view itself: the bytes it takes, None for as many as an upload may have.
_TAKES = "gridmgmt_takes"

_CHUNK = 64 * _KB


def takes(most: int) -> Callable[[View], View]:
    """Let a view take a body of at most so many bytes, without files."""

    def mark(view: View) -> View:
        setattr(view, _TAKES, most)
        return view

    return mark


def takes_files(view: View) -> View:
    """Let a view take files, together as long as an upload may be."""
    setattr(view, _TAKES, None)
    return view


def may_hold_files() -> bool:
    """Tell whether the view of this request takes files."""
    return _said(_view()) is None


def most_bytes() -> int:
    """Return how long the body of this request may be."""
    if request.method in SAFE:
        return 0
    said = _said(_view())
    return current_settings().upload_mb * _KB * _KB if said is None else said


def limit() -> None:
    """Refuse a body that says it is too long, and read no more than it may have.

    Raises
    ------
    RequestEntityTooLarge
        when the length that was announced is past what the view takes
    """
    most = most_bytes()
    # A body that announces no length is counted while it is read; the byte more tells one that
    # is just long enough from one that is too long.
    request.max_content_length = most + 1
    if (request.content_length or 0) > most:
        raise RequestEntityTooLarge


def read_all(stream: IO[bytes]) -> bytes:
    """Read a body to its end.

    A stream's own ``read()`` stops at the limit without a word, and half a body would pass for
    a whole one.

    Raises
    ------
    RequestEntityTooLarge
        when it goes on past what the view takes
    """
    pieces = []
    while piece := stream.read(_CHUNK):
        pieces.append(piece)
    return b"".join(pieces)


def _view() -> Callable[..., Any] | None:
    return current_app.view_functions.get(request.endpoint or "")


def _said(view: Callable[..., Any] | None) -> int | None:
    said: int | None = getattr(view, _TAKES, FORM)
    return said


def check_every_view(app: Flask) -> None:
    """Refuse to start with a view that says what it takes but takes nothing.

    Raises
    ------
    TypeError
        naming every such view
    """
    taking = {
        rule.endpoint for rule in app.url_map.iter_rules() if (rule.methods or set()) - SAFE
    }
    idle = [
        endpoint
        for endpoint, view in app.view_functions.items()
        if hasattr(view, _TAKES) and endpoint not in taking
    ]
    if idle:
        message = f"these views take nothing, yet say how much: {', '.join(sorted(idle))}"
        raise TypeError(message)


def init_app(app: Flask) -> None:
    """Let nothing be longer than a form, unless its view says so."""
    app.config["MAX_CONTENT_LENGTH"] = FORM
