"""The health check for monitoring, without any details for outsiders."""

import logging
import tempfile
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from gridmgmt.errors import SchemaError, StoreError
from gridmgmt.store.jobs import is_worker_alive
from gridmgmt.store.upkeep import migrations
from web.app.transaction import connection, current_settings
from web.door.access import public

bp = Blueprint("health", __name__)

_log = logging.getLogger(__name__)

# More bytes than a file system can store inside the entry of a file.
_PROBE = bytes(64 * 1024)


@bp.get("/healthz")
@public
def healthz() -> ResponseReturnValue:
    reasons = [*_database(), *_folders()]
    if reasons:
        unavailable = {"status": "unavailable", "reason": "; ".join(reasons)}
        return jsonify(unavailable), HTTPStatus.SERVICE_UNAVAILABLE
    return jsonify({"status": "ok", "schema": migrations.head(), "worker": True})


def _database() -> Iterator[str]:
    try:
        if migrations.revision_of(connection()) != migrations.head():
            yield "the database is not at the schema of this program"
        elif not is_worker_alive(connection()):
            _log.error("no worker has shown itself for a while")
            yield "no worker is alive"
    except SchemaError:
        yield "the database is not at the schema of this program"
    except (StoreError, SQLAlchemyError) as error:
        _log.error("the health check failed: %s", error)
        yield "the database does not answer"


def _folders() -> Iterator[str]:
    folders = {"the home": current_settings().home, "the temporary folder": None}
    for name, folder in folders.items():
        path = folder or Path(tempfile.gettempdir())
        try:
            with tempfile.TemporaryFile(dir=path, buffering=0) as probe:
                probe.write(_PROBE)
        except OSError as error:
            # Its path is for the operator, who reads the log.
            _log.error("nothing can be written in %s: %s", path, error)
            yield f"nothing can be written in {name}"
