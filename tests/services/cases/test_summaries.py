from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy.engine import Connection

from gridmgmt.errors import NotFoundError
from gridmgmt.indicators.rates import DeadlineCounts
from gridmgmt.services.cases.summaries import summarise
from tests.factories import make_edition, make_level, square, two_streets
from tests.services.answering import make_city
from tests.services.case_city import (
    A1,
    A2,
    B1,
    FAR_AWAY,
    NOW,
    TEN_METRES_WEST,
    case_file,
    give_duties,
    row,
    take_in,
)

DUE = "2026-03-10 12:00"


@pytest.fixture
def city(conn: Connection, tmp_path: Path) -> Connection:
    make_city(conn)
    give_duties(conn)
    rows = [
        row("C1", due_at=DUE, disposed_at="2026-03-10 12:00"),
        row("C2", A2, due_at=DUE, disposed_at="2026-03-11"),
        row("C3", TEN_METRES_WEST, due_at=DUE),
        row("C4", B1, due_at="2026-12-31"),
        row("C5", B1),
        row("C6", FAR_AWAY, due_at=DUE, closed_at="2026-03-09"),
        row("C7", None),
    ]
    take_in(conn, case_file(tmp_path, rows))
    return conn


def by_code(conn: Connection, level: str, as_of: datetime = NOW) -> dict[str, DeadlineCounts]:
    return {one.code: one.counts for one in summarise(conn, level=level, as_of=as_of).areas}


def test_streets_keep_their_deadlines_by_counts_and_the_sums_equal_the_citys(
    city: Connection,
) -> None:
    summary = summarise(city, level="street", as_of=NOW)
    assert {one.code: one.counts for one in summary.areas} == {
        "": DeadlineCounts(cases=2, open=1, without_due=1, on_time=1),
        "A": DeadlineCounts(cases=3, open=1, on_time=1, late=1, overdue=1),
        "B": DeadlineCounts(cases=2, open=2, without_due=1),
    }
    assert summary.city == DeadlineCounts(
        cases=7, open=4, without_due=2, on_time=2, late=1, overdue=1
    )
    assert summary.city.on_time_rate.shown() == "50.00 % (2/4)"


def test_a_street_where_nothing_was_due_shows_a_dash(city: Connection) -> None:
    rate = by_code(city, "street")["B"].on_time_rate
    assert (rate.value, rate.shown()) == (None, "– (0/0)")


def test_the_instant_is_frozen_and_what_came_later_had_not_come_yet(city: Connection) -> None:
    early = datetime(2026, 3, 10, 6, 0, tzinfo=UTC)  # 14:00 in Shanghai
    assert by_code(city, "street", early)["A"] == DeadlineCounts(
        cases=3, open=2, on_time=1, overdue=2
    )
    before_any = datetime(2026, 3, 1, tzinfo=UTC)
    assert by_code(city, "street", before_any) == {}


def test_the_leaf_level_itself_can_be_asked_for(city: Connection) -> None:
    assert set(by_code(city, "cell")) == {"", "A1", "A2", "B1"}


def test_cases_of_several_editions_are_added_up_along_the_tree_in_force(
    city: Connection, tmp_path: Path
) -> None:
    # Cell A1 moves to street B with all its cases, whenever they were reported.
    levels = two_streets()
    cells = dict(zip(levels["cell"].codes, levels["cell"].geoms, strict=True))
    parents = {code: "B" if code == "A1" else code[0] for code in cells}
    levels["cell"] = make_level("cell", cells, parents=parents)
    make_edition(city, levels, effective_from=datetime(2026, 4, 1, tzinfo=UTC))
    later = row("D1", A1, reported_at="2026-05-01")
    take_in(city, case_file(tmp_path, [later], "later.csv"))
    counted = {code: one.cases for code, one in by_code(city, "street").items()}
    assert counted == {"": 2, "A": 1, "B": 5}


def test_a_level_an_edition_does_not_have_leaves_its_cases_under_no_code(
    city: Connection,
) -> None:
    counted = by_code(city, "community")
    assert set(counted) == {""}
    assert counted[""].cases == 7


def test_a_level_that_does_not_exist_is_refused(city: Connection) -> None:
    with pytest.raises(NotFoundError, match="there is no level 'ward'; choose one of: city"):
        summarise(city, level="ward", as_of=NOW)


def test_responders_and_places_are_counted(city: Connection) -> None:
    summary = summarise(city, level="street", as_of=NOW)
    assert summary.places == {"inside": 4, "snapped": 1, "outside": 1, "no_position": 1}
    counted = [
        (one.responder_code or one.unrouted_reason, one.name, one.cases, one.open)
        for one in summary.responders
    ]
    assert counted == [
        ("S1", "一中队", 2, 1),
        ("S2", "二中队", 2, 2),
        ("unlocated", None, 2, 1),
        ("OA", "A街道办", 1, 0),
    ]
    assert sum(one.cases for one in summary.responders) == 7


def test_without_any_case_everything_is_empty(conn: Connection) -> None:
    make_edition(conn, {"cell": make_level("cell", {"A1": square(0, 0)})})
    summary = summarise(conn, level="street", as_of=NOW)
    assert (summary.areas, summary.responders, summary.city) == ([], [], DeadlineCounts())


def test_an_area_is_named_as_the_newest_edition_names_it(city: Connection) -> None:
    levels = two_streets()
    street = levels["street"]
    renamed = make_level(
        "street",
        dict(zip(map(str, street.codes), street.geoms, strict=True)),
        names={"A": "新名"},
    )
    make_edition(city, {**levels, "street": renamed})
    names = {one.code: one.name for one in summarise(city, level="street", as_of=NOW).areas}
    assert names["A"] == "新名"
