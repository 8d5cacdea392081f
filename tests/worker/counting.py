"""A worker of its own process whose work can be watched, slowed down and killed."""

import logging
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from gridmgmt.domain.job import Job
from gridmgmt.domain.responsibility.category import Category
from gridmgmt.errors import InputError
from gridmgmt.progress import Progress
from gridmgmt.services.files import jobs
from gridmgmt.settings import Settings
from gridmgmt.store.engine import transaction
from gridmgmt.store.responsibility.categories import put_categories
from gridmgmt.worker.main import Worker


def count(
    conn: Connection,
    arguments: Mapping[str, Any],
    progress: Progress,
    actor: str,
    settings: Settings,
) -> dict[str, Any]:
    """Add a category at each count, so that everybody sees what was kept."""
    to = int(arguments["to"])
    for number in range(to):
        progress("counting", number, to)
        put_categories(conn, [Category(f"n{number}", f"by {actor}")])
        time.sleep(arguments.get("each_s", 0.0))
    return {"counted": to}


def refuse(
    conn: Connection,
    arguments: Mapping[str, Any],
    progress: Progress,
    actor: str,
    settings: Settings,
) -> dict[str, Any]:
    """Fail after having written something."""
    put_categories(conn, [Category("n0", "never kept")])
    if arguments.get("surprise"):
        message = "nobody thought of this"
        raise RuntimeError(message)
    raise InputError(field="file", message="cannot be used")


KINDS = {"count": count, "refuse": refuse}


def ask(engine: Engine, kind: str = "count", **arguments: Any) -> int:
    with transaction(engine, commit=True) as conn:
        return jobs.enqueue(conn, kind, arguments, title=kind, actor="somebody")


def job_of(engine: Engine, job_id: int) -> Job:
    with transaction(engine, commit=False) as conn:
        return jobs.get(conn, job_id)


def counted(engine: Engine) -> int:
    """How many counts were kept."""
    with transaction(engine, commit=False) as conn:
        query = sa.text("SELECT count(*) FROM categories WHERE code LIKE 'n%'")
        return int(conn.execute(query).scalar_one())


def entries(engine: Engine) -> int:
    """How many entries the queue has."""
    with transaction(engine, commit=False) as conn:
        return int(
            conn.execute(sa.text("SELECT count(*) FROM procrastinate_jobs")).scalar_one()
        )


def eventually(reached: Callable[[], bool], *, most_s: float = 90.0) -> None:
    end = time.monotonic() + most_s
    while not reached():
        assert time.monotonic() < end, "not in time"
        time.sleep(0.05)


@contextmanager
def worker(settings: Settings) -> Iterator[subprocess.Popen[bytes]]:
    """Run a worker beside the test, and end it with the block if it has not ended."""
    command = [sys.executable, "-m", "tests.worker.counting", str(settings.database_url)]
    with subprocess.Popen([*command, str(settings.home)]) as process:
        try:
            yield process
        finally:
            process.kill()


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO)
    url, home = sys.argv[1:]
    own = Settings.from_env({"GRIDMGMT_DATABASE_URL": url, "GRIDMGMT_HOME": home})
    Worker(url, own, KINDS).run()
