"""What people do to cases: each an event, the state beside it, and nobody's work lost."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import Connection, Engine

from gridmgmt.domain.accounts.case_scope import CaseScope
from gridmgmt.domain.cases.case import Case, CaseAction, CaseStatus, allowed_actions
from gridmgmt.domain.judging.explanation import explain as explain_in_words
from gridmgmt.domain.judging.judging_rules import JudgingRules
from gridmgmt.errors import (
    CaseChangedError,
    CaseError,
    InputError,
    NotFoundError,
    TransitionError,
)
from gridmgmt.services.cases import actions
from gridmgmt.services.cases.actions import Acting, assign, bounce, close, dispose
from gridmgmt.services.cases.placing import place
from gridmgmt.services.cases.stories import WITHHELD, explain, show
from gridmgmt.services.cases.supervision import supervise
from gridmgmt.store.cases.cases import get_case, get_trace, list_events
from gridmgmt.store.schema import audit_log
from tests.services.answering import make_city
from tests.services.case_city import (
    A1,
    A2,
    B1,
    FAR_AWAY,
    NOW,
    SHANGHAI,
    case_file,
    give_duties,
    row,
    stored,
    take_in,
)
from tests.waiting import wait_until_blocked

RULES = JudgingRules(SHANGHAI)
REPORTED = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)


def fill(conn: Connection, folder: Path) -> None:
    """C1 is S1's, C2 has no position, C3 lies outside, C4 was reported too early."""
    make_city(conn)
    give_duties(conn)
    rows = [
        row("C1", description="有人", address="某路1号"),
        row("C2", None),
        row("C3", FAR_AWAY),
        row("C4", reported_at="2020-01-01"),
        row("C5", disposed_at="2026-03-03 10:00"),
    ]
    take_in(conn, case_file(folder, rows))


@pytest.fixture
def city(conn: Connection, tmp_path: Path) -> Connection:
    fill(conn, tmp_path)
    return conn


def acting(conn: Connection, no: str, **other: Any) -> Acting:
    seen = get_case(conn, no).last_seq
    return Acting(**{"case_no": no, "seen_seq": seen, "actor": "wang", "now": NOW, **other})


def audited(conn: Connection) -> list[Any]:
    query = sa.select(audit_log).order_by(audit_log.c.id.desc()).limit(1)
    return list(conn.execute(query))


def in_words(conn: Connection, no: str, *, personal: bool = False) -> str:
    told = explain(conn, no, rules=RULES, personal=personal, actor="tester")
    return "\n".join(
        explain_in_words(no, told.trace, told.names, "en", reasons=told.reasons)
        + explain_in_words(no, told.trace, told.names, "zh", reasons=told.reasons)
    )


def test_a_case_without_a_position_is_put_on_the_map_and_goes_to_who_answers_there(
    city: Connection,
) -> None:
    place(city, acting(city, "C2"), lonlat=B1, rules=RULES, text="来电说明")
    now = stored(city, "C2")
    assert (now.location.area_code, now.responder_code) == ("B1", "S2")
    assert (now.location.lon, now.location.lat) == B1
    assert now.status is CaseStatus.DISPATCHED
    assert now.given.x is None, "what the source said stays"
    event = list_events(city, "C2")[-1]
    assert (event.kind, event.seq, event.actor) == ("placed", 2, "wang")
    assert event.detail["from"]["unlocated"] == "no_position"
    assert event.detail["to"] == {
        "edition": 1,
        "level": "cell",
        "area": "B1",
        "unlocated": None,
        "responder": "S2",
        "unrouted": None,
    }
    assert event.detail["position"] == [None, list(B1)]
    assert event.detail["text"] == "来电说明"
    told = in_words(city, "C2")
    assert "wang, put it at longitude 120.1625, latitude 30.2525" in told
    assert "it lies in grid cell B1, which covers it" in told


