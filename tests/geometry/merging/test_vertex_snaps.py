"""Vertices of neighbours that were drawn apart are put on each other, and on nothing else."""

import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmgmt.geometry.editing.edit_state import EditState
from gridmgmt.geometry.editing.rings import Vertex, with_moved
from gridmgmt.geometry.merging.vertex_snaps import near_vertices, snapped
from tests.geometry.editing.cities import city
from tests.geometry.editing.test_edits import FOUR, shapes, vertices

# Steps of the grid, each about a millimetre.
STEPS = st.tuples(st.integers(-300, 300), st.integers(-300, 300))


def jittered(base: EditState, moves: dict[str, tuple[int, int]]) -> EditState:
    """Some cells have the corner of all elsewhere, as an editor of polygons leaves it."""
    [at] = set.intersection(*(vertices(base, code) for code in FOUR))
    made = []
    for code, (east, north) in moves.items():
        area = base.area("cell", code)
        made.append(
            area.with_outline(with_moved(area.outline, {at: (at[0] + east, at[1] + north)}))
        )
    return base.having(made)


def held(state: EditState) -> dict[Vertex, set[str]]:
    found: dict[Vertex, set[str]] = {}
    for code in state.codes("cell"):
        for one in vertices(state, code):
            found.setdefault(one, set()).add(code)
    return found


@settings(deadline=None, max_examples=60)
@given(
    moves=st.dictionaries(st.sampled_from(FOUR), STEPS, min_size=1),
    within_m=st.sampled_from([0.1, 0.3, 1.0]),
)
def test_a_vertex_goes_only_to_where_another_area_has_one(
    moves: dict[str, tuple[int, int]], within_m: float
) -> None:
    base = city()
    drawn = jittered(base, moves)
    made = snapped(base, drawn, "cell", within_m)
    then, now = held(drawn), held(made)
    for one, codes in now.items():
        # What an area has got was drawn by somebody, and is not its own alone.
        assert one in then
        assert codes == then[one] or len(codes) > 1, one
    # All of them lie within a metre of each other.
    if within_m == 1.0:
        assert near_vertices(base, made, "cell", within_m) == []
        assert shapely.coverage_is_valid(np.array([*shapes(made, "cell").values()]))
