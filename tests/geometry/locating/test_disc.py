from math import pi

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmgmt.geometry.locating.disc import (
    MOST_CELLS,
    POINTS,
    Parts,
    cell_shares,
    crosses_border,
)
from gridmgmt.geometry.locating.locate import locate
from gridmgmt.geometry.locating.locator_index import Locator, build_locator
from gridmgmt.geometry.measure import metres_per_degree

SOUTH_WEST = np.array([120.0, 30.0])
WIDTH_DEG = 0.004
TOWN = shapely.box(*SOUTH_WEST, *(SOUTH_WEST + WIDTH_DEG))
# Nothing is there, and the town has no cell around it.
LAKE = shapely.Point(SOUTH_WEST + 0.0021).buffer(0.0004, quad_segs=3)


def irregular(seed: int, *, cells: int = 9, holes: bool = True) -> Locator:
    """Cells of a town, every one of which may be cut by the lake or have it as a hole."""
    rng = np.random.default_rng(seed)
    middles = shapely.multipoints(rng.uniform(0, WIDTH_DEG, (cells, 2)) + SOUTH_WEST)
    parts = shapely.get_parts(shapely.voronoi_polygons(middles, extend_to=TOWN))
    shapes = shapely.intersection(parts, TOWN)
    if holes:
        shapes = shapely.difference(shapes, LAKE)
    return build_locator([f"{n:02}" for n in range(len(shapes))], list(shapes))


def by_cell(index: Locator, parts: Parts, discs: int) -> np.ndarray:
    shares = np.zeros((discs, len(index.codes)))
    shares[parts.row, parts.cell] = parts.share
    return shares


def in_metres(index: Locator, lon: float, lat: float) -> np.ndarray:
    metres = np.array(metres_per_degree(lat))
    return shapely.transform(index.geoms, lambda lonlat: (lonlat - [lon, lat]) * metres)


positions = st.floats(-0.0005, WIDTH_DEG + 0.0005)
discs = st.tuples(st.integers(0, 20), positions, positions, st.floats(1.0, 200.0))


@settings(max_examples=40)
@given(discs)
def test_shares_are_those_of_the_polygons_cut_with_a_fine_circle(
    disc: tuple[int, float, float, float],
) -> None:
    seed, x, y, accuracy_m = disc
    index = irregular(seed)
    lon, lat = SOUTH_WEST + np.array([x, y])
    parts = cell_shares(index, [lon], [lat], [accuracy_m])
    shares = by_cell(index, parts, 1)[0]
    circle = shapely.Point(0, 0).buffer(accuracy_m, quad_segs=512)
    cut = shapely.intersection(in_metres(index, lon, lat), circle)
    assert np.abs(shares - shapely.area(cut) / (pi * accuracy_m**2)).max() < 1e-4
    assert (parts.share > 0).all()
    assert parts.share.sum() <= 1 + 1e-9
    # The middle of each part is its centroid.
    metres = np.array(metres_per_degree(lat))
    middles = (np.column_stack([parts.lon, parts.lat]) - [lon, lat]) * metres
    centroids = shapely.get_coordinates(shapely.centroid(cut[parts.cell]))
    large = parts.share > 0.001
    assert np.abs(middles - centroids)[large].max(initial=0) < 0.01 * accuracy_m


@given(st.integers(0, 20), st.floats(0.0015, 0.0025), st.floats(0.0015, 0.0025))
def test_the_shares_of_a_disc_within_the_coverage_add_up_to_one(
    seed: int, x: float, y: float
) -> None:
    index = irregular(seed, holes=False)
    lon, lat = SOUTH_WEST + np.array([x, y])
    parts = cell_shares(index, [lon], [lat], [100.0])
    assert parts.share.sum() == pytest.approx(1.0, abs=1e-9)


