"""A batch: each case is given or refused with its reason, and nothing else changes."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import Connection

from gridmgmt.domain.accounts.case_scope import CaseScope
from gridmgmt.domain.cases.case import CaseStatus
from gridmgmt.errors import CaseChangedError, InputError, NotFoundError, TransitionError
from gridmgmt.services.cases.actions import Acting, assign
from gridmgmt.services.cases.batch_assigns import (
    MOST_AT_ONCE,
    BatchAssigned,
    assign_each,
    rehearse,
)
from gridmgmt.store.cases.cases import cases_by_no, list_events
from tests.services.answering import make_city
from tests.services.case_city import (
    A1,
    A2,
    B1,
    NOW,
    case_file,
    give_duties,
    row,
    stored,
    take_in,
)

NUMBERS = [f"C{n}" for n in range(8)]


@pytest.fixture
def city(conn: Connection, tmp_path: Path) -> Connection:
    """C0, C1, C7 are S1's, C2 the office's, C3 is S2's, C4 waits, C5 is done, C6 closed."""
    make_city(conn)
    give_duties(conn)
    rows = [
        row("C0", A1),
        row("C1", A1),
        row("C2", A2),
        row("C3", B1),
        row("C4", (130.0, 45.0)),
        row("C5", A1, disposed_at="2026-03-03 10:00"),
        row("C6", A1, disposed_at="2026-03-03 10:00", closed_at="2026-03-03 11:00"),
        row("C7", A1),
    ]
    report = take_in(conn, case_file(tmp_path, rows))
    assert report.new == len(rows), report.sentences()
    return conn


def chosen(conn: Connection, *numbers: str, **other: object) -> list[Acting]:
    seen = {no: case.last_seq for no, case in cases_by_no(conn, numbers).items()}
    return [Acting(no, seen.get(no, 1), "wang", now=NOW, **other) for no in numbers]  # type: ignore[arg-type]


def run(conn: Connection, cases: list[Acting], code: str = "S2") -> BatchAssigned:
    return assign_each(conn, cases, responder_code=code, reason="同一施工工地")


def outcome(done: BatchAssigned) -> tuple[list[str], dict[str, str]]:
    return (
        [case.given.case_no for case in done.assigned],
        {one.acting.case_no: str(one.error) for one in done.refused},
    )


def state(conn: Connection) -> list[tuple[object, ...]]:
    columns = "case_no, responder_code, status, last_seq, unrouted_reason"
    rows = conn.execute(sa.text(f"SELECT {columns} FROM cases ORDER BY case_no"))
    return [tuple(one) for one in rows]


def notes(conn: Connection) -> int:
    return int(conn.execute(sa.text("SELECT count(*) FROM audit_log")).scalar_one())


@pytest.mark.proof
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(
    numbers=st.lists(st.sampled_from([*NUMBERS, "NONE"]), min_size=1, unique=True),
    meanwhile=st.sets(st.sampled_from(["C0", "C2", "C4"])),
    code=st.sampled_from(["S1", "S2", "OA"]),
)
def test_each_case_is_given_or_refused_and_nothing_else_changes(
    city: Connection, numbers: list[str], meanwhile: set[str], code: str
) -> None:
    savepoint = city.begin_nested()
    try:
        cases = chosen(city, *numbers)
        for no in sorted(meanwhile):
            (acting,) = chosen(city, no)
            assign(city, acting, responder_code="CA", reason="先派")
        before, noted = state(city), notes(city)
        shown = rehearse(city, cases, responder_code=code, reason="同一施工工地")
        assert (state(city), notes(city)) == (before, noted), "a rehearsal changes nothing"
        done = run(city, cases, code)
        assert outcome(done) == outcome(shown), "and says what will happen"
        given_to, refused = outcome(done)
        assert sorted([*given_to, *refused]) == sorted(numbers)
        had = {one[0]: one for one in before}
        can = {
            no
            for no in set(numbers) - {"NONE"} - meanwhile
            if had[no][2] in ("triage", "dispatched") and had[no][1] != code
        }
        assert set(given_to) == can
        for one in state(city):
            if one[0] in can:
                assert one[1:4] == (code, "dispatched", had[one[0]][3] + 1)  # type: ignore[operator]
                assert list_events(city, str(one[0]))[-1].detail["text"] == "同一施工工地"
            else:
                assert one == had[one[0]]
        assert notes(city) == noted + len(can)
    finally:
        savepoint.rollback()


def test_each_refusal_says_why(city: Connection) -> None:
    cases = chosen(city, "C1", "C2", "C3", "C5", "NONE")
    (first,) = chosen(city, "C2")
    assign(city, first, responder_code="S1", reason="x")
    refused = {one.acting.case_no: one.error for one in run(city, cases).refused}
    assert {no: type(error) for no, error in refused.items()} == {
        "C2": CaseChangedError,
        "C3": InputError,
        "C5": TransitionError,
        "NONE": NotFoundError,
    }
    assert stored(city, "C1").responder_code == "S2"
    assert stored(city, "C2").responder_code == "S1"
    assert stored(city, "C5").status is CaseStatus.DISPOSED


def test_what_the_actor_does_not_see_is_not_there(city: Connection) -> None:
    done = run(city, chosen(city, "C0", "C3", case_scope=CaseScope(responder_code="S1")))
    assert outcome(done)[0] == ["C0"]
    assert [type(one.error) for one in done.refused] == [NotFoundError]
    assert stored(city, "C3").responder_code == "S2"


@pytest.mark.parametrize(
    ("numbers", "code", "reason"),
    [([], "S2", "x"), (["C0"], "NOBODY", "x"), (["C0"], "S2", "  ")],
)
def test_what_is_wrong_with_the_batch_stops_it_all(
    city: Connection, numbers: list[str], code: str, reason: str
) -> None:
    before = state(city)
    with pytest.raises(InputError):
        assign_each(city, chosen(city, *numbers), responder_code=code, reason=reason)
    assert state(city) == before


def test_too_many_at_once_are_refused_before_any_is_given(city: Connection) -> None:
    many = [Acting(f"X{n}", 1, "wang") for n in range(MOST_AT_ONCE + 1)]
    with pytest.raises(InputError, match=str(MOST_AT_ONCE)):
        run(city, many)
