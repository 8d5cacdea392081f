"""District, streets, communities and cells with their codes, from the cells of the plan."""

from dataclasses import dataclass
from typing import cast

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gridmgmt.arrays import FloatArray, GeometryArray, IntArray, ObjectArray
from gridmgmt.sample.cells import Faces
from gridmgmt.sample.communities import divide
from gridmgmt.sample.names import place_names
from gridmgmt.sample.plan import DISTRICT_CODE, DISTRICT_NAME, SYNTHETIC, CityPlan
from gridmgmt.sample.plane import ground_geometries, place_on_globe
from gridmgmt.sample.roads import OLD_TOWN, Network

_BAND_M = 110.0
_SMALL_M2 = 6_200.0


@dataclass(frozen=True)
class Tier:
    """The areas of one level, codes ascending; ``geoms`` in degrees, ``ground`` in metres."""

    level: str
    codes: ObjectArray
    names: ObjectArray
    parent_codes: ObjectArray
    geoms: GeometryArray
    ground: GeometryArray


@dataclass(frozen=True)
class Areas:
    """The city's tree of areas. ``use`` says what a cell is: built, water, park or campus."""

    district: Tier
    streets: Tier
    communities: Tier
    cells: Tier
    use: ObjectArray

    @property
    def tiers(self) -> tuple[Tier, Tier, Tier, Tier]:
        """Return the levels from the topmost down."""
        return self.district, self.streets, self.communities, self.cells


def build_areas(plan: CityPlan, network: Network, faces: Faces) -> Areas:
    """Make the levels of a city out of its cells.

    Geometry is rounded to the storage grid at the cells, and every parent is the union of its
    rounded cells: so nesting is exact. Codes have six digits for the
    district, three each for street, community and cell, numbered from west to east in bands
    that follow each other from north to south.
    """
    rng = plan.rng("areas")
    street, community = divide(plan, network, faces)
    owner = community[faces.block]
    geoms = place_on_globe(faces.polygons)
    ground = ground_geometries(geoms)
    merged, use = _merge(plan, faces, ground, owner, rng)
    owner = np.array([owner[parts[0]] for parts in merged])
    geoms = np.array([_union(geoms[parts]) for parts in merged], dtype=object)
    names = place_names(plan.rng("names"), 3 + sum(plan.communities))
    streets = _street_codes(3)
    codes = _community_codes(geoms, owner, street, streets)
    parents = np.array([codes[i] for i in owner], dtype=object)
    cell_codes = _cell_codes(geoms, parents)
    order = np.argsort(cell_codes)
    title = {code: names[3 + i] + "社区" for i, code in enumerate(sorted(codes.values()))}
    cell_names = [
        f"{title[parent]}{code[-3:]}网格{SYNTHETIC}"
        for parent, code in zip(parents[order], cell_codes[order], strict=True)
    ]
    cells = _tier("cell", cell_codes[order], cell_names, parents[order], geoms[order])
    communities = _parents_of(cells, "community", title, 9)
    street_title = {code: names[i] + "街道" for i, code in enumerate(streets)}
    upper = _parents_of(communities, "street", street_title, 6)
    district = _tier(
        "district", [DISTRICT_CODE], [DISTRICT_NAME], [None], [_union(upper.geoms)]
    )
    return Areas(district, upper, communities, cells, use[order])


def _tier(level: str, codes: object, names: object, parents: object, geoms: object) -> Tier:
    shapes = np.array(geoms, dtype=object)
    return Tier(
        level,
        np.array(codes, dtype=object),
        np.array(names, dtype=object),
        np.array(parents, dtype=object),
        shapes,
        ground_geometries(shapes),
    )


def _parents_of(children: Tier, level: str, titles: dict[str, str], digits: int) -> Tier:
    codes = sorted(set(children.parent_codes))
    geoms = [_union(children.geoms[children.parent_codes == code]) for code in codes]
    names = [titles[code] + SYNTHETIC for code in codes]
    return _tier(level, codes, names, [code[:digits] for code in codes], geoms)


