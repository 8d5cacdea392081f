from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gridmgmt.geometry.locating import edge_distance
from gridmgmt.geometry.locating.edge_distance import Near, cells_near
from gridmgmt.geometry.locating.locate import Located, Locator, build_locator, locate
from gridmgmt.geometry.measure import metres_per_degree, on_grid
from tests import shapes
from tests.drawn import Drawing, geometry_array
from tests.geometry.hostile import hostile_points

PLACES = Drawing(
    """
    a.........b.........c
    .....................
    .....................
    ..........m.....n....
    .....................
    d.........e.........f
    ...............p.....
    ...o.................
    .....................
    .....................
    g.........h.........i
    """
)
FOUR = {
    "NW": PLACES.polygon("abed"),
    "NE": PLACES.polygon("bcfe"),
    "SW": PLACES.polygon("dehg"),
    "SE": PLACES.polygon("efih"),
}


def four() -> Locator:
    return build_locator(list(FOUR), geometry_array(*FOUR.values()))


def answers(index: Locator, located: Located) -> list[str | None]:
    return [None if cell < 0 else index.codes[cell] for cell in located.cell]


def candidates(index: Locator, located: Located, i: int) -> list[str]:
    chosen = located.candidates[located.offsets[i] : located.offsets[i + 1]]
    return [index.codes[cell] for cell in chosen]


def test_a_point_within_a_cell_belongs_to_it() -> None:
    index = four()
    lon, lat = PLACES.point("o")
    located = locate(index, [lon], [lat])
    assert answers(index, located) == ["SW"]
    assert (located.distance_m[0], located.snapped[0], located.on_boundary[0]) == (
        0,
        False,
        False,
    )
    assert candidates(index, located, 0) == ["SW"]


def test_a_point_on_a_shared_edge_goes_to_the_smallest_code() -> None:
    index = four()
    lon, lat = PLACES.point("m")
    located = locate(index, [lon], [lat])
    assert answers(index, located) == ["NE"]
    assert located.on_boundary[0]
    assert candidates(index, located, 0) == ["NE", "NW"]


def test_a_point_where_four_cells_meet_has_four_candidates() -> None:
    index = four()
    lon, lat = PLACES.point("e")
    located = locate(index, [lon], [lat])
    assert candidates(index, located, 0) == ["NE", "NW", "SE", "SW"]
    assert located.candidate_m.tolist() == [0, 0, 0, 0]


def test_an_outer_border_belongs_to_the_cell() -> None:
    index = four()
    lon, lat = PLACES.point("a")
    located = locate(index, [lon], [lat])
    assert answers(index, located) == ["NW"]
    assert not located.on_boundary[0]


def test_codes_are_compared_by_code_point() -> None:
    same = geometry_array(*[FOUR["NW"]] * 4)
    index = build_locator(["b", "一", "B", "10"], same)
    assert index.codes.tolist() == ["10", "B", "b", "一"]
    assert answers(index, locate(index, [PLACES.point("a")[0]], [PLACES.point("a")[1]])) == [
        "10"
    ]


def test_where_cells_overlap_the_smallest_code_wins_and_it_is_said() -> None:
    index = build_locator(["2", "1"], geometry_array(FOUR["NW"], PLACES.polygon("acig")))
    lon, lat = np.add(PLACES.point("a"), (3e-4, -2e-4))
    located = locate(index, [lon], [lat])
    assert answers(index, located) == ["1"]
    assert located.on_boundary[0]


def beyond_east(metres: float) -> tuple[float, float]:
    _, lat = PLACES.point("n")
    m_lon, _ = metres_per_degree(lat)
    return PLACES.point("c")[0] + metres / float(m_lon), lat


def test_a_point_in_no_cell_snaps_to_the_nearest_within_reach() -> None:
    index = four()
    lon, lat = beyond_east(8.0)
    located = locate(index, [lon], [lat])
    assert answers(index, located) == ["NE"]
    assert located.snapped[0]
    assert located.distance_m[0] == pytest.approx(8.0, abs=0.001)
    assert candidates(index, located, 0) == []


def test_limits_include_their_own_length() -> None:
    index = four()
    for metres, found in ((30.0, "NE"), (30.0011, None)):
        lon, lat = beyond_east(metres)
        assert answers(index, locate(index, [lon], [lat])) == [found]
    lon, lat = beyond_east(1.0)
    located = locate(index, [lon], [lat])
    assert candidates(index, located, 0) == ["NE"]
    assert located.candidate_m.tolist() == [1.0]


