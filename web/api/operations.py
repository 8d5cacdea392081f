"""What the operations of the API have in common: how they read and what they refuse."""

import json
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, NoReturn, TypeVar

import flask_smorest
import marshmallow as ma
from flask import Request
from webargs.core import missing
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import BadRequest, HTTPException, UnsupportedMediaType

from web.door import bodies

View = TypeVar("View", bound=Callable[..., Any])

# What any operation may answer: wrong arguments, no token, not allowed, too often, no database.
_ALWAYS = (400, 401, 403, 429, 503)


class _Parser(FlaskParser):
    """Refuses bodies that are no JSON in whatever way, and says all that is unfit at once."""

    def _raw_load_json(self, req: Request) -> Any:
        if not req.is_json:
            message = "Send the body as application/json."
            raise UnsupportedMediaType(message)
        try:
            text = bodies.read_all(req.stream).decode("utf-8")
            return json.loads(text) if text.strip() else missing
        except (ValueError, RecursionError) as error:
            # Numbers of thousands of digits and brackets without end are refused with the rest.
            message = "The body is not JSON."
            raise BadRequest(message) from error

    def handle_error(
        self,
        error: ma.ValidationError,
        req: Request,
        schema: ma.Schema,
        *,
        error_status_code: int | None,
        error_headers: Any,
    ) -> NoReturn:
        """Answer with every argument that is unfit, by location and name."""
        refused = _Unfit("Some arguments cannot be used.")
        refused.code = error_status_code or 422
        refused.errors = error.messages
        raise refused from error


class _Unfit(HTTPException):
    errors: Any


class Operations(flask_smorest.Blueprint):  # type: ignore[misc]
    """A blueprint whose views are documented operations."""

    ARGUMENTS_PARSER = _Parser()

    def operation(
        self,
        method: str,
        rule: str,
        *,
        query: type[ma.Schema],
        gives: Mapping[int, type[ma.Schema]],
        body: type[ma.Schema] | None = None,
        most_bytes: int = 0,
        refuses: Sequence[int] = (),
    ) -> Callable[[View], View]:
        """Register a view as an operation; it gets the query, then the body, as mappings.

        Parameters
        ----------
        query : read from the query parameters; what is wrong with them is answered with 400
        most_bytes : how long the body may be
        gives : the schema of each answer by its status, the usual one first
        refuses : the failures it may have beyond those that any operation may
        """

        def register(view: View) -> View:
            (usual, schema), *others = gives.items()
            view = self.response(usual, schema)(view)
            for status, other in others:
                view = self.alt_response(status, schema=other, success=True)(view)
            for status in sorted({*_ALWAYS, *refuses}):
                view = self.alt_response(status, response=HTTPStatus(status).name)(view)
            if body is not None:
                view = bodies.takes(most_bytes)(self.arguments(body)(view))
            # A parameter nobody knows is a mistake in the name of one that is meant.
            view = self.arguments(
                query, location="query", unknown=ma.RAISE, error_status_code=400
            )(view)
            self.add_url_rule(rule, view_func=view, methods=[method])
            return view

        return register
