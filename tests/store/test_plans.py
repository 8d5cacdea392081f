"""PostgreSQL answers what the program asks often by the index that is there for it."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
import shapely
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gridmgmt.domain.accounts.case_scope import ALL_CASES, CaseScope
from gridmgmt.domain.cases.case import CaseMark, CaseStatus
from gridmgmt.domain.cases.duplicates import DuplicateRule
from gridmgmt.domain.period import Period
from gridmgmt.store.areas.area_tree import neighbours_of, shapes_of, versions_of
from gridmgmt.store.areas.areas import area_names, areas_in, close_areas, locate_point
from gridmgmt.store.areas.edition_changes import areas_meeting
from gridmgmt.store.areas.near_areas import areas_near
from gridmgmt.store.cases import case_figures
from gridmgmt.store.cases.bounces import bounced_cases
from gridmgmt.store.cases.case_counts import (
    count_cases_judged_before,
    count_cases_judged_by,
    list_channels,
)
from gridmgmt.store.cases.case_filter import CaseFilter, Ground
from gridmgmt.store.cases.cases import (
    cases_by_no,
    get_trace,
    list_cases,
    list_events,
)
from gridmgmt.store.cases.default_positions import (
    count_default_cases,
    mark_cases_at,
)
from gridmgmt.store.cases.duplicates import cases_alike
from gridmgmt.store.cases.near_cases import positions_near, read_shown, uncertain_positions
from gridmgmt.store.situation import overview
from gridmgmt.store.situation.map_areas import search_cases
from gridmgmt.store.situation.map_figures import ReportedFilter
from tests.databases import Databases

AROUND = np.array([shapely.box(120.1, 30.01, 120.101, 30.011)], dtype=object)
NEWEST = datetime(2026, 2, 1, tzinfo=UTC)

# 40 communities of 50 cells, and 6,000 cases in them: one in 30 under the first edition.
ROWS = """
INSERT INTO editions (number, label, effective_from, in_force, tolerance_m2, published_by)
VALUES (1, 'a', '2026-01-01Z', '[2026-01-01Z,2026-01-03Z)', 1, 'a test'),
       (2, 'b', '2026-01-03Z', '[2026-01-03Z,)', 1, 'a test');

INSERT INTO areas (level, code, name, geom, area_m2, since)
SELECT 'community', 'M' || m, 'M' || m,
  ST_Multi(ST_MakeEnvelope(120 + m * 0.01, 30, 120 + (m + 1) * 0.01, 30.05, 4326)), 1, 1
FROM generate_series(0, 39) AS m;

INSERT INTO areas (level, code, name, parent_code, geom, area_m2, since)
SELECT 'cell', 'M' || m || '-' || n, 'a cell', 'M' || m,
  ST_Multi(ST_MakeEnvelope(120 + m * 0.01, 30 + n * 0.001,
    120 + (m + 1) * 0.01, 30 + (n + 1) * 0.001, 4326)), 1, 1
FROM generate_series(0, 39) AS m, generate_series(0, 49) AS n;

INSERT INTO categories (code, name, mapped) VALUES ('E1', 'E1', true);

INSERT INTO responders (code, kind, name)
SELECT 'S' || n, 'squad', 'S' || n FROM generate_series(0, 29) AS n;

INSERT INTO cases (case_no, category, reported_at, due_at, disposed_at, closed_at, on_boundary,
  snapped, edition, level, area_code, candidates, responder_code, status, trace, last_seq)
SELECT 'C' || n, 'E1', timestamptz '2026-01-01Z' + n * interval '15 minutes',
  timestamptz '2026-01-02Z' + n * interval '15 minutes',
  CASE WHEN n < 5800 THEN timestamptz '2026-01-01 12:00Z' + n * interval '15 minutes' END,
  CASE WHEN n < 5700 THEN timestamptz '2026-01-02Z' + n * interval '15 minutes' END,
  false, false,
  CASE WHEN n < 200 THEN 1 ELSE 2 END, 'cell', 'M' || mod(n, 40) || '-' || mod(n / 40, 50),
  '{}', 'S' || mod(n, 30),
  (ARRAY['dispatched', 'disposed', 'closed', 'closed'])[1 + mod(n / 30, 4)], '{}', 1
FROM generate_series(0, 5999) AS n;

INSERT INTO case_events (case_no, seq, kind, happened_at, actor, detail)
SELECT case_no, 1, 'reported', reported_at, 'a test', '{}' FROM cases;

UPDATE cases SET geom = ST_SetSRID(ST_MakePoint(
    120 + mod(last_digits * 37, 4000) * 0.0001, 30 + mod(last_digits * 91, 500) * 0.0001), 4326)
FROM (SELECT case_no, CAST(substr(case_no, 2) AS integer) AS last_digits FROM cases) AS numbered
WHERE numbered.case_no = cases.case_no;

