"""Road segments and components for the map of a report, and the nearest ones to a position."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy.engine import Connection

from gridmgmt.arrays import GeometryArray
from gridmgmt.domain.areas.area import AreaKey
from gridmgmt.domain.areas.edition import edition_shown
from gridmgmt.domain.areas.surroundings import RoadSegment
from gridmgmt.domain.responsibility.component import Component
from gridmgmt.geometry.locating.near_index import NearIndex
from gridmgmt.services.judging.directory import directory
from gridmgmt.services.responsibility.component_classes import class_names
from gridmgmt.store.areas.area_tree import shapes_of
from gridmgmt.store.areas.editions import list_editions
from gridmgmt.store.responsibility.component_pages import ComponentFilter, component_page
from gridmgmt.store.responsibility.road_segments import segments_within

# More than these are only a patch of colour on a small map.
MOST_SEGMENTS = 400
MOST_COMPONENTS = 200

# How far off a place may be whose name still says where something is.
ROAD_M = 100.0
COMPONENT_M = 30.0

_METRES_PER_DEGREE = 111_000.0


@dataclass(frozen=True)
class Places:
    """Road segments with their lines and standing components with their points, lon/lat.

    ``names`` are those of the components, in their order. There are no components if more than
    ``MOST_COMPONENTS`` are there.
    """

    segments: Sequence[RoadSegment]
    lines: GeometryArray
    components: Sequence[Component]
    points: GeometryArray
    names: Sequence[str]


def places_within(conn: Connection, box: BaseGeometry, *, area: AreaKey | None) -> Places:
    """Return what is stored of roads and components in a box, within an area.

    Parameters
    ----------
    box : polygon, lon/lat
    area : the one area the account is limited to, or None
    """
    ground = _seen(conn, box, area)
    segments, lines = segments_within(conn, ground, most=MOST_SEGMENTS)
    components, points = _components(conn, ground)
    if len(components) > MOST_COMPONENTS:
        components, points = [], points[:0]
    classes = class_names(list(directory(conn).categories.values()))
    names = [one.name or classes.get(one.class_code, one.code) for one in components]
    return Places(segments, lines, components, points, names)


def nearest_names(
    conn: Connection, lon: float, lat: float, *, area: AreaKey | None
) -> tuple[str | None, str | None]:
    """Return the names of the nearest road segment and component; None where none is near.

    A road segment is near within ``ROAD_M``, a component with a name of its own within
    ``COMPONENT_M``. Of equals the one with the smaller code counts.
    """
    around = _seen(conn, _around(lon, lat, ROAD_M), area)
    segments, lines = segments_within(conn, around, most=MOST_SEGMENTS)
    close = _seen(conn, _around(lon, lat, COMPONENT_M), area)
    components, points = _components(conn, close)
    named = [i for i, one in enumerate(components) if one.name]
    road = _nearest(lines, lon, lat, ROAD_M)
    component = _nearest(points[named], lon, lat, COMPONENT_M)
    return (
        None if road is None else segments[road].name,
        None if component is None else components[named[component]].name,
    )


def _components(
    conn: Connection, ground: BaseGeometry
) -> tuple[list[Component], GeometryArray]:
    wanted = ComponentFilter(within=ground)
    found, points = component_page(conn, wanted, after=None, limit=MOST_COMPONENTS + 1)
    standing = [i for i, one in enumerate(found) if one.is_standing]
    return [found[i] for i in standing], points[standing]


def _nearest(geoms: GeometryArray, lon: float, lat: float, reach_m: float) -> int | None:
    if not len(geoms):
        return None
    _, which, _ = NearIndex(geoms).near(np.array([lon]), np.array([lat]), reach_m)
    return int(which[0]) if len(which) else None


def _around(lon: float, lat: float, metres: float) -> BaseGeometry:
    """Return a box that holds everything within some metres of a position."""
    high = metres / _METRES_PER_DEGREE
    # At a pole all longitudes are near; nobody reports cases there.
    wide = high / max(math.cos(math.radians(lat)), 0.01)
    return shapely.box(lon - wide, lat - high, lon + wide, lat + high)


def _seen(conn: Connection, box: BaseGeometry, area: AreaKey | None) -> BaseGeometry:
    """Return the part of a box that an account limited to an area sees."""
    if area is None:
        return box
    edition = edition_shown(list_editions(conn), datetime.now(UTC))
    if edition is None:
        return shapely.Polygon()
    outlines = shapes_of(conn, edition.number, area[0], [area[1]]).geoms
    return shapely.intersection(box, shapely.union_all(outlines))
