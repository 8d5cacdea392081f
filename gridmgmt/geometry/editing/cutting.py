"""Cut an area in pieces by a line that somebody drew across it."""

from itertools import pairwise

import numpy as np
import shapely

from gridmgmt.arrays import FloatArray, IntArray
from gridmgmt.geometry.editing.chain import chain_of, cut
from gridmgmt.geometry.editing.edit_error import EditError
from gridmgmt.geometry.editing.edit_state import DraftArea, EditState
from gridmgmt.geometry.editing.local_metres import LocalMetres
from gridmgmt.geometry.editing.outline import (
    Outline,
    Path,
    degrees,
    lines_of,
    rings_of,
    shape_of,
    whole,
)
from gridmgmt.geometry.editing.places import shown, with_vertex_at
from gridmgmt.geometry.editing.rings import edges_of, once, vertex
from gridmgmt.sentence import Sentence


def pieces_cut(
    state: EditState, level: str, code: str, line: Path, border_m: float
) -> tuple[EditState, Outline]:
    """Return the parts of an area that a line cuts, with the state that has the cut's ends.

    Ends of the line may lie outside. One that lies inside, within ``border_m`` of the border,
    is taken to the border: what was snapped to an edge and rounded to the grid lies so.

    Raises
    ------
    EditError
        when the line does not cut the area, runs along its border, or has loops in it
    """
    state, line = _reaching(state, level, code, line, border_m)
    area = state.area(level, code)
    drawn = lines_of([line])[0]
    met = shapely.intersection(drawn, area.shape.boundary)
    if shapely.length(met) > 0:
        raise EditError(Sentence("the line runs along the border of {} {}", level, code))
    crossings = whole(shapely.get_coordinates(met))
    ends = []
    for place in crossings:
        state, found = with_vertex_at(state, level, place, within_m=border_m, border_m=border_m)
        ends.append(found)
    area = state.area(level, code)
    paths = [] if not ends else _inside(area, line, crossings, np.array(ends))
    _refuse_loops(paths)
    parts = [one for path in paths for one in _parts_with(area, path)]
    if not parts:
        raise EditError(Sentence("the line does not cut {} {} in two", level, code))
    whole_parts = tuple({id(one): one for one in parts}.values())
    pieces = cut(chain_of(whole_parts), paths)
    if len(pieces) <= len(whole_parts):
        raise EditError(Sentence("the line does not cut {} {} in two", level, code))
    return state, pieces


def _reaching(
    state: EditState, level: str, code: str, line: Path, border_m: float
) -> tuple[EditState, Path]:
    """Return a line whose ends just inside an area lie on its border, with vertices there."""
    line = line.copy()
    for row in (0, -1):
        area = state.area(level, code)
        end = shapely.Point(degrees(line[row]))
        if (
            shapely.contains_properly(area.shape, end)
            and _metres_to_border(area, line[row]) <= border_m
        ):
            state, line[row] = with_vertex_at(
                state, level, line[row], within_m=border_m, border_m=border_m
            )
    return state, line


def _metres_to_border(area: DraftArea, place: IntArray) -> float:
    plane = LocalMetres(place)
    ends = np.concatenate([edges_of(ring) for ring in rings_of(area.outline)])
    edges = shapely.linestrings(plane.of(ends.reshape(-1, 2)).reshape(-1, 2, 2))
    return float(shapely.distance(edges, shapely.Point(0.0, 0.0)).min())


def _inside(area: DraftArea, line: Path, crossings: IntArray, ends: IntArray) -> list[Path]:
    """Return the stretches of a line within an area, from border to border."""
    drawn = lines_of([line])[0]
    every = np.concatenate([line, ends])
    crossed = shapely.line_locate_point(drawn, shapely.points(degrees(crossings)))
    at = np.concatenate([_measures(line), crossed])
    is_end = np.r_[np.zeros(len(line), dtype=bool), np.ones(len(ends), dtype=bool)]
    order = np.lexsort([is_end, at])
    every, is_end = every[order], is_end[order]
    paths = []
    for begin, end in pairwise(np.flatnonzero(is_end)):
        path = once(every[begin : end + 1])
        if len(path) > 1 and shapely.contains_properly(area.shape, _middle(path)):
            paths.append(path)
    return paths


def _measures(line: Path) -> FloatArray:
    """Return how far along a line each vertex lies, in degrees, as `line_locate_point` does.

    That looks at the whole line for each place: a line of many vertices would take minutes.
    """
    east, north = np.diff(degrees(line), axis=0).T
    measures: FloatArray = np.r_[0.0, np.cumsum(np.sqrt(east * east + north * north))]
    return measures


def _refuse_loops(paths: list[Path]) -> None:
    """Raise EditError where paths through an area cross themselves or each other."""
    if not paths or shapely.is_simple(shapely.MultiLineString(list(lines_of(paths)))):
        return
    # Lines are parted where they meet: there, and where the paths began and ended, parts end.
    parts = shapely.get_parts(shapely.node(shapely.MultiLineString(list(lines_of(paths)))))
    ends = [one for part in parts for one in whole(part.coords)[[0, -1]]]
    drawn = {vertex(one) for path in paths for one in (path[0], path[-1])}
    place = next((one for one in ends if vertex(one) not in drawn), ends[0])
    raise EditError(
        Sentence(
            "the line crosses or touches itself at {}: draw it without loops", shown(place)
        )
    )


def _middle(path: Path) -> shapely.Point:
    middle: shapely.Point = lines_of([path])[0].interpolate(0.5, normalized=True)
    return middle


def _parts_with(area: DraftArea, path: Path) -> list[tuple[np.ndarray, ...]]:
    middle = _middle(path)
    return [one for one in area.outline if shapely.contains(shape_of((one,)), middle)]
