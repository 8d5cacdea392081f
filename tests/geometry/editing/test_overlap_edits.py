"""Ground of several areas or of none: drawn, added, trimmed, filled."""

import numpy as np
import pytest
import shapely

from gridmgmt.geometry.editing import operations as ops
from gridmgmt.geometry.editing.edit_error import EditError
from gridmgmt.geometry.editing.edit_state import EditState
from gridmgmt.geometry.editing.edits import apply
from gridmgmt.geometry.measure import area_m2, on_grid
from tests.geometry.editing.cities import RULES, city, city_levels, level
from tests.geometry.editing.test_edits import (
    assert_fits,
    assert_sound,
    at,
    shapes,
    total_m2,
)


def box(shape: shapely.Geometry, margin: float = 0.0) -> tuple[ops.LonLat, ...]:
    west, south, east, north = shape.bounds
    west, south, east, north = west - margin, south - margin, east + margin, north + margin
    return ((west, south), (east, south), (east, north), (west, north), (west, south))


def without_a_cell(code: str) -> tuple[EditState, EditState]:
    """Return a city, and the same with a hole among its cells alone."""
    whole = city()
    return whole, whole.having([], without=[whole.area("cell", code)])


def test_a_gap_is_filled_by_an_area_drawn_over_it() -> None:
    whole, state = without_a_cell("S0C0N11")
    old = whole.area("cell", "S0C0N11").shape
    drawn = ops.Draw("cell", box(old, 2e-4), "新网格", "S0C0", "S0C0N22")
    edited = apply(state, drawn, RULES)
    made = edited.state.area("cell", "S0C0N22")
    assert made.name == "新网格"
    assert area_m2([shapely.symmetric_difference(made.shape, old)])[0] < 0.1
    assert_sound(edited.state)


def test_ground_drawn_outside_the_city_is_given_to_all_above() -> None:
    state = city()
    west, south, _, north = state.area("street", "S0").shape.bounds
    ring = (
        (west - 1e-3, south + 3e-4),
        (west + 8e-4, south + 3e-4),
        (west + 8e-4, north - 3e-4),
        (west - 1e-3, north - 3e-4),
    )
    drawn = ops.Draw("cell", ring, "江边", "S0C0", "S0C0N33")
    edited = apply(state, drawn, RULES)
    for name in state.levels:
        shapes_now = list(shapes(edited.state, name).values())
        assert shapely.coverage_is_valid(shapes_now)
    cells = total_m2(edited.state, "cell")
    assert cells > total_m2(state, "cell") + 1000
    assert total_m2(edited.state, "street") == pytest.approx(cells, abs=0.5)


def test_drawing_where_nothing_is_free_is_refused() -> None:
    state = city()
    inside = state.area("cell", "S0C0N11").shape.representative_point().buffer(1e-5)
    with pytest.raises(EditError, match="nothing of the outline of S9 is free"):
        apply(state, ops.Draw("cell", box(inside), "x", "S0C0", "S9"), RULES)
    with pytest.raises(EditError, match="there is a cell S0C0N11 already"):
        apply(state, ops.Draw("cell", box(inside), "x", "S0C0", "S0C0N11"), RULES)
    bow = ((120.0, 30.0), (120.1, 30.1), (120.1, 30.0), (120.0, 30.1))
    with pytest.raises(EditError, match="crosses itself"):
        apply(state, ops.Draw("cell", bow, "x", None, "S9"), RULES)


def test_a_part_is_added_from_whoever_has_the_ground() -> None:
    """An exclave amid another street belongs to its cell, community and street."""
    state = city()
    ends = [state.area("cell", code).shape.centroid for code in ("S1C1N10", "S1C1N11")]
    middle = shapely.LineString(ends).interpolate(0.5, normalized=True)
    ring = box(middle.buffer(1.5e-4))
    edited = apply(state, ops.AddPart("cell", "S0C0N00", ring), RULES)
    assert_fits(edited.state)
    for name, code in (("cell", "S0C0N00"), ("community", "S0C0"), ("street", "S0")):
        assert shapely.get_num_geometries(edited.state.area(name, code).shape) == 2
        assert edited.state.area(name, code).shape.covers(middle)
    for name in state.levels:
        assert total_m2(edited.state, name) == pytest.approx(total_m2(state, name), abs=0.3)
    with pytest.raises(EditError, match="no other area has the ground"):
        apply(edited.state, ops.AddPart("cell", "S0C0N00", ring), RULES)


@pytest.mark.parametrize("metres", [0.001, 0.2, 15.0])
def test_an_overlap_is_trimmed_in_favour_of_one_side(metres: float) -> None:
    levels = city_levels()
    cells = dict(zip(levels[2].codes, levels[2].geoms, strict=True))
    wide = shapely.buffer(cells["S0C0N00"], metres / 100_000, join_style="mitre")
    cells["S0C0N00"] = on_grid([wide])[0]
    grown = {code: shapely.get_parts(shape)[0] for code, shape in cells.items()}
    state = EditState.of([level("cell", grown, lambda code: code[:4])])
    for other in ("S0C0N01", "S0C0N10", "S0C0N11"):
        keep = apply(state, ops.Trim("cell", other, "S0C0N00"), RULES).state
        overlap = shapely.intersection(
            keep.area("cell", other).shape, keep.area("cell", "S0C0N00").shape
        )
        assert area_m2([overlap])[0] == 0
        state = keep
    cells_now = list(shapes(state, "cell").values())
    assert shapely.coverage_is_valid(cells_now)
    with pytest.raises(EditError, match="do not overlap"):
        apply(state, ops.Trim("cell", "S0C0N01", "S0C0N00"), RULES)


