"""The plan on the drawing board: outline, river and the main roads that cut it into blocks."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import shapely
from shapely import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from gridmgmt.arrays import FloatArray
from gridmgmt.sample.plan import CityPlan

RIVER_WIDTH_M = 62.0
OLD_TOWN = (-0.06, -0.13)  # its foot on the river, as shares of width and height


class RoadClass(IntEnum):
    """The kinds of borders between cells, widest first; the last three carry no traffic."""

    MAIN = 0
    RING = 1
    RIVERSIDE = 2
    SECONDARY = 3
    LANE = 4
    PARCEL = 5
    RIVER = 6


@dataclass(frozen=True)
class Network:
    """The plan in board metres; ``parting`` is the road between the two northern streets."""

    outline: Polygon
    river: LineString
    water: Polygon
    parting: LineString
    lines: tuple[BaseGeometry, ...]
    classes: tuple[RoadClass, ...]


def draw_network(plan: CityPlan) -> Network:
    """Draw the outline, the river and the main roads of a city."""
    rng = plan.rng("roads")
    outline = _outline(plan, rng)
    river = _river(plan, rng)
    water = river.buffer(RIVER_WIDTH_M / 2, cap_style="flat")
    columns = _columns(plan, rng)
    rows = _rows(plan, rng)
    banks = [river.offset_curve(side * RIVER_WIDTH_M / 2) for side in (1, -1)]
    across = [_avenue(plan, rng), _old_wall(plan, river)]
    drawn: list[tuple[BaseGeometry, RoadClass]] = [
        (line, RoadClass.MAIN) for line in [*columns, *rows, *across]
    ]
    drawn += [(bank, RoadClass.RIVERSIDE) for bank in banks]
    drawn += [(river, RoadClass.RIVER), (LineString(outline.exterior), RoadClass.RING)]
    inside = [(shapely.intersection(line, outline), kind) for line, kind in drawn]
    return Network(
        outline=outline,
        river=river,
        water=water,
        parting=columns[(len(columns) - 1) // 2],
        lines=tuple(line for line, _ in inside),
        classes=tuple(kind for _, kind in inside),
    )


def _outline(plan: CityPlan, rng: np.random.Generator) -> Polygon:
    """Draw a rounded rectangle with dents, like a district along roads and water."""
    angle = np.linspace(0.0, 2.0 * np.pi, 144, endpoint=False)
    power = 5.0
    radius = (np.abs(np.cos(angle)) ** power + np.abs(np.sin(angle)) ** power) ** (-1 / power)
    for waves in (2, 3, 5, 7):
        radius += rng.uniform(0.012, 0.030) * np.cos(waves * angle + rng.uniform(0, 2 * np.pi))
    half = np.array([plan.width_m, plan.height_m]) / 2.0
    return Polygon(np.column_stack([np.cos(angle), np.sin(angle)]) * radius[:, None] * half)


def _river(plan: CityPlan, rng: np.random.Generator) -> LineString:
    """Draw a river that wanders from west to east through the southern third."""
    x = np.linspace(-0.75, 0.75, 160) * plan.width_m
    phase = rng.uniform(0, 2 * np.pi, 3)
    y = -0.17 * plan.height_m + 0.05 * plan.height_m * np.sin(
        2 * np.pi * x / (0.95 * plan.width_m) + phase[0]
    )
    y += 0.022 * plan.height_m * np.sin(2 * np.pi * x / (0.41 * plan.width_m) + phase[1])
    return LineString(np.column_stack([x, y + 0.06 * x]))


def _stretched(ends: FloatArray) -> LineString:
    """Return a road through points, with enough vertices to be bent later."""
    return LineString(ends).segmentize(120.0)


def _columns(plan: CityPlan, rng: np.random.Generator) -> list[LineString]:
    """Draw the roads from south to north; they cross the river on bridges."""
    share = np.cumsum(rng.uniform(0.75, 1.25, plan.columns))
    at = (share[:-1] / share[-1] - 0.5) * plan.width_m
    reach = 0.7 * plan.height_m
    lines = []
    for x in at:
        lean = rng.uniform(-0.05, 0.05) * plan.height_m
        knee = rng.uniform(-0.02, 0.02) * plan.width_m
        lines.append(
            _stretched(np.array([[x - lean, -reach], [x + knee, 0.0], [x + lean, reach]]))
        )
    return lines


def _rows(plan: CityPlan, rng: np.random.Generator) -> list[LineString]:
    """Draw the roads from west to east, none of them where the river runs."""
    south = max(1, round(plan.rows * 0.3)) - 1
    north = plan.rows - 1 - south
    low = -0.5 + (0.25 * (np.arange(south) + 1.0) / (south + 1.0)) * 1.05
    high = -0.10 + 0.60 * (np.arange(north) + 0.7) / (north + 0.35)
    lines = []
    for share in [*low, *high]:
        y = (share + rng.uniform(-0.012, 0.012)) * plan.height_m
        lean = rng.uniform(-0.02, 0.02) * plan.height_m
        reach = 0.7 * plan.width_m
        tilt = 0.03 * plan.width_m
        lines.append(
            _stretched(
                np.array([[-reach, y - tilt - lean], [0.0, y], [reach, y + tilt + lean]])
            )
        )
    return lines


def _avenue(plan: CityPlan, rng: np.random.Generator) -> LineString:
    """Draw the one diagonal road, from the north-west to the eastern edge."""
    share = np.linspace(0.0, 1.0, 24)
    x = (-0.60 + 1.25 * share) * plan.width_m
    y = (0.52 - 0.56 * share - 0.05 * np.sin(np.pi * share)) * plan.height_m
    sway = 0.012 * plan.height_m * np.sin(5.0 * share + rng.uniform(0.0, 2.0 * np.pi))
    return LineString(np.column_stack([x, y + sway]))


def _old_wall(plan: CityPlan, river: LineString) -> LineString:
    """Draw the road where the wall of the old town was: an arch that stands on the river."""
    angle = np.linspace(-0.5, np.pi + 0.5, 90)
    x = OLD_TOWN[0] * plan.width_m + 0.155 * plan.width_m * np.cos(angle)
    y = OLD_TOWN[1] * plan.height_m + 0.20 * plan.height_m * np.sin(angle)
    course = shapely.get_coordinates(river)
    north = np.flatnonzero(y > np.interp(x, course[:, 0], course[:, 1]))
    kept = slice(max(north[0] - 1, 0), north[-1] + 2)
    return LineString(np.column_stack([x[kept], y[kept]]))
