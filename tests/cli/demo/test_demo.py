import dataclasses
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher
from click.exceptions import Exit
from sqlalchemy.engine import make_url

from gridmgmt.cli import run
from gridmgmt.cli.demo import database as demo_database
from gridmgmt.cli.demo.accounts import renew
from gridmgmt.cli.demo.database import DemoDatabase, DemoState
from gridmgmt.cli.demo.demo import _run, import_steps
from gridmgmt.domain.moments import EARLIEST_YEAR
from gridmgmt.errors import StoreError
from gridmgmt.sample.plan import EARLIEST_LAST_DAY, FULL, SMALL, YEARS_OF_RECORDS
from gridmgmt.services.accounts import accounts
from gridmgmt.settings import Settings
from gridmgmt.store.accounts import audit
from gridmgmt.store.accounts.accounts import list_accounts
from gridmgmt.store.cases.case_counts import count_by_responder
from gridmgmt.store.cluster.private import Cluster
from gridmgmt.store.engine import make_engine, transaction
from gridmgmt.store.upkeep import marker, migrations
from tests.cli.serving_program import serving
from tests.folders import passable_folder

ROLES = (
    "gis_officer",
    "acceptor",
    "duty_chief",
    "dispatcher",
    "responder",
    "street_chief",
    "collector",
    "commander",
    "planner",
    "administrator",
)
DEMO = ["demo", "--no-serve", "--size", "small"]


@pytest.fixture(scope="module")
def home(costly_hasher: PasswordHasher) -> Iterator[Path]:
    """A home whose private cluster is the tests' own; the demo's database has a fixed name."""
    with passable_folder() as folder:
        cluster = Cluster(folder / "home", durable=False)
        cluster.up()
        yield folder / "home"
        cluster.down()


@pytest.fixture(scope="module")
def own(home: Path) -> Settings:
    return Settings(home=home, actor="tester")


def count(url: str, table: str) -> int:
    engine = make_engine(url)
    with transaction(engine, commit=False) as conn:
        found = conn.execute(
            sa.select(sa.func.count()).select_from(sa.table(table))
        ).scalar_one()
    engine.dispose()
    return int(found)


def put(url: str, sql: str) -> None:
    engine = make_engine(url)
    with transaction(engine, commit=True) as conn:
        conn.exec_driver_sql(sql)
    engine.dispose()


def test_the_demo_builds_a_routed_city_and_then_keeps_it(
    own: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*DEMO], own) == 0
    first = capsys.readouterr()
    url = Cluster(own.home).url(demo_database.NAME)
    assert count(url, "cases") > SMALL.cases, "some more lie on the desks"
    assert count(url, "demolitions") == SMALL.demolitions
    assert "$ gridmgmt draft publish" in first.err
    assert "SYNTHETIC" in first.err
    assert first.out
    assert run([*DEMO], own) == 0
    second = capsys.readouterr()
    assert "there already" in second.err
    assert "draft publish" not in second.err
    summary = second.out.splitlines()
    assert summary
    assert summary == first.out.splitlines()[-len(summary) :]


def passwords(said: str) -> dict[str, str]:
    """The accounts and passwords of the table, by user name."""
    lines = said.partition("user name")[2].splitlines()[1:]
    rows = [line.split() for line in lines]
    return {row[0]: row[-1] for row in rows if len(row) > 3 and row[0] in ROLES}


def may_log_in(url: str, username: str, password: str) -> bool:
    engine = make_engine(url)
    with transaction(engine, commit=False) as conn:
        found = accounts.check_password(conn, username, password)
    engine.dispose()
    # Without a password to change first: the demo's open its pages at once.
    return found is not None and not found.must_change


