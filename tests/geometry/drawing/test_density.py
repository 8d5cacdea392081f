import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtr
from shapely.geometry.base import BaseGeometry

from gridmgmt.arrays import FloatArray
from gridmgmt.geometry.crs.crs import from_lonlat, resolve, to_lonlat
from gridmgmt.geometry.drawing.density import DensityFrame, nice_breaks
from gridmgmt.geometry.measure import metres_per_degree

# A rectangle of 12 by 9 km on the plane of EPSG:4548, east of its central meridian.
PLANE = resolve("4548")
X0, Y0, WIDE, HIGH = 510_000.0, 3_350_000.0, 12_000.0, 9_000.0
BANDWIDTH = 400.0


def lonlat_box(x0: float = X0, y0: float = Y0) -> BaseGeometry:
    corners = [(x0, y0), (x0 + WIDE, y0), (x0 + WIDE, y0 + HIGH), (x0, y0 + HIGH)]
    lon, lat = to_lonlat(*np.array(corners).T, PLANE)
    return shapely.Polygon(np.column_stack([lon, lat]))


FRAME = DensityFrame(lonlat_box(), BANDWIDTH)


def exact(x: FloatArray, y: FloatArray, at_x: FloatArray, at_y: FloatArray) -> FloatArray:
    """The sum of Gaussians over the kernel's mass in the rectangle, per square kilometre."""

    def part(v: FloatArray, low: float, length: float) -> FloatArray:
        found: FloatArray = ndtr((low + length - v) / BANDWIDTH) - ndtr((low - v) / BANDWIDTH)
        return found

    total = np.zeros(at_x.shape)
    for px, py in zip(x, y, strict=True):
        squared = ((at_x - px) ** 2 + (at_y - py) ** 2) / BANDWIDTH**2
        total += np.exp(-squared / 2) / (2 * np.pi * (BANDWIDTH / 1000) ** 2)
    return total / part(at_x, X0, WIDE) / part(at_y, Y0, HIGH)


cases = st.lists(
    st.tuples(st.floats(0, 1, allow_subnormal=False), st.floats(0, 1, allow_subnormal=False)),
    min_size=1,
    max_size=40,
)


@given(cases)
def test_the_density_is_the_exact_sum_of_kernels_within_one_percent(
    where: list[tuple[float, float]],
) -> None:
    x, y = np.array(where).T * np.array([[WIDE], [HIGH]]) + np.array([[X0], [Y0]])
    raster = FRAME.density(*to_lonlat(x, y, PLANE))
    lon, lat = raster.middles()
    inside = np.isfinite(raster.values)
    at_x, at_y = from_lonlat(lon[inside], lat[inside], PLANE)
    wanted = exact(x, y, at_x, at_y)
    worst = np.abs(raster.values[inside] - wanted).max()
    assert worst <= 0.01 * wanted.max()


@given(cases)
def test_away_from_the_edge_the_density_adds_up_to_the_number_of_cases(
    where: list[tuple[float, float]],
) -> None:
    reach = 4 * BANDWIDTH
    size = np.array([[WIDE], [HIGH]]) - 2 * reach
    x, y = np.array(where).T * size + np.array([[X0], [Y0]]) + reach
    raster = FRAME.density(*to_lonlat(x, y, PLANE))
    assert raster.total() == pytest.approx(len(where), rel=0.01)


def test_an_even_city_adds_up_and_is_as_dense_at_its_edge_as_in_its_middle() -> None:
    rng = np.random.default_rng(1)
    x, y = rng.uniform(X0, X0 + WIDE, 20_000), rng.uniform(Y0, Y0 + HIGH, 20_000)
    raster = FRAME.density(*to_lonlat(x, y, PLANE))
    assert raster.total() == pytest.approx(20_000, rel=0.01)
    # 20,000 on 108 km²: even, at the edges as in the middle.
    assert np.nanmean(raster.values) == pytest.approx(20_000 / 108, rel=0.01)
    at_x, at_y = from_lonlat(*raster.middles(), PLANE)
    inner = (np.abs(at_x - X0 - WIDE / 2) < WIDE / 2 - BANDWIDTH) & (
        np.abs(at_y - Y0 - HIGH / 2) < HIGH / 2 - BANDWIDTH
    )
    assert np.nanmean(raster.values[~inner]) == pytest.approx(20_000 / 108, rel=0.02)


