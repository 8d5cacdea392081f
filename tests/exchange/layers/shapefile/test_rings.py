"""Rings of a shapefile that run the wrong way round."""

import struct
from pathlib import Path

import geopandas
import pyogrio
import pytest
import shapely

from gridmgmt.exchange.layers.vectors import Layer, read_layer

Ring = list[tuple[float, float]]


def square(x: float, y: float, size: float) -> Ring:
    """A ring that runs clockwise, as outer rings of a shapefile do."""
    return [(x, y), (x, y + size), (x + size, y + size), (x + size, y), (x, y)]


SHELL, HOLE, ISLAND = square(120, 30, 9), square(121, 31, 5), square(122, 32, 2)


def turned(ring: Ring) -> Ring:
    return ring[::-1]


def shapefile(path: Path, *rings: Ring) -> Path:
    """Write one shape with the rings as they are; GDAL would turn them round."""
    template = geopandas.GeoDataFrame({"code": ["A1"]}, geometry=[shapely.box(0, 0, 1, 1)])
    pyogrio.write_dataframe(template.set_crs(4326), path)
    points = [point for ring in rings for point in ring]
    begins = [sum(map(len, rings[:k])) for k in range(len(rings))]
    record = struct.pack("<i4d2i", 5, 120, 30, 129, 39, len(rings), len(points))
    record += struct.pack(f"<{len(rings)}i", *begins)
    record += b"".join(struct.pack("<2d", *point) for point in points)
    words = len(record) // 2
    head = bytearray(path.read_bytes()[:100])
    head[24:28] = (50 + 4 + words).to_bytes(4, "big")
    path.write_bytes(bytes(head) + struct.pack(">2i", 1, words) + record)
    shx = bytearray(path.with_suffix(".shx").read_bytes())
    shx[104:108] = words.to_bytes(4, "big")
    path.with_suffix(".shx").write_bytes(shx)
    return path


def is_said(layer: Layer) -> bool:
    said = "rings run the wrong way round in 1 feature(s), read by which lies inside which: 1"
    return said in layer.notes


@pytest.mark.parametrize("order", [1, -1])
def test_rings_that_all_run_the_wrong_way_are_put_in_order(tmp_path: Path, order: int) -> None:
    rings = [turned(SHELL), HOLE, turned(ISLAND)]
    for count, area in ((2, 81 - 25), (3, 81 - 25 + 4)):
        layer = read_layer(shapefile(tmp_path / f"{count}.shp", *rings[:count][::order]))
        assert layer.geom[0].is_valid
        assert layer.geom[0].area == area
        # A hole alone in front of its shell GDAL finds by itself, and says so.
        assert is_said(layer) or any("winding order" in note for note in layer.notes)


def test_rings_that_run_the_right_way_are_left_alone(tmp_path: Path) -> None:
    layer = read_layer(shapefile(tmp_path / "a.shp", SHELL, turned(HOLE), ISLAND))
    assert layer.geom[0].area == 81 - 25 + 4
    assert not is_said(layer)


@pytest.mark.parametrize(
    "rings",
    [
        (SHELL, HOLE),
        (turned(SHELL), turned(HOLE)),
        (SHELL, SHELL),
        (square(120, 30, 2), square(121, 31, 2)),
    ],
)
def test_rings_that_run_both_ways_or_cross_are_left_to_the_check(
    tmp_path: Path, rings: tuple[Ring, ...]
) -> None:
    assert not is_said(read_layer(shapefile(tmp_path / "a.shp", *rings)))
