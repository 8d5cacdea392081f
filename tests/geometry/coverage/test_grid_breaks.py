"""Outlines that only the storage grid breaks."""

import numpy as np
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gridmgmt.geometry.coverage.grid_breaks import grid_breaks, mended_on_grid
from gridmgmt.geometry.measure import on_grid

STEP = 1e-8


def moved(*corners: tuple[float, float]) -> shapely.Polygon:
    return shapely.Polygon([(120 + x, 30 + y) for x, y in corners])


# A notch whose tip lies less than half a step above the bottom edge: rounded, it touches it.
NOTCHED = moved((0, 0), (0.001, 0), (0.001, 0.001), (0.0005, 0.4 * STEP), (0, 0.001))
# Thinner than the grid everywhere.
THREAD = moved((0, 0), (0.001, 0), (0.001, 0.2 * STEP), (0, 0.2 * STEP))
HOLED = shapely.Polygon(
    shapely.box(120, 30, 120.001, 30.001).exterior,
    [shapely.box(120.0005, 30.0005, 120.0005 + 0.2 * STEP, 30.0005 + 0.2 * STEP).exterior],
)
PLAIN = shapely.box(120, 30, 120.001, 30.001)
# On the grid its two points are one.
SHORT_LINE = shapely.LineString([(120, 30), (120, 30 + 0.2 * STEP)])
BOW_TIE = moved((0, 0), (0.001, 0.001), (0.001, 0), (0, 0.001))


def test_only_what_the_grid_breaks_is_named() -> None:
    parts = shapely.MultiPolygon([PLAIN, shapely.transform(NOTCHED, lambda xy: xy + 1)])
    others = [PLAIN, BOW_TIE, None, shapely.Point(1, 2), SHORT_LINE]
    exact = np.array([NOTCHED, *others, THREAD, HOLED, parts])
    found = grid_breaks(exact, on_grid(exact))
    assert [one.row for one in found] == [0, 6, 7, 8]
    assert "at 120.0005" in found[0].fault


def test_mended_outlines_are_valid_and_on_the_grid() -> None:
    # Odd steps beside it, so that a coarser grid is seen too.
    moved_by_steps = shapely.transform(NOTCHED, lambda xy: xy + 3 * STEP)
    # Heights go, and no zero is negative.
    high = shapely.force_3d(shapely.box(-0.001, -0.001, -0.2 * STEP, -0.2 * STEP), 5)
    exact = np.array([NOTCHED, HOLED, moved_by_steps, high])
    mended = mended_on_grid(exact)
    assert (shapely.hausdorff_distance(mended[[0, 2]], exact[[0, 2]]) < STEP).all()
    assert shapely.is_valid(mended).all()
    assert (shapely.to_wkb(on_grid(mended)) == shapely.to_wkb(mended)).all()
    assert np.allclose(shapely.area(mended), shapely.area(exact), atol=1e-10)


def test_an_outline_thinner_than_the_grid_becomes_empty() -> None:
    assert mended_on_grid(np.array([THREAD]))[0].is_empty


@given(
    st.lists(
        st.tuples(st.integers(0, 60), st.integers(0, 60)), min_size=3, max_size=12, unique=True
    )
)
def test_whatever_the_grid_breaks_is_mended_or_empty(corners: list[tuple[int, int]]) -> None:
    # Corners at tenths of a step, so that rounding matters everywhere.
    outline = moved(*((x * STEP / 10, y * STEP / 10) for x, y in corners))
    exact = np.array([outline])
    if grid_breaks(exact, on_grid(exact)):
        mended = mended_on_grid(exact)[0]
        assert mended.is_empty or mended.is_valid
        assert mended.is_empty or shapely.hausdorff_distance(mended, outline) < 3 * STEP


def test_nothing_is_found_in_an_empty_layer() -> None:
    nothing = np.array([], dtype=object)
    assert grid_breaks(nothing, nothing) == []
    assert len(mended_on_grid(nothing)) == 0
