"""What bounces tell: groups, and the border or duty they propose to look at."""

from collections.abc import Sequence

import pytest

from gridmgmt.domain.judging.bounces import (
    Border,
    Bounce,
    Look,
    Matter,
    Proposal,
    report_bounces,
)


def cases(n: int, by: str, ended_with: str | None, **other: object) -> list[Bounce]:
    """So many cases of one kind, each bounced once; numbers differ between calls."""
    facts = {"category": "lamps", "within": "W", "edition": 1, **other}
    first = "-".join(map(str, (by, ended_with, *other.values())))
    return [Bounce(f"{first}-{i}", by, ended_with, **facts) for i in range(n)]  # type: ignore[arg-type]


AT_BORDER = {"area": "007", "other_side": "008", "other_disposer": "B"}
FROM_THERE = {"area": "008", "other_side": "007", "other_disposer": "A"}
DUTY = {"area": "007", "duties": (12,)}

# What was bounced, then what is proposed for the border (None: no such group) and the matter.
LOOKS: dict[str, tuple[Sequence[Bounce], Proposal | None, Proposal | None]] = {
    "9 of 11 ended with the neighbour": (
        [*cases(9, "A", "B", **AT_BORDER), *cases(2, "A", "A", **AT_BORDER)],
        Proposal(Look.BORDER, 9, 11),
        None,
    ),
    "half is not more than half": (
        [*cases(2, "A", "B", **AT_BORDER), *cases(2, "A", "A", **AT_BORDER)],
        None,
        None,
    ),
    "from both sides of a border": (
        [*cases(2, "A", "B", **AT_BORDER), *cases(2, "B", "A", **FROM_THERE)],
        Proposal(Look.BORDER, 4, 4),
        None,
    ),
    "at a border, but a department has them": (
        cases(5, "A", "D", duties=(12,), **AT_BORDER),
        None,
        Proposal(Look.DUTY, 5, 5, "A", "D", (12,)),
    ),
    "the neighbour's responder returned it itself": (
        cases(5, "B", "B", **AT_BORDER),
        None,
        None,
    ),
    "14 of 16 went from a squad to a department": (
        [*cases(14, "A", "D", **DUTY), *cases(2, "A", "A", **DUTY)],
        None,
        Proposal(Look.DUTY, 14, 16, "A", "D", (12,)),
    ),
    "no duty gave them: the street's own office had them": (
        cases(3, "OA", "D"),
        None,
        Proposal(Look.DUTY, 3, 3, "OA", "D", ()),
    ),
    "the duty that gave most of them stands first": (
        [*cases(3, "A", "D", duties=(12,)), *cases(4, "A", "D", duties=(9, 30))],
        None,
        Proposal(Look.DUTY, 7, 7, "A", "D", (9, 30, 12)),
    ),
    "they went to several": (
        [*cases(2, "A", "D"), *cases(2, "A", "E"), *cases(1, "A", "F")],
        None,
        None,
    ),
    "they still wait": ([*cases(4, "A", None), *cases(3, "A", "D")], None, None),
    "two are too few": (cases(2, "A", "B", duties=(12,), **AT_BORDER), None, None),
    "what a border accounts for says nothing about a duty": (
        [*cases(4, "A", "B", duties=(12,), **AT_BORDER), *cases(2, "A", "B", duties=(12,))],
        Proposal(Look.BORDER, 4, 4),
        None,
    ),
    "but the rest of the matter may": (
        [*cases(4, "A", "B", duties=(12,), **AT_BORDER), *cases(3, "A", "D", duties=(12,))],
        Proposal(Look.BORDER, 4, 4),
        Proposal(Look.DUTY, 3, 3, "A", "D", (12,)),
    ),
}


@pytest.mark.parametrize("name", LOOKS)
def test_what_is_proposed_to_be_looked_at(name: str) -> None:
    some, border, matter = LOOKS[name]
    told = report_bounces(some)
    assert [one.proposal for one in told.borders if one.proposal] == (
        [border] if border else []
    )
    assert [one.proposal for one in told.matters] == [matter]


def test_a_case_bounced_twice_is_one_case_and_two_bounces() -> None:
    some = [Bounce("C1", "A", "D", "lamps"), Bounce("C1", "B", "D", "lamps")]
    told = report_bounces(some)
    assert (told.bounces, told.cases) == (2, 1)
    (matter,) = told.matters
    assert (matter.key, matter.cases) == (Matter(None, "lamps"), 1)
    assert matter.bounced_by == {"A": 1, "B": 1}
    assert matter.ended_with == {"D": 1}
    assert matter.is_small


def test_groups_stand_by_size_and_name_both_areas_of_a_border() -> None:
    some = [*cases(1, "A", "B", **AT_BORDER), *cases(3, "B", None, area="9", other_side="8")]
    told = report_bounces(some)
    assert [(one.key, one.cases) for one in told.borders] == [
        (Border("8", "9"), 3),
        (Border("007", "008"), 1),
    ]
    assert told.borders[0].leading is None
    assert told.borders[1].leading == ("B", 1)


def test_a_matter_tells_how_many_of_its_cases_a_border_accounts_for() -> None:
    some = [*cases(4, "A", "B", **AT_BORDER), *cases(2, "A", "B")]
    (matter,) = report_bounces(some).matters
    assert (matter.cases, matter.at_borders) == (6, 4)


def test_no_bounces_make_an_empty_report() -> None:
    told = report_bounces([])
    assert (told.bounces, told.cases, told.borders, told.matters) == (0, 0, (), ())
