from collections import Counter
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from gridmgmt.domain.areas.area import Chain
from gridmgmt.domain.areas.surroundings import GroupMember
from gridmgmt.domain.auditing.duty_audit import DutyAudit, FindingKind, audit_duties
from gridmgmt.domain.auditing.duty_matrix import DutyMatrix
from gridmgmt.domain.judging.duty_book import DutyBook
from gridmgmt.domain.responsibility.duty import Duty, DutyRole, DutyTarget
from gridmgmt.domain.responsibility.responder import Responder, ResponderKind

DAY = date(2026, 5, 4)
CATEGORIES = ["E1", "E2", "E3"]
CHAINS: dict[str, Chain] = {
    cell: (("cell", cell), ("street", cell[0])) for cell in ("A1", "A2", "B1", "B2", "B3")
}
RESPONDERS = [
    *(Responder(code, ResponderKind.SQUAD, code) for code in ("S1", "S2", "S3")),
    Responder("OA", ResponderKind.STREET_OFFICE, "OA", None, None, "street", "A"),
]
MEMBERS = [GroupMember("G", "cell", "A2"), GroupMember("G", "street", "B", None, DAY)]


def duty(number: int, responder: str, level: str, code: str, **other: object) -> Duty:
    named = other.pop("categories", None)
    categories = None if named is None else frozenset(named)  # type: ignore[arg-type]
    role = other.pop("role", DutyRole.DISPOSE)
    return Duty(number, responder, role, DutyTarget.AREA, level, code, categories, **other)  # type: ignore[arg-type]


def matrix(duties: list[Duty]) -> DutyMatrix:
    return DutyMatrix(DutyBook(duties, RESPONDERS, MEMBERS), CHAINS, DAY)


def test_the_cell_goes_before_the_street_and_a_named_category_before_all() -> None:
    judged = matrix(
        [
            duty(1, "S1", "street", "A"),
            duty(2, "S2", "cell", "A1"),
            duty(3, "S3", "street", "A", categories=["E1"]),
        ]
    )
    assert judged.verdict("A1", "E1").disposers == ("S2",)
    assert judged.verdict("A2", "E1").disposers == ("S3",)
    assert judged.verdict("A2", "E2").disposers == ("S1",)


def test_where_no_duty_is_an_office_answers_and_is_no_disposer() -> None:
    judged = matrix([])
    here, there = judged.verdict("A1", "E1"), judged.verdict("B1", "E1")
    assert (here.disposers, here.falls_to) == ((), ("OA",))
    assert here.kinds == there.kinds == {FindingKind.HOLE}
    assert there.falls_to == ()


def test_a_cell_sums_up_who_disposes_of_how_much_and_what_is_at_fault() -> None:
    judged = matrix(
        [
            duty(1, "S1", "street", "A"),
            duty(2, "S2", "street", "B", categories=["E1"]),
            duty(3, "S3", "cell", "B1", categories=["E2"], hours="08:00-18:00"),
            duty(4, "S1", "street", "B", categories=["E3"]),
            duty(5, "S2", "street", "B", categories=["E3"]),
        ]
    )
    found = judged.cell(["A1", "A2", "B1"], CATEGORIES)
    assert found.pairs == 9
    assert list(found.disposers.items()) == [("S1", 7), ("S2", 2), ("S3", 1)]
    assert found.kinds == {FindingKind.PARTLY: 1, FindingKind.DOUBLE: 1}
    assert judged.cell([], CATEGORIES).pairs == 0


duties = st.lists(
    st.builds(
        dict,
        responder_code=st.sampled_from(["S1", "S2", "S3"]),
        role=st.sampled_from(
            [DutyRole.DISPOSE, DutyRole.DISPOSE, DutyRole.ASSIST, DutyRole.OVERSEE]
        ),
        place=st.sampled_from(
            [
                *((DutyTarget.AREA, "cell", cell) for cell in CHAINS),
                (DutyTarget.AREA, "street", "A"),
                (DutyTarget.AREA, "street", "B"),
                (DutyTarget.GROUP, None, "G"),
            ]
        ),
        categories=st.none() | st.frozensets(st.sampled_from(CATEGORIES), min_size=1),
        hours=st.sampled_from([None, None, "08:00-18:00", "18:00-08:00", "Mo-Fr 09:00-12:00"]),
        valid=st.sampled_from(
            [(None, None), (None, DAY), (DAY, None), (date(2026, 6, 1), None)]
        ),
    ),
    max_size=12,
)


@given(duties)
def test_matrix_and_audit_tell_the_same_holes_and_doubles(
    drawn: list[dict[str, object]],
) -> None:
    given_duties = [
        Duty(i, one["responder_code"], one["role"], *one["place"], one["categories"],  # type: ignore[arg-type, misc]
             one["hours"], *one["valid"])  # type: ignore[arg-type, misc]
        for i, one in enumerate(drawn, start=1)
    ]  # fmt: skip
    book = DutyBook(given_duties, RESPONDERS, MEMBERS)
    audit = audit_duties(book, list(CHAINS.values()), CATEGORIES, [], [], DAY)
    judged = DutyMatrix(DutyBook(given_duties, RESPONDERS, MEMBERS), CHAINS, DAY)
    told = Counter(
        (kind, leaf, category)
        for leaf in CHAINS
        for category in CATEGORIES
        for kind in judged.verdict(leaf, category).kinds
    )
    assert set(told) == _found(audit)
    every = judged.cell(CHAINS, CATEGORIES)
    assert every.pairs == audit.areas * audit.categories
    # Two rivalries at different hours are two findings of one pair.
    assert {k: v for k, v in every.kinds.items() if k is not FindingKind.DOUBLE} == {
        k: v for k, v in audit.pairs.items() if v and k is not FindingKind.DOUBLE
    }


def _found(audit: DutyAudit) -> set[tuple[FindingKind, str, str]]:
    """Say every finding for each leaf area and category by itself."""
    found = set()
    for one in audit.findings:
        whole = {(area.level, area.code) for area in one.whole}
        leaves = {leaf for leaf, chain in CHAINS.items() if whole & set(chain)}
        found |= {
            (one.outcome.kind, leaf, category)
            for leaf in leaves | set(one.leaves)
            for category in one.categories
        }
    return found