ANALYZE areas, cases, case_events, categories
"""


@pytest.fixture(scope="module")
def large(databases: Databases, template: str) -> Iterator[Connection]:
    """A city of some thousand rows, known to the planner, where no other test left a trace."""
    with databases.engine(template) as engine, engine.connect() as connection:
        for command in ROWS.split(";"):
            connection.exec_driver_sql(command)
        yield connection


def plans(conn: Connection, work: Callable[[Connection], object]) -> str:
    """Run a part of the program, then tell how PostgreSQL answers what it was asked."""
    asked: list[tuple[str, Any]] = []

    def note(_: object, __: object, sql: str, given: Any, *others: object) -> None:
        asked.append((sql, given))

    sa.event.listen(conn, "before_cursor_execute", note)
    try:
        work(conn)
    finally:
        sa.event.remove(conn, "before_cursor_execute", note)
    return "\n".join(
        line
        for sql, given in asked
        for line in conn.exec_driver_sql(f"EXPLAIN {sql}", given).scalars()
    )


def page(**filters: Any) -> Callable[[Connection], object]:
    return lambda conn: list_cases(conn, CaseFilter(**filters), limit=20)


A_DAY = (datetime(2026, 2, 3, tzinfo=UTC), datetime(2026, 2, 4, tzinfo=UTC))
ONE_DAY = Period(date(2026, 2, 3), date(2026, 2, 3), ZoneInfo("UTC"))
ALL_DAYS = Period(date(2026, 1, 1), date(2026, 3, 31), ZoneInfo("UTC"))

IN_A_STREET = CaseFilter(case_scope=CaseScope(leaves=((2, "M1-1"), (2, "M1-2"))))

# A quarter of the cells, so that a page is soon found in the order of the list.
IN_MANY_CELLS = CaseScope(
    leaves=tuple((n, f"M{m}-{c}") for n in (1, 2) for m in range(20) for c in range(25))
)

ASKED: dict[str, tuple[str, Callable[[Connection], object]]] = {
    "open cases that may be the same": (
        "ix__cases__geom",
        lambda conn: cases_alike(conn, ["C5990"], DuplicateRule()),
    ),
    "the bounces of a day": (
        "ix__case_events__bounced",
        lambda conn: bounced_cases(conn, *A_DAY, reach_m=30.0),
    ),
    "what lies beside a bounced case": (
        "ix__areas__geom",
        lambda conn: bounced_cases(conn, *A_DAY, reach_m=30.0),
    ),
    "a page of those marked": ("ix__cases__marked", page(mark=CaseMark.VENDOR_ZONE)),
    "how many cases lie at default positions": ("ix__cases__marked", count_default_cases),
    "the figures of those at default positions": (
        "ix__cases__marked",
        lambda conn: case_figures.figures(
            conn,
            replace(ReportedFilter(ONE_DAY).cases, mark=CaseMark.DEFAULT_POSITION),
            A_DAY[1],
        ),
    ),
    "the cases to be marked at a position": (
        "ix__cases__geom",
        lambda conn: mark_cases_at(conn, (120.0037, 30.0091)),
    ),
    "the area at a position": (
        "ix__areas__geom",
        lambda conn: locate_point(
            conn, 120.1, 30.01, edition=2, level="cell", candidate_m=1.0, snap_m=30.0
        ),
    ),
    "the areas of a level": (
        "ix__areas__code",
        lambda c: areas_in(c, 2, "community"),
    ),
    "what areas are called": (
        "ix__areas__code",
        lambda conn: area_names(conn, 2, [("cell", "M1-1"), ("community", "M1")]),
    ),
    "areas that an edition ends": (
        "ix__areas__code",
        lambda conn: close_areas(conn, 2, [("cell", "M1-1")]),
    ),
    "what an area borders on": (
        "ix__areas__geom",
        lambda conn: neighbours_of(conn, 2, "cell", "M1-1"),
    ),
    "the outlines of some areas": (
        "ix__areas__code",
        lambda conn: shapes_of(conn, 2, "cell", ["M1-1", "M1-2"]),
    ),
    "every version of an area": (
        "ix__areas__code",
        lambda conn: versions_of(conn, "cell", "M1-1"),
    ),
    "the areas near those of another edition": (
        "ix__areas__geom",
        lambda conn: areas_meeting(conn, 2, "cell", ["M1-1"], of=1),
    ),
    "the areas near some places": (
        "ix__areas__geom",
        lambda conn: areas_near(conn, 2, "cell", AROUND),
    ),
    "the cases near some places": (
        "ix__cases__geom",
        lambda conn: positions_near(conn, AROUND, NEWEST),
    ),
    "the uncertain cases near some places": (
        "Index Only Scan using ix__cases__uncertain",
        lambda conn: uncertain_positions(conn, AROUND[0], 96_000.0, NEWEST),
    ),
    "the cases that a draft affects": (
        "pk__cases",
        lambda conn: read_shown(conn, [f"C{n}" for n in range(100)], 2),
    ),
    "a page of cases": (
        "ix__cases__figures",
        lambda conn: list_cases(conn, CaseFilter(), limit=20, after="C3000"),
    ),
    "a page of the cases of many areas": (
        "Index Scan Backward using ix__cases__figures",
        page(case_scope=IN_MANY_CELLS),
    ),
    "the open cases of a responder": (
        "ix__cases__responder_code_reported_at_case_no",
        page(responder_code="S7", status=CaseStatus.DISPATCHED),
    ),
    "the cases of an area": (
        "ix__cases__edition_area_code",
        page(ground=Ground(2, ["M1-1"], [(2, "M1-1")])),
    ),
    "by which channels cases came": (
        "ix__cases__channel",
        lambda conn: list_channels(conn, most=20),
    ),
    "cases judged by an edition": (
        "ix__cases__edition_area_code",
        lambda conn: count_cases_judged_by(conn, 1),
    ),
    "cases that a new edition would judge": (
        "ix__cases__figures",
        lambda conn: count_cases_judged_before(conn, 2, datetime(2026, 3, 3, tzinfo=UTC)),
    ),
    "cases by their numbers": ("pk__cases", lambda conn: cases_by_no(conn, ["C1", "C2"])),
    "how a case was judged": ("pk__cases", lambda conn: get_trace(conn, "C1")),
    "the history of a case": ("pk__case_events", lambda conn: list_events(conn, "C1")),
    "what was done on each day": (
        "ix__cases__done_at",
        lambda conn: case_figures.done_by_day(conn, CaseFilter(), *A_DAY, ZoneInfo("UTC")),
    ),
    "what was closed on each day": (
        "ix__cases__closed_at",
        lambda conn: case_figures.done_by_day(conn, CaseFilter(), *A_DAY, ZoneInfo("UTC")),
    ),
    "how a day's cases kept their deadlines": (
        "ix__cases__figures",
        lambda conn: case_figures.figures_by_day(
            conn, ReportedFilter(ONE_DAY).cases, A_DAY[1], ZoneInfo("UTC")
        ),
    ),
    "how many of a street were reported in each week": (
        "ix__cases__edition_area_code",
        lambda conn: case_figures.count_by_step(conn, IN_A_STREET, "week", ZoneInfo("UTC")),
    ),
    "what was done in a street on each day": (
        "ix__cases__edition_area_code",
        lambda conn: case_figures.done_by_day(conn, IN_A_STREET, *A_DAY, ZoneInfo("UTC")),
    ),
    "what is overdue in a street": (
        "ix__cases__edition_area_code",
        lambda conn: case_figures.overdue_by_age(
            conn, IN_A_STREET, datetime(2026, 3, 5, tzinfo=UTC)
        ),
    ),
    "what is overdue": (
        "ix__cases__done_at",
        lambda conn: case_figures.overdue_by_age(
            conn, CaseFilter(), datetime(2026, 3, 5, tzinfo=UTC)
        ),
    ),
    "what waits for somebody": (
        "ix__cases__status_reported_at_case_no",
        lambda conn: case_figures.waiting_by_reason(conn, CaseFilter()),
    ),
    "the figures of a period": (
        "ix__cases__figures",
        lambda conn: case_figures.figures_by_leaf(
            conn, ReportedFilter(ONE_DAY).cases, 2, A_DAY[1]
        ),
    ),
    "where the cases of a period lie": (
        "ix__cases__figures",
        lambda conn: case_figures.count_positions(
            conn, ReportedFilter(ONE_DAY).cases, step_lon=0.001, step_lat=0.001
        ),
    ),
    "the figures of one area": (
        "ix__cases__edition_area_code",
        lambda conn: case_figures.figures(
            conn,
            replace(
                ReportedFilter(ALL_DAYS).cases,
                ground=Ground(2, ["M1-1", "M1-2"], [(2, "M1-1"), (2, "M1-2")]),
            ),
            A_DAY[1],
        ),
    ),
    "cases by how their number begins": (
        "pk__cases",
        lambda conn: search_cases(conn, "C12", case_scope=ALL_CASES, most=10),
    ),
    "when the first and the last case were reported": (
        "Index Only Scan",
        overview.first_and_last_reported,
    ),
}


@pytest.mark.parametrize("question", ASKED)
def test_a_frequent_question_is_answered_by_its_index(large: Connection, question: str) -> None:
    index, work = ASKED[question]
    with large.begin_nested() as savepoint:
        told = plans(large, work)
        savepoint.rollback()
    assert index in told
    assert "Seq Scan on areas" not in told
    assert "Seq Scan on cases" not in told
    assert "Function Scan on anon" not in told, "a table of which PostgreSQL knows nothing"