@pytest.mark.proof
def test_the_demo_ends_in_pages_with_an_account_for_each_role(own: Settings) -> None:
    url = Cluster(own.home).url(demo_database.NAME)
    assert run([*DEMO], own) == 0
    assert count(url, "accounts") == 0
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with serving(own, "demo", "--size", "small", "--port", str(port)) as served:
            assert served.port != port
            assert served.get("/healthz").status == 200
            assert served.get("/").status == 303
            first = passwords(served.said)
            assert served.stop(signal.SIGINT) == 0
    assert f"port {port} is taken" in served.said
    assert set(first) == set(ROLES)
    assert len(set(first.values())) == len(ROLES)
    assert all(may_log_in(url, *one) for one in first.items())
    engine = make_engine(url)
    with transaction(engine, commit=True) as conn:
        limits = {one.username: one for one in list_accounts(conn)}
        responder = limits["responder"].responder_code
        assert any(
            one.responder_code == responder and one.open for one in count_by_responder(conn)
        )
        assert limits["dispatcher"].area is not None
        assert limits["dispatcher"].area[0] == "street"
        assert limits["street_chief"].responder_code is not None
        assert limits["duty_chief"].area is None
        audit.record(conn, "dispatcher", "read_personal", "case SYN-1", {})
        accounts.create(
            conn, "wang", "planner", "a long password", must_change=False, actor="wang"
        )
        accounts.set_active(conn, "planner", active=False, actor="demo")
        second = {one.username: one.password for one in renew(conn)}
    engine.dispose()
    assert not may_log_in(url, "duty_chief", first["duty_chief"])
    assert all(may_log_in(url, *one) for one in second.items())
    assert may_log_in(url, "wang", "a long password")
    assert demo_database.find_database(own).foreign_entries() == 1, "reading changes nothing"


