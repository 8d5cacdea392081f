import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from gridmgmt.cli import run
from gridmgmt.settings import Settings
from gridmgmt.store.cluster.private import Cluster
from gridmgmt.store.cluster.programs import clean_environment, client_program
from gridmgmt.store.engine import make_engine
from gridmgmt.store.schema import case_leaves
from gridmgmt.store.upkeep import backup
from gridmgmt.store.upkeep.schema_check import newest_revision
from tests.folders import passable_folder
from tests.services.reroute_city import fill, publish_second

Capture = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def private() -> Iterator[Settings]:
    """Settings of a private cluster of its own."""
    with passable_folder() as folder:
        settings = Settings(home=folder / "home", database="gridmgmt_test_db")
        yield settings
        Cluster(settings.home).down()


@pytest.fixture
def running(private: Settings) -> Settings:
    """The private cluster, up, with an empty database."""
    cluster = Cluster(private.home, durable=False)
    cluster.up()
    cluster.drop_database(private.database)
    cluster.ensure_database(private.database)
    return private


@pytest.fixture
def other(database_url: str) -> Settings:
    """Settings that name another server."""
    return Settings(home=Path("/nonexistent"), database_url=database_url)


def test_up_and_down_say_what_they_did(private: Settings, capsys: Capture) -> None:
    assert run(["db", "down"], private) == 0
    assert "there is no private cluster" in capsys.readouterr().err
    assert run(["db", "up"], private) == 0
    heard = capsys.readouterr()
    assert "is up, process" in heard.err
    assert heard.out == ""
    assert run(["db", "up"], private) == 0
    assert run(["db", "down"], private) == 0
    assert "the cluster is down" in capsys.readouterr().err


def test_status_tells_a_machine_where_the_cluster_is(
    running: Settings, capsys: Capture
) -> None:
    assert run(["db", "status", "--json"], running) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["state"] == "running"
    assert facts["database_exists"] is True
    assert facts["schema"] is None
    assert Path(facts["data"]).is_dir()


def test_status_tells_a_person_too(running: Settings, capsys: Capture) -> None:
    assert run(["db", "status"], running) == 0
    assert "state            running\n" in capsys.readouterr().out


def test_migrate_finds_where_cases_lie_that_an_older_program_stored(
    settings: Settings, tmp_path: Path
) -> None:
    assert settings.database_url is not None
    engine = make_engine(settings.database_url)
    with engine.begin() as conn:
        fill(conn, tmp_path)
        publish_second(conn)
        leaves = set(conn.execute(sa.select(case_leaves)))
        assert leaves
        conn.execute(case_leaves.delete())
    assert run(["db", "migrate"], settings) == 0
    with engine.connect() as conn:
        assert set(conn.execute(sa.select(case_leaves))) == leaves
    engine.dispose()


def test_migrate_starts_the_cluster_and_says_from_where_to_where(
    running: Settings, capsys: Capture
) -> None:
    Cluster(running.home).down()
    assert run(["db", "migrate"], running) == 0
    assert "from nothing to 0" in capsys.readouterr().err
    assert run(["db", "migrate"], running) == 0
    assert "already" in capsys.readouterr().err
    assert run(["db", "status", "--json"], running) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["schema"] == facts["newest_schema"]


@pytest.mark.parametrize("options", [[], ["--database", "postgres"]])
def test_the_url_is_one_that_psql_takes(
    running: Settings, capsys: Capture, options: list[str]
) -> None:
    assert run(["db", "url", *options], running) == 0
    url = capsys.readouterr().out.strip()
    psql = [client_program("psql"), "-XAtc", "SELECT current_database()", url]
    done = subprocess.run(
        psql, capture_output=True, text=True, check=True, env=clean_environment()
    )
    assert done.stdout.strip() == (options[-1] if options else running.database)