def test_a_case_is_placed_by_the_edition_of_its_day_like_an_import(
    city: Connection, tmp_path: Path
) -> None:
    take_in(city, case_file(tmp_path, [row("D1", A1)], "other.csv"))
    place(city, acting(city, "C2"), lonlat=A1, rules=RULES)
    by_hand, by_file = get_trace(city, "C2"), get_trace(city, "D1")
    same = ("edition", "area", "candidates", "border_m", "place", "decision", "settings")
    assert {name: by_hand[name] for name in same} == {name: by_file[name] for name in same}
    assert explain(city, "C2", rules=RULES, personal=False, actor="t").replay.is_same


def test_a_position_where_no_area_lies_is_refused(city: Connection) -> None:
    with pytest.raises(InputError, match="no area lies there"):
        place(city, acting(city, "C2"), lonlat=FAR_AWAY, rules=RULES)
    for lonlat in ((181.0, 30.0), (120.0, float("nan"))):
        with pytest.raises(InputError, match="beyond"):
            place(city, acting(city, "C2"), lonlat=lonlat, rules=RULES)
    assert len(list_events(city, "C2")) == 1


def test_a_case_older_than_the_first_edition_cannot_be_placed(city: Connection) -> None:
    with pytest.raises(CaseError, match=r"gridmgmt edition extend 1 --from 20\d\d-"):
        place(city, acting(city, "C4"), lonlat=A1, rules=RULES)


def test_a_person_gives_a_case_to_another_and_explain_says_who_when_and_why(
    city: Connection,
) -> None:
    assign(city, acting(city, "C1"), responder_code="S2", reason="一中队支援外区")
    now = stored(city, "C1")
    assert (now.responder_code, now.status) == ("S2", CaseStatus.DISPATCHED)
    event = list_events(city, "C1")[-1]
    assert event.detail["from"]["responder"] == "S1"
    assert event.detail["to"]["responder"] == "S2"
    assert get_trace(city, "C1")["decision"]["responder"] == "S1", "what the rules said"
    told = in_words(city, "C1", personal=True)
    assert "wang, gave it to 二中队 (S2) on 2026-06-01T00:00:00+00:00" in told
    assert "instead of 一中队 (S1)" in told
    assert "一中队支援外区" in told
    assert "一中队支援外区" not in in_words(city, "C1")


def test_replaying_a_case_that_a_person_gave_away_replays_the_rules(city: Connection) -> None:
    assign(city, acting(city, "C1"), responder_code="S2", reason="x")
    assert explain(city, "C1", rules=RULES, personal=False, actor="t").replay.is_same


def test_a_case_without_an_area_can_be_given_to_somebody(city: Connection) -> None:
    assign(city, acting(city, "C2"), responder_code="S1", reason="电话里说的")
    now = stored(city, "C2")
    assert (now.responder_code, now.unrouted_reason) == ("S1", None)
    assert (now.location.area_code, now.location.unlocated_reason) == (None, "no_position")


def test_who_a_person_chose_stays_when_the_case_is_put_elsewhere(city: Connection) -> None:
    assign(city, acting(city, "C1"), responder_code="S2", reason="x")
    place(city, acting(city, "C1"), lonlat=A2, rules=RULES)
    now = stored(city, "C1")
    assert (now.location.area_code, now.responder_code) == ("A2", "S2")
    assert {"placed", "assigned"} <= get_trace(city, "C1").keys()


def test_what_people_decided_outlives_an_import_that_judges_the_case_again(
    city: Connection, tmp_path: Path
) -> None:
    place(city, acting(city, "C2"), lonlat=B1, rules=RULES)
    assign(city, acting(city, "C2"), responder_code="OA", reason="x")
    file = case_file(tmp_path, [row("C2", A1, category="E2")], "again.csv")
    report = take_in(city, file, update_known=True)
    assert report.updated == 1
    now = stored(city, "C2")
    assert (now.given.category, now.given.x) == ("E2", A1[0])
    assert (now.location.area_code, now.responder_code) == ("B1", "OA")
    assert get_trace(city, "C2")["decision"]["reason"] == "no_owner", "E2 is nobody's in B"
    assert get_trace(city, "C2")["assigned"]["responder"] == "OA"


