from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gridmgmt.store.cases.forgetting import CaseCounts, count_forgettable, forget_some

NOW = datetime(2026, 6, 1, tzinfo=UTC)
LONG_AGO = "2020-01-05Z"


def put(
    conn: Connection, no: str, closed: str | None, detail: str = '{"text": "张三"}'
) -> None:
    status = "closed" if closed else "triage"
    conn.execute(
        sa.text(
            "INSERT INTO cases (case_no, category, reported_at, closed_at, description,"
            " address, on_boundary, snapped, unlocated_reason, unrouted_reason, status, trace,"
            " last_seq)"
            " VALUES (:no, 'k', '2020-01-01Z', CAST(:closed AS timestamptz), '张三说', '甲路',"
            " false, false, 'no_position', 'unlocated', :status, '{\"a\": 1}', 1)"
        ),
        {"no": no, "closed": closed, "status": status},
    )
    conn.execute(
        sa.text(
            "INSERT INTO case_events (case_no, seq, kind, happened_at, actor, detail)"
            " VALUES (:no, 1, 'reported', '2020-01-01Z', 'wang', CAST(:detail AS jsonb))"
        ),
        {"no": no, "detail": detail},
    )


@pytest.fixture
def cases(conn: Connection) -> Connection:
    conn.execute(sa.text("INSERT INTO categories (code, name, mapped) VALUES ('k', 'k', true)"))
    put(conn, "old", LONG_AGO)
    put(conn, "older", "2019-12-01Z", '{"file": "a.csv"}')
    put(conn, "open", None)
    put(conn, "fresh", "2026-05-01Z")
    conn.execute(sa.text("SET CONSTRAINTS ALL IMMEDIATE"))
    return conn


def kept(conn: Connection) -> list[str]:
    query = "SELECT case_no FROM cases WHERE description IS NOT NULL ORDER BY case_no"
    return list(conn.execute(sa.text(query)).scalars())


BEFORE = datetime(2025, 6, 1, tzinfo=UTC)


def test_cases_closed_long_ago_are_blanked_and_nothing_else(cases: Connection) -> None:
    assert count_forgettable(cases, BEFORE) == CaseCounts(2, 1)
    assert forget_some(cases, BEFORE, 100) == CaseCounts(2, 1)
    assert kept(cases) == ["fresh", "open"]
    row = cases.execute(sa.text("SELECT * FROM cases WHERE case_no = 'old'")).one()
    assert (row.description, row.address, row.trace) == (None, None, {"a": 1})
    assert row.forgotten_at is not None
    assert count_forgettable(cases, BEFORE) == CaseCounts(0, 0)


def test_those_closed_longest_ago_come_first(cases: Connection) -> None:
    assert forget_some(cases, BEFORE, 1) == CaseCounts(1, 0)
    assert kept(cases) == ["fresh", "old", "open"]


@pytest.mark.parametrize(
    ("detail", "left"),
    [
        ({"text": "张三"}, {}),
        ({"file": "a.csv", "row": 7}, {"file": "a.csv", "row": 7}),
        (
            {"changed": {"address": ["甲", "乙"], "category": ["E1", "E2"]}, "row": 7},
            {"changed": {"address": [None, None], "category": ["E1", "E2"]}, "row": 7},
        ),
        (
            {"changed": {"description": [None, "张三"]}},
            {"changed": {"description": [None] * 2}},
        ),
        (
            {"from": {"area": "A1"}, "trace_before": {"lon": 1}, "text": "张三"},
            {"from": {"area": "A1"}, "trace_before": {"lon": 1}},
        ),
    ],
)
def test_texts_go_out_of_events_and_facts_stay(
    conn: Connection, detail: dict[str, object], left: dict[str, object]
) -> None:
    given = sa.bindparam("given", detail, sa.dialects.postgresql.JSONB)
    assert conn.scalar(sa.select(sa.func.without_texts_v1(given))) == left


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE case_events SET detail = without_texts_v1(detail)",
        "UPDATE case_events SET actor = 'me'",
        "DELETE FROM case_events",
        "TRUNCATE case_events CASCADE",
        "DO $$ BEGIN UPDATE case_events SET actor = 'me'; END $$",
    ],
)
def test_nothing_but_the_function_changes_events(cases: Connection, change: str) -> None:
    forget_some(cases, BEFORE, 100)
    with pytest.raises(sa.exc.DBAPIError, match="append-only"):
        cases.exec_driver_sql(change)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE case_events SET actor = 'me' WHERE case_no = 'old'",
        "UPDATE case_events SET detail = '{}' WHERE case_no = 'fresh'",
        "UPDATE case_events SET detail = '{\"text\": \"x\"}' WHERE case_no = 'old'",
        "DELETE FROM case_events WHERE case_no = 'old'",
    ],
)
def test_a_function_that_only_has_its_name_cannot_do_more(
    cases: Connection, change: str
) -> None:
    forget_some(cases, BEFORE, 100)
    body = f"BEGIN {change}; END"
    cases.exec_driver_sql(
        f"CREATE FUNCTION forget_cases_v1() RETURNS void LANGUAGE plpgsql AS $x${body}$x$"
    )
    with pytest.raises(sa.exc.DBAPIError, match="append-only"):
        cases.exec_driver_sql("SELECT forget_cases_v1()")
