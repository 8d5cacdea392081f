"""Small drawn cities for tests of editing: cells in communities in streets."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

import numpy as np
import shapely

from gridmgmt.arrays import FloatArray, objects
from gridmgmt.domain.areas.attributes import AreaAttribute, AttributeKind
from gridmgmt.geometry.coverage.level_areas import LevelAreas
from gridmgmt.geometry.editing.edit_state import EditState
from gridmgmt.geometry.editing.operations import EditRules
from gridmgmt.geometry.measure import GRID_PER_DEGREE
from tests.geometry.coverages import wriggly

BORDER_M = 0.05


def new_codes(level: str, parent: str | None, count: int) -> list[str]:
    return [f"{parent}-new{n}" for n in range(1, count + 1)]


GRADE = AreaAttribute("cell", "grade", "管理等级", "Grade", AttributeKind.NUMBER)
RULES = EditRules(BORDER_M, new_codes, {"cell": {"grade": GRADE}})


def city(seed: int = 0, side: int = 4) -> EditState:
    """Return wriggly cells, four in a community; a column of communities is a street."""
    return EditState.of(city_levels(seed, side))


def city_levels(seed: int = 0, side: int = 4) -> list[LevelAreas]:
    """Return the areas of `city`, streets first; parents have the vertices of their cells."""
    drawn = wriggly(np.random.default_rng(seed), side)
    cells = {
        f"S{n % side // 2}C{n // side // 2}N{n // side % 2}{n % side % 2}": shape
        for n, shape in enumerate(drawn)
    }
    return [
        level("street", dissolved(cells, 2), lambda code: None),
        level("community", dissolved(cells, 4), lambda code: code[:2]),
        level("cell", cells, lambda code: code[:4]),
    ]


def dissolved(cells: Mapping[str, shapely.Polygon], letters: int) -> dict[str, shapely.Polygon]:
    """Return the union of cells whose codes begin with the same letters."""
    found: dict[str, list[shapely.Polygon]] = {}
    for code, shape in cells.items():
        found.setdefault(code[:letters], []).append(shape)
    return {code: shapely.coverage_union_all(shapes) for code, shapes in found.items()}


def hairy_city() -> EditState:
    """A city whose communities and streets were drawn up to 3 cm beside their cells."""
    levels = city_levels()
    for n, steps in ((0, 30), (1, 20)):
        geoms = [shapely.transform(geom, partial(_beside, steps)) for geom in levels[n].geoms]
        levels[n] = replace(levels[n], geoms=objects(geoms))
    return EditState.of(levels)


def _beside(steps: int, lonlat: FloatArray) -> FloatArray:
    """Return vertices of which every third is some steps farther east."""
    moved = np.rint(lonlat * GRID_PER_DEGREE)
    moved[:, 0] += steps * (moved[:, 0] % 3 == 0)
    return moved / GRID_PER_DEGREE


def level(
    name: str, areas: Mapping[str, shapely.Polygon], parent: Callable[[str], str | None]
) -> LevelAreas:
    codes = sorted(areas)
    return LevelAreas(
        name,
        objects(codes),
        objects(codes),
        objects(parent(code) for code in codes),
        objects(shapely.MultiPolygon([areas[code]]) for code in codes),
    )
