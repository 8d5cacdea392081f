"""Decide by the head of a request whether a large body may come, before any byte of it."""

import logging
from collections.abc import Mapping
from io import BytesIO
from typing import Any

from flask import Flask, request
from werkzeug.exceptions import HTTPException

from gridmgmt.errors import GridMgmtError
from web.app import security
from web.door import admission, bodies

_log = logging.getLogger(__name__)


class Doorman:
    """Decides for a request how long its body may be.

    It makes the checks of `web.door.admission` that need no body. A refused request gets the
    application's own answer, without its body.
    """

    def __init__(self, app: Flask) -> None:
        self._app = app
        proxies = app.extensions["gridmgmt"].settings.proxies
        self._ask_fixed = security.behind_proxies(self._ask, proxies)

    def __call__(self, environ: Mapping[str, Any]) -> int | None:
        """Return the largest length of the body in bytes, or None if it is refused."""
        most: int | None = self._ask_fixed({**environ, "wsgi.input": BytesIO()}, None)
        return most

    def _ask(self, environ: dict[str, Any], _start_response: None) -> int | None:
        with self._app.request_context(environ):
            try:
                answer = admission.before_body()
                if answer is not None or request.routing_exception is not None:
                    return None
                return bodies.most_bytes() or None
            except (GridMgmtError, HTTPException) as refused:
                _log.info("a large body was turned away: %s", refused)
                return None
