"""What is measured in degrees first is no other sliver than what is measured in metres."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from shapely import affinity, box

from gridmgmt.arrays import objects
from gridmgmt.geometry.coverage.area_faults import SLIVER_WIDTH_M, _bounds_m2, slivers
from gridmgmt.geometry.coverage.level_areas import LevelAreas, MeasuredAreas
from gridmgmt.geometry.measure import area_m2, length_m

METRES = 1 / 111_000


# Latitude, width and length in metres, and how the box is turned.
@given(
    st.lists(
        st.tuples(
            st.floats(-85, 85), st.floats(0.1, 1.6), st.floats(0.5, 5000), st.floats(0, 180)
        ),
        min_size=1,
        max_size=20,
    )
)
def test_no_sliver_is_passed_over(drawn: list[tuple[float, float, float, float]]) -> None:
    shapes = [
        affinity.rotate(box(120, lat, 120 + wide * METRES, lat + long * METRES), angle)
        for lat, wide, long, angle in drawn
    ]
    codes = objects(str(n) for n in range(len(shapes)))
    none = objects([None] * len(shapes))
    areas = MeasuredAreas(LevelAreas("cell", codes, none, none, objects(shapes)))
    m2, perimeter_m = area_m2(areas.geoms), length_m(areas.geoms)
    least_m2, most_m2 = _bounds_m2(areas.geoms)
    assert (least_m2 <= m2).all()
    assert (m2 <= most_m2).all()
    wanted = (2 * m2 / np.maximum(perimeter_m, 1e-9) < SLIVER_WIDTH_M) | (m2 < 1.0)
    found = {one.codes[0] for one in slivers(areas, 1.0)}
    assert found == {codes[n] for n in np.flatnonzero(wanted & (m2 > 0))}
