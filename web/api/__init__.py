"""The API for programs: JSON under /api/v1, described by OpenAPI, protected by tokens."""

from functools import cache
from typing import Any, cast

import flask_smorest
from flask import Blueprint, Flask, jsonify
from flask.typing import ResponseReturnValue

from web.api import (
    areas,
    cases,
    draft_impacts,
    draft_rebases,
    draft_reviews,
    drafts,
    locate,
    map_exports,
)
from web.api.schemas import ErrorSchema
from web.door.access import public

PREFIX = "/api/v1"
_BLUEPRINTS = (
    cases.bp,
    areas.bp,
    drafts.bp,
    draft_impacts.bp,
    draft_rebases.bp,
    draft_reviews.bp,
    locate.bp,
    map_exports.bp,
)
_OPENAPI = "3.0.3"
_DESCRIPTION = """\
Cases in, one case and why it went where it did, areas, edits of their borders, the impact and
the review of drafts, where a position lies, and what the map shows as files.

Every operation wants a token, made on the page of one's own account and sent as
`Authorization: Bearer …`; it may do what its account may. Positions are longitude and latitude
in degrees (EPSG:4326) unless `crs` says otherwise; times carry an offset. A query parameter
that an operation does not know is refused. Failures are answered with the schema `Error`."""


class _Api(flask_smorest.Api):  # type: ignore[misc]
    """Documents operations.

    Errors are answered by ``web.pages.errors``, as for pages.
    """

    ERROR_SCHEMA = ErrorSchema
    # Each operation lists its errors; a default entry would allow any.
    DEFAULT_ERROR_RESPONSE_NAME = None

    def _register_error_handlers(self) -> None:
        pass


def init_app(app: Flask) -> None:
    """Add the API with its description."""
    for blueprint in _BLUEPRINTS:
        app.register_blueprint(blueprint, url_prefix=PREFIX)
    bp = Blueprint("api", __name__)
    bp.add_url_rule("/openapi.json", "openapi", openapi)
    app.register_blueprint(bp, url_prefix=PREFIX)


@public
def openapi() -> ResponseReturnValue:
    """Return the description of all operations."""
    return jsonify(_description())


@cache
def _description() -> dict[str, Any]:
    """Describe all operations.

    It is made when somebody first asks for it: that takes longer than all else that an
    application needs to start.
    """
    described = _Api(
        Flask(__name__),
        spec_kwargs={
            "title": "gridmgmt",
            "version": "1",
            "openapi_version": _OPENAPI,
            "info": {"description": _DESCRIPTION},
            "security": [{"token": []}],
        },
    )
    described.spec.components.security_scheme("token", {"type": "http", "scheme": "bearer"})
    for blueprint in _BLUEPRINTS:
        described.register_blueprint(blueprint, url_prefix=PREFIX)
    return cast("dict[str, Any]", described.spec.to_dict())
