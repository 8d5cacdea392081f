"""The locator against asking every cell, on the borders that cities really drew."""

import numpy as np
import pyogrio
import pytest

from gridmgmt.geometry.measure import on_grid
from tests.geometry.hostile import hostile_points
from tests.geometry.locating.test_cover import located, pixel_lines, wrong
from tests.shared import shared_data


@pytest.mark.parametrize(
    ("file", "layer"),
    [
        ("hangzhou_xiacheng/areas.gpkg", "grids"),
        ("hangzhou_xiacheng/areas.gpkg", "communities"),
        ("chicago311/areas.gpkg", "wards_2003_2015"),
        ("chicago311/areas.gpkg", "wards_2015_2023"),
        ("la311/areas.gpkg", "lapd_divisions"),
    ],
)
def test_every_answer_is_what_asking_every_cell_gives(file: str, layer: str) -> None:
    frame = pyogrio.read_dataframe(shared_data(file), layer=layer)
    geoms = on_grid(np.asarray(frame.geometry.values))
    index = located(geoms)
    lon, lat = hostile_points(geoms, 6_000)
    lines = pixel_lines(index, np.random.default_rng(6), 6_000)
    lon, lat = np.append(lon, lines[0]), np.append(lat, lines[1])
    assert wrong(index, geoms, lon, lat) == []
