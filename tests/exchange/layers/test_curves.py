"""Which geometries have curves, by the type that their WKB states."""

from typing import Literal

import pytest

from gridmgmt.exchange.layers.curves import is_curve

# Circular string, compound curve, curve polygon, multicurve, multisurface; curve and surface.
CURVED = range(8, 15)


@pytest.mark.parametrize("dimensions", [0, 1000, 2000, 3000, 1 << 31])
@pytest.mark.parametrize("order", ["little", "big"])
def test_types_with_curves_are_known_with_heights_and_measures(
    dimensions: int, order: Literal["little", "big"]
) -> None:
    def found(kind: int) -> bool:
        code = (kind + dimensions).to_bytes(4, order)
        return is_curve(bytes([order == "little"]) + code)

    assert [kind for kind in range(18) if found(kind)] == list(CURVED)


@pytest.mark.parametrize("wkb", [None, b"", b"\x01\x08\0\0"])
def test_no_geometry_and_half_of_one_are_no_curves(wkb: bytes | None) -> None:
    assert not is_curve(wkb)
