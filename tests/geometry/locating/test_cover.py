from collections.abc import Callable
from threading import Thread

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmgmt.errors import CoverageError
from gridmgmt.geometry.locating import cover as covering
from gridmgmt.geometry.locating.cover import Covered, cover
from gridmgmt.geometry.locating.locate import locate
from gridmgmt.geometry.locating.locator_index import Locator, build_locator
from tests import shapes
from tests.geometry.coverages import KINDS, SOUTH, STEP, WEST, voronoi, wriggly
from tests.geometry.hostile import hostile_points


def located(geoms: np.ndarray) -> Locator:
    return build_locator([f"{i:04}" for i in range(len(geoms))], geoms)


def brute_force(geoms: np.ndarray, lon: np.ndarray, lat: np.ndarray) -> Covered:
    """Ask every cell about every point: covers, and the smallest code."""
    usable = np.isfinite(lon) & (np.abs(lat) <= 90)
    cell = np.full(len(lon), -1, dtype=np.int32)
    count = np.zeros(len(lon), dtype=int)
    for i in range(len(geoms) - 1, -1, -1):
        inside = usable & shapely.intersects_xy(geoms[i], lon, lat)
        cell[inside] = i
        count += inside
    return Covered(cell, count > 1)


def pixel_lines(index: Locator, rng: np.random.Generator, n: int) -> tuple[np.ndarray, ...]:
    """Points on the lines and corners between the pixels of the raster, and an ulp beside."""
    tiling = index.raster.tiling
    u = rng.integers(0, tiling.columns + 1, n).astype(float)
    v = rng.integers(0, tiling.rows + 1, n).astype(float)
    between = rng.integers(0, 3, n)
    u[between == 1] += rng.random((between == 1).sum())
    v[between == 2] += rng.random((between == 2).sum())
    lon, lat = tiling.west + u / tiling.per_lon, tiling.south + v / tiling.per_lat
    return (
        lon + rng.integers(-1, 2, n) * np.spacing(lon),
        lat + rng.integers(-1, 2, n) * np.spacing(lat),
    )