@pytest.mark.parametrize(
    ("responder", "reason", "told"),
    [("S9", "x", "no responder"), ("S1", "x", "already"), ("S2", " ", "few words")],
)
def test_an_unfit_choice_is_refused(
    city: Connection, responder: str, reason: str, told: str
) -> None:
    with pytest.raises(InputError, match=told):
        assign(city, acting(city, "C1"), responder_code=responder, reason=reason)


def test_a_case_is_disposed_of_then_closed(city: Connection) -> None:
    at = REPORTED + timedelta(hours=2)
    dispose(city, acting(city, "C1"), at=at, text="已清理")
    assert stored(city, "C1").given.disposed_at == at
    assert stored(city, "C1").status is CaseStatus.DISPOSED
    event = list_events(city, "C1")[-1]
    assert (event.kind, event.happened_at, event.detail) == ("disposed", at, {"text": "已清理"})
    close(city, acting(city, "C1"), at=at)
    assert stored(city, "C1").status is CaseStatus.CLOSED
    assert [event.kind for event in list_events(city, "C1")] == [
        "reported",
        "disposed",
        "closed",
    ]


def test_nothing_ends_before_it_began_or_in_the_future(city: Connection) -> None:
    for at in (REPORTED - timedelta(minutes=1), NOW + timedelta(minutes=1)):
        with pytest.raises(InputError, match=r"lies before|lies in the future"):
            dispose(city, acting(city, "C1"), at=at, text="x")
    with pytest.raises(InputError, match=r"01:00 lies before disposed_at, 2026-03-03 02:00"):
        close(city, acting(city, "C5"), at=datetime(2026, 3, 3, 1, tzinfo=UTC))
    dispose(city, acting(city, "C1"), at=REPORTED, text="at once")


def test_errors_show_times_on_the_clock_of_the_bureau(city: Connection) -> None:
    there = {"now": NOW.astimezone(ZoneInfo("America/New_York"))}
    with pytest.raises(
        InputError, match="2026-03-02 20:00 lies before disposed_at, 2026-03-02"
    ):
        close(city, acting(city, "C5", **there), at=datetime(2026, 3, 3, 1, tzinfo=UTC))
    with pytest.raises(InputError, match="2029-12-31 19:00 lies in the future"):
        dispose(
            city, acting(city, "C1", **there), at=datetime(2030, 1, 1, tzinfo=UTC), text="x"
        )


def act(conn: Connection, asked: Acting, action: CaseAction) -> Case:
    if action is CaseAction.PLACE:
        return place(conn, asked, lonlat=A2, rules=RULES)
    if action is CaseAction.ASSIGN:
        had = get_case(conn, asked.case_no).responder_code
        chosen = "S1" if had == "S2" else "S2"
        return assign(conn, asked, responder_code=chosen, reason="x")
    if action is CaseAction.BOUNCE:
        return bounce(conn, asked, reason="x")
    if action is CaseAction.DISPOSE:
        return dispose(conn, asked, at=NOW, text="x")
    if action is CaseAction.SUPERVISE:
        return supervise(conn, asked, again=True)
    return close(conn, asked, at=NOW)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    wanted=st.lists(st.sampled_from(CaseAction), max_size=6), no=st.sampled_from(["C1", "C2"])
)
def test_whatever_people_try_events_tell_the_state_and_nothing_leaves_closed(
    city: Connection, wanted: list[CaseAction], no: str
) -> None:
    with city.begin_nested() as savepoint:
        for action in wanted:
            before = get_case(city, no)
            if action in allowed_actions(before.status):
                act(city, acting(city, no), action)
            else:
                with pytest.raises(TransitionError):
                    act(city, acting(city, no), action)
                assert get_case(city, no) == before
            now = get_case(city, no)
            events = list_events(city, no)
            assert [event.seq for event in events] == list(range(1, now.last_seq + 1))
            assert before.status is not CaseStatus.CLOSED or now == before
        assert explain(city, no, rules=RULES, personal=False, actor="t").replay.is_same
        savepoint.rollback()


