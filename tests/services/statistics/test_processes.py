"""Columns in many processes: a hundred commits a second, and writers that are killed."""

import json
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import Engine

from gridmgmt.services.statistics.sources import count_in_columns
from tests.services.answering import make_city
from tests.services.case_city import give_duties
from tests.services.judging.test_case_leaves import Bureau
from tests.services.statistics.asking import compare, stir

pytestmark = pytest.mark.proof

SECONDS = 8.0


def started(*arguments: object) -> subprocess.Popen[str]:
    command = [
        sys.executable,
        "-m",
        "tests.services.statistics.processes",
        *map(str, arguments),
    ]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def told(process: subprocess.Popen[str]) -> dict[str, Any]:
    out, err = process.communicate(timeout=180)
    assert process.returncode == 0, err
    last: dict[str, Any] = json.loads(out.splitlines()[-1])
    return last


def make_cases(engine: Engine, folder: Path) -> None:
    with engine.begin() as conn:
        make_city(conn)
        give_duties(conn)
        bureau = Bureau(conn, folder, random.Random(1))
        for thing in ("take_in", "publish", "take_in", "publish", "take_in"):
            getattr(bureau, thing)()
        stir(conn, bureau.chance)


def url_of(engine: Engine) -> str:
    return engine.url.render_as_string(hide_password=False)


def test_a_transaction_gets_its_own_snapshot_from_columns_while_others_commit(
    engine: Engine, tmp_path: Path
) -> None:
    make_cases(engine, tmp_path)
    url, home, kernels = url_of(engine), tmp_path / "home", tmp_path / "kernels"
    # The first process compiles for all.
    count_in_columns(engine, home).refresh()
    first = told(started("ask", url, kernels, home, 0, 9))
    assert first["columns"] > 0
    change = started("change", url, kernels, SECONDS, 1)
    asking = [started("ask", url, kernels, home, SECONDS, seed) for seed in (2, 3)]
    answered = [told(process) for process in asking]
    assert told(change)["commits_a_second"] > 10
    for one in answered:
        of_sql = sum(n for reason, n in one.items() if reason not in ("rounds", "columns"))
        assert one["columns"] > 10
        # SQL answers for snapshots that are older than the file knows, which are few.
        assert of_sql <= one["columns"] / 4, one


def test_a_writer_that_is_killed_at_any_instant_leaves_columns_that_are_right(
    engine: Engine, tmp_path: Path
) -> None:
    make_cases(engine, tmp_path)
    url, home, kernels = url_of(engine), tmp_path / "home", tmp_path / "kernels"
    change = started("change", url, kernels, SECONDS, 1)
    chance = random.Random(5)
    source = count_in_columns(engine, home)
    for _ in range(8):
        writer = started("write", url, kernels, home)
        assert writer.stdout is not None
        writer.stdout.readline()
        time.sleep(chance.uniform(0.0, 0.3))
        writer.send_signal(signal.SIGKILL)
        writer.communicate()
        with engine.connect() as conn:
            compare(conn.execution_options(isolation_level="REPEATABLE READ"), chance)
    told(change)
    # Nobody holds the lock any more, and what the killed left is gone.
    assert source.refresh()
    assert [path.name for path in home.rglob("*") if path.is_file()].count("cases.columns") == 1
    assert not list(home.rglob(".unfinished-*"))
    with engine.connect() as conn:
        compare(conn.execution_options(isolation_level="REPEATABLE READ"), chance)
    assert source.answered["columns"]
