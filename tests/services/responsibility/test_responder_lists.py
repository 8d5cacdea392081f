from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from gridmgmt.domain.accounts.case_scope import ALL_CASES, NO_CASES
from gridmgmt.domain.responsibility.responder import ResponderKind
from gridmgmt.errors import NotFoundError
from gridmgmt.services.responsibility import responder_lists as service
from gridmgmt.services.responsibility.responder_lists import (
    ResponderQuery,
    find_responders,
    show_responder,
)
from gridmgmt.store.schema import audit_log, responders
from tests.services.answering import make_city
from tests.services.case_city import A1, B1, case_file, give_duties, row, take_in

NOW = datetime(2026, 6, 1, tzinfo=UTC)
TODAY = date(2026, 6, 1)


@pytest.fixture
def answered(conn, tmp_path):
    """Two open cases at S1, one of them overdue; one disposed of; one open at S2."""
    make_city(conn)
    give_duties(conn)
    rows = [
        row("C1", A1, due_at="2026-03-03 09:30"),
        row("C2", A1),
        row("C3", A1, disposed_at="2026-03-03 10:00"),
        row("C4", B1, due_at="2099-01-01 09:30"),
    ]
    take_in(conn, case_file(tmp_path, rows))
    conn.execute(responders.update().values(phone="13900000000"))
    return conn


def find(conn, **asked):
    case_scope = asked.pop("case_scope", ALL_CASES)
    return find_responders(
        conn, ResponderQuery(**asked), now=NOW, today=TODAY, case_scope=case_scope
    )


def show(conn, code, **asked):
    given = {"within": None, "personal": False, "actor": "t", "case_scope": ALL_CASES, **asked}
    return show_responder(conn, code, now=NOW, today=TODAY, **given)


def test_each_responder_shows_its_duties_and_what_waits_at_it(answered):
    rows = {one.responder.code: one for one in find(answered).rows}
    waiting = {code: (row.cases.cases, row.cases.overdue) for code, row in rows.items()}
    assert (rows["S1"].duties, waiting["S1"]) == (1, (2, 1))
    assert (rows["S2"].duties, waiting["S2"]) == (1, (1, 0))
    assert (rows["CA"].duties, waiting["CA"]) == (0, (0, 0))
    assert (rows["CA"].superior_name, rows["CA"].station_name) == ("总街长", "A")
    assert {one.responder.phone for one in rows.values()} == {None}


def test_cases_out_of_sight_are_not_counted(answered):
    assert all(row.cases.open == 0 for row in find(answered, case_scope=NO_CASES).rows)


def test_lists_are_narrowed_by_kind_and_words(answered):
    def codes(**asked):
        return [one.responder.code for one in find(answered, **asked).rows]

    assert codes(kind=ResponderKind.SQUAD) == ["S1", "S2"]
    assert codes(words="街长") == ["CA", "H"]
    assert codes(words="s2") == ["S2"]
    assert codes(words="%") == []
    assert find(answered, words="s2").kinds[ResponderKind.SQUAD] == 2


def test_pages_follow_each_other_by_code(answered, monkeypatch):
    monkeypatch.setattr(service, "PAGE_ROWS", 2)
    seen, after = [], None
    while True:
        page = find(answered, after=after)
        assert page.total == 5
        seen += [one.responder.code for one in page.rows]
        after = page.next_after
        if after is None:
            break
    assert seen == ["CA", "H", "OA", "S1", "S2"]


def test_one_responder_stands_between_those_above_and_below(answered):
    chief = show(answered, "CA")
    assert [one.code for one in chief.superiors] == ["H"]
    head = show(answered, "H")
    assert [one.responder.code for one in head.subordinates] == ["CA"]
    assert [one.duty.letter_no for one in show(answered, "S1").duties.rows] == ["17号"]
    with pytest.raises(NotFoundError, match="there is no responder 'X'"):
        show(answered, "X")


def test_the_phone_is_shown_only_when_asked_and_that_is_noted(answered):
    assert show(answered, "S1").row.responder.phone is None
    query = select(audit_log).where(audit_log.c.action == "read_phones")
    assert answered.execute(query).all() == []
    assert show(answered, "S1", personal=True).row.responder.phone == "13900000000"
    (entry,) = answered.execute(query).all()
    assert (entry.actor, entry.detail["code"]) == ("t", "S1")


def test_an_account_limited_to_a_street_sees_who_answers_for_it(answered):
    found = find(answered, within=("street", "A"))
    assert [one.responder.code for one in found.rows] == ["CA", "H", "OA", "S1"]
    with pytest.raises(NotFoundError):
        show(answered, "S2", within=("street", "A"))