def test_every_action_is_audited_without_what_people_wrote(city: Connection) -> None:
    assign(city, acting(city, "C1"), responder_code="S2", reason="王先生电话139")
    (entry,) = audited(city)
    assert (entry.actor, entry.action, entry.subject) == ("wang", "assign_case", "case C1")
    assert entry.detail["before"]["responder"] == "S1"
    assert entry.detail["after"]["responder"] == "S2"
    assert "139" not in str(entry.detail)


def test_what_people_wrote_is_withheld_from_who_may_not_see_personal_data(
    city: Connection,
) -> None:
    dispose(city, acting(city, "C1"), at=NOW, text="王先生在场")
    shown = show(city, "C1", personal=False, actor="t").events[-1]
    assert shown.detail["text"] == WITHHELD
    assert show(city, "C1", personal=True, actor="t").events[-1].detail["text"] == "王先生在场"


def test_a_case_out_of_sight_is_not_found(city: Connection) -> None:
    blind = acting(city, "C1", case_scope=CaseScope(responder_code="S2"))
    for action in CaseAction:
        with pytest.raises(NotFoundError):
            act(city, blind, action)
    dispose(city, replace(blind, case_scope=CaseScope(leaves=((1, "A1"),))), at=NOW, text="x")


def test_a_state_that_somebody_else_changed_is_said_to_be_theirs(city: Connection) -> None:
    seen = acting(city, "C1")
    assign(city, replace(seen, actor="li"), responder_code="S2", reason="x")
    with pytest.raises(CaseChangedError, match=r"changed meanwhile by li \(assigned\)"):
        dispose(city, seen, at=NOW, text="x")


def test_of_two_who_act_at_once_one_wins_and_the_other_is_told(
    engine: Engine, tmp_path: Path
) -> None:
    with engine.begin() as conn:
        fill(conn, tmp_path)
        seen = acting(conn, "C1")
    told: list[str] = []

    def work(name: str, step: Callable[[Connection, Acting], Case]) -> None:
        try:
            with engine.begin() as conn:
                step(conn, replace(seen, actor=name))
        except CaseChangedError as error:
            told.append(f"{name} lost to {error.by}")
        else:
            told.append(f"{name} won")

    with engine.begin() as first:
        # The first holds the row while the second already waits for it.
        assign(first, replace(seen, actor="li"), responder_code="S2", reason="x")
        other = threading.Thread(
            target=work,
            args=("wang", lambda conn, own: dispose(conn, own, at=NOW, text="x")),
        )
        other.start()
        wait_until_blocked(engine)
    other.join(timeout=30)
    assert told == ["wang lost to li"]
    with engine.connect() as conn:
        assert [event.kind for event in list_events(conn, "C1")] == ["reported", "assigned"]


def test_an_import_waits_for_who_acts_and_takes_their_work_as_known(
    engine: Engine, tmp_path: Path
) -> None:
    with engine.begin() as conn:
        fill(conn, tmp_path)
        seen = acting(conn, "C1")
    file = case_file(tmp_path, [row("C1", A2)], "again.csv")

    def update() -> None:
        with engine.begin() as conn:
            take_in(conn, file, update_known=True)

    with engine.begin() as first:
        assign(first, seen, responder_code="S2", reason="x")
        other = threading.Thread(target=update)
        other.start()
        wait_until_blocked(engine)
    other.join(timeout=30)
    with engine.connect() as conn:
        now = get_case(conn, "C1")
        assert (now.location.area_code, now.responder_code) == ("A2", "S2")
        kinds = [event.kind for event in list_events(conn, "C1")]
        assert kinds == ["reported", "assigned", "updated", "rerouted"]


def test_every_action_has_a_kind_of_event() -> None:
    assert actions._KINDS.keys() == set(CaseAction)
