"""A responder returns a case: it waits for a person, and no rule gives it back by itself."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import Connection

from gridmgmt.domain.cases.case import CaseStatus
from gridmgmt.domain.judging.judging_rules import JudgingRules
from gridmgmt.errors import InputError, NotAllowedError, TransitionError
from gridmgmt.services.cases.actions import assign, bounce, dispose
from gridmgmt.services.cases.placing import place
from gridmgmt.services.cases.stories import WITHHELD, explain, show
from gridmgmt.store.cases.case_filter import CaseFilter
from gridmgmt.store.cases.cases import get_trace, list_cases, list_events
from tests.services.case_city import A1, A2, B1, NOW, SHANGHAI, case_file, row, stored, take_in
from tests.services.cases.test_actions import RULES, acting, audited, fill, in_words


@pytest.fixture
def city(conn: Connection, tmp_path: Path) -> Connection:
    """C1 lies in A1 and is S1's, C2 has no position and is nobody's."""
    fill(conn, tmp_path)
    return conn


def bounced(city: Connection, no: str = "C1", **other: Any) -> None:
    bounce(city, acting(city, no), **{"reason": "不在我队辖区", **other})


def test_a_bounced_case_waits_for_a_person_and_tells_who_returned_it(city: Connection) -> None:
    bounced(city, suggested="S2")
    now = stored(city, "C1")
    assert (now.responder_code, now.unrouted_reason) == (None, "bounced")
    assert now.status is CaseStatus.TRIAGE
    event = list_events(city, "C1")[-1]
    assert (event.kind, event.seq, event.actor) == ("bounced", 2, "wang")
    assert event.detail["from"]["responder"] == "S1"
    assert event.detail["to"]["unrouted"] == "bounced"
    assert event.detail["suggested"] == "S2"
    assert event.detail["text"] == "不在我队辖区"
    assert event.detail["lonlat"] == list(A1)
    decision = get_trace(city, "C1")["decision"]
    assert decision["responder"] == "S1", "what the rules said stays"
    assert event.detail["duties"] == decision["duty_ids"] != []
    assert [
        one.given.case_no
        for one in list_cases(city, CaseFilter(reasons=(now.unrouted_reason,)), limit=9)
    ] == ["C1"]


def test_explain_tells_of_a_bounce_in_both_languages(city: Connection) -> None:
    bounced(city, suggested="S2")
    told = in_words(city, "C1", personal=True)
    assert "一中队 (S1) returned it on 2026-06-01T00:00:00+00:00; wang did so." in told
    assert "二中队 (S2) was suggested instead." in told
    assert "The reason given: 不在我队辖区" in told
    assert "it waits for a person" in told
    assert "由 wang 代 一中队 (S1) 退单" in told
    assert "建议改派给 二中队 (S2)" in told
    assert "不在我队辖区" not in in_words(city, "C1")
    assert explain(
        city, "C1", rules=JudgingRules(SHANGHAI), personal=False, actor="t"
    ).replay.is_same


def test_a_dispatcher_gives_a_bounced_case_to_another(city: Connection) -> None:
    bounced(city)
    assign(city, acting(city, "C1"), responder_code="S2", reason="核实后改派")
    now = stored(city, "C1")
    assert (now.responder_code, now.status) == ("S2", CaseStatus.DISPATCHED)
    assert {"bounced", "assigned"} <= get_trace(city, "C1").keys()
    told = in_words(city, "C1")
    assert told.index("returned it") < told.index("gave it to")
    assert "waits for a person" not in told


def test_who_was_chosen_by_a_person_may_return_it_too(city: Connection) -> None:
    assign(city, acting(city, "C1"), responder_code="S2", reason="x")
    bounced(city)
    trace = get_trace(city, "C1")
    assert "assigned" not in trace
    assert trace["bounced"]["from"] == "S2"
    assert stored(city, "C1").responder_code is None
    assert list_events(city, "C1")[-1].detail["duties"] == [], "no duty gave it to S2"


def test_no_import_gives_a_bounced_case_back(city: Connection, tmp_path: Path) -> None:
    bounced(city)
    # What happens to be in the source by then, first with the same position, then elsewhere.
    for at in (A1, B1):
        rows = [row("C1", at, description="again", due_at="2026-03-09 09:30")]
        file = case_file(tmp_path, rows, f"{at[0]}.csv")
        assert take_in(city, file, update_known=True).updated == 1
        now = stored(city, "C1")
        assert (now.responder_code, now.unrouted_reason) == (None, "bounced")
    assert now.location.area_code == "B1"
    assert get_trace(city, "C1")["decision"]["responder"] == "S2", "what the rules say there"
    assert get_trace(city, "C1")["bounced"]["from"] == "S1"


def test_put_elsewhere_a_bounced_case_goes_to_who_answers_there(city: Connection) -> None:
    bounced(city)
    place(city, acting(city, "C1"), lonlat=B1, rules=RULES)
    assert stored(city, "C1").responder_code == "S2"
    assert "bounced" not in get_trace(city, "C1")


def test_put_elsewhere_it_never_goes_back_to_who_bounced_it(city: Connection) -> None:
    bounced(city)
    for where in ((A1[0] + 1e-4, A1[1]), A1):
        place(city, acting(city, "C1"), lonlat=where, rules=RULES)
        assert stored(city, "C1").unrouted_reason == "bounced"
    # A person may still do so, knowing it.
    assign(city, acting(city, "C1"), responder_code="S1", reason="核实属一中队")
    assert stored(city, "C1").responder_code == "S1"
    place(city, acting(city, "C1"), lonlat=A2, rules=RULES)
    assert stored(city, "C1").responder_code == "S1", "chosen by a person"


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"reason": " "}, "few words"),
        ({"reason": "x" * 2_001}, "at most 2,000"),
        ({"suggested": "S9"}, "no responder 'S9'"),
        ({"suggested": "S1"}, "S1 has the case already"),
    ],
)
def test_an_unfit_bounce_is_refused(city: Connection, given: Any, told: str) -> None:
    with pytest.raises(InputError, match=told):
        bounced(city, **given)
    assert len(list_events(city, "C1")) == 1


def test_only_a_dispatched_case_is_bounced(city: Connection) -> None:
    with pytest.raises(TransitionError):
        bounced(city, "C2")
    dispose(city, acting(city, "C1"), at=NOW, text="x")
    with pytest.raises(TransitionError):
        bounced(city)


def test_who_acts_for_a_responder_returns_nobody_elses(city: Connection) -> None:
    with pytest.raises(NotAllowedError, match="acts for S2, and S1 has the case"):
        bounced(city, only_of="S2")
    bounced(city, only_of="S1")


def test_a_bounce_is_audited_and_withheld_like_all_that_people_write(city: Connection) -> None:
    bounced(city, reason="王先生电话139")
    (entry,) = audited(city)
    assert (entry.action, entry.subject) == ("bounce_case", "case C1")
    assert entry.detail["before"]["responder"] == "S1"
    assert entry.detail["after"]["unrouted"] == "bounced"
    assert "139" not in str(entry.detail)
    shown = show(city, "C1", personal=False, actor="t").events[-1]
    assert shown.detail["text"] == WITHHELD
