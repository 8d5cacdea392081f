from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gridmgmt.domain.cases.case import CaseStatus
from gridmgmt.domain.judging.explanation import explain as explain_in_words
from gridmgmt.domain.judging.judging_rules import JudgingRules
from gridmgmt.domain.responsibility.duty import Duty, DutyRole, DutyTarget
from gridmgmt.errors import NotFoundError
from gridmgmt.services.areas.scopes import ground_of, within_area
from gridmgmt.services.cases.stories import WITHHELD, Explanation, explain, show
from gridmgmt.store.cases.case_filter import CaseFilter
from gridmgmt.store.cases.cases import list_cases
from gridmgmt.store.responsibility.duties import add_duties
from gridmgmt.store.schema import audit_log, responders
from tests.factories import make_edition, square, two_streets
from tests.services.answering import make_city
from tests.services.case_city import (
    A2,
    B1,
    BETWEEN_A1_AND_A2,
    FAR_AWAY,
    SHANGHAI,
    TEN_METRES_WEST,
    case_file,
    give_duties,
    row,
    take_in,
)


@pytest.fixture
def city(conn: Connection, tmp_path: Path) -> Connection:
    """Cases inside, on a border, snapped, outside, without position, too old, unmapped."""
    make_city(conn)
    give_duties(conn)
    rows = [
        row("C1", description="有人", address="某路1号"),
        row("C2", BETWEEN_A1_AND_A2),
        row("C3", TEN_METRES_WEST),
        row("C4", FAR_AWAY),
        row("C5", None),
        row("C6", reported_at="2020-01-01"),
        row("C7", B1, category="新类"),
        row("C8", A2),
    ]
    take_in(conn, case_file(tmp_path, rows))
    return conn


def audited(conn: Connection) -> list[tuple[str, str]]:
    query = sa.select(audit_log.c.action, audit_log.c.subject).order_by(audit_log.c.id)
    return [(action, subject) for action, subject in conn.execute(query)]


def explained(conn: Connection, no: str, *, personal: bool = False) -> Explanation:
    return explain(conn, no, rules=JudgingRules(SHANGHAI), personal=personal, actor="tester")


@pytest.mark.parametrize("no", [f"C{n}" for n in range(1, 9)])
def test_replaying_a_case_on_the_same_edition_and_duties_gives_the_same_answer(
    city: Connection, no: str
) -> None:
    replay = explained(city, no).replay
    assert replay.differences == ()
    assert replay.duty_changes == ()
    assert replay.is_same


def test_a_later_edition_moves_no_case_that_is_there_already(city: Connection) -> None:
    levels = two_streets()
    del levels["cell"]
    make_edition(city, levels)
    again = explained(city, "C1")
    assert again.replay.is_same
    assert again.replay.edition == 1


def test_a_replay_after_the_duties_changed_says_which(city: Connection) -> None:
    (old,) = city.execute(
        sa.text("DELETE FROM duties WHERE target_code = 'A1' RETURNING id")
    ).one()
    add_duties(city, [Duty(0, "S2", DutyRole.DISPOSE, DutyTarget.AREA, "street", "A", None)])
    replay = explained(city, "C1").replay
    assert not replay.is_same
    assert ("responder", "S1", "S2") in replay.differences
    assert ("rule", "area:cell", "area:street") in replay.differences
    assert [change for _, change in replay.duty_changes] == ["gone", "new"]
    assert replay.duty_changes[0][0] == old


def test_a_duty_that_has_changed_is_told_from_one_that_is_gone(city: Connection) -> None:
    city.execute(sa.text("UPDATE duties SET responder_code = 'S2' WHERE target_code = 'A1'"))
    replay = explained(city, "C1").replay
    assert ("responder", "S1", "S2") in replay.differences
    assert [change for _, change in replay.duty_changes] == ["different"]


def test_an_explanation_names_areas_responders_and_the_category(city: Connection) -> None:
    told = explained(city, "C1")
    sentences = "\n".join(explain_in_words("C1", told.trace, told.names, "en"))
    assert "category 占道 (E1)" in sentences
    assert "cell A1 < street A" in sentences
    assert "一中队 (S1) disposes of it" in sentences
    assert "letter 17号" in sentences


