from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.engine import Connection

from gridmgmt.services.accounts import login_limits
from gridmgmt.services.accounts.login_limits import Attempt

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def answered(conn: Connection, attempt: Attempt, times: int, now: datetime = NOON) -> int:
    """How many of so many attempts at one moment get their password looked at."""
    return sum(login_limits.begin(conn, attempt, now=now).wait == 0 for _ in range(times))


def test_an_address_uses_up_half_of_a_names_tries_however_often_it_knocks(
    conn: Connection,
) -> None:
    assert answered(conn, Attempt("li", "10.0.0.1"), 200) == 5
    assert answered(conn, Attempt("li", "10.0.0.2"), 200) == 5
    assert answered(conn, Attempt("li", "10.0.0.3"), 200) == 0
    assert answered(conn, Attempt("wang", "10.0.0.1"), 1) == 1


def test_an_ipv6_subscriber_counts_as_one_address(conn: Connection) -> None:
    tries = [
        answered(conn, Attempt("li", f"2001:db8:1:2::{number:x}"), 1) for number in range(20)
    ]
    assert sum(tries) == 5


def test_the_first_attempt_that_waits_begins_a_lock_and_no_other(conn: Connection) -> None:
    there = Attempt("li", "10.0.0.1")
    assert [login_limits.begin(conn, there, now=NOON).began for _ in range(8)] == [
        False,
        False,
        False,
        False,
        False,
        True,
        False,
        False,
    ]


def test_a_new_browser_waits_at_most_until_the_next_full_hour(conn: Connection) -> None:
    for number in range(20):
        answered(conn, Attempt("li", f"10.0.0.{number}"), 10)
    owner = Attempt("li", "192.0.2.7")
    wait = login_limits.begin(conn, owner, now=NOON + 20 * MINUTE).wait
    assert wait == 40 * 60
    assert answered(conn, owner, 1, NOON + timedelta(minutes=20, seconds=wait)) == 1


def test_a_name_has_at_most_250_tries_from_strangers_in_any_day(conn: Connection) -> None:
    """More addresses try than an hour answers, around each full hour and in between."""
    begin = NOON + 30 * MINUTE
    passed = sum(
        answered(conn, Attempt("li", f"10.0.{number}.1"), 1, begin + minute * MINUTE)
        for minute in range(24 * 60)
        for number in range(12 if minute % 60 in (0, 29, 30, 59) else minute % 10 == 5)
    )
    assert passed == 250
    known = sum(
        answered(conn, Attempt("li", "10.0.0.1", "mark"), 2, begin + minute * MINUTE)
        for minute in range(0, 24 * 60, 5)
    )
    assert known == 250


@pytest.mark.parametrize("username", ["li", "nobody", "\ud800", "x" * 10_000, "\0"])
def test_a_known_browser_is_counted_apart_from_strangers_and_other_browsers(
    conn: Connection, username: str
) -> None:
    answered(conn, Attempt(username, "10.0.0.1"), 50)
    answered(conn, Attempt(username, "10.0.0.2"), 50)
    assert answered(conn, Attempt(username, "10.0.0.1", "mark"), 50) == 10
    assert answered(conn, Attempt(username, "10.0.0.1", "other"), 50) == 10


def test_an_address_with_thirty_failures_has_one_try_for_each_name(conn: Connection) -> None:
    for number in range(30):
        assert answered(conn, Attempt(f"name {number}", "10.0.0.1"), 1) == 1
    assert answered(conn, Attempt("li", "10.0.0.1"), 9) == 1
    assert answered(conn, Attempt("wang", "10.0.0.1"), 9) == 1
    assert answered(conn, Attempt("li", "10.0.0.2"), 9) == 5
    assert answered(conn, Attempt("li", "10.0.0.1", "mark"), 9) == 9


def test_right_passwords_are_not_counted_and_give_nobody_their_tries_back(
    conn: Connection,
) -> None:
    there = Attempt("li", "10.0.0.1")
    for _ in range(40):
        assert login_limits.begin(conn, there, now=NOON).wait == 0
        login_limits.take_back(conn, there, now=NOON)
        login_limits.succeeded(conn, there, now=NOON)
    assert answered(conn, there, 4) == 4
    assert login_limits.begin(conn, there, now=NOON).wait == 0
    login_limits.take_back(conn, there, now=NOON)
    login_limits.succeeded(conn, there, now=NOON)
    assert answered(conn, there, 4) == 1
    home = Attempt("li", "10.0.0.1", "mark")
    assert answered(conn, home, 20) == 10
    login_limits.succeeded(conn, home, now=NOON)
    assert answered(conn, home, 20) == 10
