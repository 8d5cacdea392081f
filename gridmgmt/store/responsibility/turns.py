"""Let changes of duties, groups, road segments and zones run one after the other."""

from sqlalchemy.engine import Connection

from gridmgmt.store.statements import statement


def wait_for_turn(conn: Connection) -> None:
    """Lock changes of these rows until this transaction ends; wait if another holds it."""
    conn.execute(statement("lock_responsibility"))
