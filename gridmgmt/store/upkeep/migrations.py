"""Migrate a database to the newest schema, with the Alembic migrations of the project."""

from pathlib import Path

import alembic.command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection

from gridmgmt.errors import SchemaError
from gridmgmt.store.engine import make_engine, transaction
from gridmgmt.store.upkeep.schema_check import newest_revision

_SCRIPTS = Path(__file__).resolve().parents[3] / "migrations"


def _config(url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS))
    config.attributes["url"] = url
    return config


def upgrade(url: str, revision: str = "head") -> None:
    """Apply the migrations up to a revision; applied migrations are skipped.

    Raises
    ------
    SchemaError
        when the database is newer than the newest migration
    """
    found = current(url)
    if found is not None and found not in known_revisions():
        raise SchemaError(found, newest_revision())
    alembic.command.upgrade(_config(url), revision)


def downgrade(url: str, revision: str) -> None:
    """Undo migrations down to a revision; ``-1`` undoes one."""
    alembic.command.downgrade(_config(url), revision)


def downgrade_within(conn: Connection, revision: str) -> None:
    """Undo migrations in the transaction of a connection; nothing is committed."""
    config = _config("")
    config.attributes["connection"] = conn
    alembic.command.downgrade(config, revision)


def known_revisions() -> list[str]:
    """Return all revisions, oldest first."""
    walked = ScriptDirectory(str(_SCRIPTS)).walk_revisions()
    return [script.revision for script in walked][::-1]


def current(url: str) -> str | None:
    """Return the revision of the database, or None for an empty database."""
    engine = make_engine(url)
    try:
        with transaction(engine, commit=False) as conn:
            return revision_of(conn)
    finally:
        engine.dispose()


def revision_of(conn: Connection) -> str | None:
    """Return the revision of the database of a connection, or None if it is empty."""
    return MigrationContext.configure(conn).get_current_revision()


def head() -> str | None:
    """Return the newest revision."""
    return ScriptDirectory(str(_SCRIPTS)).get_current_head()
