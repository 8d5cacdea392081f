from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from gridmgmt.cli import run
from gridmgmt.settings import Settings
from tests.services.answering import make_city
from tests.services.case_city import A1, case_file, give_duties, row, take_in

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def old_case(engine: Engine, tmp_path: Path) -> None:
    at = (datetime.now(UTC) - timedelta(days=40)).isoformat()
    one = row("C1", A1, reported_at="2026-01-02 09:30", disposed_at=at, closed_at=at)
    with engine.begin() as conn:
        make_city(conn)
        give_duties(conn)
        take_in(
            conn, case_file(tmp_path, [{**one, "description": "张三说"}]), now=datetime.now(UTC)
        )


def texts(engine: Engine) -> int:
    with engine.connect() as conn:
        return int(conn.execute(sa.text("SELECT count(description) FROM cases")).scalar_one())


@pytest.mark.usefixtures("old_case")
def test_forgetting_is_a_dry_run_unless_committed(
    settings: Settings, engine: Engine, capsys: Capture
) -> None:
    assert run(["case", "forget", "--days", "30"], settings) == 0
    told = capsys.readouterr().err
    assert ": 1 case(s), texts in 0 event(s)" in told
    assert "dumps are not touched" in told
    assert told.endswith("add --commit to do it\n")
    assert texts(engine) == 1
    assert run(["case", "forget", "--days", "30", "--commit"], settings) == 0
    told = capsys.readouterr().err
    assert ": 1 case(s), texts in 0 event(s)" in told
    assert "bytes may stay" in told
    assert told.endswith("committed\n")
    assert texts(engine) == 0


@pytest.mark.usefixtures("old_case")
def test_the_setting_says_after_how_many_days(
    settings: Settings, engine: Engine, capsys: Capture
) -> None:
    assert run(["case", "forget"], settings) == 2
    assert "set GRIDMGMT_PERSONAL_DAYS" in capsys.readouterr().err
    assert run(["case", "forget", "--commit"], replace(settings, personal_days=50)) == 0
    assert ": 0 case(s)" in capsys.readouterr().err
    asked = ["case", "forget", "--commit", "--rewrite"]
    assert run(asked, replace(settings, personal_days=30)) == 0
    assert "bytes may stay" not in capsys.readouterr().err
    assert texts(engine) == 0


@pytest.mark.usefixtures("old_case")
def test_a_forgotten_case_says_so(settings: Settings, capsys: Capture) -> None:
    assert run(["case", "forget", "--days", "30", "--commit"], settings) == 0
    capsys.readouterr()
    assert run(["case", "show", "C1", "--personal"], settings) == 0
    shown = capsys.readouterr().out
    assert "forgotten_at:" in shown
    assert "张三" not in shown
