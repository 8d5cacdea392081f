from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from gridmgmt.domain.accounts.attempt_limit import AttemptLimit
from gridmgmt.services.accounts import counted_attempts
from gridmgmt.store import schema

NOW = datetime(2026, 11, 22, 8, 3, tzinfo=UTC)
THREE = AttemptLimit("test", 3, timedelta(minutes=15))


def tries(conn: Connection, times: int, subject: str = "li", now: datetime = NOW) -> list[int]:
    return [counted_attempts.count(conn, THREE, subject, now=now) for _ in range(times)]


def test_as_many_attempts_pass_as_the_limit_says_and_then_one_waits(conn: Connection) -> None:
    assert tries(conn, 5) == [0, 0, 0, 720, 720]


def test_each_subject_and_each_kind_is_counted_by_itself(conn: Connection) -> None:
    assert tries(conn, 4)[-1] == 720
    assert tries(conn, 1, "wang") == [0]
    other = AttemptLimit("other", 3, THREE.span)
    assert counted_attempts.count(conn, other, "li", now=NOW) == 0


def test_the_next_window_begins_anew(conn: Connection) -> None:
    wait = tries(conn, 4)[-1]
    assert tries(conn, 1, now=NOW + timedelta(seconds=wait - 1)) == [1]
    assert tries(conn, 1, now=NOW + timedelta(seconds=wait)) == [0]


def test_what_is_forgotten_or_taken_back_does_not_count(conn: Connection) -> None:
    assert tries(conn, 3) == [0, 0, 0]
    counted_attempts.take_back(conn, THREE, "li", now=NOW)
    assert tries(conn, 2) == [0, 720]
    counted_attempts.forget(conn, THREE, "li", now=NOW)
    counted_attempts.take_back(conn, THREE, "li", now=NOW)
    assert tries(conn, 4) == [0, 0, 0, 720]


def test_old_windows_are_removed_and_other_kinds_left_alone(conn: Connection) -> None:
    tries(conn, 1)
    tries(conn, 1, "wang")
    counted_attempts.count(conn, AttemptLimit("other", 3, THREE.span), "li", now=NOW)
    tries(conn, 1, now=NOW + THREE.span)
    kept = conn.execute(sa.select(schema.attempts.c.kind).order_by(schema.attempts.c.kind))
    assert list(kept.scalars()) == ["other", "test"]


def test_what_was_typed_as_a_name_is_not_kept_and_may_be_anything(conn: Connection) -> None:
    for typed in ("my secret password", "\x00", "\ud800", "x" * 100_000):
        assert counted_attempts.count(conn, THREE, typed, now=NOW) == 0
    subjects = conn.execute(sa.select(schema.attempts.c.subject)).scalars()
    assert all(len(subject) == 64 and subject.isalnum() for subject in subjects)


def test_attempts_at_the_same_time_are_all_counted(engine: Engine) -> None:
    """Eight connections count at once; exactly as many pass as the limit says."""
    limit = AttemptLimit("crowd", 50, timedelta(minutes=15))

    def worker(_: int) -> int:
        passed = 0
        for _ in range(25):
            with engine.begin() as own:
                passed += counted_attempts.count(own, limit, "li", now=NOW) == 0
        return passed

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(worker, range(8))) == 50
    with engine.begin() as conn:
        counted = conn.execute(sa.select(schema.attempts.c.count)).scalar_one()
    assert counted == 200


def test_many_that_sweep_at_the_same_time_do_not_wait_for_each_other(engine: Engine) -> None:
    with engine.begin() as conn:
        for number in range(200):
            tries(conn, 1, f"old {number}")

    def worker(number: int) -> int:
        with engine.begin() as own:
            return counted_attempts.count(own, THREE, f"new {number}", now=NOW + THREE.span)

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(worker, range(40))) == {0}
    with engine.begin() as conn:
        left = conn.execute(sa.select(sa.func.count()).select_from(schema.attempts))
        assert left.scalar_one() == 40
