"""What is written for an area on a map, and where there is room for it."""

from collections.abc import Iterator, Sequence

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gridmgmt.exchange.change_sheets.paper import Paper
from gridmgmt.geometry.measure import polygon_parts

# Millimetres from the left and the top of a page.
Place = tuple[float, float]


def balanced(paper: Paper, text: str, room_mm: float) -> list[str]:
    """Break a name into lines that are about as long as each other."""
    width = paper.width(text)
    count = int(np.ceil(width / room_mm))
    if count <= 1:
        return [text]
    # A letter more, since lines end between letters.
    return paper.lines(text, min(room_mm, width / count + paper.width("网")))


def short_name(name: str, upper: Sequence[Sequence[str]]) -> str:
    """Return the name of an area without the names of others that say no more on a map.

    The name of the area right above stays, once, since names are often told apart by it only.

    Parameters
    ----------
    upper : names of the levels above, from the topmost down

    Examples
    --------
    >>> short_name("潮鸣街道东河社区东河社区第一网格", [["潮鸣街道"], ["东河社区"]])
    '东河社区第一网格'
    """
    known = {one: level for level, names in enumerate(upper) for one in names if one}
    while (first := next((one for one in known if name.startswith(one)), None)) is not None:
        rest = name[len(first) :]
        is_right_above = known[first] == len(upper) - 1
        if not rest or (is_right_above and not any(map(rest.startswith, known))):
            break
        name = rest
    return name


def places(geom: BaseGeometry) -> Iterator[Place]:
    """Yield places for a name in a geometry on the page, the roomiest first; empty has none."""
    if shapely.get_dimensions(geom) < 2:
        if not shapely.is_empty(geom):
            yield geom.centroid.x, geom.centroid.y
        return
    largest = max(polygon_parts(geom), key=lambda part: part.area)
    room = shapely.maximum_inscribed_circle(largest, tolerance=0.3)
    (x, y), *_edge = shapely.get_coordinates(room).tolist()
    yield x, y
    for distance in (2.5, 5.0, 7.5):
        for dx, dy in ((0, -1), (0, 1), (-1, 0), (1, 0)):
            place = shapely.Point(x + dx * distance, y + dy * distance)
            if largest.contains(place):
                yield place.x, place.y
