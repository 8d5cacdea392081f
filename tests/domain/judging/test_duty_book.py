from dataclasses import replace
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmgmt.domain.areas.surroundings import GroupMember, Surroundings, Zone, ZoneKind
from gridmgmt.domain.cases.case import CaseMark, UnroutedReason
from gridmgmt.domain.judging.decision import Decision, WhyNot
from gridmgmt.domain.judging.duty_book import DutyBook
from gridmgmt.domain.responsibility.component import Register
from gridmgmt.domain.responsibility.duty import Duty, DutyRole, DutyTarget
from gridmgmt.domain.responsibility.responder import Responder, ResponderKind

NOON = datetime(2026, 5, 4, 12, 0)  # noqa: DTZ001 - the wall clock of the bureau
AREAS = (("cell", "C1"), ("community", "K1"), ("street", "S1"), ("district", "D1"))
PLACE = Surroundings(AREAS, zones=("Z1",), road_segments=(("R1", 3.0), ("R2", 9.0)))
MEMBERS = [GroupMember("B1", "community", "K1", date(2026, 1, 1), date(2026, 6, 30))]
ZONES = [Zone("Z1", ZoneKind.VENDOR, "夜市", date(2026, 2, 1), date(2026, 12, 31))]
STAFF = [
    Responder("centre", ResponderKind.DISTRICT_CENTRE, "指挥中心"),
    Responder("office", ResponderKind.STREET_OFFICE, "街道办", None, "centre", "street", "S1"),
    Responder("head", ResponderKind.STREET_CHIEF, "总街长"),
    Responder("chief", ResponderKind.STREET_CHIEF, "镇街街长", None, "head", "street", "S1"),
    Responder("road", ResponderKind.STREET_CHIEF, "路段街长", None, "chief"),
    *(Responder(f"squad{n}", ResponderKind.SQUAD, f"{n}中队") for n in range(10)),
]

TARGETS = {
    "zone": (DutyTarget.ZONE, None, "Z1"),
    "road": (DutyTarget.ROAD_SEGMENT, None, "R1"),
    "farther road": (DutyTarget.ROAD_SEGMENT, None, "R2"),
    "cell": (DutyTarget.AREA, "cell", "C1"),
    "group": (DutyTarget.GROUP, None, "B1"),
    "community": (DutyTarget.AREA, "community", "K1"),
    "street": (DutyTarget.AREA, "street", "S1"),
    "district": (DutyTarget.AREA, "district", "D1"),
    "elsewhere": (DutyTarget.AREA, "cell", "C2"),
}


def duty(on, responder="squad1", role=DutyRole.DISPOSE, only=None, **more):
    """A duty on one of TARGETS; ``only`` is the one category it names."""
    target, level, code = TARGETS[on]
    number = more.pop("number", 1)
    named = None if only is None else frozenset([only])
    return Duty(number, responder, role, target, level, code, named, **more)


def decide(duties, *, surroundings=PLACE, category="E1", at=NOON, known=True, staff=STAFF):
    numbered = [Duty(**{**vars(one), "id": n}) for n, one in enumerate(duties, 1)]
    book = DutyBook(numbered, staff, MEMBERS, ZONES)
    return book.decide(surroundings, category, at, category_known=known)


def test_a_case_in_a_vendor_zone_is_marked_on_the_days_of_the_zone() -> None:
    marks = [decide([], at=NOON.replace(month=month)).marks for month in (1, 5)]
    assert marks == [(), (CaseMark.VENDOR_ZONE,)]
    assert decide([], surroundings=Surroundings(AREAS)).marks == ()


def test_a_mark_changes_nothing_about_who_has_the_case() -> None:
    inside, outside = (
        decide([duty("cell")], surroundings=surroundings)
        for surroundings in (PLACE, Surroundings(AREAS))
    )
    assert (inside.responder, inside.rule) == (outside.responder, outside.rule)
    assert Decision.from_json(inside.to_json()) == inside
    assert "marks" not in outside.to_json()


