"""A mark on a database, by which the program recognises a database it made."""

import sqlalchemy as sa
from sqlalchemy.engine import Connection

# All tables anybody made in a database, whatever the schema. Tables of extensions (such as
# spatial_ref_sys of PostGIS) are nobody's data.
_ANYTHING = sa.text(
    """
    SELECT EXISTS (
      SELECT FROM pg_class AS c
      JOIN pg_namespace AS n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
        AND n.nspname NOT IN ('pg_catalog', 'information_schema')
        AND n.nspname NOT LIKE 'pg\\_toast%' AND n.nspname NOT LIKE 'pg\\_temp%'
        AND NOT EXISTS (
          SELECT FROM pg_depend AS d
          WHERE d.classid = CAST('pg_class' AS regclass) AND d.objid = c.oid
            AND d.deptype = 'e'
        )
    )
    """
)
_READ = sa.text(
    """
    SELECT shobj_description(oid, 'pg_database') FROM pg_database
    WHERE datname = current_database()
    """
)
# COMMENT takes no parameters, so the server quotes the two values for us.
_WRITE = sa.text(
    "SELECT format('COMMENT ON DATABASE %I IS %L', current_database(), CAST(:mark AS text))"
)


def read_mark(conn: Connection) -> str | None:
    """Return the comment of the database, or None if it has none."""
    found = conn.execute(_READ).scalar_one()
    return None if found is None else str(found)


def write_mark(conn: Connection, mark: str) -> None:
    """Store a text as the comment of the database, within the transaction."""
    statement = conn.execute(_WRITE, {"mark": mark}).scalar_one()
    conn.exec_driver_sql(str(statement).replace("%", "%%"))


def holds_anything(conn: Connection) -> bool:
    """Return whether the database has a table, view or sequence that no extension made."""
    return bool(conn.execute(_ANYTHING).scalar_one())
