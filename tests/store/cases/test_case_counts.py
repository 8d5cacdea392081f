"""The two ways of counting how deadlines were kept, in SQL and in Python, held together."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import Connection

from gridmgmt.domain.cases.case import (
    Case,
    CaseEvent,
    CaseEventKind,
    CaseLocation,
    GivenCase,
    UnlocatedReason,
    UnroutedReason,
    status_of,
)
from gridmgmt.domain.moments import as_utc64
from gridmgmt.domain.responsibility.category import Category
from gridmgmt.indicators.rates import count_deadlines
from gridmgmt.store.cases.case_copy import NewCases, copy_in
from gridmgmt.store.cases.case_figures import figures
from gridmgmt.store.cases.case_filter import CaseFilter
from gridmgmt.store.responsibility.categories import put_categories

AS_OF = datetime(2026, 3, 10, 12, tzinfo=UTC)
REPORTED = AS_OF - timedelta(days=30)
Ends = tuple[datetime | None, datetime | None, datetime | None]
moments = st.none() | st.integers(-3, 3).map(lambda hours: AS_OF + timedelta(hours=hours))


def make_cases(ends: list[Ends], provisional: Sequence[bool] = ()) -> NewCases:
    """Unlocated cases with these deadlines, disposals and closings."""
    new = NewCases()
    marks = [*provisional, *[False] * len(ends)]
    for n, (due_at, disposed_at, closed_at) in enumerate(ends):
        given = GivenCase(
            f"C{n}",
            "E1",
            REPORTED,
            due_at=due_at,
            disposed_at=disposed_at,
            closed_at=closed_at,
            due_limit="1天",
            due_provisional=marks[n] and due_at is not None,
        )
        status = status_of(None, disposed_at, closed_at)
        location = CaseLocation(unlocated_reason=UnlocatedReason.NO_POSITION)
        unrouted = UnroutedReason.UNLOCATED
        new.cases.append((Case(given, None, location, None, unrouted, status, 1), "{}"))
        event = CaseEvent(f"C{n}", 1, CaseEventKind.REPORTED, REPORTED, "a test", {})
        new.events.append(event)
    return new


def nobody(step: str, done: int, total: int) -> None:
    """Progress of no interest."""


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    ends=st.lists(st.tuples(moments, moments, moments), max_size=12),
    provisional=st.lists(st.booleans(), min_size=12, max_size=12),
)
def test_sql_counts_deadlines_as_python_does(
    conn: Connection, ends: list[Ends], provisional: list[bool]
) -> None:
    with conn.begin_nested() as savepoint:
        put_categories(conn, [Category("E1", "E1")])
        copy_in(conn, make_cases(ends, provisional), nobody)
        in_sql = figures(conn, CaseFilter(as_of=AS_OF), AS_OF)
        savepoint.rollback()
    done = [disposed or closed for _, disposed, closed in ends]
    as_of = as_utc64([AS_OF])[0]
    due = as_utc64([due for due, _, _ in ends])
    marks = np.array(provisional[: len(ends)], dtype=bool)
    in_python = count_deadlines(due, as_utc64(done), as_of, marks)
    assert in_sql == in_python
