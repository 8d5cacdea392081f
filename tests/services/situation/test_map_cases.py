from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gridmgmt.domain.accounts.case_scope import ALL_CASES, NO_CASES, CaseScope
from gridmgmt.domain.case_choice import CaseChoice
from gridmgmt.domain.cases.case import Case
from gridmgmt.domain.cases.deadline import Deadline, standing
from gridmgmt.errors import InputError
from gridmgmt.services.accounts.case_scopes import area_case_scope
from gridmgmt.services.cases.default_positions import accept
from gridmgmt.services.situation.map_cases import CaseState, MapCases, map_cases
from gridmgmt.store.cases.case_filter import CaseFilter
from gridmgmt.store.cases.cases import list_cases
from gridmgmt.store.situation.map_cases import Box, cases_within
from gridmgmt.store.situation.map_figures import ReportedFilter
from tests.databases import Databases
from tests.services.map_city import ALL, AS_OF, FEBRUARY, make_map_city

EVERYTHING = Box(120.14, 30.24, 120.18, 30.27)
WEST = Box(120.14, 30.24, 120.155, 30.27)


@pytest.fixture(scope="module")
def _city(
    databases: Databases, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Connection]:
    with databases.engine(template) as engine, engine.connect() as conn:
        make_map_city(conn, tmp_path_factory.mktemp("dots"))
        yield conn


@pytest.fixture
def city(_city: Connection) -> Iterator[Connection]:
    with _city.begin_nested() as kept:
        yield _city
        kept.rollback()


def ask(
    conn: Connection,
    wanted: ReportedFilter,
    box: Box = EVERYTHING,
    case_scope: CaseScope = ALL_CASES,
) -> MapCases:
    return map_cases(conn, wanted, box, case_scope=case_scope, as_of=AS_OF)


def listed(conn: Connection, wanted: CaseFilter) -> dict[str, Case]:
    found = list_cases(conn, wanted, limit=10_000)
    return {one.given.case_no: one for one in found if one.location.area_code is not None}


@pytest.mark.parametrize("box", [EVERYTHING, WEST])
@pytest.mark.parametrize("choice", [CaseChoice(), CaseChoice(category="E2")])
def test_dots_are_the_located_cases_of_the_list_in_the_box(
    city: Connection, box: Box, choice: CaseChoice
) -> None:
    wanted = ReportedFilter(FEBRUARY, choice)
    found = ask(city, wanted, box)
    there = {
        number: (case.location.lon, case.location.lat)
        for number, case in listed(city, wanted.cases).items()
        if case.location.lon is not None and case.location.lon <= box.east
    }
    assert {one.case_no: (one.lon, one.lat) for one in found.cases} == there
    assert found.total == len(there) > 5


def test_the_state_of_a_dot_is_how_its_case_stands_to_its_deadline(city: Connection) -> None:
    found = ask(city, ReportedFilter(ALL))
    cases = listed(city, ReportedFilter(ALL).cases)
    for dot, state in zip(found.cases, found.states, strict=True):
        case = cases[dot.case_no]
        done_at = case.given.disposed_at or case.given.closed_at
        is_done = done_at is not None and done_at <= AS_OF
        is_overdue = standing(case.given, AS_OF) is Deadline.OVERDUE
        assert (state is CaseState.DONE, state is CaseState.OVERDUE) == (is_done, is_overdue)
    assert set(found.states) == set(CaseState)


def test_no_dot_is_overdue_by_a_deadline_that_counts_as_none(city: Connection) -> None:
    provisional = "due_provisional = true, due_limit = '3天'"
    city.execute(sa.text(f"UPDATE cases SET {provisional} WHERE due_at IS NOT NULL"))
    assert CaseState.OVERDUE in ask(city, ReportedFilter(ALL)).states
    found = ask(city, ReportedFilter(ALL, CaseChoice(without_provisional=True)))
    assert set(found.states) == {CaseState.OPEN, CaseState.DONE}


def test_an_account_gets_the_dots_of_the_cases_it_may_see(city: Connection) -> None:
    street = ask(city, ReportedFilter(ALL), case_scope=area_case_scope(city, ("street", "A")))
    squad = ask(city, ReportedFilter(ALL), case_scope=CaseScope(responder_code="S1"))
    cases = listed(city, ReportedFilter(ALL).cases)
    areas = {cases[one.case_no].location.area_code for one in street.cases}
    assert {str(area)[0] for area in areas} == {"A"}
    assert {cases[one.case_no].responder_code for one in squad.cases} == {"S1"}
    assert ask(city, ReportedFilter(ALL), case_scope=NO_CASES).total == 0


def test_cases_at_a_default_position_do_not_lie_there(city: Connection) -> None:
    before = ask(city, ReportedFilter(ALL))
    dot = before.cases[0]
    assert accept(city, (dot.lon, dot.lat), actor="wang") == 1
    after = {one.case_no for one in ask(city, ReportedFilter(ALL)).cases}
    assert after == {one.case_no for one in before.cases} - {dot.case_no}


def test_of_too_many_the_newest_are_returned_and_all_are_counted(city: Connection) -> None:
    wanted = ReportedFilter(ALL).cases
    everything, total = cases_within(city, wanted, EVERYTHING, most=1000)
    some, counted = cases_within(city, wanted, EVERYTHING, most=7)
    assert counted == total == len(everything) > 7
    assert some == everything[:7]
    reported = [listed(city, wanted)[one.case_no].given.reported_at for one in everything]
    assert reported == sorted(reported, reverse=True)


@pytest.mark.parametrize(
    "box", [Box(120.0, 30.0, 121.0, 30.1), Box(120.1, 30.0, 120.0, 30.1), Box(120, 30, 120, 31)]
)
def test_a_box_is_a_near_view(city: Connection, box: Box) -> None:
    with pytest.raises(InputError, match=r"0\.3 degrees at most"):
        ask(city, ReportedFilter(ALL), box)