def test_a_misleading_environment_is_no_obstacle(
    running: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PGSERVICE", "PGHOST", "PGOPTIONS"):
        monkeypatch.setenv(name, "nonsense")
    assert run(["db", "migrate"], running) == 0


def test_a_dump_is_not_overwritten_unless_told_to(
    running: Settings, capsys: Capture, tmp_path: Path
) -> None:
    file = str(tmp_path / "a.dump")
    assert run(["db", "dump", file], running) == 0
    assert run(["db", "dump", file], running) == 3
    assert "--force" in capsys.readouterr().err
    assert run(["db", "dump", file, "--force"], running) == 0


def test_a_restore_is_a_dry_run_unless_committed(
    running: Settings, capsys: Capture, tmp_path: Path
) -> None:
    file = str(tmp_path / "a.dump")
    target = backup.target(Cluster(running.home).url(running.database), private=True)
    target.sql("CREATE TABLE kept ();")
    assert run(["db", "dump", file], running) == 0
    target.sql("DROP TABLE kept;")
    assert run(["db", "restore", file], running) == 0
    heard = capsys.readouterr().err
    assert "1 tables" in heard
    assert f"database {running.database} is empty" in heard
    assert heard.endswith("add --commit to do it\n")
    assert target.sql("SELECT to_regclass('kept') IS NULL;") == "t"
    assert run(["db", "restore", file, "--commit"], running) == 0
    assert capsys.readouterr().err.endswith("committed\n")
    assert target.sql("SELECT to_regclass('kept') IS NULL;") == "f"


def test_a_database_that_holds_something_is_replaced_only_when_told_to(
    running: Settings, capsys: Capture, tmp_path: Path
) -> None:
    file = str(tmp_path / "a.dump")
    assert run(["db", "dump", file], running) == 0
    target = backup.target(Cluster(running.home).url(running.database), private=True)
    target.sql("CREATE TABLE precious AS SELECT 7 AS seven;")
    assert run(["db", "restore", file, "--commit"], running) == 7
    heard = capsys.readouterr().err
    assert "precious" in heard
    assert "1 rows" in heard
    assert "--replace" in heard
    assert target.sql("SELECT seven FROM precious;") == "7"
    assert run(["db", "restore", file, "--replace", "--commit"], running) == 0
    assert target.sql("SELECT to_regclass('precious') IS NULL;") == "t"


def test_a_file_that_is_no_dump_is_refused_by_name(
    running: Settings, capsys: Capture, tmp_path: Path
) -> None:
    (tmp_path / "x").write_text("x")
    assert run(["db", "restore", str(tmp_path / "x"), "--commit"], running) == 3
    assert str(tmp_path / "x") in capsys.readouterr().err


def test_dump_and_restore_of_a_cluster_that_is_down_say_what_to_type(
    running: Settings, capsys: Capture, tmp_path: Path
) -> None:
    assert run(["db", "dump", str(tmp_path / "a.dump")], running) == 0
    Cluster(running.home).down()
    assert run(["db", "dump", str(tmp_path / "b.dump")], running) == 7
    assert run(["db", "restore", str(tmp_path / "a.dump")], running) == 7
    assert capsys.readouterr().err.count("gridmgmt db up") == 2
    assert run(["db", "status", "--json"], running) == 0
    facts = json.loads(capsys.readouterr().out)
    assert (facts["state"], facts["database_exists"]) == ("stopped", None)


def test_what_is_not_there_yet_is_told_with_what_to_type(
    private: Settings, capsys: Capture, tmp_path: Path
) -> None:
    assert run(["level", "list"], private) == 7
    assert "is it up? (gridmgmt db up)" in capsys.readouterr().err
    assert run(["db", "up"], private) == 0
    assert run(["level", "list"], private) == 7
    assert (
        "what to do: bring its schema up with: gridmgmt db migrate" in capsys.readouterr().err
    )
    nowhere = Settings(home=private.home, database="gridmgmt_elsewhere")
    assert run(["level", "list"], nowhere) == 7
    assert "does not exist; make it with: gridmgmt db migrate" in capsys.readouterr().err
    url = "postgresql://u@127.0.0.1:1/x"
    assert run(["level", "list"], Settings(home=tmp_path, database_url=url)) == 7
    told = capsys.readouterr().err
    assert "GRIDMGMT_DATABASE_URL right?" in told
    assert "db up" not in told


def test_another_server_is_neither_started_nor_stopped(
    other: Settings, capsys: Capture
) -> None:
    assert run(["db", "up"], other) == 0
    assert run(["db", "down"], other) == 0
    assert capsys.readouterr().err.count("have nothing to do with it") == 2
    assert run(["db", "status", "--json"], other) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["state"] == "running"
    assert facts["schema"] == facts["newest_schema"]


def test_another_server_is_migrated_and_dumped_all_the_same(
    other: Settings, capsys: Capture, tmp_path: Path
) -> None:
    assert run(["db", "migrate"], other) == 0
    assert run(["db", "dump", str(tmp_path / "a.dump")], other) == 0
    assert run(["db", "url", "--database", "elsewhere"], other) == 0
    assert make_url(capsys.readouterr().out.strip()).database == "elsewhere"


def test_another_server_that_does_not_answer_is_reported_without_its_password(
    capsys: Capture, tmp_path: Path
) -> None:
    url = f"postgresql://u:geheim@/x?host={tmp_path}"
    assert run(["db", "status"], Settings(home=tmp_path, database_url=url)) == 0
    said = capsys.readouterr().out
    assert "unreachable" in said
    assert "geheim" not in said


def test_a_damaged_dump_is_refused_before_anything_is_asked_of_the_database(
    running: Settings, capsys: Capture, tmp_path: Path
) -> None:
    file = tmp_path / "a.dump"
    assert run(["db", "dump", str(file)], running) == 0
    assert run(["db", "verify", str(file)], running) == 0
    assert "every byte of it is as it was written" in capsys.readouterr().err
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    for command in (["db", "verify"], ["db", "restore"], ["db", "restore", "--commit"]):
        assert run([*command, str(file)], running) == 3
        assert "is not a whole backup" in capsys.readouterr().err
    file.write_bytes(whole.replace(b"PGDMP", b"PGDMp"))
    assert run(["db", "restore", str(file), "--commit"], running) == 3
    assert "is damaged" in capsys.readouterr().err


def test_verify_answers_a_machine_too(
    running: Settings, capsys: Capture, tmp_path: Path
) -> None:
    file = tmp_path / "a.dump"
    assert run(["db", "migrate"], running) == 0
    assert run(["db", "dump", str(file)], running) == 0
    capsys.readouterr()
    assert run(["db", "verify", str(file), "--json"], running) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["revision"] == newest_revision()
    assert len(facts["sha256"]) == 64
    assert datetime.now(UTC) - datetime.fromisoformat(facts["made_at"]) < timedelta(minutes=5)


def test_a_dump_is_said_to_be_made_on_the_clock_of_the_bureau(
    running: Settings, capsys: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The bureau's clock is neither that of the machine nor UTC.
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("TZ", "America/Los_Angeles")
        time.tzset()
        file = tmp_path / "a.dump"
        commands = (["migrate"], ["dump", str(file)], ["verify", str(file)])
        codes = [run(["db", *command], running) for command in commands]
    time.tzset()
    assert codes == [0, 0, 0]
    (said,) = re.findall(r"made (\d{4}-\d\d-\d\d \d\d:\d\d)$", capsys.readouterr().err, re.M)
    now = datetime.now(running.tz).replace(tzinfo=None)
    assert now - datetime.fromisoformat(said) < timedelta(minutes=5)


def test_a_dump_of_a_newer_program_is_not_restored(
    running: Settings, capsys: Capture, tmp_path: Path
) -> None:
    file = str(tmp_path / "a.dump")
    target = backup.target(Cluster(running.home).url(running.database), private=True)
    target.sql("CREATE TABLE alembic_version AS SELECT '9001'::text AS version_num;")
    assert run(["db", "dump", file], running) == 0
    for more in ([], ["--replace", "--commit"]):
        assert run(["db", "restore", file, *more], running) == 7
        assert "install the newer program first" in capsys.readouterr().err


def test_a_newer_database_gets_a_sentence_from_every_command(
    running: Settings, capsys: Capture
) -> None:
    assert run(["db", "migrate"], running) == 0
    target = backup.target(Cluster(running.home).url(running.database), private=True)
    target.sql("UPDATE alembic_version SET version_num = '9001';")
    asked = [["level", "list"], ["case", "list"], ["worker"], ["serve"], ["db", "migrate"]]
    for command in [*asked, ["db", "downgrade", "0001"]]:
        capsys.readouterr()
        assert run(command, running) == 7
        told = capsys.readouterr().err
        assert "is at schema 9001, this program knows up to" in told, command
        assert "install the newer program, or restore a dump" in told, command


def test_a_downgrade_that_loses_data_says_what_and_wants_to_be_told(
    running: Settings, capsys: Capture
) -> None:
    assert run(["db", "migrate"], running) == 0
    target = backup.target(Cluster(running.home).url(running.database), private=True)
    lost = "table case_import_runs goes, with 0 rows"
    assert run(["db", "downgrade", "0013"], running) == 0
    told = capsys.readouterr().err
    assert lost in told
    assert told.endswith("add --commit to do it\n")
    assert run(["db", "downgrade", "0013", "--commit"], running) == 7
    assert "give --drop-data" in capsys.readouterr().err
    at = "SELECT version_num FROM alembic_version;"
    assert target.sql(at) == newest_revision()
    assert run(["db", "downgrade", "0013", "--commit", "--drop-data"], running) == 0
    assert target.sql(at) == "0013"
    assert run(["level", "list"], running) == 7
    assert "bring its schema up with: gridmgmt db migrate" in capsys.readouterr().err


def test_alembics_own_downgrade_leads_to_the_command(running: Settings) -> None:
    assert run(["db", "migrate"], running) == 0
    url = Cluster(running.home).url(running.database)
    done = subprocess.run(
        [sys.executable, "-m", "alembic", "downgrade", "-1"],
        env={**os.environ, "GRIDMGMT_DATABASE_URL": url},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "gridmgmt db downgrade" in done.stderr + done.stdout
    target = backup.target(url, private=True)
    assert target.sql("SELECT version_num FROM alembic_version;") == newest_revision()
