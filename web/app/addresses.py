"""Addresses that keep what this request was asked with, and numbers in them."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from flask import Flask, request
from werkzeug.routing import IntegerConverter, Map

# The largest number that PostgreSQL keeps as an integer.
_LARGEST = 2**31 - 1


def with_query(url: str, asked: Mapping[str, Any]) -> str:
    """Add query parameters to an address that has none; those that are None are left out.

    ``url_for`` takes some names (``endpoint``, ``_external``, ``_scheme``) for its own, so
    parameters that came with a request are no arguments for it.
    """
    query = urlencode({name: value for name, value in asked.items() if value is not None})
    return f"{url}?{query}" if query else url


def here(**changed: Any) -> str:
    """Give the address of this page with some parameters changed; None takes one away."""
    kept = {
        name: value for name, value in request.args.items() if name not in ("after", "lang")
    }
    return with_query(request.path, {**kept, **changed})


class _Number(IntegerConverter):
    """A number that can be one of something: a larger one is of nothing."""

    def __init__(self, rules: Map, *args: Any, **kwargs: Any) -> None:
        super().__init__(rules, *args, **{"max": _LARGEST, **kwargs})


def init_app(app: Flask) -> None:
    """Take addresses as they are written.

    No address holds a number that nothing in the database can have, and none is corrected by
    sending the browser elsewhere: two slashes in a code are two slashes.
    """
    app.url_map.merge_slashes = False
    app.url_map.converters["int"] = _Number
