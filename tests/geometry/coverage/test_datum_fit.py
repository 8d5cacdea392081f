import pytest
import shapely

from gridmgmt.geometry.coverage.changes import no_areas
from gridmgmt.geometry.coverage.datum_fit import overlap_as_is_and_moved
from gridmgmt.geometry.coverage.level_areas import LevelAreas
from gridmgmt.geometry.crs.crs import geometries_from_lonlat, resolve
from tests.streets import make_level, square

KNOWN = make_level("street", {"A": square(0, 0), "B": square(1, 0)})


def shifted(areas: LevelAreas) -> LevelAreas:
    geoms = geometries_from_lonlat(areas.geoms, resolve("gcj02"))
    return LevelAreas(areas.level, areas.codes, areas.names, areas.parent_codes, geoms)


def test_a_layer_in_gcj02_fits_when_moved_and_not_as_it_is() -> None:
    fit = overlap_as_is_and_moved(shifted(KNOWN), KNOWN)
    assert fit is not None
    as_is, moved = fit
    assert as_is < 0.7
    assert moved == pytest.approx(1.0, abs=1e-6)


def test_a_layer_in_wgs84_fits_as_it_is() -> None:
    fit = overlap_as_is_and_moved(KNOWN, KNOWN)
    assert fit is not None
    as_is, moved = fit
    assert as_is == pytest.approx(1.0)
    assert moved < 0.7


def test_features_far_from_known_ground_say_nothing() -> None:
    wide = make_level("street", {"A": square(0, 0, 2), "far": square(30, 30, 9, 9)})
    assert overlap_as_is_and_moved(wide, KNOWN) == pytest.approx(
        overlap_as_is_and_moved(make_level("street", {"A": square(0, 0, 2)}), KNOWN)
    )


def test_outside_china_there_is_nothing_to_compare() -> None:
    chicago = make_level("ward", {"1": shapely.box(-87.7, 41.8, -87.6, 41.9)})
    assert overlap_as_is_and_moved(chicago, chicago) is None


def test_a_layer_of_another_place_says_nothing() -> None:
    elsewhere = make_level("street", {"far": square(30, 30, 9, 9)})
    assert overlap_as_is_and_moved(elsewhere, KNOWN) is None


def test_without_known_ground_there_is_nothing_to_compare() -> None:
    assert overlap_as_is_and_moved(KNOWN, no_areas("street")) is None