@pytest.mark.parametrize(
    ("kind", "named", "category", "known", "marked"),
    [
        (ZoneKind.VENDOR, None, "E1", True, True),
        (ZoneKind.VENDOR, frozenset({"E1"}), "E1", True, True),
        (ZoneKind.VENDOR, frozenset({"E2"}), "E1", True, False),
        # A category that nobody mapped is none of those that a zone names.
        (ZoneKind.VENDOR, frozenset({"E1"}), "E1", False, False),
        (ZoneKind.VENDOR, None, "E1", False, True),
        (ZoneKind.DEMOLITION, None, "E1", True, False),
    ],
)
def test_a_vendor_zone_marks_what_its_exception_is_about(
    kind: ZoneKind, named: frozenset[str] | None, category: str, known: bool, marked: bool
) -> None:
    book = DutyBook([], STAFF, MEMBERS, [Zone("Z1", kind, "夜市", categories=named)])
    found = book.decide(PLACE, category, NOON, category_known=known)
    assert bool(found.marks) == marked


LADDER = ["zone", "road", "cell", "group", "community", "street", "district"]
RULES = ["zone", "road_segment", "area:cell", "group", "area:community", "area:street"]
RULES += ["area:district"]


@pytest.mark.parametrize("step", range(len(LADDER)))
def test_the_more_specific_target_goes_first(step):
    duties = [duty(on, f"squad{n}") for n, on in enumerate(LADDER)][step:]
    decision = decide(reversed(duties))
    assert decision.responder == f"squad{step}"
    assert decision.rule == RULES[step]
    assert decision.fallback is None


@pytest.mark.parametrize("step", range(len(LADDER)))
def test_specific_targets_go_first_even_before_a_named_category_on_the_next(step):
    named = [duty(on, "squad9", only="E1") for on in LADDER[step + 1 :]]
    decision = decide([*named, duty(LADDER[step], "squad1")])
    assert decision.responder == "squad1"


# fmt: off
ONE_OWNER = [
    # what is stated                                          who disposes   by which rule
    # nobody's duty: the street's own office
    ([],                                          "office",      "territorial_fallback"),
    # a named category goes before all categories
    ([duty("street", "squad1"), duty("street", "squad2", only="E1")],
                                                  "squad2",      "area:street"),
    # one for another category is no rival
    ([duty("street", "squad1"), duty("street", "squad2", only="E2")],
                                                  "squad1",      "area:street"),
    # the same responder twice is one owner
    ([duty("cell", "squad1"), duty("cell", "squad1", letter_no="17")],
                                                  "squad1",      "area:cell"),
    # only the nearest road segment counts
    ([duty("farther road", "squad1"), duty("street", "squad2")],
                                                  "squad2",      "area:street"),
    # a department for one category in the district, a squad in the street for the others
    ([duty("district", "squad1", only="E1"), duty("street", "squad2", only="E2")],
                                                  "squad1",      "area:district"),
    # assisting and overseeing are not disposing
    ([duty("cell", "squad1", DutyRole.ASSIST), duty("cell", "chief", DutyRole.OVERSEE)],
                                                  "office",      "territorial_fallback"),
    # a letter that ended yesterday
    ([duty("cell", "squad1", valid_to=date(2026, 5, 3)), duty("street", "squad2")],
                                                  "squad2",      "area:street"),
    # a letter that ends today holds today
    ([duty("cell", "squad1", valid_to=date(2026, 5, 4)), duty("street", "squad2")],
                                                  "squad1",      "area:cell"),
    # a letter that begins tomorrow
    ([duty("cell", "squad1", valid_from=date(2026, 5, 5)), duty("street", "squad2")],
                                                  "squad2",      "area:street"),
    # a letter that begins today
    ([duty("cell", "squad1", valid_from=date(2026, 5, 4)), duty("street", "squad2")],
                                                  "squad1",      "area:cell"),
    # night duty at noon
    ([duty("cell", "squad1", hours="22:00-06:00"), duty("street", "squad2")],
                                                  "squad2",      "area:street"),
]
# fmt: on


