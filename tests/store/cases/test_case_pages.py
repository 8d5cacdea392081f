"""Lists by key: whatever is asked for, pages follow each other without gap or repeat."""

import base64
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import Connection

from gridmgmt.domain.cases.case import UnroutedReason
from gridmgmt.domain.cases.deadline import Deadline, standing
from gridmgmt.domain.responsibility.category import Category, CategoryClass
from gridmgmt.errors import InputError
from gridmgmt.store.cases.case_copy import copy_in
from gridmgmt.store.cases.case_figures import figures
from gridmgmt.store.cases.case_filter import CaseFilter, Ground
from gridmgmt.store.cases.case_pages import CaseSort, Order, PageKey, count_up_to, read_page
from gridmgmt.store.responsibility.categories import put_categories
from tests.databases import Databases
from tests.store.cases.test_case_counts import (
    AS_OF,
    REPORTED,
    Ends,
    make_cases,
    moments,
    nobody,
)
from tests.store.test_plans import plans

ORDERS = [
    Order(sort, descending=descending) for sort in CaseSort for descending in (True, False)
]


# Sorted by deadline within it, a short period is looked at as a whole.
PERIODS = [CaseFilter(), CaseFilter(since=REPORTED, until=REPORTED + timedelta(days=1))]


def numbers(conn: Connection, wanted: CaseFilter, order: Order) -> list[str]:
    return [case.given.case_no for case in read_page(conn, wanted, order, limit=500).cases]


@pytest.mark.parametrize("wanted", PERIODS, ids=["all", "of a day"])
@pytest.mark.parametrize("order", ORDERS, ids=Order.write)
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    ends=st.lists(st.tuples(moments, moments, moments), max_size=12),
    limit=st.integers(1, 5),
)
def test_pages_follow_each_other_forwards_and_backwards(
    conn: Connection, order: Order, wanted: CaseFilter, ends: list[Ends], limit: int
) -> None:
    with conn.begin_nested() as savepoint:
        put_categories(conn, [Category("E1", "E1")])
        copy_in(conn, make_cases(ends), nobody)
        whole = numbers(conn, wanted, order)
        assert sorted(whole) == sorted(f"C{n}" for n in range(len(ends)))
        forwards: list[str] = []
        page = read_page(conn, wanted, order, limit=limit)
        assert page.before is None
        forwards += [case.given.case_no for case in page.cases]
        while page.after is not None:
            assert len(page.cases) == limit
            key = PageKey.read(page.after.write())
            page = read_page(conn, wanted, order, limit=limit, after=key)
            forwards += [case.given.case_no for case in page.cases]
        backwards = [case.given.case_no for case in page.cases]
        while page.before is not None:
            page = read_page(conn, wanted, order, limit=limit, before=page.before)
            assert page.after is not None
            backwards = [case.given.case_no for case in page.cases] + backwards
        savepoint.rollback()
    assert forwards == backwards == whole


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ends=st.lists(st.tuples(moments, moments, moments), max_size=12))
def test_a_list_by_deadline_has_as_many_cases_as_the_rates_count(
    conn: Connection, ends: list[Ends]
) -> None:
    with conn.begin_nested() as savepoint:
        put_categories(conn, [Category("E1", "E1")])
        new = make_cases(ends)
        copy_in(conn, new, nobody)
        counted = figures(conn, CaseFilter(as_of=AS_OF), AS_OF)
        listed = {
            deadline: count_up_to(conn, CaseFilter(deadline=deadline, as_of=AS_OF), 100)
            for deadline in Deadline
        }
        savepoint.rollback()
    stands = Counter(standing(case.given, AS_OF) for case, _ in new.cases)
    judged = (Deadline.ON_TIME, Deadline.LATE, Deadline.OVERDUE)
    stands[Deadline.DUE] = sum(stands[one] for one in judged)
    stands[Deadline.MISSED] = stands[Deadline.LATE] + stands[Deadline.OVERDUE]
    assert listed == {deadline: stands[deadline] for deadline in Deadline}
    assert listed == {
        Deadline.DUE: counted.due,
        Deadline.MISSED: counted.missed,
        Deadline.ON_TIME: counted.on_time,
        Deadline.LATE: counted.late,
        Deadline.OVERDUE: counted.overdue,
        Deadline.PENDING: counted.pending,
        Deadline.WITHOUT: counted.without_due,
        Deadline.PROVISIONAL: counted.provisional,
    }


def test_a_case_without_a_deadline_sorts_as_due_at_the_end_of_all_days(
    conn: Connection,
) -> None:
    put_categories(conn, [Category("E1", "E1")])
    copy_in(conn, make_cases([(None, None, None), (AS_OF, None, None)]), nobody)
    assert numbers(conn, CaseFilter(), Order.read("due_at")) == ["C1", "C0"]
    assert numbers(conn, CaseFilter(), Order.read("-due_at")) == ["C0", "C1"]


def key_of(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "ö",
        "////",
        key_of("7"),
        key_of('["C1"]'),
        key_of('["C1", 7]'),
        key_of("[7, null]"),
        key_of('["C1", "soon"]'),
        key_of('["C1", "2026-01-01"]'),
        key_of('["C\\u0000", null]'),
        key_of('["\\ud800", null]'),
    ],
)
def test_what_is_no_place_in_a_list_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="no place in a list"):
        PageKey.read(text)


def test_an_order_nobody_knows_is_refused() -> None:
    with pytest.raises(InputError, match="none of: reported_at, due_at, case_no"):
        Order.read("colour")


