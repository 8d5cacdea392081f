"""Where the changes of two sides meet: compared with overlay, whichever way they lie."""

import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gridmgmt.geometry.editing.edit_state import DraftArea
from gridmgmt.geometry.merging.edge_changes import Meetings, SideEdges

# Degrees of so many steps are exact as floating point numbers: 390,625 / 1e8 = 1 / 256.
UNIT = 390_625
TRIANGLE = st.lists(
    st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=3, max_size=3, unique=True
)


@settings(deadline=None, max_examples=150)
@given(mine=TRIANGLE, theirs=TRIANGLE)
def test_two_new_areas_meet_unless_they_have_a_vertex_in_common_alone(
    mine: list[tuple[int, int]], theirs: list[tuple[int, int]]
) -> None:
    rings = [shapely.LinearRing(one) for one in (mine, theirs)]
    assume(all(shapely.Polygon(ring).area > 0 for ring in rings))
    common = shapely.get_coordinates(shapely.intersection(*rings))
    lines = shapely.length(shapely.intersection(*rings)) > 0
    corners = {*mine} & {*theirs}
    is_meeting = lines or not {(x, y) for x, y in common.tolist()} <= corners
    found = Meetings(new_area("A", mine), new_area("B", theirs), frozenset())
    assert bool(found.groups) == is_meeting
    assert not found.same


def new_area(code: str, corners: list[tuple[int, int]]) -> SideEdges:
    ring = np.array(corners, dtype=np.int64) * UNIT
    return SideEdges({code: (None, DraftArea("cell", code, code, None, ((ring,),)))})


@pytest.mark.parametrize("follow", [frozenset(), frozenset({"A", "B"})])
def test_areas_that_are_made_from_those_in_them_meet_nowhere(follow: frozenset[str]) -> None:
    sides = [
        new_area(code, corners)
        for code, corners in (("A", [(0, 0), (4, 0), (2, 2)]), ("B", [(1, 0), (3, 0), (2, 4)]))
    ]
    assert bool(Meetings(*sides, follow).groups) == (not follow)
