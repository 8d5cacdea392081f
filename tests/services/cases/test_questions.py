"""What a list is asked for, and which cases that means for whom."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.engine import Connection

from gridmgmt.domain.accounts.case_scope import CaseScope
from gridmgmt.domain.cases.case import CaseStatus, UnroutedReason
from gridmgmt.domain.cases.deadline import Deadline
from gridmgmt.domain.responsibility.category import CategoryClass
from gridmgmt.errors import NotFoundError
from gridmgmt.services.cases import lists
from gridmgmt.services.cases.lists import area_choices, list_page
from gridmgmt.services.cases.questions import Asker, CaseQuestion, find
from gridmgmt.store.cases.case_filter import CaseFilter
from gridmgmt.store.cases.case_pages import Order
from gridmgmt.store.schema import audit_log
from tests.services.answering import make_city
from tests.services.case_city import A1, B1, case_file, give_duties, row, take_in

moments = st.datetimes(timezones=st.just(UTC)).filter(lambda at: at.year > 1)
filters = st.builds(
    CaseFilter,
    status=st.none() | st.sampled_from(CaseStatus),
    open=st.booleans(),
    since=st.none() | moments,
    until=st.none() | moments,
    category=st.none() | st.text(min_size=1),
    category_class=st.none() | st.sampled_from(CategoryClass),
    responder_code=st.none() | st.text(min_size=1),
    component=st.none() | st.text(min_size=1),
    unlocated=st.booleans(),
    reasons=st.lists(st.sampled_from(UnroutedReason), unique=True).map(tuple),
    deadline=st.none() | st.sampled_from(Deadline),
    due_until=st.none() | moments,
    as_of=st.none() | moments,
)


@given(
    wanted=filters,
    area=st.none() | st.tuples(st.text(min_size=1), st.text(min_size=1)),
    edition=st.none() | st.integers(1, 9),
    search=st.none() | st.text(min_size=1),
)
def test_a_question_comes_back_from_json_as_it_was(
    wanted: CaseFilter, area: tuple[str, str] | None, edition: int | None, search: str | None
) -> None:
    asked = CaseQuestion(wanted, area=area, edition=edition, search=search)
    assert CaseQuestion.from_json(asked.to_json()) == asked


@pytest.fixture
def city(conn: Connection, tmp_path: Path) -> Connection:
    make_city(conn)
    give_duties(conn)
    rows = [
        row("C1", A1, description="oak Street"),
        row("C2", B1, description="某路"),
        row("C3", B1, reported_at="2026-01-15", description="某路"),
    ]
    take_in(conn, case_file(tmp_path, rows))
    return conn


def listed(conn: Connection, asker: Asker, **asked: Any) -> list[str]:
    shown = list_page(conn, CaseQuestion(**asked), asker, order=Order.read("case_no"))
    return [case.given.case_no for case in shown.page.cases]


READER = Asker("li", personal=True)


def test_a_search_is_for_numbers_when_any_case_begins_with_it(city: Connection) -> None:
    assert listed(city, READER, search="C") == ["C1", "C2", "C3"]
    assert listed(city, READER, search="OAK") == ["C1"]
    assert listed(city, Asker("li"), search="OAK") == []


def test_texts_are_searched_in_the_month_before_the_newest_case_or_in_the_period_asked_for(
    city: Connection,
) -> None:
    shown = list_page(city, CaseQuestion(search="某路"), READER, order=Order())
    assert [case.given.case_no for case in shown.page.cases] == ["C2"]
    assert shown.texts_since == datetime(2026, 1, 30, 1, 30, tzinfo=UTC)
    since = CaseFilter(since=datetime(2026, 1, 1, tzinfo=UTC))
    assert listed(city, READER, wanted=since, search="某路") == ["C2", "C3"]


def test_only_a_search_of_texts_stops_counting(
    city: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "PAGE_ROWS", 1)
    monkeypatch.setattr(lists, "MOST_COUNTED", 1)
    since = CaseFilter(since=datetime(2026, 1, 1, tzinfo=UTC))

    def count(**asked: Any) -> int | None:
        return list_page(city, CaseQuestion(since, **asked), READER, order=Order()).count

    assert count() == 3
    assert count(area=("street", "B")) == 2
    assert count(search="C") == 3
    assert count(search="某路") is None
    assert count(search="oak") == 1


def test_a_search_of_texts_is_noted_and_one_of_numbers_is_not(city: Connection) -> None:
    def noted() -> int:
        entries = sa.select(sa.func.count()).where(audit_log.c.action == "read_personal")
        return int(city.execute(entries).scalar_one())

    listed(city, READER, search="C1")
    assert noted() == 0
    listed(city, READER, search="某路")
    assert noted() == 1


def test_a_number_out_of_sight_is_as_if_it_were_not_there(city: Connection) -> None:
    blind = Asker("li", CaseScope(leaves=((1, "B1"),)), personal=True)
    assert listed(city, blind, search="C1") == []
    assert listed(city, blind) == ["C2", "C3"]


def test_an_area_nobody_knows_is_not_found(city: Connection) -> None:
    with pytest.raises(NotFoundError):
        find(city, CaseQuestion(area=("street", "Z")), READER)


def test_areas_of_the_upper_levels_are_offered(conn: Connection) -> None:
    assert not area_choices(conn)
    make_city(conn)
    offered = area_choices(conn)
    assert ("street", "A", "A") in offered
    assert ("cell", "A1", "A1") in offered, "where there are few, cells too"
