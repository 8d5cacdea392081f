"""Lines that end on a border, as near as the grid allows, cut an area in two."""

from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import assume, given
from hypothesis import strategies as st

from gridmgmt.arrays import IntArray
from gridmgmt.geometry.editing import operations as ops
from gridmgmt.geometry.editing.edit_error import EditError
from gridmgmt.geometry.editing.edit_state import EditState
from gridmgmt.geometry.editing.edits import Edited, apply
from gridmgmt.geometry.editing.local_metres import LocalMetres
from gridmgmt.geometry.editing.outline import degrees, rings_of
from gridmgmt.geometry.editing.rings import Vertex, vertex
from gridmgmt.geometry.measure import area_m2
from tests.geometry.editing.cities import BORDER_M, RULES, city
from tests.geometry.editing.test_edits import assert_fits, keys, same_but

CITIES = [city(seed) for seed in range(4)]
Edge = frozenset[Vertex]

ends_on_edges = st.tuples(st.integers(0, 10_000), st.floats(0.05, 0.95))
insets = st.one_of(st.just(0.0), st.floats(0.0, 0.8 * BORDER_M))


def edges_of_cell(state: EditState, code: str) -> set[Edge]:
    return {
        frozenset(map(vertex, pair))
        for ring in rings_of(state.area("cell", code).outline)
        for pair in pairwise([*ring, ring[0]])
    }


def edges(state: EditState) -> set[Edge]:
    return {edge for code in state.codes("cell") for edge in edges_of_cell(state, code)}


def end_inside(
    state: EditState, code: str, on: tuple[int, float], inset_m: float
) -> tuple[IntArray, Edge]:
    """Return a place of the grid just inside a cell, beside an edge, and that edge."""
    area = state.area("cell", code)
    [ring] = rings_of(area.outline)
    row = on[0] % len(ring)
    one, other = ring[row], ring[(row + 1) % len(ring)]
    foot = one + (other - one) * on[1]
    middle = np.array(shapely.get_coordinates(area.shape.representative_point())[0]) * 1e8
    plane = LocalMetres(foot)
    towards = plane.of(middle)
    near = np.rint(foot + (middle - foot) * inset_m / np.hypot(*towards)).astype(np.int64)
    around = [near + np.array([east, north]) for east in (0, -1, 1) for north in (0, -1, 1)]
    inside = [
        place
        for place in around
        if shapely.contains_properly(area.shape, shapely.Point(degrees(place)))
    ]
    assume(inside)
    return inside[0], frozenset({vertex(one), vertex(other)})


def drawn_line(
    state: EditState,
    code: str,
    one: tuple[int, float],
    other: tuple[int, float],
    inset_m: float,
) -> tuple[tuple[ops.LonLat, ...], set[Edge]]:
    (begin, first), (end, last) = (end_inside(state, code, on, inset_m) for on in (one, other))
    assume(first != last)
    line = [tuple(degrees(place).tolist()) for place in (begin, end)]
    # All of it inside: it meets the border nowhere.
    assume(shapely.contains_properly(state.area("cell", code).shape, shapely.LineString(line)))
    # One that runs along the border leaves nothing to speak of on its other side.
    assume(shapely.LineString(line).length > 1e-4)
    return tuple(line), {first, last}


def assert_only_cut(state: EditState, edited: Edited, cut: set[Edge]) -> None:
    """Areas that did not change have their bytes, and only edges ended on are other ones."""
    same_but(state, edited.state, {(one.level, one.code) for one in edited.areas})
    assert edges(state) - edges(edited.state) <= cut
    assert_fits(edited.state)


@given(st.sampled_from(CITIES), st.integers(0, 15), ends_on_edges, ends_on_edges, insets)
def test_a_line_whose_ends_were_rounded_to_the_inside_splits(
    state: EditState,
    number: int,
    one: tuple[int, float],
    other: tuple[int, float],
    inset: float,
) -> None:
    code = sorted(state.codes("cell"))[number]
    line, cut = drawn_line(state, code, one, other, inset)
    edited = apply(state, ops.Split("cell", code, line), RULES)
    assert_only_cut(state, edited, cut)
    parent = state.area("cell", code).parent_code
    pieces = [edited.state.area("cell", each).shape for each in (code, f"{parent}-new1")]
    # The border bends to the ends of the line, by the tolerance at most.
    before = state.area("cell", code).shape
    assert area_m2(pieces).sum() == pytest.approx(
        area_m2([before])[0], abs=BORDER_M * 112_000 * before.length
    )


@given(st.sampled_from(CITIES), st.floats(0.2, 0.8), st.floats(0.2, 0.8), insets)
def test_a_line_whose_ends_were_rounded_to_the_inside_gives(
    state: EditState, low: float, high: float, inset: float
) -> None:
    giver, taker = "S0C0N01", "S1C0N00"
    [ring] = rings_of(state.area("cell", giver).outline)
    rows = len(ring)
    line, cut = drawn_line(
        state, giver, (int(low * rows), 0.5), (int(high * rows) + rows // 2, 0.5), inset
    )
    try:
        edited = apply(state, ops.Give("cell", giver, taker, line), RULES)
    except EditError as error:
        # What it cuts off may lie beside another, and cut it does.
        if "lies beside" not in str(error):
            raise
        return
    # Where the strip lay beside its taker there is no border any more.
    between = edges_of_cell(state, giver) & edges_of_cell(state, taker)
    assert_only_cut(state, edited, cut | between)
    assert {("cell", giver), ("cell", taker)} <= set(keys(edited))


def test_an_end_farther_inside_than_the_tolerance_cuts_nothing() -> None:
    state = CITIES[0]
    cell = state.area("cell", "S0C0N00").shape
    middle = cell.representative_point()
    line = ((cell.bounds[0] - 1e-4, middle.y), (middle.x, middle.y))
    with pytest.raises(EditError, match="does not cut"):
        apply(state, ops.Split("cell", "S0C0N00", line), RULES)
