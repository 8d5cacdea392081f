"""Cases of stated accuracy: given away where the answer is likely enough, else to a person."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import Connection

from gridmgmt.domain.accounts.case_scope import ALL_CASES
from gridmgmt.domain.cases.case import CONFIDENCE, CaseStatus, UnroutedReason
from gridmgmt.domain.judging.decision import Decision
from gridmgmt.domain.judging.explanation import explain as in_words
from gridmgmt.domain.judging.judging_rules import JudgingRules
from gridmgmt.domain.responsibility.duty import Duty, DutyRole, DutyTarget
from gridmgmt.services.cases.actions import Acting, assign
from gridmgmt.services.cases.details import would_go
from gridmgmt.services.cases.placing import place
from gridmgmt.services.cases.reports import Report, report
from gridmgmt.services.cases.stories import Explanation, explain
from gridmgmt.services.judging import edition_locators
from gridmgmt.store.cases.cases import get_trace
from gridmgmt.store.responsibility.duties import add_duties
from tests.services.answering import make_city
from tests.services.case_city import (
    BETWEEN_A1_AND_A2,
    NOW,
    SHANGHAI,
    case_file,
    give_duties,
    row,
    stored,
    take_in,
)

# Of a disc of 50 m, 62.6 % lie on its side of a border 10 m away.
IN_A1_NEAR_A2 = (120.154896, 30.2525)
# Nobody has a duty in either: both belong to the office of street A.
IN_A2_NEAR_A4 = (120.1575, 30.25491)
NEAR_THE_CORNER_OF_FOUR = (120.15499, 30.25499)
SIXTY_METRES_WEST = (120.149376, 30.2525)


@pytest.fixture
def city(conn: Connection) -> Connection:
    make_city(conn)
    give_duties(conn)
    return conn


def take(
    conn: Connection,
    folder: Path,
    *rows: dict[str, str],
    confidence: float = CONFIDENCE,
    **asked: Any,
) -> None:
    rules = JudgingRules(SHANGHAI, confidence=confidence)
    take_in(conn, case_file(folder, rows), rules=rules, **asked)


def explained(conn: Connection, no: str = "C1") -> Explanation:
    return explain(conn, no, rules=JudgingRules(SHANGHAI), personal=False, actor="t")


def decision(conn: Connection, no: str = "C1") -> Decision:
    return Decision.from_json(get_trace(conn, no)["decision"])


@pytest.mark.parametrize(
    ("accuracy_m", "confidence", "responder"),
    [
        ("50", 0.5, "S1"),  # 62.6 % are enough
        ("50", 0.7, None),
        ("50", 0.0, "S1"),  # never asked for
        ("9", 1.0, "S1"),  # the disc crosses no border
        ("", 1.0, "S1"),  # nobody stated it
        ("0", 1.0, "S1"),
    ],
)
def test_a_case_waits_for_a_person_where_its_answer_holds_for_too_little_of_the_disc(
    city: Connection, tmp_path: Path, accuracy_m: str, confidence: float, responder: str | None
) -> None:
    take(city, tmp_path, row("C1", IN_A1_NEAR_A2, accuracy_m=accuracy_m), confidence=confidence)
    case = stored(city, "C1")
    assert (case.location.area_code, case.responder_code) == ("A1", responder)
    if responder is None:
        assert case.unrouted_reason is UnroutedReason.UNCERTAIN
        assert case.status is CaseStatus.TRIAGE


def test_the_areas_and_the_responders_are_ranked_by_their_shares(
    city: Connection, tmp_path: Path
) -> None:
    take(city, tmp_path, row("C1", IN_A1_NEAR_A2, accuracy_m="50"), confidence=0.7)
    trace = get_trace(city, "C1")
    assert trace["accuracy_m"] == 50
    assert [code for code, _ in trace["shares"]] == ["A1", "A2"]
    assert [share for _, share in trace["shares"]] == pytest.approx([0.626, 0.374], abs=0.002)
    judged = decision(city)
    assert judged.would_be == "S1"
    assert judged.answers == (
        ("S1", trace["shares"][0][1]),
        ("OA", trace["shares"][1][1]),
    )


def test_shares_of_areas_with_the_same_responder_add_up(
    city: Connection, tmp_path: Path
) -> None:
    take(city, tmp_path, row("C1", IN_A2_NEAR_A4, accuracy_m="50"), confidence=1.0)
    case = stored(city, "C1")
    assert (case.location.area_code, case.responder_code) == ("A2", "OA")
    assert [code for code, _ in get_trace(city, "C1")["shares"]] == ["A2", "A4"]


def test_each_part_is_asked_about_the_case_in_question(
    city: Connection, tmp_path: Path
) -> None:
    add_duties(
        city,
        [Duty(0, "S1", DutyRole.DISPOSE, DutyTarget.AREA, "street", "A", frozenset({"E2"}))],
    )
    near = row("C1", IN_A1_NEAR_A2, accuracy_m="50")
    take(city, tmp_path, near, {**near, "case_no": "C2", "category": "E2"}, confidence=1.0)
    assert stored(city, "C1").responder_code is None
    assert stored(city, "C2").responder_code == "S1"


def test_the_responder_of_the_smaller_part_needs_the_confidence_too(
    city: Connection, tmp_path: Path
) -> None:
    # A quarter of the disc lies in A1, where the position is; three quarters answer to OA.
    take(city, tmp_path, row("C1", NEAR_THE_CORNER_OF_FOUR, accuracy_m="200"))
    judged = decision(city)
    assert (judged.reason, judged.would_be) == (UnroutedReason.UNCERTAIN, "S1")
    assert judged.answers[0][0] == "OA"
    assert judged.answers[0][1] > 0.7


def test_a_position_on_a_border_is_as_sure_as_half_its_disc(
    city: Connection, tmp_path: Path
) -> None:
    take(city, tmp_path, row("C1", BETWEEN_A1_AND_A2, accuracy_m="50"))
    assert stored(city, "C1").responder_code == "S1"


def test_what_lies_in_no_area_counts_neither_for_nor_against(
    city: Connection, tmp_path: Path
) -> None:
    # Snapped to A1, and nothing else is in reach.
    west = (120.1499, 30.2525)
    take(city, tmp_path, row("C1", west, accuracy_m="50"), confidence=1.0)
    case = stored(city, "C1")
    assert (case.location.snapped, case.responder_code) == (True, "S1")


def test_a_case_outside_that_may_lie_inside_waits_with_the_areas_it_may_lie_in(
    city: Connection, tmp_path: Path
) -> None:
    take(city, tmp_path, row("C1", SIXTY_METRES_WEST, accuracy_m="100"))
    case = stored(city, "C1")
    assert (case.location.area_code, case.unrouted_reason) == (None, UnroutedReason.UNLOCATED)
    ((code, share),) = get_trace(city, "C1")["shares"]
    assert code == "A1"
    assert 0.1 < share < 0.3
    assert explained(city).replay.is_same


@pytest.mark.parametrize("accuracy_m", ["3000", "30000"])
def test_a_cell_tower_says_little_and_costs_little(
    city: Connection, tmp_path: Path, accuracy_m: str
) -> None:
    take(city, tmp_path, row("C1", IN_A1_NEAR_A2, accuracy_m=accuracy_m))
    assert stored(city, "C1").unrouted_reason is UnroutedReason.UNCERTAIN
    assert len(get_trace(city, "C1")["shares"]) <= 8
    assert explained(city).replay.is_same


def test_a_single_case_is_judged_like_one_of_a_file(city: Connection, tmp_path: Path) -> None:
    given = row("R1", IN_A1_NEAR_A2, accuracy_m="50")
    take(city, tmp_path, {**given, "case_no": "F1"}, confidence=0.7)
    rules = JudgingRules(SHANGHAI, confidence=0.7)
    outcome = report(city, Report(given, "zhao", rules, now=NOW))
    assert outcome.case.unrouted_reason is UnroutedReason.UNCERTAIN
    assert get_trace(city, "R1") == get_trace(city, "F1")


def test_a_person_who_puts_a_case_on_the_map_knows_where_it_lies(
    city: Connection, tmp_path: Path
) -> None:
    take(city, tmp_path, row("C1", IN_A1_NEAR_A2, accuracy_m="50"), confidence=0.7)
    rules = JudgingRules(SHANGHAI, confidence=0.7)
    acting = Acting("C1", stored(city, "C1").last_seq, "li", now=NOW)
    after = place(city, acting, lonlat=IN_A1_NEAR_A2, rules=rules)
    assert after.responder_code == "S1"
    assert after.given.accuracy_m == 50
    assert "shares" not in get_trace(city, "C1")
    assert explained(city).replay.is_same
    elsewhere = would_go(city, "C1", 1, rules=rules, case_scope=ALL_CASES)
    assert elsewhere.decision.responder == "S1"

    # An import that judges it again leaves it there, and as sure.
    changed = row("C1", IN_A1_NEAR_A2, accuracy_m="60", category="E2")
    take(city, tmp_path, changed, confidence=0.7, update_known=True)
    case = stored(city, "C1")
    assert (case.given.accuracy_m, case.responder_code) == (60, "S1")


def test_an_import_that_states_another_accuracy_judges_again(
    city: Connection, tmp_path: Path
) -> None:
    near = row("C1", IN_A1_NEAR_A2, accuracy_m="50")
    take(city, tmp_path, near, confidence=0.7)
    take(city, tmp_path, {**near, "accuracy_m": "5"}, confidence=0.7, update_known=True)
    assert stored(city, "C1").responder_code == "S1"


def test_it_is_told_in_both_languages_and_replayed(city: Connection, tmp_path: Path) -> None:
    take(city, tmp_path, row("C1", IN_A1_NEAR_A2, accuracy_m="50"), confidence=0.7)
    found = explained(city)
    assert found.replay.is_same
    english, chinese = (
        " ".join(in_words("C1", found.trace, found.names, language))
        for language in ("en", "zh")
    )
    where = "known to within 50 m; it may lie in grid cell A1 63%, grid cell A2 37%"
    assert where in english
    assert "but that holds for 63% of where it may lie, and 70% is asked for" in english
    assert "waits for a person" in english
    assert "定位精度为 50 米" in chinese
    assert "未达到要求的 70%" in chinese


def test_a_replay_reads_the_locator_that_all_processes_share(
    city: Connection, tmp_path: Path
) -> None:
    take(city, tmp_path, row("C1", IN_A1_NEAR_A2, accuracy_m="50"))
    edition_locators._kept.clear()
    explain(city, "C1", rules=JudgingRules(SHANGHAI, home=tmp_path), personal=False, actor="t")
    assert len(list(tmp_path.glob("locators/*/1-cell-*.locator"))) == 1


def test_a_replay_says_when_the_answer_would_be_sure_now(
    city: Connection, tmp_path: Path
) -> None:
    take(city, tmp_path, row("C1", IN_A1_NEAR_A2, accuracy_m="50"), confidence=0.7)
    add_duties(city, [Duty(0, "S1", DutyRole.DISPOSE, DutyTarget.AREA, "cell", "A2", None)])
    differences = {what: (then, now) for what, then, now in explained(city).replay.differences}
    assert differences["responder"] == (None, "S1")
    assert differences["reason"] == ("uncertain", None)


def test_a_person_may_choose_among_those_who_may_answer(
    city: Connection, tmp_path: Path
) -> None:
    take(city, tmp_path, row("C1", IN_A1_NEAR_A2, accuracy_m="50"), confidence=0.7)
    acting = Acting("C1", stored(city, "C1").last_seq, "li", now=NOW)
    assign(city, acting, responder_code="OA", reason="现场核实")
    found = explained(city)
    assert found.case.responder_code == "OA"
    assert found.replay.is_same
