"""Beats that cross communities, and the inspection areas leaders look after."""

from dataclasses import dataclass

import numpy as np
import shapely

from gridmgmt.arrays import FloatArray, IntArray
from gridmgmt.domain.areas.surroundings import GroupKind
from gridmgmt.sample.areas import Areas
from gridmgmt.sample.plan import SYNTHETIC, CityPlan

INSPECTION_AREAS = 5
# The number of cells that no beat has; the duty audit must find them.
FORGOTTEN_CELLS = 7


@dataclass(frozen=True)
class Groups:
    """The beat of each cell (-1: forgotten) and the inspection area of each community.

    All of them hold from the day ``since``.
    """

    beat: IntArray
    inspection: IntArray
    beats: tuple[str, ...]
    inspections: tuple[str, ...]
    since: str

    def rows(self, areas: Areas) -> list[tuple[str | None, ...]]:
        """Return the rows of a group file, header not included."""
        found: list[tuple[str | None, ...]] = []
        for code, number in zip(areas.cells.codes, self.beat, strict=True):
            if number >= 0:
                group = self.beats[number]
                name = f"责任网格{group[1:]}{SYNTHETIC}"
                found.append(
                    (group, GroupKind.BEAT.value, name, "cell", code, self.since, None)
                )
        for code, number in zip(areas.communities.codes, self.inspection, strict=True):
            group = self.inspections[number]
            name = f"片区{group[1:]}{SYNTHETIC}"
            kind = GroupKind.INSPECTION_AREA.value
            found.append((group, kind, name, "community", code, self.since, None))
        return sorted(found, key=lambda row: (str(row[0]), str(row[4])))


def build_groups(plan: CityPlan, areas: Areas) -> Groups:
    """Draw beats around centres wherever cells are near, whatever community they are in."""
    rng = plan.rng("groups")
    cells = shapely.get_coordinates(shapely.centroid(areas.cells.ground))
    beat = _near_centres(cells, plan.beats, rng)
    busy = np.flatnonzero(areas.use == "built")
    forgotten = busy[np.argsort(np.hypot(*(cells[busy] - cells[busy[len(busy) // 3]]).T))]
    beat[forgotten[:FORGOTTEN_CELLS]] = -1
    communities = shapely.get_coordinates(shapely.centroid(areas.communities.ground))
    inspections = min(INSPECTION_AREAS, len(communities))
    return Groups(
        beat,
        _near_centres(communities, inspections, rng),
        tuple(f"B{i:02d}" for i in range(1, plan.beats + 1)),
        tuple(f"P{i:02d}" for i in range(1, inspections + 1)),
        str(plan.founded_on),
    )


def _near_centres(points: FloatArray, count: int, rng: np.random.Generator) -> IntArray:
    """Cluster points around as many centres (Lloyd's algorithm, a fixed number of rounds)."""
    centres = points[rng.choice(len(points), count, replace=False)]
    for _ in range(12):
        distance = np.hypot(*np.moveaxis(points[:, None] - centres[None], 2, 0))
        nearest = np.argmin(distance, axis=1)
        for i in range(count):
            if (nearest == i).any():
                centres[i] = points[nearest == i].mean(axis=0)
    return np.asarray(nearest, dtype=np.int64)
