from collections.abc import Callable

import pytest
import shapely

from gridmgmt.geometry.coverage.changes import no_areas
from gridmgmt.geometry.coverage.datum_fit import DatumFit, overlap_fit, own_ground_fit
from gridmgmt.geometry.coverage.level_areas import LevelAreas
from gridmgmt.geometry.crs.crs import (
    geometries_from_lonlat,
    geometries_to_lonlat,
    resolve,
)
from tests.streets import make_level, square

KNOWN = make_level("street", {"A": square(0, 0), "B": square(1, 0)})


def shifted(areas: LevelAreas) -> LevelAreas:
    geoms = geometries_from_lonlat(areas.geoms, resolve("gcj02"))
    return LevelAreas(areas.level, areas.codes, areas.names, areas.parent_codes, geoms)


def test_a_layer_in_gcj02_fits_when_moved_and_not_as_it_is() -> None:
    fit = overlap_fit(shifted(KNOWN), KNOWN)
    assert fit is not None
    assert fit.taken < 0.7
    assert fit.other == pytest.approx(1.0, abs=1e-6)
    assert (fit.is_contradicted, fit.is_settled) == (True, False)


def test_a_layer_in_wgs84_fits_as_it_is() -> None:
    fit = overlap_fit(KNOWN, KNOWN)
    assert fit is not None
    assert fit.taken == pytest.approx(1.0)
    assert fit.other < 0.7
    assert (fit.is_contradicted, fit.is_settled) == (False, True)


@pytest.mark.parametrize("said", ["gcj02", "bd09"])
@pytest.mark.parametrize("compare", [overlap_fit, own_ground_fit])
def test_what_is_said_to_be_shifted_and_is_not_is_seen(
    said: str, compare: Callable[..., DatumFit | None]
) -> None:
    datum = resolve(said)
    taken = LevelAreas(
        KNOWN.level,
        KNOWN.codes,
        KNOWN.names,
        KNOWN.parent_codes,
        geometries_to_lonlat(KNOWN.geoms, datum),
    )
    wrong, right = compare(taken, KNOWN, datum), compare(KNOWN, KNOWN, datum)
    assert wrong is not None
    assert right is not None
    assert wrong.is_contradicted
    assert wrong.datum.label == "EPSG:4326"
    assert (right.is_contradicted, right.is_settled) == (False, True)


def test_what_is_said_to_be_bd09_and_is_gcj02_is_seen() -> None:
    numbers = geometries_from_lonlat(KNOWN.geoms, resolve("gcj02"))
    taken = geometries_to_lonlat(numbers, resolve("bd09"))
    areas = LevelAreas("street", KNOWN.codes, KNOWN.names, KNOWN.parent_codes, taken)
    fit = overlap_fit(areas, KNOWN, resolve("bd09"))
    assert fit is not None
    assert (fit.datum.label, fit.is_contradicted) == ("gcj02", True)


def test_of_a_projected_datum_nothing_is_doubted() -> None:
    assert overlap_fit(shifted(KNOWN), KNOWN, resolve("4549")) is None


def test_a_layer_with_some_borders_drawn_anew_is_of_the_datum_that_fits_better() -> None:
    # A tenth of the ground has other borders, by either datum more is off.
    anew = make_level("street", {"A": square(0, 0.05), "B": square(1, 0.05)})
    right = overlap_fit(anew, KNOWN)
    wrong = overlap_fit(shifted(anew), KNOWN)
    assert right is not None
    assert wrong is not None
    assert (right.is_doubtful, right.is_contradicted, right.is_settled) == (False,) * 3
    # Too little to refuse a file by.
    assert wrong.is_doubtful
    assert not wrong.is_contradicted


def test_a_layer_that_fits_badly_by_either_datum_is_of_neither() -> None:
    # By the other one it misses less, but not half as much.
    fit = overlap_fit(shifted(make_level("street", {"A": square(0.6, 0, 2)})), KNOWN)
    assert fit is not None
    assert fit.taken < fit.other
    assert (fit.is_doubtful, fit.is_contradicted, fit.is_settled) == (False,) * 3


def test_features_far_from_known_ground_say_nothing() -> None:
    # A fifth of one lies on it.
    others = {"beside": square(-0.8, 0), "far": square(30, 30, 9, 9)}
    wide = make_level("street", {"A": square(0, 0, 2), **others})
    assert overlap_fit(wide, KNOWN) == pytest.approx(
        overlap_fit(make_level("street", {"A": square(0, 0, 2)}), KNOWN)
    )


def test_outside_china_there_is_nothing_to_compare() -> None:
    chicago = make_level("ward", {"1": shapely.box(-87.7, 41.8, -87.6, 41.9)})
    assert overlap_fit(chicago, chicago) is None


def test_a_layer_of_another_place_says_nothing() -> None:
    elsewhere = make_level("street", {"far": square(30, 30, 9, 9)})
    assert overlap_fit(elsewhere, KNOWN) is None


@pytest.mark.parametrize("compare", [overlap_fit, own_ground_fit])
def test_without_known_ground_there_is_nothing_to_compare(
    compare: Callable[..., DatumFit | None],
) -> None:
    for one, known in ((KNOWN, no_areas("street")), (no_areas("street"), KNOWN)):
        assert compare(one, known) is None
        assert compare(one, known, resolve("gcj02")) is None


def test_own_ground_counts_only_where_codes_are_known() -> None:
    others = make_level("street", {"C": square(0, 0), "D": square(1, 0)})
    assert own_ground_fit(others, KNOWN) is None
    mixed = make_level("street", {"A": square(0, 0), "D": square(5, 5)})
    fit = own_ground_fit(mixed, KNOWN)
    assert fit is not None
    assert fit.taken == pytest.approx(1.0)
