"""URLs that keep the parameters of this request, and numbers in URLs."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from flask import Flask, request
from werkzeug.routing import IntegerConverter, Map

# The largest integer that PostgreSQL can store.
_LARGEST = 2**31 - 1


def with_query(url: str, asked: Mapping[str, Any]) -> str:
    """Return a URL with query parameters; parameters that are None are left out.

    ``url_for`` uses some names itself (``endpoint``, ``_external``, ``_scheme``), so parameters
    that came with a request cannot be passed to it.
    """
    query = urlencode({name: value for name, value in asked.items() if value is not None})
    return f"{url}?{query}" if query else url


def here(**changed: Any) -> str:
    """Return the URL of this page with changed parameters; None removes a parameter."""
    kept = {
        name: value for name, value in request.args.items() if name not in ("after", "lang")
    }
    return with_query(request.path, {**kept, **changed})


def local_address(wanted: str) -> str | None:
    r"""Return an address if it leads to a page of this site, else None.

    Browsers read a backslash as a slash and leave out tabs and line breaks: what they would
    read as the address of another site is none of this one.

    Examples
    --------
    >>> local_address("/cases?status=open"), local_address("//example.org/cases")
    ('/cases?status=open', None)
    >>> local_address("https://example.org"), local_address("/\t/example.org")
    (None, None)
    """
    if not wanted.startswith("/") or wanted.startswith("//"):
        return None
    return wanted if wanted.isprintable() and "\\" not in wanted else None


class _Number(IntegerConverter):
    """A number in a URL; a number too large for the database is not found."""

    def __init__(self, rules: Map, *args: Any, **kwargs: Any) -> None:
        super().__init__(rules, *args, **{"max": _LARGEST, **kwargs})


def init_app(app: Flask) -> None:
    """Take URLs exactly as they are written.

    A number too large for the database is not found. A URL is never corrected by a redirect:
    two slashes in a code stay two slashes.
    """
    app.url_map.merge_slashes = False
    app.url_map.converters["int"] = _Number
