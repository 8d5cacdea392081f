"""Shared by all API operations: how they read requests and refuse them."""

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

# The errors of any operation: wrong arguments, no token, not allowed, too many requests, no
# database.
_ALWAYS = (400, 401, 403, 429, 503)


class _Parser(FlaskParser):
    """Refuses bodies that are not JSON, and reports all invalid arguments together."""

    def _raw_load_json(self, req: Request) -> Any:
        if not req.is_json:
            message = "Send the body as application/json."
            raise UnsupportedMediaType(message)
        try:
            text = bodies.read_all(req.stream).decode("utf-8")
            return json.loads(text) if text.strip() else missing
        except (ValueError, RecursionError) as error:
            # Numbers with thousands of digits and endless brackets are refused too.
            message = "The body is not JSON."
            raise BadRequest(message) from error

    def load_querystring(self, req: Request, schema: ma.Schema) -> Any:
        """Refuse a parameter that is given twice: one of the two would not count."""
        twice = [name for name, values in req.args.lists() if len(values) > 1]
        if twice:
            message = "given more than once; where several values are possible, use commas"
            raise ma.ValidationError({name: [message] for name in twice})
        return super().load_querystring(req, schema)

    def handle_error(
        self,
        error: ma.ValidationError,
        req: Request,
        schema: ma.Schema,
        *,
        error_status_code: int | None,
        error_headers: Any,
    ) -> NoReturn:
        """Report every invalid argument, by its place and name."""
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
        gives: Mapping[int, type[ma.Schema] | dict[str, str]],
        body: type[ma.Schema] | None = None,
        most_bytes: int = 0,
        media_type: str | None = None,
        refuses: Sequence[int] = (),
    ) -> Callable[[View], View]:
        """Register a view as an operation; the view gets the query and the body as mappings.

        Parameters
        ----------
        query : schema of the query parameters; invalid ones are answered with 400
        most_bytes : largest length of the body
        gives : the schema of each answer by its status, the usual one first
        media_type : of the usual answer, if it is not JSON
        refuses : errors of this operation beyond those of every operation
        """

        def register(view: View) -> View:
            (usual, schema), *others = gives.items()
            view = self.response(usual, schema, content_type=media_type)(view)
            for status, other in others:
                view = self.alt_response(status, schema=other, success=True)(view)
            for status in sorted({*_ALWAYS, *refuses}):
                view = self.alt_response(status, response=HTTPStatus(status).name)(view)
            if body is not None:
                view = bodies.takes(most_bytes)(self.arguments(body)(view))
            # An unknown parameter is probably a misspelt one.
            view = self.arguments(
                query, location="query", unknown=ma.RAISE, error_status_code=400
            )(view)
            self.add_url_rule(rule, view_func=view, methods=[method])
            return view

        return register