@pytest.mark.parametrize(("duties", "responder", "rule"), ONE_OWNER)
def test_one_responder_disposes(duties, responder, rule):
    decision = decide(duties)
    assert (decision.responder, decision.reason, decision.rule) == (responder, None, rule)


NIGHT = [
    # local time            on duty at night?
    ("2026-05-04T21:59:59", False),
    ("2026-05-04T22:00:00", True),
    ("2026-05-04T23:59:59", True),
    ("2026-05-05T00:01:00", True),
    ("2026-05-05T05:59:59", True),
    ("2026-05-05T06:00:00", False),  # the last minute is 05:59
]


@pytest.mark.parametrize(("at", "on_duty"), NIGHT)
def test_night_duty_runs_past_midnight_and_ends_on_the_minute(at, on_duty):
    duties = [duty("cell", "squad1", hours="22:00-06:00"), duty("street", "squad2")]
    decision = decide(duties, at=datetime.fromisoformat(at))
    assert decision.responder == ("squad1" if on_duty else "squad2")
    assert decision.considered[0].why_not == (None if on_duty else WhyNot.OUTSIDE_HOURS)


def test_the_nearest_road_segment_counts_even_where_nobody_answers_for_it():
    surroundings = Surroundings(AREAS, road_segments=(("R9", 1.0), ("R1", 2.0)))
    decision = decide(
        [duty("road", "squad1"), duty("street", "squad2")], surroundings=surroundings
    )
    assert decision.responder == "squad2"
    assert decision.considered[0].why_not is WhyNot.NEARER_ROAD_SEGMENT


def test_two_disposers_in_one_class_go_to_a_person():
    decision = decide(
        [duty("cell", "squad2"), duty("cell", "squad1"), duty("street", "squad3")]
    )
    assert decision.responder is None
    assert decision.reason is UnroutedReason.SEVERAL_DISPOSERS
    assert decision.disposers == ("squad1", "squad2")
    assert decision.rule == "area:cell"
    assert decision.duty_ids == (1, 2)


def test_day_and_night_squads_on_one_cell_are_never_two_disposers():
    duties = [
        duty("cell", "squad1", hours="06:00-22:00"),
        duty("cell", "squad2", hours="22:00-06:00"),
    ]
    assert decide(duties).responder == "squad1"
    assert decide(duties, at=datetime(2026, 5, 4, 2)).responder == "squad2"  # noqa: DTZ001


def test_an_unknown_category_sees_only_duties_for_all_categories():
    duties = [duty("cell", "squad1", only="E1"), duty("street", "squad2")]
    assert decide(duties, known=True).responder == "squad1"
    assert decide(duties, known=False).responder == "squad2"


def test_without_an_office_the_district_centre_decides():
    staff = [one for one in STAFF if one.code != "office"]
    decision = decide([], staff=staff)
    assert decision.responder == "centre"
    assert decision.rule == decision.fallback == "forced_adjudication"


def test_with_nobody_at_all_the_case_has_no_disposer():
    staff = [one for one in STAFF if one.code not in ("office", "centre")]
    decision = decide([], staff=staff)
    assert decision.reason is UnroutedReason.NO_DISPOSER
    assert decision.rule is None


def test_two_street_offices_in_one_street_are_two_disposers():
    other = Responder("office2", ResponderKind.STREET_OFFICE, "二", None, None, "street", "S1")
    decision = decide([], staff=[*STAFF, other])
    assert decision.disposers == ("office", "office2")
    assert decision.fallback == "territorial_fallback"


def test_the_deepest_office_answers():
    deeper = Responder(
        "k", ResponderKind.STREET_OFFICE, "居委会", None, None, "community", "K1"
    )
    assert decide([], staff=[*STAFF, deeper]).responder == "k"


def test_an_unlocated_case_is_not_routed():
    decision = decide([duty("district")], surroundings=None)
    assert decision == Decision(None, UnroutedReason.UNLOCATED)


