import numpy as np
import shapely
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gridmgmt.geometry.drawing.contours import Bounds, contour_bands, contour_lines

BOUNDS = Bounds(0.0, 0.0, 8.0, 6.0)
FRAME = shapely.box(*BOUNDS)
# With flat places, zeros, and values on the breaks themselves.
grids = arrays(np.float64, (6, 8), elements=st.sampled_from([0.0, 0.5, 1.0, 2.0, 3.5, np.nan]))
BREAKS = [1.0, 2.0, 3.0]


@given(values=grids)
def test_bands_cover_the_outline_once(values: np.ndarray) -> None:
    bands = contour_bands(values, BOUNDS, BREAKS, FRAME)
    if np.isnan(values).all():
        assert bands == []
        return
    shapes = [one.shape for one in bands]
    assert all(shapely.is_valid(shape) for shape in shapes)
    assert abs(shapely.area(shapely.union_all(shapes)) - FRAME.area) < 1e-9
    assert abs(sum(shape.area for shape in shapes) - FRAME.area) < 1e-9


@given(values=grids)
def test_each_value_lies_in_its_band(values: np.ndarray) -> None:
    bands = contour_bands(values, BOUNDS, BREAKS, FRAME)
    for (row, column), value in np.ndenumerate(values):
        if np.isnan(value):
            continue
        middle = shapely.Point(column + 0.5, 6 - row - 0.5)
        touched = [one for one in bands if one.shape.distance(middle) < 1e-9]
        assert any(
            (one.lower is None or one.lower <= value)
            and (one.upper is None or value <= one.upper)
            for one in touched
        )


def test_a_hole_of_a_band_is_the_hill_in_it() -> None:
    values = np.zeros((5, 5))
    values[2, 2] = 4.0
    low, high = contour_bands(values, Bounds(0, 0, 5, 5), [2.0], shapely.box(0, 0, 5, 5))
    assert (low.lower, low.upper, high.lower, high.upper) == (None, 2.0, 2.0, None)
    assert len(low.shape.geoms[0].interiors) == 1
    assert shapely.Point(2.5, 2.5).within(high.shape)


def test_lines_are_cut_at_the_outline_and_joined() -> None:
    values = np.tile(np.arange(8.0), (6, 1))
    outline = shapely.union(shapely.box(0, 0, 8, 2), shapely.box(0, 4, 8, 6))
    [line] = contour_lines(values, BOUNDS, [3.0], outline)
    assert sorted(part.bounds for part in line.shape.geoms) == [
        (3.5, 0.0, 3.5, 2.0),
        (3.5, 4.0, 3.5, 6.0),
    ]


def test_without_values_or_breaks_there_are_no_lines() -> None:
    assert contour_lines(np.full((6, 8), np.nan), BOUNDS, BREAKS, FRAME) == []
    assert contour_lines(np.zeros((6, 8)), BOUNDS, BREAKS, FRAME) == []
    assert contour_lines(np.zeros((6, 8)), BOUNDS, [], FRAME) == []
    [band] = contour_bands(np.zeros((6, 8)), BOUNDS, [], FRAME)
    assert (band.lower, band.upper, band.shape.area) == (None, None, FRAME.area)
