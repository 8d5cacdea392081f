"""Waiting for another session of the database."""

import threading
import time
from collections.abc import Callable

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from gridmgmt.errors import GridMgmtError
from gridmgmt.store.engine import make_engine

Act = Callable[[Connection], object]

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


def one_after_the_other(engine: Engine, first: Act, second: Act) -> GridMgmtError | None:
    """Begin the second while the first is not committed; return what the second is told."""
    told: list[GridMgmtError | None] = []
    url = engine.url.render_as_string(hide_password=False)
    other = make_engine(url)

    def run() -> None:
        try:
            with other.begin() as conn:
                second(conn)
        except GridMgmtError as error:
            told.append(error)
        else:
            told.append(None)

    thread = threading.Thread(target=run)
    with engine.begin() as conn:
        first(conn)
        thread.start()
        watcher = make_engine(url)
        wait_until_blocked(watcher)
        watcher.dispose()
    thread.join(timeout=60)
    other.dispose()
    [error] = told
    return error
