"""What was forgotten is looked for in the database's own files, byte by byte."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from gridmgmt.services.cases.forgetting import Forgetting, forget
from gridmgmt.store.cases.forgetting import clear_old_rows
from tests.services.answering import make_city
from tests.services.case_city import A1, case_file, give_duties, row, take_in

NAME = "司马种植甲"


def files_with_it(engine: Engine) -> list[str]:
    """Name the files of the database, as they lie on the disk, in which the name stands."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.exec_driver_sql("CHECKPOINT")
        root = Path(conn.scalar(sa.text("SHOW data_directory")))
        database = conn.scalar(
            sa.text("SELECT oid FROM pg_database WHERE datname = current_database()")
        )
    folder = root / "base" / str(database)
    if not folder.is_dir():
        pytest.skip("the server's files are on another machine")
    return [path.name for path in folder.iterdir() if NAME.encode() in path.read_bytes()]


def test_no_file_of_the_database_keeps_a_byte_after_a_rewrite(
    engine: Engine, tmp_path: Path
) -> None:
    ends = {"disposed_at": "2026-03-04 08:00", "closed_at": "2026-03-04 08:00"}
    rows = [
        row(f"C{n}", A1, description=f"{NAME}说第{n}次", address=f"{NAME}家", **ends)
        for n in range(500)
    ]
    with engine.begin() as conn:
        make_city(conn)
        give_duties(conn)
        take_in(conn, case_file(tmp_path, rows))
        # Long enough to be kept apart from its row.
        conn.exec_driver_sql("ALTER TABLE cases ALTER description SET STORAGE EXTERNAL")
        long = [row("L1", A1, description=NAME * 390, **ends)]
        take_in(conn, case_file(tmp_path, long, "long.csv"))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.exec_driver_sql("ANALYZE")
    assert len(files_with_it(engine)) >= 2
    asked = Forgetting(datetime.now(UTC) - timedelta(days=1), "a test", tmp_path)
    assert forget(engine.begin, asked).cases == 501
    clear_old_rows(engine, rewrite=True)
    # Files that were replaced are emptied at once and removed by the next checkpoint.
    assert files_with_it(engine) == []
