"""Let borders end on a border that was drawn elsewhere."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from shapely.ops import substring

from gridmgmt.geometry.editing.edit_state import EditState
from gridmgmt.geometry.editing.local_metres import LocalMetres
from gridmgmt.geometry.editing.outline import Path, degrees, lines_of
from gridmgmt.geometry.editing.rings import Vertex, vertex
from gridmgmt.geometry.editing.runs import borders_from


def with_ends(path: Path, moves: Mapping[Vertex, Vertex]) -> Path:
    """Return a path with its ends where they move to."""
    made = path.copy()
    for row in (0, -1):
        made[row] = moves.get(vertex(path[row]), vertex(path[row]))
    return made


@dataclass(frozen=True)
class BorderEnds:
    """The borders of a level that end on borders that are drawn elsewhere.

    ``drawn`` are those, as they were and as they will be; ``within_m`` is how far from its end
    another border may lose vertices. What moves is told by vertex: those in which they end.
    """

    state: EditState
    level: str
    drawn: Sequence[tuple[Path, Path]]
    within_m: float

    def shortened(self, moves: Mapping[Vertex, Vertex]) -> list[tuple[Path, Path]]:
        """Return the borders that would cross what is drawn, without the vertices beyond it.

        A border that ends in a vertex that moves begins anew after the place nearest to its
        new end, at the first vertex from which on it neither crosses the new borders nor runs
        back. Where there is none the border stays, and is refused with what it crosses.

        Returns
        -------
        borders as they were and as they will be
        """
        # Of what does not end in it, the new border is seen without its own ends.
        lines = [line for _, new in self.drawn for line in lines_of([new])]
        found = []
        for node, to in sorted(moves.items()):
            others = self._others(node)
            for border in others:
                if any(vertex(one) in moves for one in border[1:]):
                    continue
                beside = [with_ends(one, moves) for one in others if one is not border]
                seen = _first_seen(border, to, [*lines, *lines_of(beside)])
                if seen > 1:
                    new = np.array([to, vertex(border[seen])], dtype=np.int64)
                    found.append((border[: seen + 1], new))
        return found

    def with_passed(self, moves: Mapping[Vertex, Vertex]) -> dict[Vertex, Vertex]:
        """Return moves with those of the ends of other borders that a moving vertex passes.

        Where two vertices in which borders end lie closer to each other than one of them moves,
        it may pass the other, which then goes to the same place.
        """
        found = dict(moves)
        for node, to in sorted(moves.items()):
            for border in self._others(node):
                last = vertex(border[-1])
                if _passed(border, to) == len(border) - 1 and last not in (node, *moves):
                    found |= dict.fromkeys(map(vertex, border[1:]), to)
        return found

    @cached_property
    def _taken(self) -> set[Vertex]:
        return {vertex(row) for old, _ in self.drawn for row in old}

    def _others(self, node: Vertex) -> list[Path]:
        """Return the borders that end in a vertex and are not drawn."""
        at = np.array(node, dtype=np.int64)
        ends = borders_from(self.state, self.level, at, 2 * self.within_m)
        return [one for one in ends if vertex(one[1]) not in self._taken]


def _first_seen(border: Path, to: Vertex, lines: Sequence[shapely.LineString]) -> int:
    """Return the first row of a border that it may go on from straight from its new end."""
    end, last = (shapely.Point(degrees(np.array(one))) for one in (to, border[-1]))
    for row in range(_passed(border, to) + 1, len(border)):
        [straight] = lines_of([np.array([to, vertex(border[row])], dtype=np.int64)])
        seen = _apart(straight, lines, end)
        if row + 1 < len(border):
            [rest] = lines_of([border[row:]])
            # What is beside it may end in the same vertex.
            seen = (
                seen
                and _apart(rest, lines, last)
                and straight.intersection(rest).geom_type == "Point"
            )
        if seen:
            return row
    return 1


def _passed(border: Path, to: Vertex) -> int:
    """Return the last row of a border that its end passes, 0 for none.

    It passes no more of the border than it moves: a bulge that comes back near it stays.
    """
    metres = LocalMetres(np.array(to, dtype=np.int64)).of(border)
    along = np.r_[0.0, np.cumsum(np.hypot(*np.diff(metres, axis=0).T))]
    begin = substring(shapely.LineString(metres), 0.0, float(np.hypot(*metres[0])))
    nearest = begin.project(shapely.Point(0.0, 0.0))
    return int(np.searchsorted(along, nearest, side="right")) - 1


def _apart(
    line: shapely.LineString, lines: Sequence[shapely.LineString], but: shapely.Point
) -> bool:
    shared = (line.intersection(one) for one in lines)
    return all(one.is_empty or one.equals(but) for one in shared)
