"""Doing work to see what it would do: everything is done, told, and taken back."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.engine import Connection


@contextmanager
def rehearsal(conn: Connection) -> Iterator[None]:
    """Take back at the end of the block whatever was done in it, its locks included."""
    savepoint = conn.begin_nested()
    try:
        yield
    finally:
        if savepoint.is_active:
            savepoint.rollback()
