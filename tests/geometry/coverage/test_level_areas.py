"""Areas as they are measured: on the grid, and with what self-crossings enclose."""

import shapely

from gridmgmt.arrays import objects
from gridmgmt.geometry.coverage.level_areas import LevelAreas, MeasuredAreas
from tests.geometry.coverage.test_grid_breaks import BOW_TIE, NOTCHED, PLAIN


def test_an_outline_is_valid_if_it_is_so_on_the_grid() -> None:
    geoms = objects([PLAIN, NOTCHED, BOW_TIE, None])
    codes = objects("ABCD")
    found = MeasuredAreas(LevelAreas("cell", codes, codes, codes, geoms))
    assert shapely.is_valid(geoms).tolist() == [True, True, False, False]
    assert found.is_valid.tolist() == [True, False, False, True]
    assert shapely.is_valid(found.geoms).tolist() == [True, True, True, False]
    assert found.area_m2[1] > 0.9 * found.area_m2[0] / 2
    assert found.area_m2[3] == 0