def test_without_snapping_a_point_outside_is_not_located() -> None:
    index = four()
    lon, lat = beyond_east(0.5)
    located = locate(index, [lon], [lat], snap_m=0)
    assert answers(index, located) == [None]
    assert np.isnan(located.distance_m[0])
    # Somebody who decides by hand still sees who is near.
    assert candidates(index, located, 0) == ["NE"]
    assert not locate(index, [lon], [lat], snap_m=0).snapped[0]


def test_equally_near_cells_are_taken_by_code() -> None:
    index = four()
    lon, lat = PLACES.point("f")
    located = locate(index, [lon + 1e-4], [lat])
    assert answers(index, located) == ["NE"]
    assert candidates(index, locate(index, [lon + 1e-4], [lat], candidate_m=20), 0) == [
        "NE",
        "SE",
    ]


def test_the_nearer_cell_wins_over_the_smaller_code() -> None:
    index = build_locator(["A", "B"], geometry_array(FOUR["NW"], PLACES.polygon("cnf")))
    lon, lat = np.subtract(PLACES.point("n"), (2e-5, 0))
    located = locate(index, [lon], [lat], snap_m=100, candidate_m=100)
    assert answers(index, located) == ["B"]
    assert candidates(index, located, 0) == ["B", "A"]


def test_candidates_come_by_distance_after_the_answer() -> None:
    index = four()
    lon, lat = PLACES.point("e")
    located = locate(index, [lon - 3e-6], [lat - 6e-6])
    assert candidates(index, located, 0) == ["SW", "SE", "NW", "NE"]
    assert (np.diff(located.candidate_m) >= 0).all()


def test_a_hole_is_not_part_of_its_cell() -> None:
    index = build_locator(["H"], geometry_array(shapes.HOLE))
    middle = shapely.Polygon(shapes.HOLE.interiors[0]).centroid
    located = locate(index, [middle.x], [middle.y], border=True)
    assert located.snapped[0]
    assert located.border_m is not None
    assert located.distance_m[0] == located.border_m[0] > 0


def test_every_part_of_an_exclave_is_the_cell() -> None:
    index = build_locator(["M"], geometry_array(shapes.MULTIPART))
    inside = [part.representative_point() for part in shapes.MULTIPART.geoms]
    located = locate(index, [p.x for p in inside], [p.y for p in inside])
    assert answers(index, located) == ["M", "M"]


@pytest.mark.parametrize(
    ("lon", "lat"),
    [(np.nan, 30.0), (120.0, np.nan), (np.inf, 30.0), (120.0, -np.inf), (120.0, 90.5)],
)
def test_what_is_no_position_is_not_located(lon: float, lat: float) -> None:
    located = locate(
        four(), [lon, *PLACES.point("o")[:1]], [lat, PLACES.point("o")[1]], border=True
    )
    assert located.cell.tolist() == [-1, 3]
    assert located.offsets.tolist() == [0, 0, 1]
    assert located.border_m is not None
    assert np.isnan(located.border_m[0])
    assert located.border_m[1] > 0


@pytest.mark.parametrize("geoms", [[], [None], [shapely.Polygon()]])
def test_an_index_without_ground_locates_nothing(geoms: list[object]) -> None:
    index = build_locator([str(i) for i in range(len(geoms))], geoms)
    located = locate(index, [120.0, 0.0], [30.0, 0.0], border=True)
    assert located.cell.tolist() == [-1, -1]
    assert located.candidates.tolist() == []
    assert located.border_m is not None
    assert np.isnan(located.border_m).all()


def test_no_point_gives_no_answer() -> None:
    located = locate(four(), [], [], border=True)
    assert len(located.cell) == 0
    assert located.offsets.tolist() == [0]


def test_negative_distances_and_uneven_lists_are_refused() -> None:
    for wrong in ({"candidate_m": -1.0}, {"snap_m": -1.0}, {"snap_m": float("nan")}):
        with pytest.raises(ValueError, match="distances"):
            locate(four(), [120.0], [30.0], **wrong)
    with pytest.raises(ValueError, match="2 codes for 1"):
        build_locator(["a", "b"], [FOUR["NW"]])


def test_wide_searches_go_in_small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    lon, lat = hostile_points(geometry_array(*FOUR.values()), 400)
    whole = locate(four(), lon, lat, candidate_m=200, border=True)
    monkeypatch.setattr(edge_distance, "_PAIRS", 7)
    small = locate(four(), lon, lat, candidate_m=200, border=True)
    for name in ("cell", "distance_m", "candidates", "candidate_m", "offsets", "border_m"):
        np.testing.assert_array_equal(getattr(whole, name), getattr(small, name))


