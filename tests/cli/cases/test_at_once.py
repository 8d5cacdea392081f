"""Two imports at once, and one that dies half-way: real processes, a real database."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from tests.services.answering import make_city
from tests.services.case_city import A1, case_file, give_duties, row


@pytest.fixture
def city(engine: Engine) -> Engine:
    with engine.begin() as conn:
        make_city(conn)
        give_duties(conn)
    return engine


def start(engine: Engine, path: Path) -> subprocess.Popen[str]:
    url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    command = [sys.executable, "-c", "from gridmgmt.cli import main; main()"]
    return subprocess.Popen(
        [*command, "case", "import", str(path), "--commit"],
        env={**os.environ, "GRIDMGMT_DATABASE_URL": url, "GRIDMGMT_ACTOR": "a"},
        cwd=path.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_until(true: Callable[[], bool]) -> None:
    until = time.monotonic() + 60
    while not true():
        assert time.monotonic() < until, "waited 60 s"
        time.sleep(0.02)


def ask(engine: Engine, query: str) -> int:
    with engine.connect() as conn:
        return int(conn.execute(sa.text(query)).scalar_one())


def many(folder: Path, n: int) -> Path:
    """Write cases of one place, closed: open ones would all be compared with each other."""
    rows = [row(f"C{k}", A1, closed_at="2026-03-03 10:00") for k in range(n)]
    return case_file(folder, rows)


COUNT = "SELECT (SELECT count(*) FROM cases) + (SELECT count(*) FROM case_events)"
SESSIONS = (
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


@pytest.mark.proof
def test_a_killed_import_leaves_nothing(city: Engine, tmp_path: Path) -> None:
    # Somebody else writes a case that the file has too and does not finish: the import gets as
    # far as storing and waits there, so that it is always killed in the middle of it.
    path = many(tmp_path, 3_000)
    with city.connect() as other:
        other.execute(sa.text("SET CONSTRAINTS ALL DEFERRED"))
        other.execute(
            sa.text(
                "INSERT INTO cases (case_no, category, reported_at, on_boundary, snapped,"
                " unlocated_reason, unrouted_reason, status, trace, last_seq) VALUES"
                " ('C2999', 'E1', now(), false, false, 'no_position', 'unlocated', 'triage',"
                " '{}', 1)"
            )
        )
        process = start(city, path)
        waiting = f"{SESSIONS} AND wait_event_type = 'Lock' AND query LIKE 'COPY cases%'"
        wait_until(lambda: ask(city, waiting) == 1)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        other.rollback()
    wait_until(lambda: ask(city, f"{SESSIONS} AND query LIKE 'COPY%'") == 0)
    assert ask(city, COUNT) == 0
    assert ask(city, "SELECT count(*) FROM audit_log") == 0


@pytest.mark.proof
def test_of_two_imports_of_one_file_the_second_sees_everything_as_known(
    city: Engine, tmp_path: Path
) -> None:
    path = many(tmp_path, 2_000)
    processes = [start(city, path) for _ in range(2)]
    said = [process.communicate()[1] for process in processes]
    assert [process.returncode for process in processes] == [0, 0], said
    assert sorted("new 2,000, unchanged 0" in text for text in said) == [False, True]
    assert sorted("new 0, unchanged 2,000" in text for text in said) == [False, True]
    assert ask(city, COUNT) == 6_000, "of each the case, its report and its end"
