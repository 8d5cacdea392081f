from hypothesis import given
from hypothesis import strategies as st

from gridmgmt.domain.judging.roster import Roster, cycles, superiors
from gridmgmt.domain.responsibility.responder import Responder, ResponderKind

CODES = "abcde"
SUPERIORS = st.dictionaries(
    st.sampled_from(CODES), st.one_of(st.none(), st.sampled_from(CODES + "x")), max_size=5
)


@given(SUPERIORS)
def test_a_walk_upwards_ends_and_never_meets_anybody_twice(superior_of):
    for code in superior_of:
        path = superiors(code, superior_of)
        assert len(path) == len(set(path))


@given(SUPERIORS)
def test_exactly_those_who_are_above_themselves_are_in_a_circle(superior_of):
    rings = cycles(superior_of)
    inside = [code for ring in rings for code in ring]
    assert len(inside) == len(set(inside))
    assert set(inside) == {code for code in superior_of if code in superiors(code, superior_of)}
    for ring in rings:
        assert ring[0] == min(ring)
        for code, above in zip(ring, [*ring[1:], ring[0]], strict=True):
            assert superior_of[code] == above


def test_somebody_above_himself_is_a_circle_of_one():
    assert cycles({"a": "a"}) == [["a"]]


def test_those_stationed_in_the_first_area_that_has_any_are_found():
    office = ResponderKind.STREET_OFFICE
    roster = Roster(
        [
            Responder("o2", office, "二", None, None, "street", "S1"),
            Responder("o1", office, "一", None, None, "street", "S1"),
            Responder("o3", office, "三", None, None, "district", "D1"),
            Responder("o4", office, "四"),
        ]
    )
    areas = (("cell", "C1"), ("street", "S1"), ("district", "D1"))
    assert roster.stationed(office, areas) == ("o1", "o2")
    assert roster.stationed(office, areas[2:]) == ("o3",)
    assert roster.stationed(office, areas[:1]) == ()
    assert roster.everywhere(office) == ("o4",)


def test_a_circle_stored_long_ago_does_not_hang_the_chain():
    chief = ResponderKind.STREET_CHIEF
    pairs = (("a", "b"), ("b", "a"))
    roster = Roster([Responder(code, chief, code, None, above) for code, above in pairs])
    assert roster.chain(["a"], ()) == ("a", "b")
