"""Two sides' changes of one city put together: all of both, or what both changed is told."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import mapping

from gridmgmt.domain.areas.allowed_gaps import AllowedGap, gaps_of, with_gaps
from gridmgmt.geometry.editing import operations as ops
from gridmgmt.geometry.editing.edit_error import EditError
from gridmgmt.geometry.editing.edit_state import EditState
from gridmgmt.geometry.editing.edits import apply, changed_codes, compared
from gridmgmt.geometry.editing.operations import EditRules, Operation
from gridmgmt.geometry.editing.outline import degrees, rings_of
from gridmgmt.geometry.merging.divergence import Diverged, Take, Versions
from gridmgmt.geometry.merging.merging import merged
from tests.geometry.editing.cities import BORDER_M, RULES, city
from tests.geometry.editing.test_edits import FOUR, assert_sound, corner

Seen = dict[tuple[str, str], tuple[object, ...]]


def done(state: EditState, *operations: Operation, who: str = "m") -> EditState:
    def new_codes(level: str, parent: str | None, count: int) -> list[str]:
        used = sum(1 for code in state.codes(level) if f"-{who}" in code)
        return [f"{parent}-{who}{used + n}" for n in range(1, count + 1)]

    for one in operations:
        state = apply(state, one, EditRules(BORDER_M, new_codes, RULES.attributes)).state
    return state


def seen(state: EditState, base: EditState, *others: EditState) -> Seen:
    """What differs from the base in any state: names, parents, grounds, attributes."""
    found = {}
    for level in base.levels:
        codes = {c for one in (state, *others) for c in changed_codes(base, one, level)}
        for code in codes:
            area = state.get(level, code)
            if area is not None:
                ground = tuple(map(tuple, area.chain.ends.tolist()))
                values = tuple(area.attributes.items())
                found[level, code] = (area.name, area.parent_code, ground, values)
    return found


def vertex_of(state: EditState, code: str, n: int) -> ops.LonLat:
    lon, lat = degrees(rings_of(state.area("cell", code).outline)[0][n]).tolist()
    return lon, lat


def moved(at: ops.LonLat, east: float, north: float = 0.0) -> ops.MoveVertex:
    return ops.MoveVertex("cell", at, (at[0] + east, at[1] + north))


def test_two_moves_at_different_borders_of_one_area_are_both_kept() -> None:
    base = city()
    ring = rings_of(base.area("cell", FOUR[0]).outline)[0]
    first, second = vertex_of(base, FOUR[0], 0), vertex_of(base, FOUR[0], len(ring) // 2)
    mine, theirs = (
        done(base, moved(first, 1e-6)),
        done(base, moved(second, 0.0, 1e-6)),
    )
    found = merged(base, mine, theirs)
    assert not found.divergences
    both = done(base, moved(first, 1e-6), moved(second, 0.0, 1e-6))
    assert seen(found.state, base, both) == seen(both, base, found.state)


def test_one_corner_moved_to_two_places_is_told_with_all_three_borders() -> None:
    base = city()
    at = corner(base, FOUR)
    mine, theirs = done(base, moved(at, 4e-6)), done(base, moved(at, -3e-6))
    found = merged(base, mine, theirs)
    [told] = [one for one in found.divergences if one.level == "cell"]
    assert told.matter is Diverged.BORDER
    assert told.codes == tuple(sorted(FOUR))
    assert told.borders is not None
    for lines, place in (
        (told.borders.base, at),
        (told.borders.mine, (at[0] + 4e-6, at[1])),
        (told.borders.theirs, (at[0] - 3e-6, at[1])),
    ):
        assert shapely.distance(lines, shapely.Point(place)) < 1e-9
    assert told.borders.mine_m2 > told.borders.theirs_m2 > 0
    # Nothing was said, so the state has theirs.
    assert seen(found.state, base, theirs) == seen(theirs, base, found.state)


@pytest.mark.parametrize("take", Take)
def test_whose_border_is_taken_stands_at_all_levels(take: Take) -> None:
    base = city()
    at = corner(base, FOUR)
    far = vertex_of(base, "S0C0N00", 0)
    mine, theirs = (
        done(base, moved(at, 4e-6), moved(far, 2e-6, 2e-6)),
        done(base, moved(at, -3e-6)),
    )
    found = merged(base, mine, theirs, take)
    assert not found.divergences
    east = 4e-6 if take is Take.MINE else -3e-6
    both = done(base, moved(at, east), moved(far, 2e-6, 2e-6))
    assert seen(found.state, base, both) == seen(both, base, found.state)
    assert_sound(found.state)


def test_the_same_change_by_both_is_no_conflict() -> None:
    base = city()
    at = corner(base, FOUR)
    mine = done(base, moved(at, 4e-6), ops.Rename("cell", FOUR[0], "x"))
    theirs = done(base, moved(at, 4e-6), ops.Rename("cell", FOUR[1], "y"))
    found = merged(base, mine, theirs)
    assert not found.divergences
    both = done(base, moved(at, 4e-6), ops.Rename("cell", FOUR[0], "x"))
    both = done(both, ops.Rename("cell", FOUR[1], "y"))
    assert seen(found.state, base, both) == seen(both, base, found.state)


def test_a_name_and_a_border_of_one_area_are_both_kept() -> None:
    base = city()
    at = corner(base, FOUR)
    mine = done(base, ops.Rename("cell", FOUR[0], "x"))
    theirs = done(base, moved(at, 4e-6))
    found = merged(base, mine, theirs)
    assert not found.divergences
    area = found.state.area("cell", FOUR[0])
    assert area.name == "x"
    assert area.outline is theirs.area("cell", FOUR[0]).outline


def test_two_names_of_one_area_are_told() -> None:
    base = city()
    mine, theirs = (done(base, ops.Rename("cell", FOUR[0], name)) for name in ("x", "y"))
    [told] = merged(base, mine, theirs).divergences
    assert (told.matter, told.codes) == (Diverged.NAME, (FOUR[0],))
    assert told.values is not None
    assert (told.values.base, told.values.mine, told.values.theirs) == (FOUR[0], "x", "y")
    for take, name in ((Take.MINE, "x"), (Take.THEIRS, "y")):
        taken = merged(base, mine, theirs, take)
        assert (taken.divergences, taken.state.area("cell", FOUR[0]).name) == ((), name)


def test_attributes_of_an_area_are_put_together_one_by_one() -> None:
    base = done(city(), ops.SetAttributes("cell", FOUR[:3], {"grade": 1}))
    graded = ops.SetAttributes("cell", FOUR[:2], {"grade": 2})
    mine = done(base, graded)
    theirs = done(base, ops.Rename("cell", FOUR[0], "x"))
    found = merged(base, mine, theirs)
    assert not found.divergences
    area = found.state.area("cell", FOUR[0])
    assert (area.name, area.attributes) == ("x", {"grade": 2})
    # What one took away is told where the other changed it, and is taken with its side.
    theirs = done(theirs, ops.SetAttributes("cell", FOUR[1:3], {"grade": None}))
    [told] = merged(base, mine, theirs).divergences
    assert (told.matter, told.codes) == (Diverged.ATTRIBUTE, (FOUR[1],))
    assert told.values is not None
    values = (told.values.base, told.values.mine, told.values.theirs)
    assert values == ("grade=1", "grade=2", None)
    for take, left in ((Take.MINE, {"grade": 2}), (Take.THEIRS, {})):
        taken = merged(base, mine, theirs, take).state
        assert taken.area("cell", FOUR[1]).attributes == left
        assert taken.area("cell", FOUR[2]).attributes == {}


def test_numbers_that_differ_in_their_last_digits_are_two_values() -> None:
    base = city()
    mine, theirs = (
        done(base, ops.SetAttributes("cell", FOUR[:1], {"grade": one}))
        for one in (1.00000000000001, 1.00000000000002)
    )
    [told] = merged(base, mine, theirs).divergences
    assert told.values is not None
    values = (told.values.mine, told.values.theirs)
    assert values == ("grade=1.00000000000001", "grade=1.00000000000002")
    taken = merged(base, mine, theirs, Take.MINE).state.area("cell", FOUR[0])
    assert taken.attributes == {"grade": 1.00000000000001}


LAKE, POND, OTHER_POND = gaps_of(
    with_gaps(
        {},
        [
            AllowedGap(name, "水面", mapping(shapely.box(n, 0, n + 0.5, 1)))
            for n, name in enumerate(("湖", "池塘", "池塘"))
        ],
    )
)


def allowing(state: EditState, *gaps: AllowedGap) -> EditState:
    area = state.area("community", "S0C0")
    return state.having([replace(area, attributes=with_gaps({"grade": 1}, gaps))])


def allowed(state: EditState) -> list[AllowedGap]:
    return gaps_of(state.area("community", "S0C0").attributes)


@pytest.mark.parametrize("take", [None, *Take])
def test_gaps_that_two_sides_allow_in_one_area_are_all_kept(take: Take | None) -> None:
    base = allowing(city(), LAKE)
    found = merged(base, allowing(base, LAKE, POND), allowing(base, OTHER_POND), take)
    assert not found.divergences
    # A gap of the same name is another gap; what one side forbade is gone.
    assert allowed(found.state) == [POND, OTHER_POND]


def test_gaps_on_the_same_ground_are_told_unless_both_say_the_same_of_them() -> None:
    base = allowing(city(), LAKE)
    fished = replace(LAKE, reason="鱼塘")
    mine = allowing(base, fished, POND)
    assert merged(base, mine, mine).divergences == ()
    assert allowed(merged(base, mine, allowing(base, fished)).state) == [POND, fished]
    for theirs in ([], [replace(LAKE, name="西湖")]):
        other = allowing(base, *theirs, OTHER_POND)
        [told] = merged(base, mine, other).divergences
        assert (told.matter, told.attribute) == (Diverged.ATTRIBUTE, "gaps")
        # Whose version is taken stands on that ground; elsewhere both do.
        for take, left in ((Take.MINE, [fished]), (Take.THEIRS, theirs)):
            state = merged(base, mine, other, take).state
            assert sorted(map(str, allowed(state))) == sorted(
                map(str, [*left, POND, OTHER_POND])
            )


def test_an_area_that_one_side_merged_away_and_the_other_renamed_is_told() -> None:
    base = city()
    into, gone = "S0C0N00", "S0C0N01"
    mine = done(base, ops.Merge("cell", (gone,), into))
    theirs = done(base, ops.Rename("cell", gone, "kept"))
    assert [one.matter for one in merged(base, mine, theirs).divergences] == [Diverged.RETIRED]
    kept = merged(base, mine, theirs, Take.THEIRS).state
    assert seen(kept, base, theirs) == seen(theirs, base, kept)
    kept = merged(base, mine, theirs, Take.MINE).state
    assert seen(kept, base, mine) == seen(mine, base, kept)
    assert merged(base, theirs, mine, Take.THEIRS).state.get("cell", gone) is None
    other = merged(base, theirs, mine, Take.MINE).state
    assert seen(other, base, theirs) == seen(theirs, base, other)


def test_two_new_areas_of_one_code_are_told_whatever_is_taken() -> None:
    base = city()
    halves = []
    for code in ("S0C0N00", "S1C1N11"):
        area = base.area("cell", code)
        west, south, east, north = area.shape.bounds
        line = ((west - 1e-5, (south + north) / 2), (east + 1e-5, (south + north) / 2))
        halves.append(done(base, ops.Split("cell", code, line, codes=("new",))))
    for take in (None, *Take):
        told = merged(base, *halves, take).divergences
        assert [(one.matter, one.codes) for one in told] == [(Diverged.CODE, ("new",))]


def test_cells_put_under_one_parent_by_two_sides_meet_at_no_border() -> None:
    base = city()
    mine = done(base, ops.Reassign("cell", ("S0C0N01",), "S0C1"))
    theirs = done(base, ops.Reassign("cell", ("S0C0N11",), "S0C1"))
    found = merged(base, mine, theirs)
    assert not found.divergences
    both = done(mine, ops.Reassign("cell", ("S0C0N11",), "S0C1"))
    assert seen(found.state, base, both) == seen(both, base, found.state)
    assert_sound(found.state)


def test_new_borders_that_cross_are_told() -> None:
    base = city()
    area = base.area("cell", "S0C0N00")
    west, south, east, north = area.shape.bounds
    middle = (west + east) / 2, (south + north) / 2
    over = ((west - 1e-5, middle[1]), (east + 1e-5, middle[1]))
    up = ((middle[0], south - 1e-5), (middle[0], north + 1e-5))
    mine = done(base, ops.Split("cell", "S0C0N00", over), who="m")
    theirs = done(base, ops.Split("cell", "S0C0N00", up), who="t")
    assert Diverged.BORDER in {one.matter for one in merged(base, mine, theirs).divergences}
    taken = merged(base, mine, theirs, Take.MINE).state
    assert seen(taken, base, mine) == seen(mine, base, taken)


def test_a_piece_of_an_area_that_the_other_put_elsewhere_is_told() -> None:
    base = city()
    area = base.area("cell", "S0C0N00")
    west, south, east, north = area.shape.bounds
    line = ((west - 1e-5, (south + north) / 2), (east + 1e-5, (south + north) / 2))
    mine = done(base, ops.Split("cell", "S0C0N00", line, codes=("new",)))
    theirs = done(base, ops.Reassign("cell", ("S0C0N00",), "S0C1"))
    for sides in ((mine, theirs), (theirs, mine)):
        [told] = merged(base, *sides).divergences
        assert (told.matter, told.codes) == (Diverged.PARENT, ("new",))
    for take, parent in ((Take.MINE, "S0C0"), (Take.THEIRS, "S0C1")):
        state = merged(base, mine, theirs, take).state
        assert state.area("cell", "new").parent_code == parent
        assert_sound(state)


def middle_of_side(state: EditState, code: str, other: str) -> ops.LonLat:
    """A vertex that just two cells have, nearest to the middle of their border."""
    rings = [rings_of(state.area("cell", one).outline)[0] for one in (code, other)]
    theirs = {*map(tuple, rings[1].tolist())}
    shared = [one for one in map(tuple, rings[0].tolist()) if one in theirs]
    centre = np.mean(shared, axis=0)
    shared.sort(key=lambda one: float(np.hypot(*(np.array(one) - centre))))
    lon, lat = degrees(np.array(shared[0])).tolist()
    return lon, lat


def test_new_borders_that_cross_without_a_common_edge_are_told() -> None:
    base = city()
    # The northern and the southern border of a cell, each drawn past its middle.
    code, north, south = "S0C0N10", "S0C1N00", "S0C0N00"
    top, bottom = (middle_of_side(base, code, one) for one in (north, south))
    lon = (top[0] + bottom[0]) / 2
    down, up = 0.8 * (top[1] - bottom[1]), 0.8 * (top[1] - bottom[1])
    mine = done(base, ops.MoveVertex("cell", top, (lon, top[1] - down)))
    theirs = done(base, ops.MoveVertex("cell", bottom, (lon, bottom[1] + up)))
    edges = [
        {
            *map(
                tuple,
                (base.area("cell", code).chain - one.area("cell", code).chain).ends.tolist(),
            )
        }
        for one in (mine, theirs)
    ]
    assert not edges[0] & edges[1]
    told = merged(base, mine, theirs).divergences
    assert [(one.matter, one.level) for one in told] == [(Diverged.BORDER, "cell")]
    taken = merged(base, mine, theirs, Take.THEIRS).state
    assert seen(taken, base, theirs) == seen(theirs, base, taken)


def test_two_vertices_beside_each_other_are_one_edge() -> None:
    base = city()
    code = "S0C0N00"
    ring = rings_of(base.area("cell", code).outline)[0]
    others = [base.area("cell", one) for one in base.codes("cell") if one != code]
    known = {tuple(v) for one in others for r in rings_of(one.outline) for v in r.tolist()}
    alone = [n for n, v in enumerate(ring.tolist()) if tuple(v) not in known]
    first = next(n for n in alone if n + 1 in alone)
    # To either side of it, so that no new edges cross.
    (x, y), (to_x, to_y) = ring[first].tolist(), ring[first + 1].tolist()
    along = np.array([to_x - x, to_y - y]) / np.hypot(to_x - x, to_y - y)
    east, north = -3e-6 * along[1], 3e-6 * along[0]
    mine = done(base, moved(vertex_of(base, code, first), east, north))
    theirs = done(base, moved(vertex_of(base, code, first + 1), -east, -north))
    # Both took the edge between away, and put others in its place.
    [told] = [one for one in merged(base, mine, theirs).divergences if one.level == "cell"]
    assert (told.matter, told.codes) == (Diverged.BORDER, (code,))
    for take, side in ((Take.MINE, mine), (Take.THEIRS, theirs)):
        taken = merged(base, mine, theirs, take).state
        assert seen(taken, base, side) == seen(side, base, taken)


def test_a_conflict_names_the_areas_that_both_changed() -> None:
    base = city()
    ring = [tuple(one) for one in rings_of(base.area("cell", FOUR[0]).outline)[0].tolist()]
    at = corner(base, FOUR)
    n = ring.index(tuple(np.rint(np.array(at) * 1e8).astype(int).tolist()))
    # The next vertex on the border that it has with one neighbour.
    beside = vertex_of(base, FOUR[0], (n + 1) % len(ring))
    mine = done(base, moved(at, 3e-6, 3e-6))
    theirs = done(base, moved(beside, 2e-6, 2e-6))
    both = set(changed_codes(base, theirs, "cell"))
    assert len(both) == 2
    for sides in ((mine, theirs), (theirs, mine)):
        told = [one for one in merged(base, *sides).divergences if one.level == "cell"]
        assert [set(one.codes) for one in told] == [both]


def test_an_area_put_under_a_parent_that_the_other_retired_is_told_and_taken() -> None:
    base = city()
    mine = done(base, ops.Reassign("cell", ("S0C0N01",), "S0C1"))
    theirs = done(base, ops.Merge("community", ("S0C1",), "S0C0"))
    told = {(one.matter, one.level): one for one in merged(base, mine, theirs).divergences}
    one = told[Diverged.PARENT, "cell"]
    assert one.codes == ("S0C0N01",)
    assert one.values == Versions("S0C0", "S0C1", "S0C0")
    for take, side in ((Take.MINE, mine), (Take.THEIRS, theirs)):
        found = merged(base, mine, theirs, take)
        assert not found.divergences
        assert not compared(side, found.state).areas


@st.composite
def any_operation(draw: st.DrawFn, base: EditState, who: str) -> Operation:
    """An operation on the drawn city, mostly a possible one."""
    codes = sorted(base.codes("cell"))
    code = draw(st.sampled_from(codes))
    kind = draw(st.sampled_from(["move", "move", "rename", "split", "merge", "reassign"]))
    if kind == "move":
        ring = rings_of(base.area("cell", code).outline)[0]
        at = vertex_of(base, code, draw(st.integers(0, len(ring) - 1)))
        far = st.floats(-2e-4, 2e-4, allow_nan=False)
        return moved(at, draw(far), draw(far))
    if kind == "rename":
        return ops.Rename("cell", code, f"{who}{draw(st.integers(0, 2))}")
    other = draw(st.sampled_from(codes))
    if kind == "merge":
        return ops.Merge("cell", (other,), code)
    if kind == "reassign":
        parent = base.area("cell", other).parent_code
        assert parent is not None
        return ops.Reassign("cell", (code,), parent)
    west, south, east, north = base.area("cell", code).shape.bounds
    share = draw(st.floats(0.2, 0.8))
    lat = south + share * (north - south)
    return ops.Split("cell", code, ((west - 1e-5, lat), (east + 1e-5, lat)))


MERGES: Counter[str] = Counter()


@settings(deadline=None)
@given(seed=st.integers(0, 20), data=st.data())
def test_what_two_sides_did_is_what_one_would_have_done(seed: int, data: st.DataObject) -> None:
    base = city(seed)
    sides, played = [], []
    for who in ("m", "t"):
        state, kept = base, []
        for one in data.draw(st.lists(any_operation(base, who), min_size=1, max_size=4)):
            try:
                state = done(state, one, who=who)
            except EditError:
                continue
            kept.append(one)
        sides.append(state)
        played.append(kept)
    mine, theirs = sides
    found, other = merged(base, mine, theirs), merged(base, theirs, mine)
    assert bool(found.divergences) == bool(other.divergences)
    if found.divergences:
        MERGES["told"] += 1
        for take in Take:
            left = merged(base, mine, theirs, take)
            assert {one.matter for one in left.divergences} <= {Diverged.PARENT}
        return
    MERGES["merged"] += 1
    assert seen(found.state, base, other.state) == seen(other.state, base, found.state)
    again = played_again(theirs, played[0])
    # Cut twice, an area keeps its code for another piece than when both are cut at once.
    cut = [{one.code for one in kept if isinstance(one, ops.Split)} for kept in played]
    if again is not None and not cut[0] & cut[1]:
        MERGES["compared"] += 1
        # The name of a piece is that which the area had when it was split.
        assert known(base, seen(found.state, base, again)) == known(
            base, seen(again, base, found.state)
        )


def known(base: EditState, found: Seen) -> Seen:
    """The same without names of areas that the base has not got."""
    return {key: one if base.get(*key) else one[1:] for key, one in found.items()}


def played_again(state: EditState, operations: Sequence[Operation]) -> EditState | None:
    """One side's operations after the other's; None where they are refused there."""
    try:
        return done(state, *operations)
    except EditError:
        return None
