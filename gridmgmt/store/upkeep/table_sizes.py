"""How large the tables of cases are, as the planner knows it."""

import sqlalchemy as sa
from sqlalchemy.engine import Connection

# Tables that have grown beyond what the planner knows of them.
_UNSEEN = sa.text(
    "SELECT oid::regclass::text FROM pg_class"
    " WHERE oid IN (CAST('cases' AS regclass), CAST('case_events' AS regclass))"
    " AND reltuples < 1000 AND pg_relation_size(oid) > 8 * 1024 * 1024"
)


def look_at_new_tables(conn: Connection) -> None:
    """Have the planner look at the tables of cases if they were about empty when it last did.

    Until then it knows nothing of their indexes: from some 300,000 rows on it looks up a number
    by reading a whole index that has it in second place, for every row and every reference.
    """
    for table in conn.execute(_UNSEEN).scalars().all():
        conn.exec_driver_sql(f"ANALYZE {table}")
