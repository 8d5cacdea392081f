"""The raster by itself, with borders beside the lines of its pixels."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmgmt.arrays import FloatArray
from gridmgmt.geometry.locating import label_raster
from gridmgmt.geometry.locating.borders import borders_of
from gridmgmt.geometry.locating.label_lookup import look_up
from gridmgmt.geometry.locating.label_raster import ASK, LabelRaster
from gridmgmt.geometry.locating.tiling import NEAR, Tiling, tiling_over
from tests.geometry.locating.test_cover import brute_force

# A pixel is a whole number wide and high, so that what is meant is what is computed.
TILING = Tiling(-1.0, -1.0, 1.0, 1.0, 10, 10)
BESIDE = np.array([0, 0.1, 0.4, 0.5, 0.6, 0.9, 1.0, 1.1, 2.0]) * NEAR


def drawn(geoms: np.ndarray) -> LabelRaster:
    labels, words = label_raster._draw(borders_of(geoms), TILING)
    return LabelRaster(TILING, labels, words)


def looked_up(raster: LabelRaster, lon: FloatArray, lat: FloatArray) -> tuple[np.ndarray, ...]:
    cell = np.empty(len(lon), dtype=np.int32)
    ask = np.empty(len(lon), dtype=np.int64)
    words = raster.words
    n = look_up(
        lon,
        lat,
        raster.tiling.parameters(),
        raster.labels,
        words,
        words.view(np.float64),
        cell,
        ask,
    )
    return cell, ask[:n]


def beside_lines(rng: np.random.Generator, n: int) -> np.ndarray:
    """Coordinates on and beside the lines between pixels, and some anywhere."""
    lines = rng.integers(0, 8, n) + rng.choice([-1, 1], n) * rng.choice(BESIDE, n)
    return np.where(rng.random(n) < 0.3, rng.uniform(0, 7, n), np.clip(lines, 0, 7.5))


def shattered(rng: np.random.Generator) -> np.ndarray:
    """A coverage of triangles whose corners lie beside the lines of the pixels."""
    corners = np.column_stack([beside_lines(rng, 14), beside_lines(rng, 14)])
    triangles = shapely.get_parts(shapely.delaunay_triangles(shapely.MultiPoint(corners)))
    kept = [one for one in triangles if one.is_valid and one.area > 1e-9]
    return np.array(kept[: len(kept) - 2], dtype=object)


@settings(max_examples=60)
@given(seed=st.integers(0, 10**6))
def test_borders_beside_the_lines_of_pixels_are_seen_on_both_sides(seed: int) -> None:
    rng = np.random.default_rng(seed)
    geoms = shattered(rng)
    raster = drawn(geoms)
    lon = np.append(beside_lines(rng, 3_000), rng.uniform(-1, 8, 500))
    lat = np.append(beside_lines(rng, 3_000), rng.uniform(-1, 8, 500))
    # An ulp to each side of everything, so that points lie on both sides of every line.
    lon += rng.integers(-1, 2, len(lon)) * np.spacing(lon)
    lat += rng.integers(-1, 2, len(lat)) * np.spacing(lat)
    cell, ask = looked_up(raster, lon, lat)
    expected = brute_force(geoms, lon, lat)
    certain = np.setdiff1d(np.arange(len(lon)), ask)
    np.testing.assert_array_equal(cell[certain], expected.cell[certain])
    assert not expected.on_boundary[certain].any()
    assert (cell[ask] == -1).all()


def test_a_pixel_no_border_comes_near_is_answered_without_a_block() -> None:
    raster = drawn(np.array([shapely.box(0.5, 0.5, 6.5, 6.5)]))
    inside = raster.labels.reshape(10, 10)[2:7, 2:7]
    assert (inside == 0).all()
    assert raster.labels.reshape(10, 10)[0].tolist() == [-1] * 10


def test_a_point_on_a_border_a_vertex_or_at_its_latitude_is_left_to_geos() -> None:
    raster = drawn(np.array([shapely.Polygon([(0.2, 0.2), (6.3, 1.4), (3.1, 6.6)])]))
    lon, lat = np.array([0.2, 3.1, 6.3, 6.2, 3.25]), np.array([0.2, 6.6, 1.4, 1.4, 0.8])
    assert looked_up(raster, lon, lat)[1].tolist() == [0, 1, 2, 3, 4]


def test_pixels_of_overlapping_cells_ask() -> None:
    raster = drawn(np.array([shapely.box(0, 0, 6, 6), shapely.box(3, 3, 7, 7)]))
    lon, lat = np.array([4.5, 1.5, 6.5]), np.array([4.5, 1.5, 6.5])
    cell, ask = looked_up(raster, lon, lat)
    assert ask.tolist() == [0]
    assert cell.tolist() == [-1, 0, 1]


def test_a_pixel_of_more_pieces_than_its_head_can_count_asks() -> None:
    angles = np.linspace(0, 2 * np.pi, ASK + 10)[:-1]
    round_ = np.column_stack([np.cos(angles), np.sin(angles)]) * 0.4 + 2.5
    raster = drawn(np.array([shapely.Polygon(round_), shapely.box(4, 4, 5, 5)]))
    _, ask = looked_up(raster, np.array([2.5, 4.5]), np.array([2.5, 4.5]))
    assert ask.tolist() == [0]


def test_no_tiling_is_finer_than_the_steps_of_doubles() -> None:
    for size, there in ((1e-13, False), (1e-10, False), (1e-6, True)):
        ends = np.array([[120.0, 30.0, 120.0 + size, 30.0 + size]])
        assert (tiling_over(ends, 1.0, 10_000) is not None) == there


@pytest.mark.parametrize("value", [1e-300, 1e300])
def test_numbers_beyond_all_degrees_are_left_to_geos(value: float) -> None:
    geoms = np.array([shapely.box(0, 0, value, value)])
    raster = label_raster.label_raster(borders_of(geoms), geoms)
    _, ask = looked_up(raster, np.array([value / 2, np.nan]), np.array([1e-301, 1.0]))
    assert ask.tolist() == [0]