def test_description_address_and_phones_are_shown_on_demand_only_and_audited(
    city: Connection,
) -> None:
    city.execute(responders.update().where(responders.c.code == "S1").values(phone="139"))
    before = audited(city)
    plain = explained(city, "C1")
    assert (plain.case.given.description, plain.case.given.address) == (None, None)
    assert plain.phones == {}
    assert show(city, "C1", personal=False, actor="tester").case.given.address is None
    assert audited(city) == before
    full = explained(city, "C1", personal=True)
    assert full.case.given.description == "有人"
    assert full.phones == {"S1": "139"}
    assert show(city, "C1", personal=True, actor="tester").case.given.address == "某路1号"
    assert audited(city)[len(before) :] == [("read_personal", "case C1")] * 2


def test_the_history_withholds_what_personal_data_were_changed_to(
    city: Connection, tmp_path: Path
) -> None:
    changed = row("C1", description="另一人", address="某路1号", channel="x")
    take_in(city, case_file(tmp_path, [changed], "again.csv"), update_known=True)
    event = show(city, "C1", personal=False, actor="tester").events[1]
    assert event.detail["changed"]["description"] == [WITHHELD, WITHHELD]
    assert event.detail["changed"]["channel"] == [None, "x"]
    full = show(city, "C1", personal=True, actor="tester").events[1]
    assert full.detail["changed"]["description"] == ["有人", "另一人"]


def test_a_case_nobody_knows_is_not_found(city: Connection) -> None:
    with pytest.raises(NotFoundError, match="there is no case 'C99'"):
        show(city, "C99", personal=False, actor="tester")
    with pytest.raises(NotFoundError):
        explained(city, "C99")


def numbers(conn: Connection, wanted: CaseFilter, **page: object) -> list[str]:
    found = list_cases(conn, wanted, **{"limit": 50, **page})  # type: ignore[arg-type]
    return [case.given.case_no for case in found]


def test_cases_are_listed_by_status_responder_and_place(city: Connection) -> None:
    everything = ["C8", "C7", "C5", "C4", "C3", "C2", "C1", "C6"]
    assert numbers(city, CaseFilter()) == everything
    assert numbers(city, CaseFilter(unlocated=True)) == ["C5", "C4", "C6"]
    assert numbers(city, CaseFilter(responder_code="S1")) == ["C3", "C2", "C1"]
    triage = CaseFilter(status=CaseStatus.TRIAGE)
    assert numbers(city, triage) == ["C7", "C5", "C4", "C6"]
    street_b = CaseFilter(ground=ground_of(city, 1, ("street", "B")))
    assert numbers(city, street_b) == ["C7"]
    cell = CaseFilter(ground=ground_of(city, 1, ("cell", "A1")), responder_code="S1")
    assert numbers(city, cell) == ["C3", "C2", "C1"]


def test_pages_follow_each_other_without_gap_or_repeat(city: Connection) -> None:
    seen: list[str] = []
    after = None
    while page := numbers(city, CaseFilter(), limit=3, after=after):
        seen += page
        after = page[-1]
    assert seen == numbers(city, CaseFilter())


def test_an_area_that_no_edition_has_is_refused(city: Connection) -> None:
    with pytest.raises(NotFoundError, match="there is no street 'Z'"):
        within_area(city, "street", "Z")


def test_an_area_holds_the_cells_it_had_in_each_edition(city: Connection) -> None:
    levels = two_streets()
    make_edition(city, {**levels, "cell": levels["cell"]})
    assert within_area(city, "street", "A") == [
        (edition, f"A{n}") for edition in (1, 2) for n in range(1, 5)
    ]


def test_a_duty_that_had_ended_is_told_from_one_that_never_was(
    city: Connection, tmp_path: Path
) -> None:
    ended = Duty(
        0,
        "S2",
        DutyRole.DISPOSE,
        DutyTarget.AREA,
        "cell",
        "A2",
        None,
        valid_to=date(2026, 1, 31),
    )
    add_duties(city, [ended])
    take_in(city, case_file(tmp_path, [row("D1", A2)], "late.csv"))
    told = explained(city, "D1")
    sentences = "\n".join(explain_in_words("D1", told.trace, told.names, "en"))
    assert "does not apply: it had ended" in sentences
    assert "territorial fallback" in sentences


def test_an_area_of_one_edition_holds_what_others_judged_where_borders_are_the_same(
    city: Connection,
) -> None:
    levels = two_streets()
    cells = levels["cell"]
    cells.geoms[0] = square(0, 0, 0.4, 0.5)
    make_edition(city, levels)
    moved = "A1"
    assert within_area(city, "street", "A", edition=2) == [
        (edition, f"A{n}")
        for edition in (1, 2)
        for n in range(1, 5)
        if (edition, f"A{n}") != (1, moved)
    ]
    assert (1, moved) in within_area(city, "street", "A", edition=1)
    assert (2, moved) not in within_area(city, "street", "A", edition=1)
