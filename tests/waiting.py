"""Waiting for another session of the database."""

import time

import sqlalchemy as sa
from sqlalchemy.engine import Engine

_BLOCKED = sa.text(
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


def wait_until_blocked(engine: Engine) -> None:
    """Wait until another session waits for a lock, so that a test knows it is held up."""
    until = time.monotonic() + 30
    with engine.connect() as conn:
        while not conn.execute(_BLOCKED).scalar_one():
            assert time.monotonic() < until, "nobody waits"
            time.sleep(0.02)
            conn.rollback()
