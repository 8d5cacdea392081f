"""The API for programs: JSON under /api/v1, described by OpenAPI, protected by tokens."""

from typing import Any

import flask_smorest
from flask import Blueprint, Flask, jsonify
from flask.typing import ResponseReturnValue

from web.api import areas, cases, locate, map_exports
from web.api.schemas import ErrorSchema
from web.door.access import public

PREFIX = "/api/v1"
_OPENAPI = "3.0.3"
_DESCRIPTION = """\
Cases in, one case and why it went where it did, areas, where a position lies, and what the map
shows as files.

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
    api = _Api(
        app,
        spec_kwargs={
            "title": "gridmgmt",
            "version": "1",
            "openapi_version": _OPENAPI,
            "info": {"description": _DESCRIPTION},
            "security": [{"token": []}],
        },
    )
    api.spec.components.security_scheme("token", {"type": "http", "scheme": "bearer"})
    for blueprint in (cases.bp, areas.bp, locate.bp, map_exports.bp):
        api.register_blueprint(blueprint, url_prefix=PREFIX)
    app.register_blueprint(_description_of(api), url_prefix=PREFIX)


def _description_of(api: Any) -> Blueprint:
    bp = Blueprint("api", __name__)

    @bp.get("/openapi.json")
    @public
    def openapi() -> ResponseReturnValue:
        return jsonify(api.spec.to_dict())

    return bp
