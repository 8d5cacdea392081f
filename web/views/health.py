"""Whether the platform can work, for whoever watches it; no details leave the house."""

import logging
from http import HTTPStatus

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from gridmgmt.errors import SchemaError, StoreError
from gridmgmt.store import migrations
from gridmgmt.store.jobs import is_worker_alive
from web.access import public
from web.transaction import connection

bp = Blueprint("health", __name__)

_log = logging.getLogger(__name__)


@bp.get("/healthz")
@public
def healthz() -> ResponseReturnValue:
    try:
        revision = migrations.revision_of(connection())
        alive = revision is not None and is_worker_alive(connection())
    except SchemaError:
        return _answer("the database is not at the schema of this program")
    except (StoreError, SQLAlchemyError) as error:
        _log.error("the health check failed: %s", error)
        return _answer("the database does not answer")
    if revision != migrations.head():
        return _answer("the database is not at the schema of this program")
    return jsonify({"status": "ok", "schema": revision, "worker": alive})


def _answer(reason: str) -> ResponseReturnValue:
    unavailable = HTTPStatus.SERVICE_UNAVAILABLE
    return jsonify({"status": "unavailable", "reason": reason}), unavailable