def wrong(index: Locator, geoms: np.ndarray, lon: np.ndarray, lat: np.ndarray) -> list[object]:
    got, expected = cover(index, lon, lat), brute_force(geoms, lon, lat)
    bad = (got.cell != expected.cell) | (got.on_boundary != expected.on_boundary)
    return list(zip(lon[bad], lat[bad], got.cell[bad], expected.cell[bad], strict=True))


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=12)
@given(seed=st.integers(0, 10**6))
def test_every_answer_is_what_asking_every_cell_gives(kind: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    geoms = KINDS[kind](rng)
    index = located(geoms)
    lon, lat = hostile_points(geoms, 1_500, seed=seed)
    at = (
        [lon, rng.uniform(WEST - STEP, WEST + 5 * STEP, 2_000)],
        [
            lat,
            rng.uniform(SOUTH - STEP, SOUTH + 5 * STEP, 2_000),
        ],
    )
    lines = pixel_lines(index, rng, 1_500)
    lon, lat = (np.concatenate([*one, line]) for one, line in zip(at, lines, strict=True))
    assert wrong(index, geoms, lon, lat) == []


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=5)
@given(seed=st.integers(0, 10**6))
def test_all_that_covers_a_point_is_told(kind: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    cells = KINDS[kind](rng)
    # Zones of other kinds lie across them, and one over everything.
    geoms = np.concatenate([cells, voronoi(rng), [shapely.box(*shapely.total_bounds(cells))]])
    lon, lat = hostile_points(geoms, 800, seed=seed)
    lon[:3] = np.nan
    row, cell = covering.covering(located(geoms), lon, lat)
    expected = [shapely.intersects_xy(geom, lon, lat) & np.isfinite(lon) for geom in geoms]
    assert [row.tolist(), cell.tolist()] == [
        one.tolist() for one in np.nonzero(np.array(expected).T)
    ]


@pytest.mark.parametrize("size", [1e-13, 1e-11, 1e-8, 1e-3, 1.0, 89.0])
@pytest.mark.parametrize(
    "corner", [(0.0, 0.0), (-180.0, -90.0), (179.0, 30.0), (120.0, 30.0), (120.0, 89.0)]
)
def test_coverages_of_any_size_anywhere_are_answered_exactly(
    size: float, corner: tuple[float, float]
) -> None:
    # Down to a few steps of doubles at 120 degrees, 1.4e-14, and up to the ends of the world.
    west, south = min(corner[0], 180.0 - size), min(corner[1], 90.0 - size)
    x, y = west + np.linspace(0, size, 4), south + np.linspace(0, size, 4)
    geoms = np.array(
        [shapely.box(x[i], y[j], x[i + 1], y[j + 1]) for i in range(3) for j in range(3)]
    )
    geoms = geoms[shapely.area(geoms) > 0]
    index = located(geoms)
    rng = np.random.default_rng(1)
    lon = rng.uniform(west - size, west + 2 * size, 1_000)
    lat = rng.uniform(south - size / 2, min(south + 1.5 * size, 90), 1_000)
    grid_lon, grid_lat = (one.ravel() for one in np.meshgrid(x, y))
    for towards in (-np.inf, 0.0, np.inf):
        lon = np.append(lon, np.nextafter(grid_lon, towards))
        lat = np.append(lat, np.nextafter(grid_lat, towards))
    assert wrong(index, geoms, lon, lat) == []


def test_a_polygon_that_crosses_itself_is_what_geos_makes_of_it() -> None:
    bow = shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2), (0, 0)])
    twice = shapely.Polygon([(3, 0), (5, 0), (5, 2), (3, 2), (3, 0), (5, 0), (5, 2), (3, 2)])
    spike = shapely.Polygon([(0, 3), (2, 3), (2, 5), (2, 3), (0, 3), (1, 4)])
    # Two more over both halves of the bow, whose rings count one half as less than nothing.
    over = [shapely.box(0.2, 0.2, 1.9, 1.8), shapely.box(0.1, 0.3, 1.8, 1.9)]
    geoms = np.array([bow, shapely.box(0.5, 0.5, 4, 1.5), twice, spike, *over])
    rng = np.random.default_rng(2)
    lon, lat = rng.uniform(-1, 6, (2, 4_000))
    assert wrong(located(geoms), geoms, lon, lat) == []


def test_none_and_empty_cells_keep_their_positions() -> None:
    geoms = np.array([None, shapely.Polygon(), shapes.HOLE, None, shapes.MULTIPART])
    lon, lat = hostile_points(geoms[[2, 4]], 500)
    index = located(geoms)
    assert wrong(index, geoms, lon, lat) == []
    assert set(cover(index, lon, lat).cell) == {-1, 2, 4}


def test_what_is_no_position_is_in_no_cell_and_no_point_gives_no_answer() -> None:
    index = located(np.array([shapely.box(-180, -90, 180, 90)]))
    lon = [np.nan, 0.0, np.inf, -np.inf, 0.0, 0.0, 0.0, 0.0, 180.0, 180.1]
    lat = [0.0, np.nan, 0.0, 0.0, np.inf, 90.5, -90.1, 90.0, -90.0, 0.0]
    assert cover(index, lon, lat).cell.tolist() == [-1] * 7 + [0, 0, -1]
    beyond = located(np.array([shapely.box(0, 80, 10, 100)]))
    assert cover(beyond, [5.0, 5.0], [85.0, 95.0]).cell.tolist() == [0, -1]
    assert len(cover(index, [], []).cell) == 0
    assert cover(located(np.empty(0, dtype=object)), [0.0], [0.0]).cell.tolist() == [-1]


