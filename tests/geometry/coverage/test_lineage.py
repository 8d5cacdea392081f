import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gridmgmt.geometry.coverage.lineage import lineage
from gridmgmt.geometry.measure import area_m2
from tests.drawn import Drawing, geometry_array

PLACES = Drawing(
    """
    a...b...c
    .........
    d...e...f
    .........
    g...h...i
    """
)
WEST, EAST = PLACES.polygon("abhg"), PLACES.polygon("bcih")
NORTH, SOUTH = PLACES.polygon("acfd"), PLACES.polygon("dfig")


def test_a_split_area_goes_to_its_parts_by_ground() -> None:
    descents = lineage(["W"], [WEST], ["N", "S"], [NORTH, SOUTH])
    assert [(d.old_code, d.new_code) for d in descents] == [("W", "S"), ("W", "N")]
    assert [d.share for d in descents] == pytest.approx([0.5, 0.5], abs=1e-4)
    assert sum(d.overlap_m2 for d in descents) == pytest.approx(area_m2([WEST])[0])


def test_ground_that_no_new_area_holds_has_a_row_of_its_own() -> None:
    descents = lineage(["W", "E"], [WEST, EAST], ["N"], [NORTH])
    assert [(d.old_code, d.new_code) for d in descents] == [
        ("W", "N"),
        ("W", None),
        ("E", "N"),
        ("E", None),
    ]


def test_an_area_that_is_gone_altogether_went_to_none() -> None:
    [gone] = lineage(["W"], [WEST], [], [])
    assert (gone.new_code, gone.share) == (None, 1.0)


def test_neighbours_and_a_moved_hair_are_no_descent() -> None:
    hair = shapely.box(*WEST.bounds[:2], WEST.bounds[2] + 2e-10, WEST.bounds[3])
    [only] = lineage(["W"], [hair], ["W", "E"], [WEST, EAST])
    assert (only.new_code, only.share) == ("W", 1.0)


def test_an_area_smaller_than_dust_still_descends() -> None:
    tiny = shapely.box(120.1702, 30.2796, 120.17020001, 30.27960001)
    [only] = lineage(["t"], [tiny], ["W"], [WEST])
    assert (only.new_code, only.share) == ("W", 1.0)


def test_an_area_without_ground_has_no_descent() -> None:
    assert lineage(["x", "y"], [None, shapely.Polygon()], ["W"], [WEST]) == []
    assert lineage([], [], ["W"], [WEST]) == []


@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=6),
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=6),
)
def test_shares_sum_to_one_even_when_new_areas_overlap(
    old: list[tuple[int, int]], new: list[tuple[int, int]]
) -> None:
    def blocks(corners: list[tuple[int, int]]) -> list[object]:
        southwest = [(120 + x * 1e-3, 30 + y * 1e-3) for x, y in corners]
        return [shapely.box(lon, lat, lon + 3e-3, lat + 3e-3) for lon, lat in southwest]

    old_codes = [str(i) for i in range(len(old))]
    descents = lineage(
        old_codes,
        geometry_array(*blocks(old)),
        [str(i) for i in range(len(new))],
        geometry_array(*blocks(new)),
    )
    for code in old_codes:
        mine = [d for d in descents if d.old_code == code]
        shares = [d.share for d in mine]
        assert sum(shares) == pytest.approx(1.0)
        # The largest first, and what went to none last.
        held = [d.share for d in mine if d.new_code is not None]
        assert held == sorted(held, reverse=True)
        assert all(d.new_code is not None for d in mine[:-1])
        assert all(0 < share <= 1 for share in shares)
