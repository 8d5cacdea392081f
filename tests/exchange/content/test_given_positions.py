"""Positions of tables: north or latitude first where the datum says so."""

from pathlib import Path

import numpy as np
import pytest

from gridmgmt.errors import CRSError
from gridmgmt.exchange.content.given_positions import GivenPositions
from gridmgmt.geometry.crs.crs import from_lonlat
from gridmgmt.geometry.crs.datum import resolve

LON, LAT = np.array([120.1, 120.2, np.nan]), np.array([30.2, 30.3, np.nan])
TABLE = Path("cases.csv")


def given(x: np.ndarray, y: np.ndarray, crs: str) -> GivenPositions:
    return GivenPositions(TABLE, ("first", "second"), "swap them", x, y, resolve(crs))


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:4490", "gcj02", "bd09", "EPSG:4549"])
def test_north_first_is_read_like_east_first(crs: str) -> None:
    x, y = from_lonlat(LON, LAT, resolve(crs))
    usual, turned = given(x, y, crs), given(y, x, f"{crs},yx")
    turned.refuse_other_numbers()
    assert not turned.nowhere().any()
    for ours, theirs in zip(turned.lonlat(), usual.lonlat(), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert turned.signs() == usual.signs()


def test_longitude_first_is_not_taken_for_latitude_first() -> None:
    with pytest.raises(CRSError, match="longitude and latitude are swapped"):
        given(LON, LAT, "EPSG:4326,yx").refuse_other_numbers()


def test_swapped_once_more_is_as_without_a_stated_order() -> None:
    swapped = given(LON, LAT, "EPSG:4326,yx").lonlat_swapped()
    np.testing.assert_array_equal(swapped, (LON, LAT))


def test_why_a_position_is_nowhere_names_its_own_column() -> None:
    beyond = given(np.array([95.0]), np.array([120.0]), "EPSG:4326,yx")
    assert beyond.nowhere().tolist() == [True]
    assert beyond.why_nowhere(0) == "first 95 is beyond 90 degrees"


def test_metres_are_named_by_the_columns_they_stand_in() -> None:
    metres = given(np.array([3_350_000.0]), np.array([500_000.0]), "EPSG:4326,yx")
    with pytest.raises(CRSError, match=r"second and first are metres.*500,000 to 500,000 and"):
        metres.refuse_other_numbers()
