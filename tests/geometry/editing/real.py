"""Real districts for tests of editing: their levels as files have them, hairs included."""

from functools import cache

import geopandas as gpd

from gridmgmt.arrays import objects
from gridmgmt.geometry.coverage.changes import as_multipolygons
from gridmgmt.geometry.coverage.level_areas import LevelAreas
from gridmgmt.geometry.measure import on_grid
from tests.shared import shared_data

# Level, layer, and the fields of code, name and parent.
LAYERS = {
    "hangzhou_xiacheng": (
        ("street", "streets", "street_code", "street", None),
        ("community", "communities", "community_code", "community", "street_code"),
        ("cell", "grids", "grid_code", "grid_name", "community_code"),
    ),
    "la311": (
        ("bureau", "lapd_bureaus", "name", "name", None),
        ("division", "lapd_divisions", "division", "name", "bureau"),
        ("area", "lapd_basic_car_areas", "basic_car_area", "basic_car_area", "division"),
        (
            "cell",
            "lapd_reporting_districts",
            "reporting_district",
            "reporting_district",
            "basic_car_area",
        ),
    ),
    "councils": (("council", "neighborhood_councils_2019", "nc", "name", None),),
}


@cache
def real_levels(city: str) -> list[LevelAreas]:
    """Return the levels of a real city from the topmost down; do not change them."""
    folder = "la311" if city == "councils" else city
    return [_read(f"{folder}/areas.gpkg", *fields) for fields in LAYERS[city]]


def _read(
    path: str, level: str, layer: str, code: str, name: str, parent: str | None
) -> LevelAreas:
    read = gpd.read_file(shared_data(path), layer=layer).to_crs(4326)
    # Districts of several features, as an import with dissolving takes them.
    read = read.dissolve(code).reset_index().sort_values(code)
    codes = objects(map(str, read[code]))
    return LevelAreas(
        level,
        codes,
        objects(read[name]),
        objects(read[parent] if parent else [None] * len(read)),
        as_multipolygons(on_grid(read.geometry.to_numpy())),
    )