def _union(parts: GeometryArray) -> BaseGeometry:
    """Unite areas that share their vertices; no vertex is moved or invented."""
    if len(parts) == 1:
        return cast("BaseGeometry", parts[0])
    return shapely.normalize(shapely.coverage_union_all(parts))


def _merge(
    plan: CityPlan,
    faces: Faces,
    ground: GeometryArray,
    owner: IntArray,
    rng: np.random.Generator,
) -> tuple[list[IntArray], ObjectArray]:
    """Join cells into a park, two campuses and odd-shaped blocks.

    Returns the faces that make up each cell and its use.
    """
    label = np.arange(len(ground))
    use = np.where(faces.wet, "water", "built").astype(object)
    middle = shapely.get_coordinates(shapely.centroid(ground))
    free = ~faces.wet
    for kind, at, radius in _grounds(plan):
        near = np.hypot(*(middle - at).T) < radius
        chosen = np.flatnonzero(near & free & (owner == _commonest(owner[near & free])))
        label[chosen] = chosen[:1].repeat(len(chosen))
        use[chosen] = kind
        free[chosen] = False
    pairs = shapely.STRtree(ground).query(ground, predicate="touches").T
    area = shapely.area(ground)
    for a, b in pairs[rng.permutation(len(pairs))]:
        small = area[a] < _SMALL_M2 and area[a] + area[b] < 2.1 * _SMALL_M2
        same = owner[a] == owner[b] and faces.block[a] == faces.block[b]
        if a < b and small and same and free[a] and free[b] and rng.random() < 0.4:
            shared = shapely.intersection(ground[a], ground[b]).length
            if shared > 25.0:
                label[b], free[a], free[b] = a, False, False
    groups = [np.flatnonzero(label == i) for i in np.unique(label)]
    return groups, np.array([use[parts[0]] for parts in groups], dtype=object)


def _commonest(values: IntArray) -> int:
    found, count = np.unique(values, return_counts=True)
    return int(found[np.argmax(count)]) if len(found) else -1


def _grounds(plan: CityPlan) -> list[tuple[str, FloatArray, float]]:
    """Return the large grounds: what they are, where (ground metres), and their radius."""
    size = np.array([plan.width_m, plan.height_m])
    return [
        ("park", np.array([OLD_TOWN[0] + 0.10, 0.17]) * size, 0.042 * plan.width_m),
        ("campus", np.array([0.33, 0.22]) * size, 0.048 * plan.width_m),
        ("campus", np.array([-0.34, -0.36]) * size, 0.040 * plan.width_m),
    ]


def _street_codes(count: int) -> list[str]:
    return [f"{DISTRICT_CODE}{i:03d}" for i in range(1, count + 1)]


def _reading_order(geoms: GeometryArray, band_m: float) -> IntArray:
    """Order areas from west to east within bands from north to south."""
    middle = shapely.get_coordinates(shapely.centroid(ground_geometries(geoms)))
    band = np.floor(-middle[:, 1] / band_m)
    return np.lexsort([middle[:, 0], band])


def _community_codes(
    geoms: GeometryArray,
    owner: IntArray,
    street: IntArray,
    street_codes: list[str],
) -> dict[int, str]:
    """Return the code of each community, by street."""
    codes: dict[int, str] = {}
    for number, prefix in enumerate(street_codes):
        members = np.flatnonzero(street == number)
        shapes = np.array([_union(geoms[owner == i]) for i in members], dtype=object)
        for seq, i in enumerate(_reading_order(shapes, 600.0), start=1):
            codes[int(members[i])] = f"{prefix}{seq:03d}"
    return codes


def _cell_codes(geoms: GeometryArray, parents: GeometryArray) -> ObjectArray:
    codes = np.empty(len(geoms), dtype=object)
    for parent in np.unique(parents):
        members = np.flatnonzero(parents == parent)
        for seq, i in enumerate(_reading_order(geoms[members], _BAND_M), start=1):
            codes[members[i]] = f"{parent}{seq:03d}"
    return codes