def test_all_cells_that_cover_a_point_are_paired_with_it_once() -> None:
    index = located(np.array([shapely.box(x, 0, x + 1, 1) for x in range(3)]))
    covers = covering.covers_of(index, np.array([0.5, 1.0, 2.0, 9.0, 2.5]), np.full(5, 0.5))
    row, cell = covers.pairs(np.array([0, 1, 3, 4]))
    assert sorted(zip(row.tolist(), cell.tolist(), strict=True)) == [
        (0, 0),
        (1, 0),
        (1, 1),
        (4, 2),
    ]


def test_many_threads_say_what_one_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(covering, "_WORTH_A_THREAD", 10)
    geoms = wriggly(np.random.default_rng(3))
    index = located(geoms)
    lon, lat = hostile_points(geoms, 5_000)
    one, many = cover(index, lon, lat), cover(index, lon, lat, threads=3)
    np.testing.assert_array_equal(one.cell, many.cell)
    np.testing.assert_array_equal(one.on_boundary, many.on_boundary)


def test_geos_is_asked_by_one_thread_at_a_time() -> None:
    # On the border, about which GEOS is asked; the first time outside, for the compiler's sake.
    index = located(np.array([shapely.box(0, 0, 1, 1)]))
    cover(index, [9.0], [9.0])
    answers: list[Covered] = []
    asking = Thread(target=lambda: answers.append(cover(index, [1.0], [0.5])))
    with index.turn:
        asking.start()
        asking.join(0.2)
        assert answers == []
    asking.join()
    assert answers[0].cell.tolist() == [0]


@pytest.mark.parametrize("ask", [cover, locate])
@pytest.mark.parametrize(
    ("lon", "lat"),
    [([0.5, 0.5], [0.5]), ([0.5, 0.5], 0.5), ([], [0.5]), ([[0.5, 0.5]], [[0.5, 0.5]])],
)
def test_positions_that_are_no_pairs_are_refused(
    ask: Callable[..., object], lon: object, lat: object
) -> None:
    with pytest.raises(ValueError, match="longitudes of shape"):
        ask(located(np.array([shapely.box(0, 0, 1, 1)])), lon, lat)


@pytest.mark.parametrize("make", [wriggly, voronoi])
def test_where_neighbours_match_geos_is_asked_about_borders_only(make: object) -> None:
    rng = np.random.default_rng(4)
    geoms = make(rng)  # type: ignore[operator]
    index = located(geoms)
    west, south, east, north = shapely.total_bounds(geoms)
    lon, lat = rng.uniform(west, east, 20_000), rng.uniform(south, north, 20_000)
    assert len(covering.covers_of(index, lon, lat).asked) == 0


def test_overlaps_beyond_the_tolerance_are_refused_by_name() -> None:
    geoms = wriggly(np.random.default_rng(5), 3)
    codes = list("abcdefghi")
    assert len(build_locator(codes, geoms, tolerance_m2=1.0).codes) == 9
    # Within f, along the border of d and e, and all of h once more.
    inner = geoms[5].representative_point().buffer(1e-5)
    wider = shapely.union(geoms[3], geoms[3].buffer(2e-5))
    cells = [*geoms, inner, wider, geoms[7]]
    with pytest.raises(CoverageError) as refused:
        build_locator([*codes, "j", "k", "l"], cells, tolerance_m2=1.0)
    pairs = {problem.codes for problem in refused.value.found}  # type: ignore[attr-defined]
    assert {("f", "j"), ("d", "k"), ("e", "k"), ("h", "l")} <= pairs
    assert any("f, j" in told and "m²" in told for told in refused.value.problems)
    # Without a tolerance they are answered: the smallest code, and it is said.
    assert build_locator([*codes, "j", "k", "l"], cells)


def test_an_overlap_within_the_tolerance_is_accepted() -> None:
    one, other = shapely.box(0, 0, 1e-3, 1e-3), shapely.box(9.995e-4, 0, 2e-3, 1e-3)
    assert len(build_locator(["a", "b"], [one, other], tolerance_m2=20.0).codes) == 2
    with pytest.raises(CoverageError, match="cell a, b: both claim the same ground"):
        build_locator(["a", "b"], [one, other], tolerance_m2=5.0)
