"""While a file is read, GDAL knows one driver; which drivers there are is accounted for."""

import ctypes

import pyogrio
import pytest

from gridmgmt.exchange.layers import drivers
from gridmgmt.exchange.layers.drivers import DRIVER, only_driver, registered
from tests.attacks.foreign_files import BY_NAME, UNMADE, WRITTEN, hand_made

_gdal = drivers._gdal
_gdal.GDALGetMetadataItem.restype = ctypes.c_char_p
_gdal.GDALGetMetadataItem.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_char_p]


def opening_vectors() -> set[str]:
    """The drivers whom GDAL asks whether a file of vectors is theirs, and those that write."""
    return {
        name
        for name, driver in drivers._drivers()
        if _gdal.GDALGetMetadataItem(driver, b"DCAP_VECTOR", None) == b"YES"
    }


@pytest.mark.parametrize("kind", DRIVER)
def test_gdal_knows_one_driver_while_a_file_is_read_and_all_again_afterwards(
    kind: str,
) -> None:
    before = set(registered())
    with only_driver(kind):
        assert registered() == [DRIVER[kind]]
        assert list(pyogrio.list_drivers()) == [DRIVER[kind]]
    assert set(registered()) == before
    assert len(before) > 100


def test_nothing_is_read_where_drivers_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drivers, "DRIVER", DRIVER | {"KML": "no such driver"})
    with pytest.raises(RuntimeError, match="should have"), only_driver("KML"):
        pytest.fail("the block was entered")
    assert len(registered()) > 100


def test_every_driver_that_opens_vectors_is_tried_or_listed() -> None:
    """A driver of a later GDAL fails here until somebody says how it is tried."""
    made = {driver for driver, _, _ in hand_made(canary="/c", port=1).values()}
    tried = set(WRITTEN) | made | {"GTFS"}
    named = tried | set(BY_NAME) | set(UNMADE)
    there = opening_vectors() | set(pyogrio.list_drivers())
    assert there - named == set()
    assert (set(WRITTEN) | set(BY_NAME) | set(UNMADE)) - set(registered()) == set()