@pytest.mark.proof
def test_a_finished_city_of_another_program_is_built_again_unless_somebody_worked_in_it(
    own: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run([*DEMO, "--rebuild"], own) == 0
    database = demo_database.find_database(own)
    database.mark_ready("of another program", "2026-11-01T00:00:00")
    engine = make_engine(database.url)
    with transaction(engine, commit=True) as conn:
        audit.record(conn, "somebody", "import", "duties", {})
    engine.dispose()
    assert run([*DEMO], own) == 7
    assert "made by hand" in capsys.readouterr().err
    assert run([*DEMO, "--rebuild"], own) == 0
    assert database.foreign_entries() == 0


@pytest.mark.proof
def test_a_killed_demo_is_built_again(own: Settings) -> None:
    environ = {**os.environ, "GRIDMGMT_HOME": str(own.home)}
    command = [
        sys.executable,
        "-c",
        "from gridmgmt.cli import main; main()",
        *DEMO,
        "--rebuild",
    ]
    with subprocess.Popen(
        command, env=environ, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    ) as demo:
        assert demo.stderr is not None
        assert any("responder import" in line for line in demo.stderr)
        demo.send_signal(signal.SIGKILL)
    database = demo_database.find_database(own)
    stamp = demo_database.stamp(own, SMALL)
    assert database.state(stamp) is DemoState.HALF_BUILT
    assert run([*DEMO], own) == 0
    assert database.state(stamp) is DemoState.READY


def test_a_database_of_that_name_with_other_data_is_left_alone(
    own: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    cluster = Cluster(own.home)
    cluster.drop_database(demo_database.NAME)
    cluster.ensure_database(demo_database.NAME)
    url = cluster.url(demo_database.NAME)
    put(url, "CREATE TABLE theirs AS SELECT 1 AS precious")
    for args in (DEMO, [*DEMO, "--rebuild"]):
        assert run([*args], own) == 7
        assert "not the sample city" in capsys.readouterr().err
    assert count(url, "theirs") == 1
    cluster.drop_database(demo_database.NAME)


def test_a_server_is_used_only_if_its_database_is_the_demos_own(
    own: Settings, database_url: str
) -> None:
    elsewhere = dataclasses.replace(own, database_url=database_url)
    found = demo_database.find_database(elsewhere)
    assert found.cluster is not None
    assert found.url != database_url
    given = make_url(database_url).set(database=demo_database.NAME)
    there = given.render_as_string(hide_password=False)
    found = demo_database.find_database(dataclasses.replace(own, database_url=there))
    assert found.cluster is None
    assert found.settings.database_url == there
    assert found.settings.actor == "demo"


def test_on_a_server_of_somebody_elses_the_old_city_is_taken_down_by_migrations(
    settings: Settings, empty_database_url: str
) -> None:
    database = DemoDatabase(settings, empty_database_url, None)
    assert database.state("x") is DemoState.EMPTY
    assert database.foreign_entries() == 0
    database.prepare(DemoState.EMPTY)
    assert database.state("x") is DemoState.HALF_BUILT
    put(empty_database_url, "INSERT INTO levels VALUES ('tree', 99, '树', 'Tree')")
    database.prepare(DemoState.HALF_BUILT)
    database.mark_ready("x", "2026-11-01T00:00:00")
    assert database.state("x") is DemoState.READY
    assert database.state("y") is DemoState.OUTDATED
    assert migrations.current(empty_database_url) == migrations.head()
    engine = make_engine(empty_database_url)
    with transaction(engine, commit=False) as conn:
        assert "synthetic" in str(marker.read_mark(conn))
        assert not conn.exec_driver_sql("SELECT FROM levels WHERE level = 'tree'").all()
    engine.dispose()


def test_a_city_of_an_unknown_schema_is_not_taken_down_blindly(
    settings: Settings, database_url: str
) -> None:
    database = DemoDatabase(settings, database_url, None)
    put(database_url, "UPDATE alembic_version SET version_num = 'from-the-future'")
    with pytest.raises(StoreError, match="cannot be taken down"):
        database.prepare(DemoState.OUTDATED)


def test_the_stamp_follows_what_decides_how_cases_are_located(own: Settings) -> None:
    stamps = {
        demo_database.stamp(own, SMALL),
        demo_database.stamp(own, FULL),
        demo_database.stamp(dataclasses.replace(own, snap_m=0.0), SMALL),
        demo_database.stamp(dataclasses.replace(own, candidate_m=2.0), SMALL),
    }
    assert len(stamps) == 4
    assert demo_database.stamp(own, SMALL) in stamps


@pytest.mark.proof
def test_the_last_day_can_be_stated_and_rebuilds_a_city_with_another(
    own: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    url = Cluster(own.home).url(demo_database.NAME)
    assert run([*DEMO], own) == 0
    assert run([*DEMO, "--until", "2026-10-31"], own) == 0
    assert "is outdated" in capsys.readouterr().err
    assert count(url, "cases") == SMALL.cases
    assert demo_database.find_database(own).end() == "2026-11-01 00:00:00"
    for args in ([*DEMO, "--until", "2026-10-31"], [*DEMO]):
        assert run(args, own) == 0
        said = capsys.readouterr()
        assert "there already" in said.err
        assert "as of 2026-11-01 00:00" in said.out + said.err


def test_a_last_day_that_is_not_over_is_refused(
    own: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    today = datetime.now(own.tz).date()
    assert run([*DEMO, "--until", str(today)], own) == 2
    assert "is not over yet" in capsys.readouterr().err


@pytest.mark.parametrize("day", ["1907-07-02", "1900-01-01"])
def test_a_last_day_before_all_years_is_refused_before_anything_is_built(
    own: Settings, capsys: pytest.CaptureFixture[str], day: str
) -> None:
    assert run([*DEMO, "--until", day], own) == 2
    said = capsys.readouterr().err
    assert f"{day} is too early; give {EARLIEST_LAST_DAY} or a later day" in said
    assert "preparing" not in said
    assert SMALL.ending_with(EARLIEST_LAST_DAY).year == EARLIEST_YEAR + YEARS_OF_RECORDS


def test_two_demos_do_not_build_in_one_home_at_once(own: Settings) -> None:
    with (
        demo_database.alone(own),
        pytest.raises(StoreError, match="another gridmgmt demo"),
        demo_database.alone(own),
    ):
        pass
    with demo_database.alone(own):
        pass


def test_every_step_that_changes_data_commits(tmp_path: Path) -> None:
    looks = {("draft", "check"), ("duty", "audit")}
    for args in import_steps(tmp_path, SMALL):
        assert ("--commit" in args) is (tuple(args[:2]) not in looks), args


def test_a_step_that_fails_stops_the_demo(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(Exit) as stop:
        _run(settings, ["draft", "check", "no such draft"])
    assert stop.value.exit_code == 6
    assert "the demo stopped there" in capsys.readouterr().err
