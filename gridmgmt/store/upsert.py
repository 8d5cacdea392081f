"""Insert rows, or replace the rows with the same key."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import Connection


def upsert(conn: Connection, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Store whole rows; a row with a known primary key is replaced.

    Parameters
    ----------
    rows : column -> value; a geometry is a value of ``geometries.hex_ewkb``
    """
    if not rows:
        return
    put = insert(table)
    others = {
        column.name: put.excluded[column.name]
        for column in table.columns
        if not column.primary_key
    }
    put = put.on_conflict_do_update(index_elements=list(table.primary_key), set_=others)
    conn.execute(put, [dict(row) for row in rows])
