"""Limits of each view: how long a body may be, and whether it may have files.

A view states its limit beside its route with ``takes`` or ``takes_files``; other views take an
ordinary form. Nothing is read here: ``web.door.admission`` asks before a body is touched.
"""

from collections.abc import Callable
from typing import IO, Any, TypeVar

from flask import Flask, current_app, request
from werkzeug.exceptions import RequestEntityTooLarge

from web.app.transaction import current_settings

View = TypeVar("View", bound=Callable[..., Any])

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

_KB = 1024
# For an ordinary form: no page of the platform sends a tenth of it.
FORM = 256 * _KB
# For people who are not logged in: a name, a password and a token.
LOGIN = 64 * _KB
# For a case in the API: two texts of 2,000 characters, however they are escaped, and its
# numbers.
CASE = 64 * _KB
# For operations on a draft: a line of some ten thousand vertices.
EDITS = 1024 * _KB
# For what reviewers say about a draft.
COMMENTS = 1024 * _KB

# Stored on the view: the largest length in bytes, or None for the limit of uploads.
_TAKES = "gridmgmt_takes"

_CHUNK = 64 * _KB


def takes(most: int) -> Callable[[View], View]:
    """Limit the body of a view to a number of bytes, without files."""

    def mark(view: View) -> View:
        setattr(view, _TAKES, most)
        return view

    return mark


def takes_files(view: View) -> View:
    """Allow files for a view, together up to the limit of uploads."""
    setattr(view, _TAKES, None)
    return view


def may_hold_files() -> bool:
    """Return whether the view of this request takes files."""
    return _said(_view()) is None


def most_bytes() -> int:
    """Return the largest length of the body of this request."""
    if request.method in SAFE:
        return 0
    said = _said(_view())
    return current_settings().upload_mb * _KB * _KB if said is None else said


def limit() -> None:
    """Refuse a body whose stated length is too long, and limit how much is read.

    Raises
    ------
    RequestEntityTooLarge
        when the stated length is more than the view takes
    """
    most = most_bytes()
    # A body without a stated length is counted while it is read. The extra byte distinguishes a
    # body that is just long enough from one that is too long.
    request.max_content_length = most + 1
    if (request.content_length or 0) > most:
        raise RequestEntityTooLarge


def read_all(stream: IO[bytes]) -> bytes:
    """Read a body to its end.

    A stream's own ``read()`` stops at the limit silently, and half a body would look complete.

    Raises
    ------
    RequestEntityTooLarge
        when it is longer than the view takes
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
    """Raise TypeError if a view states a limit but takes no body.

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
    """Limit every body to the length of a form, unless its view states another."""
    app.config["MAX_CONTENT_LENGTH"] = FORM
