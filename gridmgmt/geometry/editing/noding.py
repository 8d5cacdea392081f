"""Give borders a vertex wherever they cross or touch, so that grounds can be added exactly."""

from collections import defaultdict

import numpy as np
import shapely

from gridmgmt.arrays import IntArray
from gridmgmt.geometry.editing.edit_error import EditError
from gridmgmt.geometry.editing.edit_state import DraftArea, EditState
from gridmgmt.geometry.editing.outline import Path, degrees, rings_of, whole
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
    for _ in range(_MOST_ROUNDS):
        wanted = _bent(state.area(level, one), state.area(level, other))
        if not wanted:
            _refuse_invalid(state, level, one, other)
            return state
        # One after the other: a stretch of one ring may begin where another's has ended.
        state = redrawn(state, level, Redrawing(stretches=wanted), border_m)
    raise EditError(
        Sentence(
            "the borders of {} and {} run too close to each other to be parted", one, other
        )
    )


def _refuse_invalid(state: EditState, level: str, *codes: str) -> None:
    for code in codes:
        if not shapely.is_valid(state.area(level, code).shape):
            raise EditError(
                Sentence(
                    "{} {} comes within a step of the grid of itself: move its border first",
                    level,
                    code,
                )
            )


def _bent(one: DraftArea, other: DraftArea) -> list[tuple[Path, Path]]:
    """Return edges of two areas with the vertices that they go through."""
    edges = np.unique(np.concatenate([_edges(one), _edges(other)]), axis=0)
    grid = 1 / GRID_PER_DEGREE
    crossed = shapely.union(one.shape.boundary, other.shape.boundary, grid_size=grid)
    vertices = np.unique(
        np.concatenate([whole(shapely.get_coordinates(crossed)), edges.reshape(-1, 2)]), axis=0
    )
    lines = shapely.linestrings(degrees(edges).reshape(-1, 2, 2))
    places = np.asarray(shapely.points(degrees(vertices)))
    through = shapely.STRtree(places).query(
        np.asarray(lines), predicate="dwithin", distance=_THROUGH_STEPS * grid
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
