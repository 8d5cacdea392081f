import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gridmgmt.arrays import GeometryArray, objects
from gridmgmt.geometry.drawing.simplify import simplified, tolerances_m
from gridmgmt.geometry.measure import area_m2, on_grid

WEST, SOUTH, STEP = 120.15, 30.25, 0.001


def tessellation(seed: int, side: int = 5) -> GeometryArray:
    """A square cut into Voronoi cells with many vertices on every border."""
    rng = np.random.default_rng(seed)
    box = shapely.box(0, 0, side, side)
    seeds = shapely.MultiPoint(rng.uniform(0, side, (side * side, 2)))
    cells = shapely.get_parts(shapely.voronoi_polygons(seeds, extend_to=box))
    clipped = shapely.segmentize(shapely.coverage_clean(shapely.intersection(cells, box)), 0.1)

    def wavy(xy: np.ndarray) -> np.ndarray:
        x, y = xy.T
        moved = np.column_stack([x + 0.02 * np.sin(9 * y), y + 0.02 * np.sin(7 * x)])
        return np.array([WEST, SOUTH]) + moved * STEP

    return on_grid(shapely.transform(clipped, wavy))


@given(st.integers(0, 10_000), st.sampled_from([0.0, 1.0, 10.0, 40.0, 1e5]))
def test_what_was_a_coverage_stays_one_and_no_area_is_lost(seed: int, metres: float) -> None:
    cells = tessellation(seed)
    less = simplified(cells, metres)
    assert len(less) == len(cells)
    assert shapely.coverage_is_valid(less)
    assert (shapely.area(less) > 0).all()
    assert shapely.get_num_coordinates(less).sum() <= shapely.get_num_coordinates(cells).sum()


def test_a_border_moves_by_little_more_than_the_tolerance() -> None:
    cells = tessellation(3)
    less = simplified(cells, 10.0)
    degree_m = 111_000
    assert shapely.hausdorff_distance(cells, less).max() * degree_m < 40
    assert (
        shapely.get_num_coordinates(less).sum() < shapely.get_num_coordinates(cells).sum() / 2
    )


def test_neighbours_that_overlap_by_a_hair_are_simplified_each_for_itself() -> None:
    cells = tessellation(5)
    cells[0] = shapely.buffer(cells[0], 1e-8)
    assert not shapely.coverage_is_valid(cells)
    less = simplified(cells, 10.0)
    assert (shapely.area(less) > 0).all()
    assert area_m2(less).sum() == pytest.approx(area_m2(cells).sum(), rel=0.01)


def test_an_outline_that_crosses_itself_is_drawn_too() -> None:
    bow_tie = shapely.Polygon([(0, 0), (1e-3, 1e-3), (1e-3, 0), (0, 1e-3)])
    flat = shapely.Polygon([(0, 0), (1e-3, 0), (5e-4, 0)])
    less = simplified(objects([bow_tie, flat, shapely.box(0, 0, 1e-3, 1e-3)]), 5.0)
    assert len(less) == 3
    assert not shapely.is_empty(less).any()


def test_where_geos_refuses_the_whole_each_area_is_simplified_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # No layer was found that it refuses, damaged ones included; its checks of one are known to.
    def refuse(*_: object) -> None:
        message = "found non-noded intersection"
        raise shapely.errors.GEOSException(message)

    monkeypatch.setattr(shapely, "coverage_simplify", refuse)
    cells = tessellation(7)
    less = simplified(cells, 10.0)
    assert (
        shapely.get_num_coordinates(less).sum() < shapely.get_num_coordinates(cells).sum() / 2
    )
    assert not shapely.is_empty(less).any()


def test_nothing_is_simplified_to_nothing() -> None:
    assert simplified([], 10.0).shape == (0,)
    assert tolerances_m([]) == (2.0, 0.5)