def test_each_pair_of_point_and_cell_comes_once() -> None:
    near = cells_near(four().edges, *np.array([PLACES.point("e")]).T, np.array([500.0]))
    assert isinstance(near, Near)
    assert near.cell.tolist() == [0, 1, 2, 3]


# --- against the plainest possible code, in exact numbers -------------------------------


def covers_exactly(ring: np.ndarray, lon: float, lat: float) -> bool | None:
    """Whether a ring encloses a point, None on the ring, in exact fractions."""
    x, y = Fraction(lon), Fraction(lat)
    inside = False
    corners = [(Fraction(cx), Fraction(cy)) for cx, cy in ring.tolist()]
    for (ax, ay), (bx, by) in pairwise(corners):
        side = (bx - ax) * (y - ay) - (by - ay) * (x - ax)
        if side == 0 and min(ax, bx) <= x <= max(ax, bx) and min(ay, by) <= y <= max(ay, by):
            return None
        if (ay > y) != (by > y) and (side > 0) == (by > ay):
            inside = not inside
    return inside


def brute_force(geoms: list[shapely.Polygon], lon: float, lat: float) -> list[int]:
    covering = []
    for i, geom in enumerate(geoms):
        shell = covers_exactly(shapely.get_coordinates(geom.exterior), lon, lat)
        holes = [covers_exactly(shapely.get_coordinates(h), lon, lat) for h in geom.interiors]
        if shell is not False and not any(hole is True for hole in holes):
            covering.append(i)
    return covering


triples = st.lists(
    st.tuples(st.integers(0, 12), st.integers(0, 12)), min_size=3, max_size=3, unique=True
)


@given(st.lists(triples, min_size=1, max_size=5), st.integers(0, 10**6))
def test_every_answer_is_what_exact_arithmetic_says(
    triangles: list[list[tuple[int, int]]], seed: int
) -> None:
    # Thirds of a grid step make borders that no double lies on.
    shapes_ = [shapely.Polygon(np.array(c) / 3e4 + (120.17, 30.28)) for c in triangles]
    geoms = [geom for geom in on_grid(shapes_) if geom.is_valid and geom.area > 0]
    if not geoms:
        return
    index = build_locator([str(i) for i in range(len(geoms))], geoms)
    lon, lat = hostile_points(np.array(geoms, dtype=object), 60, seed=seed)
    located = locate(index, lon, lat, snap_m=0)
    for i in range(len(lon)):
        if not np.isfinite([lon[i], lat[i]]).all():
            continue
        expected = brute_force(geoms, lon[i], lat[i])
        assert located.cell[i] == (expected[0] if expected else -1)
        assert located.on_boundary[i] == (len(expected) > 1)


@given(st.integers(0, 10**6))
def test_borders_and_neighbours_are_what_a_loop_over_all_edges_says(seed: int) -> None:
    geoms = geometry_array(shapes.HOLE, shapes.TOUCHING, shapes.MULTIPART)
    index = build_locator(["a", "b", "c"], geoms)
    lon, lat = hostile_points(geoms, 60, seed=seed)
    located = locate(index, lon, lat, candidate_m=40.0, border=True)
    assert located.border_m is not None
    for i in np.flatnonzero(np.isfinite(lon) & (np.abs(lat) <= 90)):
        m_lon, m_lat = metres_per_degree(lat[i])
        scaled = shapely.transform(
            geoms, lambda c, i=i, m=(m_lon, m_lat): (c - (lon[i], lat[i])) * m
        )
        origin = shapely.Point(0, 0)
        assert located.border_m[i] == pytest.approx(
            shapely.distance(shapely.boundary(scaled), origin).min(), abs=6e-4, rel=1e-9
        )
        near = np.flatnonzero(shapely.distance(scaled, origin) < 39.999)
        chosen = located.candidates[located.offsets[i] : located.offsets[i + 1]]
        assert set(near) <= set(chosen.tolist())


@given(st.integers(0, 10**6))
def test_every_interior_point_of_a_tessellation_lies_in_exactly_one_cell(seed: int) -> None:
    rng = np.random.default_rng(seed)
    seeds = shapely.MultiPoint(rng.uniform((120.17, 30.27), (120.18, 30.28), (12, 2)))
    cells = shapely.get_parts(shapely.voronoi_polygons(seeds))
    index = build_locator([str(i) for i in range(len(cells))], cells)
    points = rng.uniform((120.171, 30.271), (120.179, 30.279), (200, 2))
    located = locate(index, points[:, 0], points[:, 1])
    assert (located.cell >= 0).all()
    assert not located.snapped.any()
    assert not located.on_boundary.any()
