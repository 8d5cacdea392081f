"""Programs of the tests with many processes: one that changes cases, one that asks, one that
writes the columns. ``python -m tests.services.statistics.processes change|ask|write URL …``
"""

import json
import random
import sys
import time
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gridmgmt.geometry.compiler_cache import keep_compiled_in
from gridmgmt.services.statistics.sources import count_in_columns
from gridmgmt.store.engine import make_engine
from tests.services.statistics.asking import compare

COMMITS_A_SECOND = 100

ONE = "WHERE case_no = :case_no"
LATER = "reported_at + :hours * interval '1 hour'"
STATUS = "CASE WHEN responder_code IS NULL THEN 'triage' ELSE 'dispatched' END"
CHANGES = [
    f"UPDATE cases SET disposed_at = {LATER}, status = 'disposed' {ONE}",
    f"UPDATE cases SET disposed_at = NULL, closed_at = NULL, status = {STATUS} {ONE}",
    f"UPDATE cases SET reported_at = reported_at - :hours * interval '1 hour' {ONE}",
    f"UPDATE cases SET marks = '{{default_position}}' {ONE}",
    f"UPDATE case_leaves SET area_code = NULL {ONE}",
    f"DELETE FROM case_leaves {ONE}",
]
ANOTHER = """
WITH event AS (
  INSERT INTO case_events (case_no, seq, kind, happened_at, actor, detail)
  SELECT :new_no, 1, kind, happened_at, actor, detail FROM case_events
  WHERE case_no = :case_no AND seq = 1
)
INSERT INTO cases SELECT (jsonb_populate_record(
  c, jsonb_build_object('case_no', CAST(:new_no AS text), 'last_seq', 1)
)).* FROM cases c WHERE case_no = :case_no
"""


def change(url: str, seconds: float, seed: int) -> None:
    """Change a few random cases in each of 100 commits a second; some are rolled back."""
    chance = random.Random(seed)
    engine = make_engine(url)
    with engine.connect() as conn:
        numbers = list(conn.execute(sa.text("SELECT case_no FROM cases")).scalars())
        conn.rollback()
        begin, done = time.monotonic(), 0
        while time.monotonic() < begin + seconds:
            for _ in range(chance.randint(1, 3)):
                _one_change(conn, chance, numbers, f"N{seed}-{done}-{chance.random()}")
            if chance.random() < 0.1:
                conn.rollback()
            else:
                conn.commit()
            done += 1
            time.sleep(max(0.0, begin + done / COMMITS_A_SECOND - time.monotonic()))
    engine.dispose()
    sys.stdout.write(json.dumps({"commits_a_second": done / seconds}))


def _one_change(conn: Connection, chance: random.Random, numbers: list[str], new: str) -> None:
    given = {"case_no": chance.choice(numbers), "hours": chance.randint(1, 900)}
    if chance.random() < 0.3:
        conn.execute(sa.text(ANOTHER), {"case_no": given["case_no"], "new_no": new})
    else:
        conn.execute(sa.text(chance.choice(CHANGES)), given)


def ask(url: str, home: str, seconds: float, seed: int) -> None:
    """Ask columns and SQL in one transaction at a time, each of which goes on for a while."""
    chance = random.Random(seed)
    engine = make_engine(url)
    source = count_in_columns(engine, Path(home))
    source.start()
    begin, rounds = time.monotonic(), 0
    while time.monotonic() < begin + seconds or not rounds:
        with engine.connect() as conn:
            conn.execution_options(isolation_level="REPEATABLE READ")
            conn.execute(sa.text("SELECT count(*) FROM levels"))
            time.sleep(chance.choice([0, 0, 0.05, 0.3]))
            if chance.random() < 0.3:
                numbers = list(
                    conn.execute(sa.text("SELECT case_no FROM cases LIMIT 9")).scalars()
                )
                with conn.begin_nested() as savepoint:
                    # Own changes, some of which are taken back. Others may have changed the
                    # same case meanwhile.
                    try:
                        _one_change(conn, chance, numbers, f"A{seed}-{rounds}")
                    except sa.exc.OperationalError:
                        savepoint.rollback()
                        conn.rollback()
                        continue
                    compare(conn, chance)
                    if chance.random() < 0.5:
                        savepoint.rollback()
            compare(conn, chance)
            conn.rollback()
            rounds += 1
    engine.dispose()
    sys.stdout.write(json.dumps({"rounds": rounds, **source.answered}))


def write(url: str, home: str) -> None:
    """Write the columns again and again."""
    engine = make_engine(url)
    source = count_in_columns(engine, Path(home))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    # Until it is killed, or the database is gone.
    try:
        while True:
            source.refresh()
    finally:
        engine.dispose()


if __name__ == "__main__":
    what, url, *given = sys.argv[1:]
    keep_compiled_in(Path(given.pop(0)))
    if what == "change":
        change(url, float(given[0]), int(given[1]))
    elif what == "ask":
        ask(url, given[0], float(given[1]), int(given[2]))
    else:
        write(url, given[0])
