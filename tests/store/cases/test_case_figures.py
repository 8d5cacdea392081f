"""What is counted by days, ages and reasons is what counting one by one gives."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy.engine import Connection

from gridmgmt.domain.accounts.case_scope import ALL_CASES, NO_CASES, CaseScope
from gridmgmt.domain.cases.case import Case, CaseStatus
from gridmgmt.services.accounts.case_scopes import area_case_scope
from gridmgmt.store.cases.case_figures import (
    Done,
    OverdueByAge,
    count_by_step,
    done_by_day,
    overdue_by_age,
    waiting_by_reason,
)
from gridmgmt.store.cases.case_filter import CaseFilter
from gridmgmt.store.cases.cases import list_cases
from tests.databases import Databases
from tests.services.case_city import SHANGHAI
from tests.services.map_city import make_map_city

AS_OF = datetime(2026, 3, 5, 4, tzinfo=UTC)
SINCE, UNTIL = datetime(2026, 1, 20, tzinfo=UTC), datetime(2026, 3, 10, tzinfo=UTC)
SCOPES = [
    pytest.param(lambda conn: ALL_CASES, id="all cases"),
    pytest.param(lambda conn: area_case_scope(conn, ("street", "A")), id="a street"),
    pytest.param(lambda conn: CaseScope(responder_code="S2"), id="a responder"),
    pytest.param(lambda conn: NO_CASES, id="nothing"),
]


@pytest.fixture(scope="module")
def city(
    databases: Databases, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Connection]:
    with databases.engine(template) as engine, engine.connect() as conn:
        make_map_city(conn, tmp_path_factory.mktemp("map"))
        yield conn


@pytest.fixture(params=SCOPES)
def seen(city: Connection, request: pytest.FixtureRequest) -> CaseScope:
    scope: CaseScope = request.param(city)
    return scope


def in_sight(conn: Connection, seen: CaseScope) -> list[Case]:
    """The cases of a scope, chosen in Python."""
    leaves = None if seen.leaves is None else set(seen.leaves)
    return [
        case
        for case in list_cases(conn, CaseFilter(), limit=10_000)
        if (leaves is None or (case.location.edition, case.location.area_code) in leaves)
        and seen.responder_code in (None, case.responder_code)
    ]


def day_of(at: datetime) -> date:
    return at.astimezone(SHANGHAI).date()


def ended(case: Case) -> datetime | None:
    return case.given.disposed_at or case.given.closed_at


@pytest.mark.parametrize("step", ["day", "week", "month"])
def test_steps_of_the_report(city: Connection, seen: CaseScope, step: str) -> None:
    def start(case: Case) -> date:
        day = day_of(case.given.reported_at)
        back = {"day": 0, "week": day.weekday(), "month": day.day - 1}
        return day - timedelta(days=back[step])

    counted = count_by_step(city, CaseFilter(case_scope=seen), step, SHANGHAI)
    assert counted == Counter(map(start, in_sight(city, seen)))
    assert list(counted) == sorted(counted)


def test_what_was_done_on_each_day(city: Connection, seen: CaseScope) -> None:
    cases = in_sight(city, seen)
    disposed = Counter(day_of(at) for at in map(ended, cases) if at and SINCE <= at < UNTIL)
    closings = (case.given.closed_at for case in cases)
    closed = Counter(day_of(at) for at in closings if at and SINCE <= at < UNTIL)
    counted = done_by_day(city, CaseFilter(case_scope=seen), SINCE, UNTIL, SHANGHAI)
    assert counted == {day: Done(disposed[day], closed[day]) for day in disposed | closed}


def test_how_long_cases_are_overdue(city: Connection, seen: CaseScope) -> None:
    late_by = [
        AS_OF - case.given.due_at
        for case in in_sight(city, seen)
        if case.given.due_at
        and case.given.due_at < AS_OF
        and case.given.reported_at <= AS_OF
        and not ((at := ended(case)) and at <= AS_OF)
    ]
    days = Counter(sum(by >= timedelta(days=days) for days in (1, 3, 7)) for by in late_by)
    counted = overdue_by_age(city, CaseFilter(case_scope=seen), AS_OF)
    assert counted == OverdueByAge(*(days[n] for n in range(4)))
    assert counted.cases == len(late_by)


def test_what_waits_for_a_person(city: Connection, seen: CaseScope) -> None:
    waiting = [one for one in in_sight(city, seen) if one.status is CaseStatus.TRIAGE]
    counted = waiting_by_reason(city, CaseFilter(case_scope=seen))
    assert Counter(counted) == Counter(one.unrouted_reason for one in waiting)


def test_the_city_has_something_of_everything(city: Connection) -> None:
    everything = CaseFilter()
    ages = overdue_by_age(city, everything, AS_OF)
    assert ages.cases > 0
    assert sum(waiting_by_reason(city, everything).values()) > 0
    assert sum(
        one.closed for one in done_by_day(city, everything, SINCE, UNTIL, SHANGHAI).values()
    )
