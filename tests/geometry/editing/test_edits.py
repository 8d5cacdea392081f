"""Edits keep borders together: neighbours, levels above, and what they do not touch."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
import shapely

from gridmgmt.arrays import objects
from gridmgmt.geometry.coverage.changes import no_areas
from gridmgmt.geometry.coverage.coverage import check_coverage
from gridmgmt.geometry.editing import operations as ops
from gridmgmt.geometry.editing.chain import chain_of
from gridmgmt.geometry.editing.edit_error import EditError
from gridmgmt.geometry.editing.edit_state import EditState
from gridmgmt.geometry.editing.edits import Edited, apply
from gridmgmt.geometry.editing.outline import degrees, outline_of, rings_of
from gridmgmt.geometry.measure import area_m2, on_grid
from tests.geometry.editing.cities import RULES, city, city_levels, dissolved, level

# Where four cells of four communities and two streets meet.
MIDDLE = "S0C0N11"


def shapes(state: EditState, name: str) -> dict[str, shapely.MultiPolygon]:
    return {code: state.area(name, code).shape for code in sorted(state.codes(name))}


def assert_sound(state: EditState) -> None:
    """The check of a draft finds nothing, and every level tiles and nests to the vertex."""
    assert_fits(state)
    problems = check_coverage([state.level_areas(one) for one in state.levels])
    assert [one.kind for one in problems] == []


def assert_fits(state: EditState) -> None:
    """All levels tile without an overlap or an unmatched vertex, and nest exactly."""
    for name in state.levels:
        outlines = list(shapes(state, name).values())
        assert shapely.is_valid(outlines).all()
        assert shapely.coverage_is_valid(outlines)
        for code in state.codes(name):
            children = state.children(name, code)
            if children:
                rest = state.area(name, code).chain
                for child in children:
                    rest -= child.chain
                assert not len(rest), (name, code)


def total_m2(state: EditState, name: str) -> float:
    return float(area_m2(list(shapes(state, name).values())).sum())


def same_but(before: EditState, after: EditState, changed: set[tuple[str, str]]) -> None:
    """Everything else has the same bytes as before."""
    for name in before.levels:
        for code in before.codes(name):
            if (name, code) not in changed:
                now = after.area(name, code)
                then = before.area(name, code)
                assert shapely.to_wkb(now.shape) == shapely.to_wkb(then.shape)
                assert now.attributes == then.attributes


def corner(state: EditState, codes: Sequence[str], name: str = "cell") -> tuple[float, float]:
    """Return the vertex that some areas have in common."""
    found = [
        {tuple(v) for ring in rings_of(state.area(name, code).outline) for v in ring.tolist()}
        for code in codes
    ]
    [one] = sorted(set.intersection(*found))[:1]
    lon, lat = degrees(np.array(one)).tolist()
    return lon, lat


def vertices(state: EditState, code: str) -> set[tuple[int, int]]:
    rings = rings_of(state.area("cell", code).outline)
    return {(x, y) for ring in rings for x, y in ring.tolist()}


def keys(edited: Edited) -> list[tuple[str, str]]:
    return [(one.level, one.code) for one in edited.areas]


def moved(place: tuple[float, float], east: float, north: float) -> tuple[float, float]:
    return place[0] + east, place[1] + north


FOUR = ("S0C0N11", "S1C0N10", "S0C1N01", "S1C1N00")


def test_a_vertex_moves_for_all_who_have_it_on_every_level() -> None:
    state = city()
    at = corner(state, FOUR)
    edited = apply(state, ops.MoveVertex("cell", at, moved(at, 1e-4, 5e-5)), RULES)
    expected = [("street", "S0"), ("street", "S1")]
    expected += [("community", code) for code in ("S0C0", "S0C1", "S1C0", "S1C1")]
    expected += [("cell", code) for code in sorted(FOUR)]
    assert keys(edited) == expected
    assert_sound(edited.state)
    same_but(state, edited.state, set(expected))
    for name in state.levels:
        assert total_m2(edited.state, name) == pytest.approx(total_m2(state, name), abs=0.01)
    cells = [one.moved_m2 for one in edited.areas if one.level == "cell"]
    assert sum(cells) == pytest.approx(0, abs=0.01)
    assert max(map(abs, cells)) > 10


def test_a_border_pointed_at_on_a_level_above_moves_the_cells_too() -> None:
    state = city()
    at = corner(state, FOUR)
    by_street = apply(state, ops.MoveVertex("street", at, moved(at, 1e-4, 0)), RULES)
    by_cell = apply(state, ops.MoveVertex("cell", at, moved(at, 1e-4, 0)), RULES)
    assert shapes(by_street.state, "cell") == shapes(by_cell.state, "cell")
    assert shapes(by_street.state, "street") == shapes(by_cell.state, "street")


def test_a_vertex_that_is_none_is_refused_with_the_nearest() -> None:
    state = city()
    at = corner(state, FOUR)
    with pytest.raises(EditError, match=r"no vertex at .*; the nearest is .* 0\.96 m away"):
        apply(state, ops.MoveVertex("cell", moved(at, 1e-5, 0), at), RULES)
    with pytest.raises(EditError, match="no border within 100 m of"):
        apply(state, ops.MoveVertex("cell", (0.0, 0.0), at), RULES)


def test_an_outline_that_would_cross_itself_is_refused() -> None:
    state = city()
    at = corner(state, FOUR)
    with pytest.raises(EditError, match=r"cross itself|overlap|not fit"):
        apply(state, ops.MoveVertex("cell", at, moved(at, 3e-3, 3e-3)), RULES)


def test_a_vertex_put_in_and_taken_out_again_leaves_the_same_ground() -> None:
    state = city()
    shared = shapely.intersection(
        state.area("cell", "S0C0N11").shape, state.area("cell", "S1C0N10").shape
    )
    edge = shapely.get_coordinates(shapely.get_parts(shapely.line_merge(shared))[0])[:2]
    at = tuple(np.round(edge.mean(axis=0), 8).tolist())
    inserted = apply(state, ops.InsertVertex("cell", at), RULES)
    assert {code for name, code in keys(inserted) if name == "street"} == {"S0", "S1"}
    assert_sound(inserted.state)
    deleted = apply(inserted.state, ops.DeleteVertex("cell", at), RULES)
    assert_sound(deleted.state)
    for name in state.levels:
        for code, shape in shapes(state, name).items():
            assert shapely.to_wkb(deleted.state.area(name, code).shape) == shapely.to_wkb(shape)


def test_a_vertex_where_borders_meet_cannot_be_deleted() -> None:
    state = city()
    with pytest.raises(EditError, match="4 borders of level cell meet at"):
        apply(state, ops.DeleteVertex("street", corner(state, FOUR)), RULES)


def test_a_border_is_redrawn_along_a_line() -> None:
    state = city()
    begin = corner(state, FOUR)
    end = corner(state, ("S0C0N01", "S1C0N00", "S0C0N11", "S1C0N10"))
    line = (begin, moved(begin, 2e-4, -3e-4), moved(end, 2e-4, 3e-4), end)
    edited = apply(state, ops.Reshape("street", line), RULES)
    changed = {("cell", "S0C0N11"), ("cell", "S1C0N10"), ("community", "S0C0")}
    changed |= {("community", "S1C0"), ("street", "S0"), ("street", "S1")}
    assert set(keys(edited)) == changed
    assert_sound(edited.state)
    drawn = shapely.LineString(np.round(line, 8))
    for key in changed:
        assert edited.state.area(*key).shape.boundary.covers(drawn)
    # Only the vertices between the ends are gone.
    old = vertices(state, "S0C0N11") & vertices(state, "S1C0N10")
    assert vertices(state, "S0C0N11") - vertices(edited.state, "S0C0N11") == {
        one for one in old if degrees(np.array(one)).tolist() not in (list(begin), list(end))
    }


def test_redrawing_across_a_third_border_is_refused() -> None:
    state = city()
    top = corner(state, ("S0C1N01", "S1C1N00", "S0C1N11", "S1C1N10"))
    bottom = corner(state, ("S0C0N01", "S1C0N00", "S0C0N11", "S1C0N10"))
    with pytest.raises(EditError, match="without meeting a third"):
        apply(state, ops.Reshape("cell", (bottom, top)), RULES)


def test_a_line_far_from_any_border_is_refused_or_drawn_to_it() -> None:
    state = city()
    begin = corner(state, FOUR)
    end = corner(state, ("S0C0N01", "S1C0N00", "S0C0N11", "S1C0N10"))
    line = (moved(begin, 2e-6, 0), moved(end, 2e-6, 0))
    with pytest.raises(EditError, match=r"no border within 0\.05 m"):
        apply(state, ops.Reshape("cell", line), RULES)
    assert_sound(apply(state, ops.Reshape("cell", line, within_m=2.0), RULES).state)


def test_a_split_makes_a_new_area_and_its_merge_takes_it_back() -> None:
    state = city()
    cell = state.area("cell", "S0C0N00").shape
    west, south, east, north = cell.bounds
    line = ((west - 1e-4, (south + north) / 2), (east + 1e-4, (south + north) / 2))
    edited = apply(state, ops.Split("cell", "S0C0N00", line), RULES)
    assert_sound(edited.state)
    new = edited.state.area("cell", "S0C0-new1")
    assert new.parent_code == "S0C0"
    kept = edited.state.area("cell", "S0C0N00")
    assert area_m2([kept.shape])[0] >= area_m2([new.shape])[0]
    whole = area_m2([kept.shape, new.shape]).sum()
    # The cut's ends bend two borders by half a step of the grid at most.
    assert whole == pytest.approx(area_m2([cell])[0], abs=0.2)
    back = apply(edited.state, ops.Merge("cell", ("S0C0N00", "S0C0-new1"), "S0C0N00"), RULES)
    assert_sound(back.state)
    assert back.state.get("cell", "S0C0-new1") is None
    left = chain_of(back.state.area("cell", "S0C0N00").outline) - chain_of(outline_of(cell))
    # Two vertices were put into outer borders: two edges became four.
    assert len(left) <= 6


def test_pieces_are_numbered_from_west_to_east() -> None:
    state = city()
    cell = state.area("cell", "S0C0N00").shape
    west, south, east, north = cell.bounds
    x = (west + east) / 2
    zigzag = (
        (x - 2e-4, south - 1e-4),
        (x - 2e-4, north + 2e-4),
        (x + 1e-4, north + 2e-4),
        (x + 1e-4, south - 1e-4),
    )
    # Only this cell is cut, although the line leaves it twice.
    edited = apply(state, ops.Split("cell", "S0C0N00", zigzag), RULES)
    made = [edited.state.area("cell", f"S0C0-new{n}").shape.centroid.x for n in (1, 2)]
    assert made == sorted(made)
    assert_sound(edited.state)


def test_a_line_that_does_not_cut_is_refused() -> None:
    state = city()
    inside = state.area("cell", "S0C0N00").shape.representative_point()
    line = ((inside.x, inside.y), (inside.x + 1e-5, inside.y))
    with pytest.raises(EditError, match="does not cut cell S0C0N00 in two"):
        apply(state, ops.Split("cell", "S0C0N00", line), RULES)


def test_a_split_above_leaves_children_whole() -> None:
    state = city()
    # Along the border between two columns of cells, from below to above the community.
    middle = corner(state, ("S0C0N00", "S0C0N01", "S0C0N10", "S0C0N11"))
    _, south, _, north = state.area("community", "S0C0").shape.bounds
    line = ((middle[0], south - 1e-4), middle, (middle[0], north + 1e-4))
    with pytest.raises(EditError, match="differ by"):
        apply(state, ops.Split("community", "S0C0", line), RULES)


def test_merging_across_streets_moves_the_border_of_the_streets() -> None:
    state = city()
    edited = apply(state, ops.Merge("cell", ("S0C0N11", "S1C0N10"), "S0C0N11"), RULES)
    assert_sound(edited.state)
    assert edited.state.get("cell", "S1C0N10") is None
    assert {("street", "S0"), ("street", "S1")} <= set(keys(edited))


def test_areas_that_do_not_meet_cannot_be_merged() -> None:
    with pytest.raises(EditError, match="do not all share a border"):
        apply(city(), ops.Merge("cell", ("S0C0N00", "S0C1N11"), "S0C0N00"), RULES)


def test_cells_under_another_community_take_the_borders_along() -> None:
    state = city()
    edited = apply(state, ops.Reassign("cell", ("S0C0N11", "S0C0N01"), "S1C0"), RULES)
    assert_sound(edited.state)
    assert edited.state.area("cell", "S0C0N11").parent_code == "S1C0"
    before = area_m2([state.area("street", "S0").shape])[0]
    after = area_m2([edited.state.area("street", "S0").shape])[0]
    ground = area_m2([state.area("cell", code).shape for code in ("S0C0N11", "S0C0N01")]).sum()
    assert before - after == pytest.approx(ground, abs=0.01)


def test_reassigning_within_a_street_leaves_the_streets_alone() -> None:
    state = city()
    edited = apply(state, ops.Reassign("cell", ("S0C0N11",), "S0C1"), RULES)
    assert_sound(edited.state)
    assert not [key for key in keys(edited) if key[0] == "street"]


def test_cells_with_more_than_half_in_an_outline_go_under_another_community() -> None:
    state = city()
    cells = [state.area("cell", code).shape for code in ("S0C0N01", "S0C0N11")]
    outline = shapely.box(*shapely.total_bounds(cells))
    # It meets other cells by less than half, and one that is under the community already.
    outline = outline.union(state.area("cell", "S1C0N00").shape.envelope).envelope
    by_hand = apply(state, ops.Reassign("cell", ("S0C0N01", "S0C0N11"), "S1C0"), RULES)
    within = ops.ReassignWithin("cell", tuple(outline.exterior.coords), "S1C0")
    found = apply(state, within, RULES)
    assert keys(found) == keys(by_hand)
    same_but(by_hand.state, found.state, set())
    assert found.state.area("cell", "S0C0N01").parent_code == "S1C0"


def test_an_outline_that_has_nothing_to_reassign_is_refused() -> None:
    state = city()
    small = state.area("cell", "S0C0N01").shape.representative_point().buffer(1e-6)
    for ring, to, why in (
        (small.exterior.coords, "S1C0", "no area of level cell lies in the outline"),
        (
            state.area("community", "S1C0").shape.envelope.buffer(-1e-4).exterior.coords,
            "S1C0",
            "no area of level cell lies in the outline",
        ),
        ([(0, 0), (1, 1), (1, 0), (0, 1)], "S1C0", "the outline crosses itself"),
    ):
        with pytest.raises(EditError, match=why):
            apply(state, ops.ReassignWithin("cell", tuple(ring), to), RULES)


def test_deriving_what_is_the_union_of_its_areas_already_changes_nothing() -> None:
    with pytest.raises(EditError, match="nothing would change"):
        apply(city(), ops.Derive("community"), RULES)


def test_nothing_is_derived_from_areas_that_overlap() -> None:
    state = city()
    cell = state.area("cell", "S0C0N11")
    west, south, east, north = cell.shape.bounds
    outline = outline_of(shapely.MultiPolygon([shapely.box(west - 1e-4, south, east, north)]))
    with pytest.raises(EditError, match="the areas in community S0C0 overlap"):
        apply(
            state.having([cell.with_outline(outline)]),
            ops.Derive("community", ("S0C0",)),
            RULES,
        )


def test_what_has_no_areas_in_it_is_not_derived() -> None:
    with pytest.raises(EditError, match="cell S0C0N01 has no areas in it"):
        apply(city(), ops.Derive("cell", ("S0C0N01",)), RULES)


def test_a_strip_is_given_to_the_neighbour() -> None:
    state = city()
    giver, taker = "S0C0N01", "S1C0N00"
    _, south, east, north = state.area("cell", giver).shape.bounds
    x = east - 2.5e-4
    edited = apply(
        state, ops.Give("cell", giver, taker, ((x, south - 1e-4), (x, north + 1e-4))), RULES
    )
    assert_sound(edited.state)
    change = {one.code: one.moved_m2 for one in edited.areas if one.level == "cell"}
    assert change[giver] < -10
    assert change[taker] == pytest.approx(-change[giver], abs=0.3)


def test_areas_in_another_are_found_wherever_they_lie() -> None:
    """A layer may put a cell under a community at the other end of the city."""
    streets, communities, cells = city_levels()
    far = "S1C1N11"
    parents = objects(
        "S0C0" if code == far else parent
        for code, parent in zip(cells.codes, cells.parent_codes, strict=True)
    )
    state = EditState.of([streets, communities, replace(cells, parent_codes=parents)])
    recoded = ops.Recode("community", "S0C0", "S0C9").apply(state, RULES)
    merged = ops.Merge("community", ("S0C0",), "S0C1").apply(state, RULES)
    assert recoded.area("cell", far).parent_code == "S0C9"
    assert merged.area("cell", far).parent_code == "S0C1"
    others = [one for one in sorted(state.codes("cell")) if one[:4] == "S0C0"]
    for code in others:
        state = state.having([replace(state.area("cell", code), parent_code="S0C1")])
    with pytest.raises(EditError, match=r"1 area\(s\) are in community S0C0"):
        ops.Retire("community", "S0C0").apply(state, RULES)


def test_names_and_codes() -> None:
    state = city()
    renamed = apply(state, ops.Rename("community", "S0C0", "和平社区"), RULES)
    assert renamed.state.area("community", "S0C0").name == "和平社区"
    recoded = apply(state, ops.Recode("community", "S0C0", "S0C9"), RULES)
    assert recoded.state.get("community", "S0C0") is None
    assert {one.code for one in recoded.state.children("community", "S0C9")} == {
        f"S0C0N{n}{m}" for n in range(2) for m in range(2)
    }
    with pytest.raises(EditError, match="there is a community S0C1 already"):
        apply(state, ops.Recode("community", "S0C0", "S0C1"), RULES)
    with pytest.raises(EditError, match="4 area"):
        apply(state, ops.Retire("community", "S0C0"), RULES)
    left = apply(state, ops.Retire("cell", "S0C0N00"), RULES)
    assert keys(left) == [("cell", "S0C0N00")]
    assert left.state.get("cell", "S0C0N00") is None
    with pytest.raises(EditError, match="the draft has no cell S9"):
        apply(state, ops.Rename("cell", "S9", "x"), RULES)


@pytest.mark.parametrize("off_m", [0.0, 0.03])
def test_parents_with_other_vertices_follow_along_the_touched_border(off_m: float) -> None:
    """Streets drawn apart: fewer vertices, and a hair of ground between."""
    levels = city_levels()
    cells = dict(zip(levels[2].codes, levels[2].geoms, strict=True))
    off = off_m / 111_000
    streets = {
        code: shapely.transform(shape, lambda xy: np.round(xy + off, 8))
        for code, shape in dissolved(
            {code: shapely.get_parts(one)[0] for code, one in cells.items()}, 2
        ).items()
    }
    state = EditState.of([level("street", streets, lambda code: None), levels[1], levels[2]])
    at = corner(state, FOUR)
    edited = apply(state, ops.MoveVertex("cell", at, moved(at, 1e-4, 5e-5)), RULES)
    for code in ("S0", "S1"):
        then, now = state.area("street", code), edited.state.area("street", code)
        [old], [new] = rings_of(then.outline), rings_of(now.outline)
        stays = {tuple(v) for v in old.tolist()} & {tuple(v) for v in new.tolist()}
        # Only the vertices beside the one that moved are another.
        assert len(old) - len(stays) <= 3
        target = np.rint(np.array(moved(at, 1e-4, 5e-5)) * 1e8).astype(int).tolist()
        assert target in new.tolist()


def boxes(**areas: tuple[float, float, float, float]) -> dict[str, shapely.Polygon]:
    """Return rectangles in units of about a hundred metres, with a vertex at each whole one."""
    unit = 1e-3

    def drawn(w: float, s: float, e: float, n: float) -> shapely.Polygon:
        ground = shapely.box(120 + w * unit, 30 + s * unit, 120 + e * unit, 30 + n * unit)
        return on_grid([shapely.segmentize(ground, 1.001 * unit)])[0]

    return {code: drawn(*sides) for code, sides in areas.items()}


def alone(**areas: tuple[float, float, float, float]) -> EditState:
    return EditState.of([level("cell", boxes(**areas), lambda code: None)])


def at(x: float, y: float) -> tuple[float, float]:
    return 120 + x / 1e3, 30 + y / 1e3


def test_of_two_ways_around_the_nearer_is_redrawn_or_none() -> None:
    """Along the top a third border meets; the bottom is another border, and far away."""
    state = alone(A=(0, 0, 2, 1), B=(0, 1, 1, 2), C=(1, 1, 2, 2))
    with pytest.raises(EditError, match="without meeting a third"):
        apply(state, ops.Reshape("cell", (at(0, 1), at(1, 0.9), at(2, 1))), RULES)
    below = apply(state, ops.Reshape("cell", (at(0, 0), at(1, -0.5), at(2, 0))), RULES)
    assert keys(below) == [("cell", "A")]
    assert vertices(state, "A") - vertices(below.state, "A") == {(12000100000, 3000000000)}


def test_the_ends_of_a_line_are_drawn_to_the_border() -> None:
    state = alone(A=(0, 0, 1, 1), B=(1, 0, 2, 1))
    line = (at(1.01, 0.2), at(1.1, 0.5), at(1.01, 0.8))
    edited = apply(state, ops.Reshape("cell", line, within_m=2.0), RULES)
    assert_fits(edited.state)
    drawn = {(12000100000, 3000020000), (12000100000, 3000080000)}
    assert drawn <= vertices(edited.state, "A") & vertices(edited.state, "B")


def test_pieces_one_above_the_other_are_numbered_from_north_to_south() -> None:
    state = alone(A=(0, 0, 3, 9))
    zigzag = (at(-1, 2), at(4, 2), at(4, 7), at(-1, 7))
    edited = apply(state, ops.Split("cell", "A", zigzag), RULES)
    tops = [edited.state.area("cell", f"None-new{n}").shape.bounds[3] for n in (1, 2)]
    assert tops == sorted(tops, reverse=True)


def test_the_smaller_piece_is_given_where_both_lie_beside_the_neighbour() -> None:
    state = alone(A=(0, 0, 1, 3), B=(1, 0, 2, 3))
    edited = apply(state, ops.Give("cell", "A", "B", (at(-1, 2.5), at(1.5, 2.5))), RULES)
    change = {one.code: one.moved_m2 for one in edited.areas}
    whole = area_m2([state.area("cell", "A").shape])[0]
    assert change["B"] == pytest.approx(whole / 6, rel=0.01)
    far = alone(A=(0, 0, 1, 3), B=(1, 0, 2, 3), C=(5, 0, 6, 1))
    with pytest.raises(EditError, match="lies beside C"):
        apply(far, ops.Give("cell", "A", "C", (at(-1, 2.5), at(1.5, 2.5))), RULES)


def test_a_line_along_a_border_is_refused() -> None:
    state = alone(A=(0, 0, 2, 1), B=(2, 0, 3, 1))
    with pytest.raises(EditError, match="runs along the border of cell A"):
        apply(state, ops.Split("cell", "A", (at(1, -1), at(1, 0), at(2, 0), at(2, 1))), RULES)


def test_an_area_is_not_put_where_it_is() -> None:
    with pytest.raises(EditError, match="cell S0C0N11 is in community S0C0 already"):
        apply(city(), ops.Reassign("cell", ("S0C0N11",), "S0C0"), RULES)


def test_a_level_without_areas_between_two_is_passed_over() -> None:
    street, community, cell = city_levels()
    state = EditState.of([street, no_areas("ward"), community, no_areas("block"), cell])
    edited = apply(state, ops.Merge("cell", ("S0C0N11", "S1C0N10"), "S0C0N11"), RULES)
    assert {("street", "S0"), ("street", "S1")} <= set(keys(edited))
    assert_fits(edited.state)
    with pytest.raises(EditError, match=r"4 area\(s\) are in community S0C1"):
        apply(state, ops.Retire("community", "S0C1"), RULES)


def test_what_ends_in_a_replaced_vertex_ends_in_the_new_one() -> None:
    """Streets that were drawn two centimetres off; a third one only ends at their border."""
    cells = boxes(S0=(0, 0, 1, 2), S1=(1, 0, 2, 2), S2=(0, 2, 2, 3))
    off = {12000100000: 12000100020}
    streets = {
        code: shapely.transform(
            shape,
            lambda xy: np.array(
                [[off.get(round(x * 1e8), round(x * 1e8)) / 1e8, y] for x, y in xy]
            ),
        )
        for code, shape in cells.items()
    }
    state = EditState.of(
        [level("street", streets, lambda code: None), level("cell", cells, lambda code: code)]
    )
    edited = apply(state, ops.MoveVertex("cell", at(1, 1), at(1.05, 1)), RULES)
    assert shapely.coverage_is_valid(list(shapes(edited.state, "street").values()))
    assert {one.code for one in edited.areas if one.level == "street"} == {"S0", "S1", "S2"}


@pytest.mark.parametrize("place", [(0, 1), (2, 1), (1, 0), (1, 2)])
def test_a_parent_with_corners_alone_follows_on_every_side(place: tuple[float, float]) -> None:
    cells = boxes(A=(0, 0, 1, 2), B=(1, 0, 2, 2))
    street = {"S": shapely.box(120, 30, 120.002, 30.002)}
    state = EditState.of(
        [level("street", street, lambda code: None), level("cell", cells, lambda code: "S")]
    )
    x, y = place
    edited = apply(state, ops.MoveVertex("cell", at(x, y), at(x + 0.1, y + 0.1)), RULES)
    street_now = edited.state.area("street", "S")
    assert ("street", "S") in keys(edited)
    assert [round(at(x + 0.1, y + 0.1)[0] * 1e8), round(at(x + 0.1, y + 0.1)[1] * 1e8)] in (
        street_now.outline[0][0].tolist()
    )
    # Its other sides keep their corners, whatever vertices the cells have there.
    inside = shapely.union_all([one.shape for one in edited.state.children("street", "S")])
    assert area_m2([shapely.symmetric_difference(street_now.shape, inside)])[0] < 0.01


def test_a_community_is_split_along_the_borders_of_its_cells() -> None:
    cells = boxes(A=(0, 0, 1, 1), B=(1, 0, 2, 1), C=(0, 1, 1, 2), D=(1, 1, 2, 2))
    whole = dissolved({f"K{code}": shape for code, shape in cells.items()}, 1)
    state = EditState.of(
        [level("community", whole, lambda code: None), level("cell", cells, lambda code: "K")]
    )
    line = (at(1, -1), at(1, 0), at(1, 1), at(1, 2), at(1, 3))
    edited = apply(state, ops.Split("community", "K", line, codes=("L",)), RULES)
    assert_fits(edited.state)
    for code in ("K", "L"):
        assert len(edited.state.children("community", code)) == 2
    assert [
        one.after.parent_code for one in edited.areas if one.level == "cell" and one.after
    ] == [
        "L",
        "L",
    ]
