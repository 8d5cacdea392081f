import numpy as np
import pytest
import shapely

from gridmgmt.geometry.coverage.changes import no_areas
from gridmgmt.geometry.coverage.level_areas import LevelAreas
from gridmgmt.geometry.coverage.parents import parents_by_overlap
from gridmgmt.geometry.measure import area_m2
from tests.streets import make_level, square

STREETS = make_level("street", {"A": square(0, 0), "B": square(1, 0)})


def test_an_area_belongs_to_the_parent_it_overlaps_most() -> None:
    cells = make_level("cell", {"1": square(0.4, 0), "2": square(0.6, 0)})
    found = parents_by_overlap(cells, STREETS)
    assert found.parent_codes.tolist() == ["A", "B"]
    smaller = area_m2([square(1, 0, 0.4)])[0]
    assert found.elsewhere_m2 == pytest.approx([smaller, smaller], rel=1e-6)


def test_of_two_equal_overlaps_the_smaller_code_is_taken() -> None:
    twice = make_level("street", {"B": square(0, 0), "A": square(0, 0)})
    cells = make_level("cell", {"1": square(0, 0, 0.5)})
    assert parents_by_overlap(cells, twice).parent_codes.tolist() == ["A"]


def test_a_parent_in_two_parts_is_one_parent() -> None:
    codes = np.array(["A", "A"], dtype=object)
    parts = LevelAreas("street", codes, codes, codes, np.array([square(0, 0), square(1, 0)]))
    found = parents_by_overlap(make_level("cell", {"1": square(0.4, 0)}), parts)
    assert found.parent_codes.tolist() == ["A"]
    assert found.elsewhere_m2.tolist() == [0.0]


def test_a_shared_border_is_no_overlap() -> None:
    cells = make_level("cell", {"1": square(2, 0), "2": square(0, 0, 0.5)})
    found = parents_by_overlap(cells, STREETS)
    assert found.parent_codes.tolist() == [None, "A"]
    assert found.elsewhere_m2.tolist() == [0.0, 0.0]


def test_an_outline_that_crosses_itself_finds_its_parent_all_the_same() -> None:
    west, south = shapely.bounds(square(0, 0))[:2]
    bow_tie = shapely.Polygon(
        [
            (west, south),
            (west + 0.01, south + 0.01),
            (west + 0.01, south),
            (west, south + 0.01),
        ]
    )
    assert not bow_tie.is_valid
    cells = make_level("cell", {"1": bow_tie})
    assert parents_by_overlap(cells, STREETS).parent_codes.tolist() == ["A"]


def test_no_areas_have_no_parents() -> None:
    assert len(parents_by_overlap(no_areas("cell"), STREETS).parent_codes) == 0
    orphan = make_level("cell", {"1": square(0, 0)})
    found = parents_by_overlap(orphan, no_areas("street")).parent_codes
    assert np.array_equal(found, np.array([None], dtype=object))
