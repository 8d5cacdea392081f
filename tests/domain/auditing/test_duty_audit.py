from datetime import date, datetime

from hypothesis import given
from hypothesis import strategies as st

from gridmgmt.domain.areas.surroundings import GroupMember, Surroundings
from gridmgmt.domain.auditing.duty_audit import FindingKind, Whole, audit_duties
from gridmgmt.domain.cases.case import UnroutedReason
from gridmgmt.domain.judging.decision import FORCED_ADJUDICATION, TERRITORIAL_FALLBACK
from gridmgmt.domain.judging.duty_book import DutyBook
from gridmgmt.domain.responsibility.duty import Duty, DutyRole, DutyTarget
from gridmgmt.domain.responsibility.responder import Responder, ResponderKind

DAY = date(2026, 5, 4)
CELLS = {"A1": "A", "A2": "A", "B1": "B", "B2": "B"}
CHAINS = [(("cell", cell), ("street", street)) for cell, street in CELLS.items()]
OFFICE = Responder("OA", ResponderKind.STREET_OFFICE, "街道办", None, None, "street", "A")
CENTRE = Responder("DC", ResponderKind.DISTRICT_CENTRE, "中心")
CATEGORIES = ["E1", "E2", "E3"]


def duty(responder, level, code, only=None, **more):
    named = None if only is None else frozenset([only])
    target = more.pop("target", DutyTarget.AREA)
    role = more.pop("role", DutyRole.DISPOSE)
    return Duty(1, responder, role, target, level, code, named, **more)


def audit(*duties, staff=(OFFICE, CENTRE), zones=(), segments=(), members=()):
    numbered = [Duty(**{**vars(one), "id": n}) for n, one in enumerate(duties, 1)]
    book = DutyBook(numbered, staff, members)
    return audit_duties(book, CHAINS, CATEGORIES, zones, segments, DAY)


def test_without_duties_everything_is_a_hole_and_falls_to_the_fallbacks():
    result = audit()
    assert result.pairs == {FindingKind.HOLE: 12}
    by_office = {one.outcome.falls_to: one for one in result.findings}
    assert by_office["OA",].outcome.fallback == TERRITORIAL_FALLBACK
    assert by_office["OA",].whole == (Whole("street", "A", 2),)
    assert by_office["DC",].outcome.fallback == FORCED_ADJUDICATION
    assert by_office["DC",].whole == (Whole("street", "B", 2),)
    assert all(one.categories == ("E1", "E2", "E3") for one in result.findings)


def test_where_each_has_one_owner_nothing_is_found():
    result = audit(duty("S1", "street", "A"), duty("S2", "street", "B"))
    assert result.findings == ()
    assert result.pairs == {}


def test_those_who_assist_or_oversee_own_nothing():
    result = audit(
        duty("S1", "street", "A"),
        duty("S2", "street", "B", role=DutyRole.ASSIST),
        duty("S3", "street", "A", role=DutyRole.OVERSEE),
    )
    (found,) = result.findings
    assert (found.outcome.kind, found.whole) == (FindingKind.HOLE, (Whole("street", "B", 2),))


def test_a_more_specific_or_a_named_duty_is_no_double():
    result = audit(
        duty("S1", "street", "A"),
        duty("S2", "street", "B"),
        duty("S3", "cell", "A1"),
        duty("S4", "street", "A", only="E2"),
    )
    assert result.findings == ()


def test_two_of_equal_precedence_are_a_double_with_their_rule():
    result = audit(
        duty("S1", "street", "A"), duty("S3", "street", "A"), duty("S2", "street", "B")
    )
    (found,) = result.findings
    assert found.outcome.kind is FindingKind.DOUBLE
    assert (found.outcome.disposers, found.outcome.rule) == (("S1", "S3"), "area:street")
    assert found.whole == (Whole("street", "A", 2),)
    assert result.pairs == {FindingKind.DOUBLE: 6}


def test_day_and_night_shifts_that_meet_are_neither_double_nor_hole():
    result = audit(
        duty("S1", "street", "A", hours="06:00-22:00"),
        duty("S3", "street", "A", hours="22:00-06:00"),
        duty("S2", "street", "B"),
    )
    assert result.findings == ()


def test_shifts_that_leave_an_hour_open_are_partly_covered_and_name_their_hours():
    result = audit(duty("S1", "cell", "A1", hours="22:00-06:00"), duty("S2", "street", "B"))
    partly, hole = sorted(result.findings, key=lambda one: one.outcome.kind, reverse=True)
    assert partly.outcome.kind is FindingKind.PARTLY
    assert partly.outcome.hours == ("22:00-06:00",)
    assert partly.outcome.falls_to == ("OA",)
    assert partly.leaves == ("A1",)
    assert (hole.outcome.kind, hole.leaves) == (FindingKind.HOLE, ("A2",))


def test_shifts_that_overlap_are_a_double_at_those_hours():
    result = audit(
        duty("S1", "street", "A", hours="06:00-22:30"),
        duty("S3", "street", "A", hours="22:00-06:00"),
        duty("S2", "street", "B"),
    )
    (found,) = result.findings
    assert found.outcome.kind is FindingKind.DOUBLE
    assert found.outcome.hours == ("06:00-22:30", "22:00-06:00")