@settings(max_examples=10)
@given(st.integers(0, 20), st.integers(0, 1000))
def test_discs_around_the_vertices_of_cells_are_no_special_case(seed: int, nth: int) -> None:
    index = irregular(seed, holes=False)
    vertices = np.unique(shapely.get_coordinates(index.geoms), axis=0)
    within = vertices[(np.abs(vertices - SOUTH_WEST - 0.002) < 0.0014).all(axis=1)]
    lon, lat = within[nth % len(within)] if len(within) else SOUTH_WEST + 0.002
    # As wide as it is to another vertex: the circle goes right through it.
    metres = np.array(metres_per_degree(lat))
    apart_m = np.hypot(*((vertices - [lon, lat]) * metres).T)
    reach_m = apart_m[(apart_m > 0) & (apart_m < 50)][:20]
    n = len(reach_m)
    parts = cell_shares(index, np.full(n, lon), np.full(n, lat), reach_m)
    sums = np.bincount(parts.row, parts.share, minlength=n)
    assert sums == pytest.approx(np.ones(n), abs=1e-9)


def test_shares_are_what_scattering_points_over_the_disc_gives() -> None:
    index = irregular(3)
    lon, lat, accuracy_m = 120.0019, 30.0022, 90.0
    rng = np.random.default_rng(1)
    out = accuracy_m * np.sqrt(rng.uniform(size=200_000))
    turn = rng.uniform(0, 2 * pi, size=200_000)
    m_lon, m_lat = metres_per_degree(lat)
    at = lon + out * np.cos(turn) / m_lon, lat + out * np.sin(turn) / m_lat
    found = locate(index, *at, snap_m=0).cell
    scattered = np.bincount(found[found >= 0], minlength=len(index.codes)) / len(found)
    shares = by_cell(index, cell_shares(index, [lon], [lat], [accuracy_m]), 1)[0]
    assert np.abs(shares - scattered).max() < 0.005
    assert 0 < shares.sum() < 0.95  # the lake


def test_many_discs_are_each_what_they_are_alone() -> None:
    index = irregular(5)
    rng = np.random.default_rng(2)
    lon, lat = (SOUTH_WEST + rng.uniform(0, WIDTH_DEG, (50, 2))).T
    accuracy_m = rng.uniform(1, 150, 50)
    together = by_cell(index, cell_shares(index, lon, lat, accuracy_m), 50)
    for n in range(50):
        alone = cell_shares(index, lon[n], lat[n], accuracy_m[n])
        assert by_cell(index, alone, 1)[0].tolist() == together[n].tolist()


def test_parts_are_ranked_by_share_and_then_by_code() -> None:
    quarters = [
        shapely.box(x, y, x + 1, y + 1) for x, y in [(-1, -1), (0, -1), (-1, 0), (0, 0)]
    ]
    index = build_locator(["A", "B", "C", "D"], quarters)
    parts = cell_shares(index, [0.0, 0.00005], [0.0, 0.00005], [30, 30])
    ranked = [index.codes[parts.cell[parts.row == n]].tolist() for n in (0, 1)]
    assert ranked[0] == ["A", "B", "C", "D"]
    assert ranked[1][0] == "D"
    assert ranked[1][-1] == "A"


@pytest.mark.parametrize("radius", [np.nan, 0.0, -1.0, np.inf])
def test_what_is_no_radius_has_no_parts(radius: float) -> None:
    assert not len(cell_shares(irregular(1), [120.002], [30.002], [radius]).row)


@pytest.mark.parametrize("position", [(np.nan, 30.0), (np.inf, 30.0), (120.0, 91.0)])
def test_what_is_no_position_has_no_parts(position: tuple[float, float]) -> None:
    lon, lat = position
    assert not len(cell_shares(irregular(1), [lon], [lat], [20.0]).row)


def test_no_disc_and_no_cell_give_no_parts() -> None:
    assert not len(cell_shares(irregular(1), [], [], []).row)
    empty = build_locator([], [])
    assert not len(cell_shares(empty, [120.0, 120.0], [30.0, 30.0], [20.0, 20_000.0]).row)