def test_moving_the_city_and_its_cases_moves_the_density() -> None:
    x, y = np.array([X0 + 3_000, X0 + 3_100]), np.array([Y0 + 4_000, Y0 + 7_000])
    here = FRAME.density(*to_lonlat(x, y, PLANE))
    # Whole cells on the same plane, so that only the projection differs.
    moved = DensityFrame(lonlat_box(X0 + 2_000, Y0 + 1_000), BANDWIDTH)
    there = moved.density(*to_lonlat(x + 2_000, y + 1_000, PLANE))
    assert here.total() == pytest.approx(there.total(), rel=1e-3)
    assert np.nanmax(here.values) == pytest.approx(np.nanmax(there.values), rel=0.03)


def test_no_case_is_zero_everywhere_inside_and_nothing_outside() -> None:
    triangle = shapely.Polygon([(120.0, 30.0), (120.1, 30.0), (120.0, 30.1)])
    raster = DensityFrame(triangle, 300.0).density([], [])
    inside = np.isfinite(raster.values)
    assert 0.35 < inside.mean() < 0.6
    assert np.unique(raster.values[inside]).tolist() == [0.0]
    assert raster.total() == 0.0
    # The first row is the north, where the triangle ends in a point on the west.
    top, *_, bottom = np.flatnonzero(inside.any(axis=1))
    assert inside[top].sum() < 3 < inside[bottom].sum()
    assert (np.diff([row.argmax() for row in inside[top : bottom + 1]]) == 0).all()


def test_pixels_are_square_in_metres_and_the_bandwidth_is_in_metres() -> None:
    raster = FRAME.density([], [])
    lon, lat = raster.middles()
    x, y = from_lonlat(lon, lat, PLANE)
    across = np.hypot(np.diff(x, axis=1), np.diff(y, axis=1))
    along = np.hypot(np.diff(x, axis=0), np.diff(y, axis=0))
    assert across.min() > 0.995 * BANDWIDTH / 2
    assert across.max() < 1.005 * BANDWIDTH / 2
    assert along.min() > 0.995 * BANDWIDTH / 2
    assert along.max() < 1.005 * BANDWIDTH / 2


def test_a_case_outside_counts_for_what_its_kernel_puts_inside() -> None:
    y = np.array([Y0 + 4_000])
    just, far = (FRAME.density(*to_lonlat(np.array([X0 - m]), y, PLANE)) for m in (20, 3_000))
    # Whole pixels are added up: a strip of up to half a pixel at the edge is too much.
    assert 0.4 < just.total() < 0.9
    assert far.total() == 0.0


def test_several_cases_on_one_spot_count_as_often() -> None:
    x, y = np.array([X0 + 3_000, X0 + 6_000]), np.array([Y0 + 4_000, Y0 + 5_000])
    counted = FRAME.density(*to_lonlat(x, y, PLANE), [3, 1]).values
    repeated = FRAME.density(*to_lonlat(x[[0, 0, 0, 1]], y[[0, 0, 0, 1]], PLANE)).values
    assert np.allclose(counted, repeated, equal_nan=True)


