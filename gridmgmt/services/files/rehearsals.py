"""Do work to see what it would do, and roll it back."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.engine import Connection


@contextmanager
def rehearsal(conn: Connection) -> Iterator[None]:
    """Roll back everything done in the block, its locks included."""
    savepoint = conn.begin_nested()
    try:
        yield
    finally:
        # It is gone already if an error rolled back the transaction around it.
        if savepoint.is_active:
            savepoint.rollback()
