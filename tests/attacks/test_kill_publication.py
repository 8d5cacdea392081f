"""Publications killed at any point: no half edition, and publishing again is enough."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from gridmgmt.cli import run
from gridmgmt.domain.job import JobStatus
from gridmgmt.services.accounts import accounts
from gridmgmt.services.drafts import changes, reviews
from gridmgmt.services.files import jobs
from gridmgmt.settings import Settings
from gridmgmt.store import jobs as stored
from tests.factories import make_draft, make_edition
from tests.killing import Point, environment, run_until_killed
from tests.services.drafts.test_publishing import merged_a1_a2, with_border_at
from tests.streets import two_streets
from tests.worker.counting import eventually

PUBLISHING = "gridmgmt.services.drafts.publishing"
COMMIT = "sqlalchemy.engine:Connection.commit"
DAY = "2026-06-01"
COMMAND = ("draft", "publish", "second", "--effective-from", DAY, "--commit")

# Before the edition is there for good.
POINTS = [
    Point(f"{PUBLISHING}:wait_for_turn", 1, "after"),
    Point(f"{PUBLISHING}:check_changes", 1, "after"),
    Point(f"{PUBLISHING}:open_edition", 1, "before"),
    Point(f"{PUBLISHING}:open_edition", 1, "after"),
    Point(f"{PUBLISHING}:close_areas", 1, "after"),
    Point(f"{PUBLISHING}:open_areas", 1, "before"),
    Point(f"{PUBLISHING}:open_areas", 1, "after"),
    Point(f"{PUBLISHING}:add_lineage", 1, "before"),
    Point(f"{PUBLISHING}:add_lineage", 1, "after"),
    Point("gridmgmt.store.areas.drafts:mark_published", 1, "after"),
    Point("gridmgmt.store.accounts.audit:record", 1, "before"),
    Point("gridmgmt.store.accounts.audit:record", 1, "after"),
    Point(f"{PUBLISHING}:count_cases_judged_before", 1, "after"),
    Point(COMMIT, 1, "before"),
]
# In the worker a job is begun and its progress noted by commits of their own connection.
WORKER_POINTS = [
    Point("gridmgmt.store.jobs:begin_job", 1, "after"),
    Point(f"{PUBLISHING}:check_changes", 1, "after"),
    Point(f"{PUBLISHING}:open_areas", 1, "before"),
    Point(f"{PUBLISHING}:add_lineage", 1, "after"),
    Point("gridmgmt.store.jobs:succeed", 1, "after"),
]

# All that a publication writes; what has a moment of its own is compared without it.
HELD = {
    "editions": "SELECT number, label, effective_from, in_force, tolerance_m2, published_by"
    " FROM editions ORDER BY number",
    "areas": "SELECT level, code, name, parent_code, ST_AsText(geom), since, until FROM areas"
    " ORDER BY level, code, since",
    "lineage": "SELECT edition, level, old_code, new_code, share FROM lineage"
    " ORDER BY edition, level, old_code, new_code",
    "drafts": "SELECT label, status, base_edition, edition FROM drafts ORDER BY label",
    "changes": "SELECT level, code, action, name FROM area_changes ORDER BY level, code",
    "audit": "SELECT actor, action, subject, detail::text FROM audit_log"
    " WHERE action = 'publish_edition' ORDER BY id",
}
Held = dict[str, list[tuple[object, ...]]]


def held(engine: Engine) -> Held:
    with engine.connect() as conn:
        return {
            name: [tuple(row) for row in conn.execute(sa.text(query))]
            for name, query in HELD.items()
        }


@pytest.fixture
def drafted(engine: Engine) -> Engine:
    """An edition, and a draft that moves a border and joins two cells."""
    with engine.begin() as conn:
        make_edition(conn, two_streets())
        make_draft(conn, "second", [merged_a1_a2()])
    return engine


def published(engine: Engine, before: Held) -> None:
    """Check that exactly one whole edition came of the draft."""
    after = held(engine)
    assert [row[0] for row in after["editions"]] == [1, 2]
    assert after["drafts"] == [("second", "published", 1, 2)]
    assert [row[:3] for row in after["audit"]] == [("tester", "publish_edition", "2")]
    assert [row[1:4] for row in after["lineage"]] == [
        ("cell", "A1", "A1"),
        ("cell", "A2", "A1"),
    ]
    live = {row[1] for row in after["areas"] if row[0] == "cell" and row[6] is None}
    assert live == {row[1] for row in before["areas"] if row[0] == "cell"} - {"A2"}


def test_a_publication_killed_anywhere_leaves_the_draft_and_no_edition(
    drafted: Engine, settings: Settings, tmp_path: Path
) -> None:
    before = held(drafted)
    for point in POINTS:
        run_until_killed(settings, tmp_path, point, *COMMAND)
        assert held(drafted) == before, point
    assert run(list(COMMAND), settings) == 0
    published(drafted, before)
    assert run(list(COMMAND), settings) == 5
    published(drafted, before)


def test_a_publication_killed_after_it_was_kept_is_one_edition(
    drafted: Engine, settings: Settings, tmp_path: Path
) -> None:
    before = held(drafted)
    run_until_killed(settings, tmp_path, Point(COMMIT, 1, "after"), *COMMAND)
    published(drafted, before)
    assert run(list(COMMAND), settings) == 5
    published(drafted, before)


def test_a_publication_killed_at_any_moment_is_whole_or_not_there(
    engine: Engine, settings: Settings, tmp_path: Path
) -> None:
    with engine.begin() as conn:
        make_edition(conn, two_streets())
    command = [sys.executable, "-m", "gridmgmt", "draft", "publish"]
    chosen = random.Random(9)
    for n in range(8):
        label = f"draft {n}"
        with engine.begin() as conn:
            make_draft(conn, label, [with_border_at(0.3 + 0.02 * n)])
        before = held(engine)
        day = f"2026-06-{n + 1:02d}"
        process = subprocess.Popen(
            [*command, label, "--effective-from", day, "--commit"],
            env=environment(settings),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(chosen.uniform(0.2, 4.0))
        process.kill()
        process.wait(20)
        # The server ends the session of a client that is gone when it next hears from it.
        again = run(["draft", "publish", label, "--effective-from", day, "--commit"], settings)
        after = held(engine)
        assert again in {0, 5}, label
        assert len(after["editions"]) == len(before["editions"]) + 1, label
        assert len(after["audit"]) == len(before["audit"]) + 1, label
        assert (label, "published") in [row[:2] for row in after["drafts"]]


@pytest.mark.parametrize("point", WORKER_POINTS, ids=str)
def test_a_worker_killed_while_it_publishes_leaves_the_job_to_the_next(
    drafted: Engine, settings: Settings, tmp_path: Path, point: Point
) -> None:
    with drafted.begin() as conn:
        accounts.create(conn, "tester", "gis_officer", "a long enough secret", actor="a test")
        # What pages publish was approved.
        reviews.submit(conn, "second", actor="tester")
        reviews.approve(conn, "second", actor="zhou")
        arguments = {
            "label": "second",
            "effective_from": DAY,
            "tolerance_m2": 1.0,
            "seen": changes.revision(conn, "second"),
            "commit": True,
        }
        job = jobs.enqueue(conn, "draft_publish", arguments, title="second", actor="tester")
    before = held(drafted)
    run_until_killed(settings, tmp_path, point, "worker")
    assert held(drafted) == before
    next_one = subprocess.Popen(
        [sys.executable, "-m", "gridmgmt", "worker"], env=environment(settings)
    )
    try:
        eventually(lambda: _job(drafted, job) is JobStatus.SUCCEEDED, most_s=60.0)
    finally:
        next_one.send_signal(signal.SIGTERM)
        next_one.wait(20)
    published(drafted, before)


def _job(engine: Engine, number: int) -> JobStatus:
    with engine.connect() as conn:
        return stored.get_job(conn, number).status
