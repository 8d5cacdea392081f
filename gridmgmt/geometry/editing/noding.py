"""Give borders a vertex wherever they cross or touch, so that grounds can be added exactly."""

from collections import defaultdict

import numpy as np
import shapely

from gridmgmt.arrays import IntArray
from gridmgmt.geometry.editing.chain import outline_from
from gridmgmt.geometry.editing.edit_error import EditError
from gridmgmt.geometry.editing.edit_state import DraftArea, EditState
from gridmgmt.geometry.editing.outline import Path, degrees, edge_lines, rings_of, whole
from gridmgmt.geometry.editing.redrawing import Redrawing, redrawn
from gridmgmt.geometry.editing.rings import edges_of, turned_upwards
from gridmgmt.geometry.measure import GRID_PER_DEGREE
from gridmgmt.sentence import Sentence

# A vertex is rounded to the grid, which bends the border; that may make another crossing.
_MOST_ROUNDS = 8
# An edge goes through the square of the grid around a vertex if it is this near, in steps.
_THROUGH_STEPS = 0.7072


def noded(state: EditState, level: str, one: str, other: str, border_m: float) -> EditState:
    """Return the state with a vertex in both borders wherever those of two areas meet.

    Snap rounding (Hobby 1999): an edge gets every vertex whose square of the grid it goes
    through, and crossings are put on the grid.

    Raises
    ------
    EditError
        when rounding makes new crossings again and again, or a border meet itself
    """
    bent = _without_crossings(state, level, one, other, border_m)
    found = [key for key in bent.changed if bent.changed[key] is not state.get(*key)]
    for where, code in sorted({*found, (level, one), (level, other)}):
        bent = _opened(bent, where, code, border_m)
    return bent


def _without_crossings(
    state: EditState, level: str, one: str, other: str, border_m: float
) -> EditState:
    for _ in range(_MOST_ROUNDS):
        wanted = _bent(state.area(level, one), state.area(level, other))
        if not wanted:
            return state
        # One after the other: a stretch of one ring may begin where another's has ended.
        state = redrawn(state, level, Redrawing(stretches=wanted), border_m)
    raise EditError(
        Sentence(
            "the borders of {} and {} run too close to each other to be parted", one, other
        )
    )


def _opened(state: EditState, level: str, code: str, border_m: float) -> EditState:
    """Take spikes and slits out of an area that have no width on the grid.

    Bending an edge by less than a step closes what was narrower than one. Its edges lie on each
    other then and are none: on either side is the same ground.
    """
    area = state.get(level, code)
    if area is None or shapely.is_valid(area.shape):
        return state
    try:
        state = _without_crossings(state, level, code, code, border_m)
        area = state.area(level, code)
        area = area.with_outline(outline_from(area.chain))
    except EditError:
        area = state.area(level, code)
    if not shapely.is_valid(area.shape):
        raise EditError(
            Sentence(
                "{} {} comes within a step of the grid of itself: move its border first",
                level,
                code,
            )
        )
    return state.having([area])


def _bent(one: DraftArea, other: DraftArea) -> list[tuple[Path, Path]]:
    """Return edges of two areas with the vertices that they go through."""
    edges = np.unique(np.concatenate([_edges(one), _edges(other)]), axis=0)
    grid = 1 / GRID_PER_DEGREE
    crossed = shapely.union(one.shape.boundary, other.shape.boundary, grid_size=grid)
    vertices = np.unique(
        np.concatenate([whole(shapely.get_coordinates(crossed)), edges.reshape(-1, 2)]), axis=0
    )
    places = np.asarray(shapely.points(degrees(vertices)))
    through = shapely.STRtree(places).query(
        edge_lines(edges), predicate="dwithin", distance=_THROUGH_STEPS * grid
    )
    inside: dict[int, list[IntArray]] = defaultdict(list)
    for edge, row in through.T.tolist():
        if not (edges[edge].reshape(2, 2) == vertices[row]).all(axis=1).any():
            inside[edge].append(vertices[row])
    return [_stretch(edges[edge], np.array(found)) for edge, found in sorted(inside.items())]


def _stretch(edge: IntArray, inside: Path) -> tuple[Path, Path]:
    begin, end = edge.reshape(2, 2)
    order = np.argsort(((inside - begin) * (end - begin)).sum(axis=1), kind="stable")
    return np.array([begin, end]), np.concatenate([[begin], inside[order], [end]])


def _edges(area: DraftArea) -> IntArray:
    """Return the edges around an area, each from its smaller end."""
    return turned_upwards(np.concatenate([edges_of(one) for one in rings_of(area.outline)]))