# fmt: off
CHAINS = [
    # overseeing duties                                       the chain
    # on the road segment: 路段街长 → 镇街街长 → 总街长
    ([duty("road", "road", DutyRole.OVERSEE)],         ("road", "chief", "head")),
    # a duty of one already in the chain adds nothing
    ([duty("road", "road", DutyRole.OVERSEE), duty("street", "chief", DutyRole.OVERSEE)],
                                                  ("road", "chief", "head")),
    # the nearer chief goes first although stated last
    ([duty("street", "head", DutyRole.OVERSEE), duty("road", "road", DutyRole.OVERSEE)],
                                                  ("road", "chief", "head")),
    # superiors follow at once, a farther overseer comes after them
    ([duty("cell", "squad4", DutyRole.OVERSEE), duty("road", "road", DutyRole.OVERSEE)],
                                                  ("road", "chief", "head", "squad4")),
    # nobody has a duty to oversee: the chief of the area, and his superiors
    ([],                                          ("chief", "head")),
    # a chief on duty only at night does not oversee at noon: the area's chief does
    ([duty("road", "road", DutyRole.OVERSEE, hours="22:00-06:00")],
                                                  ("chief", "head")),
]
# fmt: on


@pytest.mark.parametrize(("duties", "chain"), CHAINS)
def test_overseers_form_a_chain_without_repeats(duties, chain):
    assert decide(duties).overseers == chain


def test_superiors_who_are_no_chiefs_stay_out_of_the_chain():
    staff = [*STAFF, Responder("lone", ResponderKind.STREET_CHIEF, "街长", None, "office")]
    assert decide([duty("road", "lone", DutyRole.OVERSEE)], staff=staff).overseers == ("lone",)


def test_assistants_are_all_who_assist_except_the_one_who_disposes():
    duties = [
        duty("street", "squad3", DutyRole.ASSIST),
        duty("cell", "squad2", DutyRole.ASSIST),
        duty("zone", "squad1", DutyRole.ASSIST),
        duty("cell", "squad1"),
    ]
    assert decide(duties).assistants == ("squad2", "squad3")


def test_a_group_counts_only_while_the_area_belongs_to_it():
    inside = decide([duty("group")], at=datetime(2026, 6, 30, 23, 59))  # noqa: DTZ001
    after = decide([duty("group")], at=datetime(2026, 7, 1, 0, 0))  # noqa: DTZ001
    assert (inside.rule, after.rule) == ("group", "territorial_fallback")


def test_a_zone_counts_only_on_its_days_and_the_trace_says_so():
    before = decide([duty("zone")], at=datetime(2026, 1, 31, 12))  # noqa: DTZ001
    after = decide([duty("zone")], at=datetime(2027, 1, 1, 0))  # noqa: DTZ001
    assert before.fallback == after.fallback == "territorial_fallback"
    assert before.considered[0].why_not is WhyNot.ZONE_NOT_YET_VALID
    assert after.considered[0].why_not is WhyNot.ZONE_EXPIRED


# fmt: off
NEAR_MISSES = [
    (duty("cell", valid_to=date(2026, 5, 3)),    WhyNot.EXPIRED),
    (duty("cell", valid_from=date(2026, 5, 5)),  WhyNot.NOT_YET_VALID),
    (duty("cell", hours="22:00-06:00"),          WhyNot.OUTSIDE_HOURS),
    (duty("farther road"),                       WhyNot.NEARER_ROAD_SEGMENT),
    (duty("zone", only="E2"),                    WhyNot.OTHER_CATEGORY),
    (duty("cell"),                               None),
]
# fmt: on


@pytest.mark.parametrize(("stated", "why_not"), NEAR_MISSES)
def test_the_trace_says_why_a_duty_on_the_place_does_not_apply(stated, why_not):
    (considered,) = decide([stated]).considered
    assert (considered.applies, considered.why_not) == (why_not is None, why_not)


