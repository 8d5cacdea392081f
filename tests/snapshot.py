"""What a whole database holds, so that a test can say: exactly as before."""

from sqlalchemy.engine import Connection

from gridmgmt.store.engine import make_engine
from gridmgmt.store.schema import metadata


def snapshot(database_url: str) -> dict[str, list[str]]:
    """Read every row of every table as text, in no order that could differ."""
    engine = make_engine(database_url)
    with engine.connect() as conn:
        held = snapshot_of(conn)
    engine.dispose()
    return held


def snapshot_of(conn: Connection) -> dict[str, list[str]]:
    """Read every row of every table as one connection sees them."""
    return {
        table.name: sorted(
            conn.exec_driver_sql(f"SELECT t::text FROM {table.name} t").scalars()
        )
        for table in metadata.sorted_tables
    }
