import warnings

import numpy as np
import prcoords
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmgmt.geometry.crs.china_datum import (
    bd09_to_gcj02,
    gcj02_to_bd09,
    gcj02_to_wgs84,
    wgs84_to_gcj02,
)
from gridmgmt.geometry.measure import metres_per_degree

# Half a degree within the box of the formula, where its rim is ambiguous.
lons, lats = st.floats(72.6, 137.2), st.floats(1.4, 55.2)
MILLIMETRE_DEG = 1e-8


@given(lons, lats)
def test_gcj02_is_what_the_reference_says(lon: float, lat: float) -> None:
    expected = prcoords.wgs_gcj((lat, lon))
    there_lon, there_lat = wgs84_to_gcj02([lon], [lat])
    assert there_lon[0] == pytest.approx(expected.lon, abs=1e-12)
    assert there_lat[0] == pytest.approx(expected.lat, abs=1e-12)


@given(lons, lats)
def test_bd09_is_what_the_reference_says(lon: float, lat: float) -> None:
    expected = prcoords.gcj_bd((lat, lon))
    there_lon, there_lat = gcj02_to_bd09([lon], [lat])
    assert there_lon[0] == pytest.approx(expected.lon, abs=1e-12)
    assert there_lat[0] == pytest.approx(expected.lat, abs=1e-12)


@given(lons, lats)
def test_both_come_back_to_the_millimetre(lon: float, lat: float) -> None:
    for there, back in ((wgs84_to_gcj02, gcj02_to_wgs84), (gcj02_to_bd09, bd09_to_gcj02)):
        back_lon, back_lat = back(*there([lon], [lat]))
        assert abs(back_lon[0] - lon) < MILLIMETRE_DEG
        assert abs(back_lat[0] - lat) < MILLIMETRE_DEG


def test_the_shift_is_hundreds_of_metres_in_hangzhou() -> None:
    lon, lat = wgs84_to_gcj02([120.17], [30.28])
    m_lon, m_lat = metres_per_degree(30.28)
    shift_m = np.hypot((lon - 120.17) * m_lon, (lat - 30.28) * m_lat)
    assert 400 < shift_m[0] < 600


@pytest.mark.parametrize("place", [(-87.6, 41.9), (2.35, 48.85), (151.2, -33.9), (0.0, 0.0)])
def test_places_abroad_are_left_alone_both_ways(place: tuple[float, float]) -> None:
    for convert in (wgs84_to_gcj02, gcj02_to_wgs84):
        lon, lat = convert([place[0]], [place[1]])
        assert (lon[0], lat[0]) == place
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert prcoords.wgs_gcj((place[1], place[0])) == (place[1], place[0])


def test_nothing_stays_nothing_and_the_rest_is_converted() -> None:
    for convert in (wgs84_to_gcj02, gcj02_to_wgs84, gcj02_to_bd09, bd09_to_gcj02):
        lon, lat = convert([np.nan, 120.0], [30.0, 30.0])
        assert np.isnan(lon[0])
        assert np.isfinite([lon[1], lat[1]]).all()
        assert len(convert([], [])[0]) == 0