def test_the_trace_leaves_out_what_says_nothing():
    duties = [
        duty("elsewhere"),
        duty("district", only="E2"),
        duty("cell", "squad1", valid_to=date(2025, 12, 31), letter_no="2025-1"),
        duty("cell", "squad1", valid_from=date(2026, 1, 1), letter_no="2026-1"),
    ]
    assert [one.letter_no for one in decide(duties).considered] == ["2026-1"]


DUTIES = st.builds(
    lambda on, responder, role, only, hours, days: duty(
        on, responder, role, only, hours=hours, valid_from=days[0], valid_to=days[1]
    ),
    st.sampled_from([name for name in TARGETS if name != "elsewhere"]),
    st.sampled_from([one.code for one in STAFF]),
    st.sampled_from(DutyRole),
    st.sampled_from([None, "E1", "E2"]),
    st.sampled_from([None, "22:00-06:00", "Mo-Fr 08:00-18:00"]),
    st.sampled_from([(None, None), (date(2026, 5, 4), None), (None, date(2026, 5, 3))]),
)
TIMES = st.datetimes(datetime(2025, 12, 1), datetime(2027, 2, 1))  # noqa: DTZ001


@given(st.lists(DUTIES, max_size=8), TIMES, st.booleans(), st.sampled_from(["E1", "E2", "X"]))
def test_exactly_one_of_responder_and_reason_and_the_trace_survives_json(
    duties, at, known, category
):
    decision = decide(duties, at=at, known=known, category=category)
    assert (decision.responder is None) != (decision.reason is None)
    assert (decision.reason is UnroutedReason.SEVERAL_DISPOSERS) == (
        len(decision.disposers) > 1
    )
    assert Decision.from_json(decision.to_json()) == decision


@given(st.lists(DUTIES, max_size=8), st.sampled_from(STAFF), TIMES)
def test_an_unrelated_duty_never_changes_a_decision(duties, responder, at):
    unrelated = duty("elsewhere", responder.code)
    assert decide([*duties, unrelated], at=at) == decide(duties, at=at)


@given(st.lists(DUTIES, max_size=8), TIMES, TIMES)
def test_what_was_decided_before_does_not_colour_the_next_decision(duties, at, other):
    numbered = [Duty(**{**vars(one), "id": n}) for n, one in enumerate(duties, 1)]
    book = DutyBook(numbered, STAFF, MEMBERS, ZONES)
    book.decide(PLACE, "E1", other)
    assert book.decide(PLACE, "E1", at) == decide(duties, at=at)


def test_one_book_tells_the_last_day_from_the_day_after():
    dated = duty("cell", valid_from=date(2026, 5, 4), valid_to=date(2026, 5, 5))
    book = DutyBook([dated], STAFF, MEMBERS, ZONES)
    rules = [
        book.decide(PLACE, "E1", datetime(2026, 5, day, 12)).rule  # noqa: DTZ001
        for day in (3, 4, 5, 6)
    ]
    assert rules == ["territorial_fallback", "area:cell", "area:cell", "territorial_fallback"]


def test_a_place_survives_json():
    assert Surroundings.from_json(PLACE.to_json()) == PLACE


def test_the_owner_of_a_component_goes_before_everything_the_duties_say():
    register = Register({"K1": "S9", "K2": None})
    book = DutyBook([], STAFF, MEMBERS, ZONES, register)
    tied = replace(PLACE, components=(("K1", 1.0),))
    decision = book.decide(tied, "E1", NOON)
    assert (decision.responder, decision.rule, decision.component) == ("S9", "component", "K1")
    unowned = replace(PLACE, components=(("K2", 1.0),))
    plain = book.decide(PLACE, "E1", NOON)
    told = book.decide(unowned, "E1", NOON)
    assert told == replace(plain, component="K2")


def test_a_place_and_a_decision_with_components_go_through_json():
    surroundings = replace(PLACE, components=(("K1", 1.25), ("K2", 2.0)), apart_m=3.0)
    assert Surroundings.from_json(surroundings.to_json()) == surroundings
    assert "components" not in PLACE.to_json()
    decision = Decision("S9", None, rule="component", component="K1")
    assert Decision.from_json(decision.to_json()) == decision
