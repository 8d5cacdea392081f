"""Edit borders: move, insert and delete vertices, redraw a stretch."""

import numpy as np

from gridmgmt.arrays import IntArray
from gridmgmt.geometry.editing.edit_error import EditError
from gridmgmt.geometry.editing.edit_state import EditState
from gridmgmt.geometry.editing.outline import Path
from gridmgmt.geometry.editing.places import (
    nearest_edge,
    neighbours,
    refuse_no_vertex,
    shown,
    stretch_between,
    with_vertex_at,
    with_vertex_in,
)
from gridmgmt.geometry.editing.redrawing import Redrawing, deepest_level, redrawn
from gridmgmt.geometry.editing.rings import vertex
from gridmgmt.sentence import Sentence


def move_vertex(
    state: EditState, level: str, at: IntArray, to: IntArray, *, border_m: float
) -> EditState:
    """Move a vertex for every area that has it, and for the levels above that run along.

    Raises
    ------
    EditError
        when the level has no vertex there; the nearest is named
    """
    refuse_no_vertex(state, level, at)
    return redrawn(state, level, Redrawing(moves={vertex(at): vertex(to)}), border_m)


def insert_vertex(state: EditState, level: str, at: IntArray, *, border_m: float) -> EditState:
    """Put a vertex into the border at a place, for every area that has that border.

    Raises
    ------
    EditError
        when no border of the level is within ``border_m``, or it has a vertex there
    """
    edge = nearest_edge(state, level, at, border_m).ends
    if (edge.reshape(2, 2) == at).all(axis=1).any():
        raise EditError(Sentence("level {} has a vertex at {} already", level, shown(at)))
    return with_vertex_in(state, level, edge, at, border_m=border_m)


def delete_vertex(state: EditState, level: str, at: IntArray, *, border_m: float) -> EditState:
    """Delete a vertex from every border that has it.

    Raises
    ------
    EditError
        when the level has no vertex there, or more than two borders meet in it
    """
    refuse_no_vertex(state, level, at)
    where = deepest_level(state, level, Redrawing(moves={vertex(at): vertex(at)}))
    beside = sorted(neighbours(state, where, at[None, :])[vertex(at)])
    if len(beside) != 2:
        raise EditError(
            Sentence(
                "{} borders of level {} meet at {}: that vertex can be moved, not deleted",
                len(beside),
                where,
                shown(at),
            )
        )
    one, other = (np.array(each, dtype=np.int64) for each in beside)
    wanted = Redrawing(stretches=[(np.array([one, at, other]), np.array([one, other]))])
    return redrawn(state, where, wanted, border_m)


def reshape(
    state: EditState, level: str, line: Path, *, within_m: float, border_m: float
) -> EditState:
    """Redraw the stretch of a border between the ends of a line as that line.

    Parameters
    ----------
    line : (n, 2), n at least 2
    within_m : how far the ends of the line may lie from the border; they are drawn to it

    Raises
    ------
    EditError
        when an end is too far from any border, or a third border meets the stretch
    """
    ends = []
    for place in (line[0], line[-1]):
        state, found = with_vertex_at(state, level, place, within_m=within_m, border_m=border_m)
        ends.append(found)
    where = deepest_level(
        state, level, Redrawing(moves={vertex(one): vertex(one) for one in ends})
    )
    drawn = np.concatenate([ends[:1], line[1:-1], ends[1:]])
    old = stretch_between(state, where, drawn)
    return redrawn(state, where, Redrawing(stretches=[(old, drawn)]), border_m)
