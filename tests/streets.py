"""Areas drawn by hand, for tests that need neither a database nor what reads files."""

from collections.abc import Iterable, Mapping

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gridmgmt.geometry.coverage.level_areas import LevelAreas
from gridmgmt.geometry.measure import on_grid

# Two streets side by side north of West Lake, about 960 m by 1100 m each, four cells in each.
WEST, SOUTH, STEP = 120.15, 30.25, 0.01


def square(column: float, row: float, width: float = 1.0, height: float = 1.0) -> BaseGeometry:
    """A rectangle on a grid of steps of 0.01 degrees, column and row from the south-west."""
    west, south = WEST + column * STEP, SOUTH + row * STEP
    box = shapely.box(west, south, west + width * STEP, south + height * STEP)
    rounded: BaseGeometry = on_grid(np.array([box]))[0]
    return rounded


def make_level(
    level: str,
    geoms: Mapping[str, BaseGeometry],
    *,
    parents: Mapping[str, str] | None = None,
    names: Mapping[str, str] | None = None,
) -> LevelAreas:
    """Areas of one level by code; an area without a given name is called by its code."""
    codes = sorted(geoms)
    array = np.empty(len(codes), dtype=object)
    array[:] = [geoms[code] for code in codes]
    return LevelAreas(
        level=level,
        codes=np.array(codes, dtype=object),
        names=np.array([(names or {}).get(code, code) for code in codes], dtype=object),
        parent_codes=np.array([(parents or {}).get(code) for code in codes], dtype=object),
        geoms=on_grid(array),
    )


def two_streets() -> dict[str, LevelAreas]:
    """Streets A and B, side by side, with the cells A1 … A4 and B1 … B4 in rows of two."""
    corners = {"1": (0.0, 0.0), "2": (0.5, 0.0), "3": (0.0, 0.5), "4": (0.5, 0.5)}
    cells = {
        street + number: square(column + x, y, 0.5, 0.5)
        for street, column in (("A", 0.0), ("B", 1.0))
        for number, (x, y) in corners.items()
    }
    return {
        "street": make_level("street", {"A": square(0, 0), "B": square(1, 0)}),
        "cell": make_level("cell", cells, parents={code: code[0] for code in cells}),
    }


def cells_with(drawn: Mapping[str, BaseGeometry], *, without: Iterable[str] = ()) -> LevelAreas:
    """The cells of both streets, some drawn otherwise or more, each in that of its letter."""
    known = two_streets()["cell"]
    cells = {**dict(zip(known.codes, known.geoms, strict=True)), **drawn}
    kept = {code: ground for code, ground in cells.items() if code not in {*without}}
    return make_level("cell", kept, parents={code: code[0] for code in kept})
