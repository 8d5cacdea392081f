from datetime import UTC, datetime, timedelta

from sqlalchemy.engine import Connection

from gridmgmt.services.accounts import accounts
from gridmgmt.services.accounts.audit import page
from gridmgmt.store.accounts.audit import AuditFilter, record

EVERYTHING = AuditFilter()


def write(conn: Connection, count: int) -> None:
    for number in range(count):
        record(conn, f"person {number % 2}", "place_case", f"case C{number}", {"n": number})


def test_pages_hold_every_entry_once_the_newest_first(conn: Connection) -> None:
    write(conn, 7)
    after, seen = None, []
    while True:
        shown = page(conn, EVERYTHING, after=after, most=3)
        seen += [entry.detail["n"] for entry in shown.entries]
        after = shown.after
        if after is None:
            break
    assert seen == [6, 5, 4, 3, 2, 1, 0]


def test_a_full_last_page_has_nothing_after_it(conn: Connection) -> None:
    write(conn, 3)
    assert page(conn, EVERYTHING, most=3).after is None


def test_entries_are_found_by_who_what_and_how_the_subject_begins(conn: Connection) -> None:
    write(conn, 4)
    record(conn, "person 1", "close_case", "case C1", {})

    def found(**wanted: str) -> list[str]:
        return [entry.subject for entry in page(conn, AuditFilter(**wanted)).entries]

    assert found(actor="person 1") == ["case C1", "case C3", "case C1"]
    assert found(action="close_case") == ["case C1"]
    assert found(subject="case C3") == ["case C3"]
    assert found(subject="C3") == []
    assert found(subject="case C%") == []
    assert found(actor="nobody") == []


def test_a_period_holds_its_first_instant_and_not_its_last(conn: Connection) -> None:
    write(conn, 1)
    at = page(conn, EVERYTHING).entries[0].at
    second = timedelta(seconds=1)
    assert page(conn, AuditFilter(since=at, until=at + second)).entries
    assert not page(conn, AuditFilter(since=at - second, until=at)).entries
    assert not page(conn, AuditFilter(since=datetime(2099, 1, 1, tzinfo=UTC))).entries


def test_the_names_of_accounts_are_offered(conn: Connection) -> None:
    accounts.create(conn, "li", "planner", "a password for tests", actor="a test")
    assert "li" in page(conn, EVERYTHING).names.people
