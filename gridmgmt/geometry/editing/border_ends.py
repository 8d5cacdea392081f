"""Let borders end on a border that was drawn elsewhere."""

from collections.abc import Mapping, Sequence

import numpy as np
import shapely

from gridmgmt.geometry.editing.edit_state import EditState
from gridmgmt.geometry.editing.outline import Path, lines_of
from gridmgmt.geometry.editing.rings import Vertex, vertex
from gridmgmt.geometry.editing.runs import borders_from


def with_ends(path: Path, moves: Mapping[Vertex, Vertex]) -> Path:
    """Return a path with its ends where they move to."""
    made = path.copy()
    for row in (0, -1):
        made[row] = moves.get(vertex(path[row]), vertex(path[row]))
    return made


def shortened(
    state: EditState,
    level: str,
    moves: Mapping[Vertex, Vertex],
    drawn: Sequence[tuple[Path, Path]],
    within_m: float,
) -> list[tuple[Path, Path]]:
    """Return the borders that would cross what is drawn, without the vertices beyond it.

    A border that ends in a vertex that moves begins anew at its first vertex that the new end
    is seen from. Where there is none the border stays, and is refused with what it crosses.

    Parameters
    ----------
    moves : vertices in which drawn borders end
    drawn : those borders, as they were and as they will be
    within_m : how far from its end a border may lose vertices

    Returns
    -------
    borders as they were and as they will be
    """
    taken = {vertex(row) for old, _ in drawn for row in old}
    # Of what does not end in it, the new border is seen without its own ends.
    lines = [line for _, new in drawn for line in lines_of([new])]
    found = []
    for node, to in sorted(moves.items()):
        ends = borders_from(state, level, np.array(node, dtype=np.int64), 2 * within_m)
        others = [one for one in ends if vertex(one[1]) not in taken]
        for border in others:
            if any(vertex(one) in moves for one in border[1:]):
                continue
            beside = [with_ends(one, moves) for one in others if one is not border]
            seen = _first_seen(border, to, [*lines, *lines_of(beside)])
            if seen > 1:
                new = np.array([to, vertex(border[seen])], dtype=np.int64)
                found.append((border[: seen + 1], new))
    return found


def _first_seen(border: Path, to: Vertex, lines: Sequence[shapely.LineString]) -> int:
    """Return the first row of a border that a straight line from its new end leads to."""
    end = shapely.Point(lines_of([np.array([to, to])])[0].coords[0])
    for row in range(1, len(border)):
        [straight] = lines_of([np.array([to, vertex(border[row])], dtype=np.int64)])
        rest = border[row:]
        crossed = [straight.intersection(line) for line in lines]
        if all(one.is_empty or one.equals(end) for one in crossed) and (
            len(rest) < 2 or straight.intersection(lines_of([rest])[0]).geom_type == "Point"
        ):
            return row
    return 1
