"""Levels above follow cells that were redrawn without them, as in an editor of one layer."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmgmt.geometry.editing.edit_error import EditError
from gridmgmt.geometry.editing.edit_state import DraftArea, EditState
from gridmgmt.geometry.editing.edits import same_area
from gridmgmt.geometry.editing.outline import degrees, outline_of, rings_of
from gridmgmt.geometry.merging.upper_levels import followed
from tests.geometry.editing.cities import BORDER_M, city
from tests.geometry.editing.test_edits import FOUR, corner, vertices
from tests.geometry.merging.test_merging import any_operation, done, moved, seen


def cells_alone(base: EditState, state: EditState) -> EditState:
    """The cells of a state, and the levels above as they were."""
    cells = [state.area("cell", code) for code in sorted(state.codes("cell"))]
    gone = [base.area("cell", code) for code in base.codes("cell")]
    return base.having(cells, without=gone)


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 20), data=st.data())
def test_levels_above_follow_as_if_they_had_been_edited_with_their_cells(
    seed: int, data: st.DataObject
) -> None:
    base = state = city(seed)
    for one in data.draw(st.lists(any_operation(base, "m"), min_size=1, max_size=3)):
        try:
            state = done(state, one)
        except EditError:
            continue
    found = followed(base, cells_alone(base, state), BORDER_M)
    assert seen(found, base, state) == seen(state, base, found)


def test_ground_given_up_or_newly_drawn_changes_nothing_above() -> None:
    base = city()
    # On two vertices of the outer border, so that no other cell gets one.
    code = "S0C0N00"
    first, second = outer_vertices(base, code)
    beyond = shapely.Point(120.16, 30.26)
    triangle = shapely.orient_polygons(shapely.Polygon([first, second, beyond]))
    drawn = base.having([DraftArea("cell", "new", "new", code[:4], outline_of(triangle))])
    retired = base.having([], without=[base.area("cell", code)])
    for state in (drawn, retired):
        found = followed(base, state, BORDER_M)
        for level in ("community", "street"):
            for code in base.codes(level):
                assert same_area(found.area(level, code), base.area(level, code)), (level, code)


@pytest.mark.parametrize("is_beside", [True, False])
def test_an_area_that_was_redrawn_itself_stays_as_it_was_drawn(is_beside: bool) -> None:
    base = city()
    at, code = corner(base, FOUR), FOUR[0][:4]
    cells = cells_alone(base, done(base, moved(at, 4e-6)))
    # A hair beside its old border there, or elsewhere.
    place, east = (at, 2e-7) if is_beside else (outer_vertices(base, "S0C0N00")[0], 2e-6)
    drawn = done(base, moved(place, east)).area("community", code)
    found = followed(base, cells.having([drawn]), BORDER_M)
    assert same_area(found.area("community", code), drawn)
    other = FOUR[1][:4]
    assert not same_area(found.area("community", other), base.area("community", other))


def outer_vertices(state: EditState, code: str) -> list[tuple[float, float]]:
    """Two vertices beside each other that a cell has alone."""
    others = {v for one in state.codes("cell") if one != code for v in vertices(state, one)}
    ring = [(x, y) for x, y in rings_of(state.area("cell", code).outline)[0].tolist()]
    n = next(n for n in range(len(ring) - 1) if not {ring[n], ring[n + 1]} & others)
    return [(lon, lat) for lon, lat in degrees(np.array(ring[n : n + 2])).tolist()]


def test_what_fits_already_stays() -> None:
    base = city()
    state = done(base, moved(corner(base, FOUR), 4e-6))
    found = followed(base, state, BORDER_M)
    assert seen(found, base, state) == seen(state, base, found)
