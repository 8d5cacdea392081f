"""Whether a large body may come: asked with the head alone, before a byte of it is kept."""

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
    """Tells for a request how long its body may be.

    What `web.door.admission` asks of every request before its body is asked here first. Whoever
    is not let in gets the application's own answer, which then needs no body.
    """

    def __init__(self, app: Flask) -> None:
        self._app = app
        proxies = app.extensions["gridmgmt"].settings.proxies
        self._ask_fixed = security.behind_proxies(self._ask, proxies)

    def __call__(self, environ: Mapping[str, Any]) -> int | None:
        """Return the most bytes a body may have, None when none of it may come."""
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
