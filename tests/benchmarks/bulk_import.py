"""Files of cases taken in: how long beside a bare COPY of the same rows, and how much held.

Both write into the same tables with all their indexes and constraints, from the same state, in
turn. The import runs in a process of its own, as a person starts it, so that what it held at
most is its own; starting Python and reading the libraries is counted.
"""

import csv
import gzip
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from gridmgmt.settings import Settings
from tests.benchmarks.measuring import Line, line, seconds

TABLES = ("cases", "case_events")

# Linux keeps the peak of memory over exec: a process counts what the one that started it held.
# So a small one starts it, not the one that holds all the measurements before.
_LAUNCH = """
import os, sys
answer, *command = sys.argv[1:]
_, status, used = os.wait4(os.spawnv(os.P_NOWAIT, command[0], command), 0)
with open(answer, "w") as file:
    file.write(str(used.ru_maxrss))
sys.exit(status != 0)
"""


@dataclass(frozen=True)
class Run:
    """One import: seconds, and the most memory the process held, in MiB."""

    taken_s: float
    peak_mib: float


def make_file(source: Path, target: Path, rows: int) -> Path:
    """Write a file of so many cases: those of another again and again, under new numbers."""
    opened = gzip.open if source.suffix == ".gz" else open
    with opened(source, "rt", encoding="utf-8-sig", newline="") as given:
        header, *cases = csv.reader(given)
    at = header.index("case_no")
    with target.open("w", encoding="utf-8", newline="") as made:
        writer = csv.writer(made)
        writer.writerow(header)
        for n in range(rows):
            row = cases[n % len(cases)]
            writer.writerow([*row[:at], f"B{n:08}", *row[at + 1 :]])
    return target


def run_import(settings: Settings, path: Path, *options: str) -> Run:
    """Take in a file for good, in a process of its own."""
    command = [sys.executable, "-m", "gridmgmt", "case", "import", str(path), "--commit"]
    imports = [*command, "--rejects", str(path.with_suffix(".rejects")), *options]
    environ = {
        **os.environ,
        "GRIDMGMT_DATABASE_URL": settings.database_url or "",
        "GRIDMGMT_HOME": str(settings.home),
        "GRIDMGMT_ACTOR": settings.actor,
    }
    with tempfile.NamedTemporaryFile("r") as answer:
        launch = [sys.executable, "-S", "-c", _LAUNCH, answer.name, *imports]
        started = time.perf_counter()
        if subprocess.run(launch, env=environ, check=False).returncode != 0:
            sys.exit("the import failed")
        return Run(time.perf_counter() - started, int(answer.read()) / 1024)


def empty(conn: sa.Connection) -> None:
    """Forget all cases; append-only tables let go of theirs for the owner alone."""
    conn.execute(sa.text("ALTER TABLE case_events DISABLE TRIGGER append_only"))
    conn.execute(sa.text("TRUNCATE cases, case_events, case_leaves, sent_reports"))
    conn.execute(sa.text("ALTER TABLE case_events ENABLE TRIGGER append_only"))


@contextmanager
def finished_rows(engine: Engine, folder: Path) -> Iterator[dict[str, Path]]:
    """Copy the rows as they are now into files."""
    files = {table: folder / f"{table}.copy" for table in TABLES}
    with engine.connect() as conn:
        for table, path in files.items():
            command = f"COPY {table} TO STDOUT (FORMAT binary)"
            cursor = _driver(conn).cursor()
            with cursor, path.open("wb") as out, cursor.copy(command.encode()) as copy:
                for part in copy:
                    out.write(part)
    yield files
    for path in files.values():
        path.unlink()


def copy_in(conn: sa.Connection, files: Mapping[str, Path]) -> None:
    """Copy the same finished rows, with all that is checked of them.

    Each table is analysed when its rows are in, as who loads a new database by hand does, and
    plans are kept as in the sessions of psql.
    """
    conn.exec_driver_sql("SET LOCAL plan_cache_mode = auto")
    for table, path in files.items():
        command = f"COPY {table} FROM STDIN (FORMAT binary)"
        cursor = _driver(conn).cursor()
        with cursor, path.open("rb") as rows, cursor.copy(command.encode()) as copy:
            while part := rows.read(1 << 20):
                copy.write(part)
        # Else a million references are checked by an index that only has the number too.
        conn.exec_driver_sql(f"ANALYZE {table}")


def _in_transaction(engine: Engine, work: Callable[[sa.Connection], None]) -> None:
    with engine.begin() as conn:
        work(conn)


def _driver(conn: sa.Connection) -> psycopg.Connection[tuple[object, ...]]:
    driver = conn.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    return driver


def importing(
    engine: Engine, settings: Settings, source: Path, folder: Path, rows: int, pairs: int
) -> tuple[Line, float]:
    """Take in a file of so many rows, beside COPY; the line, and the most memory in MiB."""
    path = make_file(source, folder / f"cases-{rows}.csv", rows)
    _in_transaction(engine, empty)
    first = run_import(settings, path)
    taken = []
    peak = first.peak_mib
    with finished_rows(engine, folder) as files:
        for _ in range(pairs):
            _in_transaction(engine, empty)
            bare = seconds(lambda: _in_transaction(engine, lambda conn: copy_in(conn, files)))
            _in_transaction(engine, empty)
            ours = run_import(settings, path)
            taken.append((ours.taken_s, bare))
            peak = max(peak, ours.peak_mib)
    path.unlink()
    what = f"case import --commit: {rows:,} rows, the program's start included ({peak:.0f} MiB)"
    return line(what, "COPY of the same finished rows, same constraints", taken), peak


def bulk_lines(
    engine: Engine,
    settings: Settings,
    source: Path,
    folder: Path,
    sizes: tuple[tuple[int, int], ...] = ((60_000, 3), (1_000_000, 1)),
) -> list[Line]:
    """Compare for files of several sizes, each with so many pairs of runs."""
    return [
        importing(engine, settings, source, folder, rows, pairs)[0] for rows, pairs in sizes
    ]


if __name__ == "__main__":
    from gridmgmt.store.engine import make_engine

    url, source, folder = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    made = make_engine(url)
    asked = Settings(home=folder / "home", database_url=url, actor="bench")
    for size in sys.argv[4:]:
        rows, _, pairs = size.partition("x")
        found, held = importing(made, asked, source, folder, int(rows), int(pairs or 1))
        sys.stdout.write(f"{found.row()} peak {held:.0f} MiB\n")
        sys.stdout.flush()
    made.dispose()
    sys.stdout.write(f"this process {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}\n")
