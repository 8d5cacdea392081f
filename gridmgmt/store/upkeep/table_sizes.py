"""Keep the planner's statistics of the case tables useful."""

import sqlalchemy as sa
from sqlalchemy.engine import Connection

# Tables that have grown far beyond the planner's last statistics.
_UNSEEN = sa.text(
    "SELECT oid::regclass::text FROM pg_class"
    " WHERE oid IN (CAST('cases' AS regclass), CAST('case_events' AS regclass))"
    " AND reltuples < 1000 AND pg_relation_size(oid) > 1024 * 1024"
)


def look_at_new_tables(conn: Connection) -> None:
    """Run ANALYZE on case tables that were almost empty at the last ANALYZE.

    Without statistics PostgreSQL chooses the wrong index. From about 300,000 rows on, it looks
    up a case number by reading a whole index that has the number in second place, for every row
    and every foreign key. Plans that were kept while the table was empty are given up too.
    """
    for table in conn.execute(_UNSEEN).scalars().all():
        conn.exec_driver_sql(f"ANALYZE {table}")
