"""Two officers at once, and a machine that dies half-way: real processes, a real database."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from gridmgmt.services.drafts import publishing, rebasing
from gridmgmt.services.drafts.withdrawing import withdraw
from gridmgmt.store.areas.drafts import get_draft
from gridmgmt.store.areas.editions import list_editions
from gridmgmt.store.engine import make_engine
from tests.factories import make_draft, make_edition, two_streets
from tests.services.drafts.test_publishing import renamed
from tests.snapshot import snapshot
from tests.waiting import one_after_the_other

CELLS = two_streets()["cell"]
MARCH, JUNE = "2026-03-01", "2026-06-01"


def start(database_url: str, *args: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", "from gridmgmt.cli import main; main()", *args],
        env={**os.environ, "GRIDMGMT_DATABASE_URL": database_url, "GRIDMGMT_ACTOR": "a"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def publish(database_url: str, label: str, day: str) -> subprocess.Popen[str]:
    given = ("draft", "publish", label, "--effective-from", day, "--commit")
    return start(database_url, *given)


def wait_until(true: Callable[[], bool]) -> None:
    until = time.monotonic() + 30
    while not true():
        assert time.monotonic() < until, "waited 30 s"
        time.sleep(0.02)


def waiting(engine: Engine) -> int:
    """How many other sessions of this database wait for a lock."""
    query = (
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    with engine.connect() as conn:
        return int(conn.execute(sa.text(query)).scalar_one())


@pytest.fixture
def drafted(engine: Engine) -> Engine:
    """An edition, and three drafts on top of it: two of them change A1."""
    with engine.begin() as conn:
        make_edition(conn, two_streets(), effective_from=datetime(2026, 1, 1, tzinfo=UTC))
        make_draft(conn, "west", [renamed(CELLS, "A1", "west")])
        make_draft(conn, "east", [renamed(CELLS, "B4", "east")])
        make_draft(conn, "also west", [renamed(CELLS, "A1", "also west")])
    return engine


def at_once(engine: Engine, url: str, *wanted: tuple[str, str]) -> list[tuple[int, str]]:
    """Publish drafts by processes that all wait at the door until all of them are there."""
    with engine.connect() as conn:
        conn.execute(sa.text("LOCK TABLE editions IN ACCESS EXCLUSIVE MODE"))
        running = [publish(url, label, day) for label, day in wanted]
        watcher = make_engine(url)
        wait_until(lambda: waiting(watcher) == len(wanted))
        watcher.dispose()
        conn.rollback()
    ended = [process.communicate(timeout=60) for process in running]
    return [(process.returncode, err) for process, (_, err) in zip(running, ended, strict=True)]


def test_of_two_who_publish_one_draft_at_once_one_is_told(
    drafted: Engine, database_url: str
) -> None:
    ended = sorted(at_once(drafted, database_url, ("west", MARCH), ("west", MARCH)))
    assert [code for code, _ in ended] == [0, 5]
    assert "published already, as edition 2" in ended[1][1]
    with drafted.connect() as conn:
        assert [edition.number for edition in list_editions(conn)] == [1, 2]


def test_of_two_who_change_one_code_at_once_one_is_told(
    drafted: Engine, database_url: str
) -> None:
    ended = sorted(at_once(drafted, database_url, ("west", MARCH), ("also west", JUNE)))
    assert [code for code, _ in ended] == [0, 5]
    told = ended[1][1]
    assert "cell A1: the name was 'A1', this draft has" in told or "takes effect on" in told


@pytest.mark.proof
def test_two_who_change_different_codes_at_once_follow_each_other(
    drafted: Engine, database_url: str
) -> None:
    ended = at_once(drafted, database_url, ("west", MARCH), ("east", JUNE))
    with drafted.connect() as conn:
        editions = list_editions(conn)
    if ended[0][0] == 0:
        # The one with the earlier date came first, and the other rests on it.
        assert [code for code, _ in ended] == [0, 0]
        assert "rebased on edition 2" in ended[1][1]
        assert [edition.number for edition in editions] == [1, 2, 3]
    else:
        assert [code for code, _ in ended] == [5, 0]
        assert "edition 2 (east) takes effect" in ended[0][1]
        assert [edition.number for edition in editions] == [1, 2]


@pytest.mark.proof
@pytest.mark.parametrize("death", ["of the process", "of the server's session"])
def test_a_death_half_way_through_publishing_leaves_no_trace(
    drafted: Engine, database_url: str, death: str
) -> None:
    before = snapshot(database_url)
    with drafted.connect() as conn:
        # Rows are closed and opened when the lineage is written: hold it up there.
        conn.execute(sa.text("LOCK TABLE lineage IN ACCESS EXCLUSIVE MODE"))
        process = publish(database_url, "also west", MARCH)
        watcher = make_engine(database_url)
        wait_until(lambda: waiting(watcher) == 1)
        if death == "of the process":
            process.send_signal(signal.SIGKILL)
        else:
            kill = (
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            with watcher.connect() as other:
                other.execute(sa.text(kill))
        process.communicate(timeout=60)
        assert process.returncode != 0
        conn.rollback()
        wait_until(lambda: waiting(watcher) == 0)
        watcher.dispose()
    assert snapshot(database_url) == before
    again = publish(database_url, "also west", MARCH)
    assert (again.communicate(timeout=60), again.returncode)[1] == 0
    assert snapshot(database_url) != before


def test_a_withdrawal_waits_for_a_draft_that_is_put_on_its_edition(drafted: Engine) -> None:
    with drafted.begin() as conn:
        publishing.publish(conn, "west", datetime(2999, 1, 1, tzinfo=UTC), actor="li")
    told = one_after_the_other(
        drafted,
        lambda conn: rebasing.rebase(conn, "east", actor="li", tz=UTC),
        lambda conn: withdraw(conn, 2, actor="sun"),
    )
    assert told is None
    with drafted.connect() as conn:
        assert get_draft(conn, "east").base_edition == 1