def test_letters_of_other_days_do_not_count():
    result = audit(
        duty("S1", "street", "A", valid_to=date(2026, 5, 3)),
        duty("S1", "street", "A", valid_from=date(2026, 5, 5)),
        duty("S2", "street", "B", valid_to=DAY),
    )
    assert [one.whole for one in result.findings] == [(Whole("street", "A", 2),)]


def test_a_group_reaches_across_streets():
    members = [GroupMember("G", "cell", "A2"), GroupMember("G", "cell", "B1")]
    result = audit(duty("S1", None, "G", target=DutyTarget.GROUP), members=members)
    leaves = {code for one in result.findings for code in one.leaves}
    assert leaves == {"A1", "B2"}


def test_two_duties_on_one_zone_or_on_zones_that_overlap_are_doubles():
    result = audit(
        duty("S1", None, "Z1", target=DutyTarget.ZONE),
        duty("S2", None, "Z1", only="E1", target=DutyTarget.ZONE),
        duty("S3", None, "Z2", target=DutyTarget.ZONE),
        zones=[("Z1",), ("Z2",), ("Z1", "Z2")],
    )
    (found,) = [one for one in result.findings if one.target is DutyTarget.ZONE]
    assert found.places == ("Z1", "Z2")
    assert found.outcome.disposers == ("S1", "S3")
    assert found.categories == ("E2", "E3")


def test_two_duties_on_one_road_segment_are_a_double():
    result = audit(
        duty("S1", None, "R1", target=DutyTarget.ROAD_SEGMENT),
        duty("S3", None, "R1", target=DutyTarget.ROAD_SEGMENT),
        # Nobody at some hours is no fault here: the areas below answer.
        duty("S1", None, "R3", target=DutyTarget.ROAD_SEGMENT, hours="22:00-06:00"),
        segments=["R1", "R2", "R3"],
    )
    (found,) = [one for one in result.findings if one.target is DutyTarget.ROAD_SEGMENT]
    assert (found.places, found.outcome.disposers) == (("R1",), ("S1", "S3"))


DUTIES = st.builds(
    lambda responder, place, only, hours: duty(responder, *place, only=only, hours=hours),
    st.sampled_from(["S1", "S2", "S3"]),
    st.sampled_from([("cell", "A1"), ("cell", "B2"), ("street", "A"), ("street", "B")]),
    st.sampled_from([None, "E1", "E2"]),
    st.sampled_from([None, "06:00-22:00", "22:00-06:00", "Mo-Fr 08:00-18:00"]),
)


YEAR = st.datetimes(datetime(2026, 5, 4), datetime(2027, 4, 30))  # noqa: DTZ001


@given(st.lists(DUTIES, max_size=6), YEAR)
def test_what_the_audit_passes_is_never_unowned_when_the_case_comes(duties, at):
    numbered = [Duty(**{**vars(one), "id": n}) for n, one in enumerate(duties, 1)]
    book = DutyBook(numbered, [])
    result = audit_duties(book, CHAINS, CATEGORIES, [], [], DAY)
    wrong = {
        (cell, category, one.outcome.kind)
        for one in result.findings
        for category in one.categories
        for cell, street in CELLS.items()
        if cell in one.leaves or street in {whole.code for whole in one.whole}
    }
    for chain in CHAINS:
        for category in CATEGORIES:
            here = (chain[0][1], category)
            kinds = {kind for cell, named, kind in wrong if (cell, named) == here}
            reason = book.decide(Surroundings(chain), category, at).reason
            if reason is UnroutedReason.NO_DISPOSER:
                assert kinds & {FindingKind.HOLE, FindingKind.PARTLY}
            elif reason is UnroutedReason.SEVERAL_DISPOSERS:
                assert FindingKind.DOUBLE in kinds
            else:
                assert FindingKind.HOLE not in kinds


def test_a_whole_city_is_audited_in_few_lines():
    chains = [
        (("cell", f"c{i}"), ("community", f"k{i % 26}"), ("street", f"s{i % 3}"))
        for i in range(1300)
    ]
    categories = [f"E{i}" for i in range(100)]
    shifts = ["06:00-22:00", "22:00-06:00", "Mo-Fr 08:00-18:00", None]
    duties = [
        Duty(i, f"g{i % 193}", DutyRole.DISPOSE, DutyTarget.AREA, "cell", f"c{i}",
             frozenset(categories[:3]), shifts[i % 4])
        for i in range(1300)
    ]  # fmt: skip
    duties += [
        Duty(5000 + i, f"d{i}", DutyRole.DISPOSE, DutyTarget.AREA, "street", f"s{i % 3}",
             frozenset([f"E{i}"]))
        for i in range(100)
    ]  # fmt: skip
    book = DutyBook(duties, [OFFICE, CENTRE])
    result = audit_duties(book, chains, categories, [], [], DAY)
    assert 0 < len(result.findings) < 100
