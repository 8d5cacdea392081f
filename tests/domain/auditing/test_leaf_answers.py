"""Who answers in a leaf area, whatever the category and the hour."""

from datetime import date

from gridmgmt.domain.auditing.leaf_answers import LeafAnswering, RoleHolder
from gridmgmt.domain.judging.duty_book import DutyBook
from gridmgmt.domain.responsibility.duty import Duty, DutyRole, DutyTarget
from gridmgmt.domain.responsibility.responder import Responder, ResponderKind

DAY = date(2026, 6, 1)
A1 = (("cell", "A1"), ("street", "A"))
A2 = (("cell", "A2"), ("street", "A"))


def answering() -> LeafAnswering:
    def duty(number: int, who: str, cell: str, **more: object) -> Duty:
        role = DutyRole(str(more.pop("role", DutyRole.DISPOSE)))
        on = DutyTarget.AREA, "cell", cell
        return Duty(number, who, role, *on, more.pop("only", None), **more)  # type: ignore[arg-type]

    people = [Responder(code, ResponderKind.SQUAD, code) for code in ("S1", "S2", "S3")]
    office = Responder("OA", ResponderKind.STREET_OFFICE, "OA", None, None, "street", "A")
    chief = Responder("CA", ResponderKind.STREET_CHIEF, "CA", None, None, "street", "A")
    duties = [
        duty(1, "S1", "A1", only=frozenset({"E1"})),
        duty(2, "S2", "A1", only=frozenset({"E2"}), hours="08:00-18:00"),
        duty(3, "S3", "A1", role=DutyRole.ASSIST),
        duty(4, "S3", "A1", valid_to=date(2026, 5, 31)),
    ]
    return LeafAnswering(DutyBook(duties, [*people, office, chief]), ["E1", "E2"], DAY)


def test_all_count_who_answer_for_any_category_at_any_hour() -> None:
    found = answering().at(A1)
    assert found.who == {
        RoleHolder("S1", DutyRole.DISPOSE),
        RoleHolder("S2", DutyRole.DISPOSE),
        RoleHolder("OA", DutyRole.DISPOSE),
        RoleHolder("S3", DutyRole.ASSIST),
        RoleHolder("CA", DutyRole.OVERSEE),
    }
    # By night only the office is left.
    assert found.uncovered == {"E2"}
    assert [one.id for one in answering().duties(A1)] == [1, 2]


def test_where_no_duty_points_the_office_answers() -> None:
    found = answering().at(A2)
    assert {one.responder for one in found.who} == {"OA", "CA"}
    assert found.uncovered == {"E1", "E2"}
    assert answering().duties(A2) == []