def test_a_disc_outside_every_cell_has_no_parts_and_one_that_reaches_in_has_some() -> None:
    index = irregular(1)
    lon = SOUTH_WEST[0] - 0.0005  # 48 m west of the town
    parts = cell_shares(index, [lon, lon], [30.002, 30.002], [40, 80])
    assert set(parts.row) == {1}
    assert 0 < parts.share.sum() < 0.5


def test_a_cell_in_several_parts_has_one_share() -> None:
    pair = shapely.union_all([shapely.box(0, 0, 1, 1), shapely.box(1.0001, 0, 2, 1)])
    index = build_locator(["A"], [pair])
    parts = cell_shares(index, [1.00005], [0.5], [20])
    assert parts.cell.tolist() == [0]
    assert parts.share[0] < 1


def grid(n: int, step: float) -> Locator:
    boxes = [
        shapely.box(x, y, x + step, y + step)
        for x in 120 + step * np.arange(n)
        for y in 30 + step * np.arange(n)
    ]
    return build_locator([f"{k:05}" for k in range(len(boxes))], boxes)


def test_a_disc_on_very_many_cells_is_weighed_by_points() -> None:
    index = grid(30, 0.001)
    lon, lat = [120.015], [30.015]
    few, many = (cell_shares(index, lon, lat, [m]) for m in (300.0, 900.0))
    assert len(few.row) <= MOST_CELLS
    assert POINTS / 4 < len(many.row) <= POINTS
    assert few.share.sum() == pytest.approx(1, abs=1e-9)
    assert many.share.sum() == pytest.approx(1, abs=0.05)
    # As large parts of the disc as they stand for.
    west = many.lon < 120.015
    assert many.share[west].sum() == pytest.approx(0.5, abs=0.05)


def test_no_part_weighed_by_points_is_more_than_the_disc() -> None:
    index = build_locator(
        ["A", "B"], [shapely.box(119, 29, 120, 31), shapely.box(120, 29, 121, 31)]
    )
    lon = np.linspace(119.6, 120.4, 101)
    parts = cell_shares(index, lon, np.full(101, 30.0), 5_000.0)
    assert parts.share.max() <= 1
    summed = np.bincount(parts.row, parts.share)
    assert summed.max() <= 1 + 1e-9
    assert summed.min() > 0.95


@pytest.mark.parametrize("radius_km", [3, 30, 300])
def test_a_disc_far_wider_than_a_town_lies_in_all_of_it(radius_km: int) -> None:
    index = irregular(4)
    parts = cell_shares(index, [120.0045], [30.001], [1000.0 * radius_km])
    m_lon, m_lat = metres_per_degree(30.001)
    disc_m2 = pi * (1000.0 * radius_km) ** 2
    expected = shapely.area(index.geoms) * m_lon * m_lat / disc_m2
    assert len(parts.row) == len(index.codes)
    assert by_cell(index, parts, 1)[0] == pytest.approx(expected, abs=0.03 * expected.sum())


def test_a_disc_of_which_hardly_a_point_meets_a_cell_is_weighed_exactly() -> None:
    # Two towns, 100 km apart: their common box is all but empty.
    towns = [shapely.box(x, 30 + x - 120, x + 0.004, 30.004 + x - 120) for x in (120.0, 121.0)]
    index = build_locator(["A", "B"], towns)
    parts = cell_shares(index, [120.5, 120.5], [30.5, 30.5], [200_000.0, 10_000.0])
    assert parts.row.tolist() == [0, 0]
    assert parts.share == pytest.approx([1.3e-6] * 2, rel=0.1)


def test_a_disc_that_only_touches_a_border_does_not_cross_it() -> None:
    border_m = np.array([10.0, 10.0, np.nan, 10.0])
    accuracy_m = np.array([10.0, 10.001, 1.0, np.nan])
    assert crosses_border(border_m, accuracy_m).tolist() == [False, True, True, False]
