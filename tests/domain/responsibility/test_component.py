from hypothesis import given
from hypothesis import strategies as st

from gridmgmt.domain.areas.surroundings import Surroundings
from gridmgmt.domain.responsibility.component import Component, ComponentState, Register, Tie

OWNERS = {"A": "S1", "B": "S2", "C": None, "D": "S1"}


def tie(*components, apart_m=1.0):
    return Register(OWNERS).tie(Surroundings((), components=components, apart_m=apart_m))


def test_a_place_without_components_ties_nothing():
    assert tie() is None


def test_what_cannot_be_told_from_the_nearest_is_judged_with_it():
    assert tie(("A", 2.0), ("B", 3.0)) == Tie(None, ("S1", "S2"))
    assert tie(("A", 2.0), ("B", 3.001)) == Tie("A", ("S1",))


def test_sums_of_millimetres_do_not_slip():
    assert 0.7 + 0.1 < 0.8
    assert tie(("A", 0.7), ("B", 0.8), apart_m=0.1) == Tie(None, ("S1", "S2"))


def test_a_component_of_nobody_known_decides_only_when_it_stands_alone():
    assert tie(("C", 2.0)) == Tie("C", ())
    assert tie(("C", 2.0), ("A", 2.5)) == Tie("A", ("S1",))
    assert tie(("C", 2.0), ("A", 3.5)) == Tie("C", ())


def test_only_a_removed_component_stands_no_more():
    standing = [
        state for state in ComponentState if Component("A", "1", state=state).is_standing
    ]
    assert standing == [one for one in ComponentState if one is not ComponentState.REMOVED]


def test_units_are_asked_owner_first():
    one = Component("A", "1", owner_code="o", maintainer_code="m", manager_code="g")
    assert one.units == ("o", "m", "g")


@given(
    st.lists(st.tuples(st.sampled_from("ABCD"), st.integers(0, 15_000)), min_size=1),
    st.integers(0, 9_000),
)
def test_more_doubt_never_picks_another_owner(found, apart_mm):
    """Where positions are worse known an owner is kept or a person asked, never swapped."""
    near = sorted({code: mm / 1000 for code, mm in found}.items(), key=lambda one: one[::-1])
    sure, unsure = tie(*near, apart_m=0.0), tie(*near, apart_m=apart_mm / 1000)
    assert sure is not None
    assert unsure is not None
    assert set(sure.owners) <= set(unsure.owners)