def test_a_search_for_text_takes_signs_as_they_are(conn: Connection) -> None:
    put_categories(conn, [Category("E1", "E1")])
    new = make_cases([(None, None, None)] * 3)
    copy_in(conn, new, nobody)
    for no, text in (("C0", "100% 新"), ("C1", "100 percent 新"), ("C2", "Oak_Street")):
        set_text = "UPDATE cases SET address = :text WHERE case_no = :no"
        conn.execute(sa.text(set_text), {"text": text, "no": no})

    def found(text: str) -> list[str]:
        return numbers(conn, CaseFilter(text=text), Order.read("case_no"))

    assert found("0%") == ["C0"]
    assert found("k_s") == ["C2"]
    assert found("新") == ["C0", "C1"]


# 40,000 cases of a year: one in 200 is open, few lie nowhere.
ROWS = """
INSERT INTO editions (number, label, effective_from, in_force, tolerance_m2, published_by)
VALUES (1, 'a', '2025-01-01Z', '[2025-01-01Z,)', 1, 'a test');
INSERT INTO categories (code, name, mapped, category_class)
SELECT 'E' || n, 'E' || n, true, CASE WHEN n < 2 THEN 'component' ELSE 'event' END
FROM generate_series(0, 39) AS n;
INSERT INTO responders (code, kind, name)
SELECT 'S' || n, 'squad', 'S' || n FROM generate_series(0, 29) AS n;
INSERT INTO cases (case_no, category, reported_at, due_at, disposed_at, on_boundary, snapped,
  edition, level, area_code, candidates, unlocated_reason, responder_code, unrouted_reason,
  status, trace, last_seq)
SELECT 'C' || n, 'E' || mod(n, 40), at, at + interval '1 day',
  CASE WHEN mod(n, 200) > 0 THEN at + mod(n, 7) * interval '5 hours' END, false, false, 1,
  CASE WHEN mod(n, 199) > 0 THEN 'cell' END,
  CASE WHEN mod(n, 199) > 0 THEN 'A' || mod(n, 1000) END, '{}',
  CASE WHEN mod(n, 199) = 0 THEN 'no_position' END,
  CASE WHEN mod(n, 199) > 0 THEN 'S' || mod(n, 30) END,
  CASE WHEN mod(n, 199) = 0 THEN 'unlocated' END,
  CASE WHEN mod(n, 200) > 0 THEN 'disposed'
    WHEN mod(n, 199) = 0 THEN 'triage' ELSE 'dispatched' END, '{}', 1
FROM (
  SELECT n, timestamptz '2025-01-01Z' + n * interval '13 minutes' AS at
  FROM generate_series(0, 39999) AS n
) AS given;
INSERT INTO case_events (case_no, seq, kind, happened_at, actor, detail)
SELECT case_no, 1, 'reported', reported_at, 'a test', '{}' FROM cases;
ANALYZE cases, categories
"""


@pytest.fixture(scope="module")
def year(databases: Databases, template: str) -> Iterator[Connection]:
    with databases.engine(template) as engine, engine.connect() as connection:
        for command in ROWS.split(";"):
            connection.exec_driver_sql(command)
        yield connection


NOW = datetime(2026, 1, 1, tzinfo=UTC)
KEY = PageKey("C20000", NOW - timedelta(days=150))
ASKED: dict[str, tuple[str, str, dict[str, Any]]] = {
    "all": ("ix__cases__figures", "-reported_at", {}),
    "by deadline": ("ix__cases__due_at_case_no", "due_at", {}),
    "by number": ("pk__cases", "case_no", {}),
    "of a status": ("ix__cases__status_reported_at", "-reported_at", {"status": "triage"}),
    "of a category": ("ix__cases__category_reported_at", "-reported_at", {"category": "E7"}),
    "of a responder": (
        "ix__cases__responder_code_reported_at",
        "-reported_at",
        {"responder_code": "S3"},
    ),
    "unlocated": ("ix__cases__unlocated", "-reported_at", {"unlocated": True}),
    "of a reason": (
        "ix__cases__unrouted",
        "-reported_at",
        {"reasons": (UnroutedReason.UNLOCATED,)},
    ),
    "overdue": ("ix__cases__done_at", "due_at", {"deadline": Deadline.OVERDUE, "as_of": NOW}),
    "without a deadline": (
        "ix__cases__due_at_case_no",
        "case_no",
        {"deadline": Deadline.WITHOUT, "as_of": NOW},
    ),
    "of a month by deadline": (
        "ix__cases__figures",
        "due_at",
        {"since": NOW - timedelta(days=60), "until": NOW - timedelta(days=30)},
    ),
    "of an area": (
        "ix__cases__edition_area_code",
        "-reported_at",
        {"ground": Ground(1, ["A7"], [(1, "A7")])},
    ),
    "tied to a component": ("ix__cases__geom", "-reported_at", {"component": "K1"}),
    "by the beginning of the number": ("pk__cases", "case_no", {"number_prefix": "C123"}),
}


@pytest.mark.parametrize("question", ASKED)
def test_a_page_is_answered_by_its_index(year: Connection, question: str) -> None:
    index, order, filters = ASKED[question]
    wanted = CaseFilter(**filters)

    def ask(conn: Connection) -> None:
        read_page(conn, wanted, Order.read(order), limit=50, after=KEY)

    told = plans(year, ask)
    assert index in told
    assert "Seq Scan on cases" not in told


def test_a_class_of_categories_is_what_its_categories_have(year: Connection) -> None:
    wanted = CaseFilter(category_class=CategoryClass.COMPONENT)
    assert count_up_to(year, wanted, 10_000) == 2_000
    assert count_up_to(year, wanted, 100) == 100
