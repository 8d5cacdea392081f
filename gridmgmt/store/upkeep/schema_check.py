"""Check that a database has the schema this program was written for."""

import time
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Engine

from gridmgmt.errors import SchemaError
from gridmgmt.store.engine import NO_TIMEOUTS, Timeouts, make_engine

_HEAD_FILE = Path(__file__).resolve().parents[3] / "migrations" / ".current-head"

# A connection may outlive a migration, so the check is repeated. It costs 0.2 ms.
_ASK_AGAIN_S = 5.0
_ASKED_AT = "gridmgmt_schema_asked_at"


@cache
def newest_revision() -> str:
    """Return the newest revision this program knows, without importing Alembic."""
    return _HEAD_FILE.read_text("utf-8").strip().partition("_")[0]


def checked_engine(url: str, timeouts: Timeouts = NO_TIMEOUTS) -> Engine:
    """Return an engine that only connects to a database with the right schema.

    With another schema, connecting raises SchemaError for pages, worker and commands alike.
    """
    engine = make_engine(url, timeouts)
    event.listen(engine, "checkout", _check)
    return engine


def check_revision(found: str | None) -> None:
    """Raise SchemaError unless the revision is the newest one this program knows."""
    if found != newest_revision():
        raise SchemaError(found, newest_revision())


def _check(dbapi_connection: Any, record: Any, _proxy: object) -> None:
    now = time.monotonic()
    if now - record.info.get(_ASKED_AT, -_ASK_AGAIN_S) < _ASK_AGAIN_S:
        return
    with dbapi_connection.cursor() as cursor:
        found = cursor.execute("SELECT to_regclass('alembic_version')").fetchone()[0]
        if found is not None:
            rows = cursor.execute("SELECT version_num FROM alembic_version").fetchall()
            found = rows[0][0] if rows else None
    # This read began a transaction that nobody else knows of; it must not stay open.
    dbapi_connection.rollback()
    check_revision(found)
    record.info[_ASKED_AT] = now