def test_an_area_within_another_is_not_trimmed_to_nothing() -> None:
    outer, inner = shapely.box(120, 30, 120.1, 30.1), shapely.box(120.02, 30.02, 120.04, 30.04)
    state = EditState.of([level("cell", {"A": outer, "B": inner}, lambda code: None)])
    with pytest.raises(EditError, match="B would have no ground left"):
        apply(state, ops.Trim("cell", "A", "B"), RULES)
    holed_now = apply(state, ops.Trim("cell", "B", "A"), RULES).state
    assert len(holed_now.area("cell", "A").outline[0]) == 2
    assert_fits(holed_now)


def test_a_gap_goes_to_the_longest_border_or_to_whom_one_names() -> None:
    _, state = without_a_cell("S0C0N11")
    old = city().area("cell", "S0C0N11").shape
    place = old.representative_point()
    at = (place.x, place.y)
    beside = {
        code: shapely.length(shapely.intersection(shape.boundary, old.boundary))
        for code, shape in shapes(state, "cell").items()
    }
    longest = max(beside, key=lambda code: beside[code])
    edited = apply(state, ops.Fill("cell", at, "S0C0N10"), RULES)
    assert_sound(edited.state)
    assert edited.state.area("cell", "S0C0N10").shape.covers(place)
    in_street = {code for code in beside if code.startswith("S0C0")}
    if longest in in_street:
        filled = apply(state, ops.Fill("cell", at), RULES).state
        assert filled.area("cell", longest).shape.covers(place)
    with pytest.raises(EditError, match="lies in no gap"):
        apply(edited.state, ops.Fill("cell", at), RULES)
    with pytest.raises(EditError, match="has no border with the gap"):
        apply(state, ops.Fill("cell", at, "S1C1N11"), RULES)


@pytest.mark.parametrize("keep", ["A", "B"])
def test_a_slit_that_bending_closes_is_none(keep: str) -> None:
    """It is a step of the grid wide at the top and nothing at its end, below the crossing."""
    slit = (at(0, 0), at(4, 0), at(4, 4), (at(2, 4)[0] + 1e-8, at(2, 4)[1]))
    slit += (at(2, 1), at(2, 4), at(0, 4))
    other = (at(-1, -1), at(5, -1), at(5, 2), at(-1, 2))
    drawn = {"A": shapely.Polygon(slit), "B": shapely.Polygon(other)}
    state = EditState.of([level("cell", drawn, lambda code: None)])
    give_up = "AB".replace(keep, "")
    edited = apply(state, ops.Trim("cell", keep, give_up), RULES)
    assert_fits(edited.state)
    kept = next((one for one in edited.areas if one.code == keep), None)
    # A vertex in an edge of 600 m changes what a geodesic has on either side.
    assert kept is None or abs(kept.moved_m2) < 2


def test_a_gap_narrower_than_the_grid_is_closed() -> None:
    """No place on the grid lies in it; the nearest one names it."""
    x, y = at(1, 1)
    west = (at(0, 0), at(1, 0), (x - 1e-8, y), at(1, 2), at(0, 2))
    east = (at(1, 0), at(2, 0), at(2, 2), at(1, 2))
    drawn = {"A": shapely.Polygon(west), "B": shapely.Polygon(east)}
    state = EditState.of([level("cell", drawn, lambda code: None)])
    edited = apply(state, ops.Fill("cell", (x, y + 3e-4)), RULES)
    assert_fits(edited.state)
    assert abs(total_m2(edited.state, "cell") - total_m2(state, "cell")) < 0.2
    with pytest.raises(EditError, match="lies in no gap"):
        apply(edited.state, ops.Fill("cell", (x, y + 3e-4)), RULES)


@pytest.mark.parametrize("seed", range(8))
def test_ground_drawn_with_very_many_vertices_is_taken_from_all_around(seed: int) -> None:
    # Edges of centimetres that cross a border lie near it from end to end, and yet do not run
    # along it.
    state = city(seed)
    taker = state.area("cell", "S0C0N11")
    west, _, east, north = taker.shape.bounds
    random = np.random.default_rng(seed)
    turn = np.linspace(0, 2 * np.pi, 600, endpoint=False)
    far = (east - west) / 4 * (1 + 0.05 * np.sin(7 * turn) + 0.002 * random.normal(size=600))
    ring = np.column_stack([east + far * np.cos(turn), north + far * np.sin(turn)])
    drawn = ops.AddPart("cell", "S0C0N11", tuple(map(tuple, ring.tolist())))
    edited = apply(state, drawn, RULES)
    assert_sound(edited.state)
    assert total_m2(edited.state, "cell") == pytest.approx(total_m2(state, "cell"), abs=0.05)
    part = shapely.Polygon(ring)
    now = edited.state.area("cell", "S0C0N11").shape
    assert area_m2([shapely.difference(part, now)])[0] < 0.05
