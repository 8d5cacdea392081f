"""Downgrade a database to an older schema, and find what data that would lose."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from gridmgmt.errors import InputError, SchemaError
from gridmgmt.store.engine import make_engine, transaction
from gridmgmt.store.upkeep import migrations
from gridmgmt.store.upkeep.schema_check import newest_revision

# The numbers of a column and of its table stay the same when their names change.
_COLUMNS = sa.text("""
SELECT c.oid, a.attnum, c.relname, a.attname
FROM pg_class AS c
JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relkind = 'r'
  AND c.relnamespace = CAST('public' AS regnamespace)
  AND NOT EXISTS (
    SELECT FROM pg_depend AS d
    WHERE d.classid = CAST('pg_class' AS regclass) AND d.objid = c.oid AND d.deptype = 'e'
  )
ORDER BY c.relname, a.attnum
""")

# The rows that this transaction has changed so far, as PostgreSQL itself counts them.
_TOUCHED = sa.text("""
SELECT relname AS name, n_tup_upd AS changed, n_tup_del AS deleted
FROM pg_stat_xact_user_tables
WHERE relname <> 'alembic_version' AND n_tup_upd + n_tup_del > 0
ORDER BY relname
""")


class LossKind(StrEnum):
    """The effect of a downgrade on stored data."""

    TABLE = "table"
    COLUMN = "column"
    DELETED = "deleted"
    CHANGED = "changed"


@dataclass(frozen=True)
class DowngradeLoss:
    """Data lost at one place; ``rows`` counts the rows with a value there."""

    kind: LossKind
    table: str
    column: str | None
    rows: int


@dataclass(frozen=True)
class _Column:
    """A column in the catalogue; its numbers stay the same when its name changes."""

    table_id: int
    number: int
    table: str
    name: str


def losses(url: str, revision: str) -> list[DowngradeLoss]:
    """Find what a downgrade would lose, by doing it and rolling it back.

    The tables it changes are locked during this time.

    Raises
    ------
    InputError
        when ``revision`` is not older than the revision of the database
    SchemaError
        when the database is newer than the program, or has no schema
    """
    with _engine(url) as engine:
        with transaction(engine, commit=False) as conn:
            _check(conn, revision)
            before = _columns(conn)
            migrations.downgrade_within(conn, revision)
            after = {(one.table_id, one.number) for one in _columns(conn)}
            touched = list(_touched(conn))
        gone = [one for one in before if (one.table_id, one.number) not in after]
        with transaction(engine, commit=False) as conn:
            return [*_gone(conn, gone, {table for table, _ in after}), *touched]


def downgrade(url: str, revision: str) -> None:
    """Downgrade a database to an older schema, in one transaction.

    Raises
    ------
    InputError
        when ``revision`` is not older than the revision of the database
    SchemaError
        when the database is newer than the program, or has no schema
    """
    with _engine(url) as engine, transaction(engine, commit=True) as conn:
        _check(conn, revision)
        migrations.downgrade_within(conn, revision)


@contextmanager
def _engine(url: str) -> Iterator[Engine]:
    engine = make_engine(url)
    try:
        yield engine
    finally:
        engine.dispose()


def _check(conn: Connection, revision: str) -> None:
    found = migrations.revision_of(conn)
    known = migrations.known_revisions()
    if found not in known:
        raise SchemaError(found, newest_revision())
    older = known[: known.index(found)]
    if revision not in older:
        listed = f"one of: {', '.join(older)}" if older else "none: this is the first"
        message = f"the database is at {found}; it can go back to {listed}"
        raise InputError(field="revision", message=message)


def _columns(conn: Connection) -> list[_Column]:
    return [_Column(*row) for row in conn.execute(_COLUMNS)]


def _touched(conn: Connection) -> Iterator[DowngradeLoss]:
    for row in conn.execute(_TOUCHED):
        if row.deleted:
            yield DowngradeLoss(LossKind.DELETED, row.name, None, row.deleted)
        if row.changed:
            yield DowngradeLoss(LossKind.CHANGED, row.name, None, row.changed)


def _gone(
    conn: Connection, gone: list[_Column], kept_tables: set[int]
) -> Iterator[DowngradeLoss]:
    tables = {one.table for one in gone if one.table_id not in kept_tables}
    for table in sorted(tables):
        yield DowngradeLoss(LossKind.TABLE, table, None, _count(conn, table, sa.text("*")))
    for one in gone:
        if one.table not in tables:
            rows = _count(conn, one.table, sa.column(one.name))
            yield DowngradeLoss(LossKind.COLUMN, one.table, one.name, rows)


def _count(conn: Connection, table: str, of: sa.ColumnElement[object] | sa.TextClause) -> int:
    counted = sa.select(sa.func.count(of)).select_from(sa.table(table))
    return int(conn.execute(counted).scalar_one())