def test_a_hole_in_the_city_has_no_density() -> None:
    city = lonlat_box()
    lake = shapely.affinity.scale(city, 0.3, 0.3)
    raster = DensityFrame(city.difference(lake), BANDWIDTH).density([], [])
    rows, columns = raster.values.shape
    assert np.isnan(raster.values[rows // 2, columns // 2])


def test_a_city_smaller_than_a_pixel_still_has_one() -> None:
    tiny = shapely.box(120.0, 30.0, 120.0001, 30.0001)
    raster = DensityFrame(tiny, 1_000.0).density([120.00005], [30.00005])
    assert np.isfinite(raster.values).sum() == 1


def test_two_pixels_beyond_the_city_are_estimated_for_drawing_between_pixels() -> None:
    rng = np.random.default_rng(2)
    x, y = rng.uniform(X0, X0 + WIDE, 20_000), rng.uniform(Y0, Y0 + HIGH, 20_000)
    raster = FRAME.density(*to_lonlat(x, y, PLANE))
    inside = np.isfinite(raster.values)
    assert np.array_equal(raster.wide[inside], raster.values[inside])
    ring = np.isfinite(raster.wide) & ~inside
    assert ring.any()
    # As even there as inside, since the kernel's mass is divided out there too.
    assert raster.wide[ring].mean() == pytest.approx(20_000 / 108, rel=0.05)
    at_x, at_y = from_lonlat(*raster.middles(), PLANE)
    apart = np.maximum(
        np.abs(at_x - X0 - WIDE / 2) - WIDE / 2, np.abs(at_y - Y0 - HIGH / 2) - HIGH / 2
    )
    assert np.isfinite(raster.wide[apart < 0.9 * BANDWIDTH]).all()


def test_cases_counted_in_squares_are_as_those_at_their_middles() -> None:
    rng = np.random.default_rng(3)
    x, y = rng.uniform(X0, X0 + WIDE, 5_000), rng.uniform(Y0, Y0 + HIGH, 5_000)
    steps = np.array([[FRAME.step_lon], [FRAME.step_lat]])
    places, cases = np.unique(
        np.rint(np.array(to_lonlat(x, y, PLANE)) / steps), axis=1, return_counts=True
    )
    counted = FRAME.density(*(places * steps), cases)
    each = FRAME.density(*np.repeat(places * steps + steps * 1e-4, cases, axis=1))
    assert np.allclose(counted.values, each.values, rtol=1e-3, equal_nan=True)


def test_the_kernel_is_as_many_metres_wide_in_the_north_as_in_the_south() -> None:
    tall = DensityFrame(shapely.box(119.0, 29.0, 119.3, 33.0), 2_000.0)
    lon, lat = np.array([119.15, 119.15]), np.array([29.4, 32.6])
    raster = tall.density(lon, lat)
    at_lon, at_lat = raster.middles()
    for one_lon, one_lat in zip(lon, lat, strict=True):
        near = np.abs(at_lat - one_lat) < 0.05
        m_lon, m_lat = metres_per_degree([one_lat])
        squared = ((at_lon - one_lon) * m_lon) ** 2 + ((at_lat - one_lat) * m_lat) ** 2
        wanted = np.exp(-squared / 2 / 2_000**2) / (2 * np.pi * 4)
        worst = np.nanmax(np.abs(raster.values - wanted)[near])
        assert worst < 0.01 * wanted.max()


def test_nothing_to_cover_no_bandwidth_and_too_fine_a_one_are_refused() -> None:
    with pytest.raises(ValueError, match="outline with an area"):
        DensityFrame(shapely.Polygon(), 300.0)
    with pytest.raises(ValueError, match="no bandwidth"):
        DensityFrame(lonlat_box(), 0.0)
    with pytest.raises(ValueError, match="too fine for so large a city"):
        DensityFrame(shapely.box(119, 29, 121, 31), 50.0)


@given(st.floats(1e-9, 1e9))
def test_breaks_are_round_ascending_and_reach_up_to_the_largest(largest: float) -> None:
    breaks = nice_breaks(largest)
    assert len(breaks) == 5
    assert breaks == sorted(breaks)
    assert breaks[-1] <= largest < 2.6 * breaks[-1]
    assert all(f"{step:e}"[0] in "125" and float(f"{step:.0e}") == step for step in breaks)
