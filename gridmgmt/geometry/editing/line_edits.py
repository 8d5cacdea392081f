"""Draw borders along lines of another layer, where both run near each other."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import shapely

from gridmgmt.arrays import FloatArray, IntArray
from gridmgmt.geometry.editing.border_ends import BorderEnds, with_ends
from gridmgmt.geometry.editing.edit_error import EditError
from gridmgmt.geometry.editing.edit_state import EditState
from gridmgmt.geometry.editing.following import FollowedPart, followed_parts
from gridmgmt.geometry.editing.local_metres import LocalMetres
from gridmgmt.geometry.editing.outline import Path
from gridmgmt.geometry.editing.places import neighbours, shown, with_vertex_at
from gridmgmt.geometry.editing.redrawing import Redrawing, redrawn
from gridmgmt.geometry.editing.rings import Vertex, once, vertex
from gridmgmt.geometry.editing.runs import deepest_run, run_between, shared_runs
from gridmgmt.sentence import Sentence

# Two places of a line are the same within this, metres; a step of the grid has less.
_SAME_M = 0.002


def align_between(
    state: EditState,
    level: str,
    codes: Sequence[str],
    lines: Sequence[Path],
    *,
    within_m: float,
    border_m: float,
) -> EditState:
    """Draw the border that two areas share along lines, where both run near each other.

    Where other borders end in it, they end on the line afterwards.

    Parameters
    ----------
    within_m : how far the border and a line may be from each other, metres

    Raises
    ------
    EditError
        when there are not two areas that share a border, or no line runs along it
    """
    runs = _runs_between(state, level, codes)
    openings = [_shortest_edge(run) for run in runs]
    opened = [_opened(run, row) for run, row in zip(runs, openings, strict=True)]
    state = _aligned(state, level, opened, lines, within_m, border_m)
    # Around an island all but the edge where the ring was opened is aligned: open it elsewhere.
    places = [run[row] for run, row in zip(runs, openings, strict=True) if _is_loop(run)]
    for place in places:
        rings = [one for one in shared_runs(state, level, *codes) if _is_loop(one)]
        ring = min(rings, key=lambda one: _far(one, place).min())
        opened = [_opened(ring, int(_far(ring, place).argmax()))]
        state = _aligned(state, level, opened, lines, within_m, border_m)
    return state


def align_stretch(
    state: EditState,
    level: str,
    ends: Sequence[IntArray],
    lines: Sequence[Path],
    *,
    within_m: float,
    border_m: float,
) -> EditState:
    """Draw the borders from one place to another along lines, as `align_between`.

    An end within a border stays where it is, an end in which several borders meet goes onto the
    line. Places may lie up to ``within_m`` from the border.

    Raises
    ------
    EditError
        when there are not two places on borders, or no line runs along between them
    """
    _refuse_not_two(ends)
    found = []
    for place in ends:
        state, at = with_vertex_at(state, level, place, within_m=within_m, border_m=border_m)
        found.append(at)
    if vertex(found[0]) == vertex(found[1]):
        raise EditError(Sentence("both ends are the same place: {}", shown(found[0])))
    box = stretch_box(found, within_m)
    run = run_between(state, level, found, lines, within_m, box)
    return _aligned(state, level, [_Run(run)], lines, within_m, border_m)


def stretch_box(ends: Sequence[IntArray], within_m: float) -> IntArray:
    """Return where the way from one place to another and lines beside it are looked for.

    Raises
    ------
    EditError
        when there are not two places
    """
    _refuse_not_two(ends)
    plane = LocalMetres(ends[0])
    apart = float(np.hypot(*plane.of(np.array(ends))[1]))
    margin = plane.margin(apart + 2 * within_m)
    return np.concatenate([np.min(ends, axis=0) - margin, np.max(ends, axis=0) + margin])


def _refuse_not_two(ends: Sequence[IntArray]) -> None:
    if len(ends) != 2:
        raise EditError(Sentence("name the two places between which to align"))


def between_box(
    state: EditState, level: str, codes: Sequence[str], within_m: float
) -> IntArray:
    """Return where lines beside the border of two areas are looked for.

    Raises
    ------
    EditError
        when there are not two areas that share a border
    """
    border = np.concatenate(_runs_between(state, level, codes))
    low, high = border.min(axis=0), border.max(axis=0)
    margin = LocalMetres(low).margin(2 * within_m)
    return np.concatenate([low - margin, high + margin])


def _runs_between(state: EditState, level: str, codes: Sequence[str]) -> list[Path]:
    if len({*codes}) != 2 or len(codes) != 2:
        raise EditError(Sentence("name the two areas whose border is to be aligned"))
    return shared_runs(state, level, *codes)


def _aligned(
    state: EditState,
    level: str,
    runs: Sequence["_Run"],
    lines: Sequence[Path],
    within_m: float,
    border_m: float,
) -> EditState:
    moved: dict[Vertex, Vertex] = {}
    nearest = np.inf
    before = state
    for run in runs:
        # An end that two runs have in common has moved with the first.
        now = np.array([moved.get(vertex(one), vertex(one)) for one in run.path])
        where, path = deepest_run(state, level, now, border_m)
        drawing = _Drawing(state, where, path, run.is_ring)
        parts, far = drawing.parts(lines, within_m)
        nearest = min(nearest, far)
        if parts:
            moves, stretches = drawing.redrawn(parts, within_m)
            ends = BorderEnds(state, where, stretches, within_m)
            moves = ends.with_passed(moves)
            stretches += ends.shortened(moves)
            state = _drawn(state, where, moves, stretches, border_m)
            moved.update(moves)
    if state is before:
        raise EditError(
            Sentence(
                "no line runs along that border of level {} within {} m; the nearest is {} m"
                " away",
                level,
                f"{within_m:g}",
                f"{nearest:,.2f}",
            )
        )
    return state


def _drawn(
    state: EditState,
    level: str,
    moves: dict[Vertex, Vertex],
    stretches: Sequence[tuple[Path, Path]],
    border_m: float,
) -> EditState:
    # First levels above take the vertices of all that is redrawn, and what ends there moves.
    asis = [(old, old) for old, _ in stretches]
    state = redrawn(state, level, Redrawing(moves=moves, stretches=asis), border_m)
    ended = [(with_ends(old, moves), new) for old, new in stretches]
    return redrawn(state, level, Redrawing(stretches=ended), border_m)


@dataclass(frozen=True)
class _Run:
    """A run of border; ``is_ring`` says that it goes all around an island but for one edge."""

    path: Path
    is_ring: bool = False


@dataclass(frozen=True)
class _Token:
    """A vertex of the new border; ``node`` is the row of the old one that ends there."""

    at: Vertex
    node: int | None = None


class _Drawing:
    """A run of border on the deepest level that has it, to be drawn along lines."""

    def __init__(self, state: EditState, level: str, path: Path, is_loop: bool) -> None:
        self._path = path
        self._plane = LocalMetres(path[0])
        self._metres: FloatArray = self._plane.of(path)
        self._border = shapely.LineString(self._metres)
        steps = np.hypot(*np.diff(self._metres, axis=0).T)
        self._at: FloatArray = np.r_[0.0, np.cumsum(steps)]
        # The same number as parts have: sums in another order differ in the last digit.
        self._at[-1] = self._border.length
        beside = neighbours(state, level, path)
        self._nodes = {row for row, one in enumerate(path) if len(beside[vertex(one)]) > 2}
        # A border around an island has no ends that other borders need.
        self._moving = {*self._nodes, *((0, len(path) - 1) if is_loop else ())}

    def parts(self, lines: Sequence[Path], within_m: float) -> tuple[list[FollowedPart], float]:
        """Return the parts that lines run along, and how far the nearest line is, metres."""
        given = [shapely.LineString(self._plane.of(line)) for line in lines]
        far = float(shapely.distance(given, self._border).min(initial=np.inf))
        return followed_parts(self._border, given, within_m), far

    def redrawn(
        self, parts: Sequence[FollowedPart], within_m: float
    ) -> tuple[dict[Vertex, Vertex], list[tuple[Path, Path]]]:
        """Return what moves, and the stretches from node to node as they were and will be."""
        tokens = list(self._tokens(parts, within_m))
        moves = {vertex(self._path[one.node]): one.at for one in tokens if one.node is not None}
        rows = [n for n, one in enumerate(tokens) if one.node is not None]
        stretches = []
        for first, last in pairwise(rows):
            begin, end = tokens[first].node or 0, tokens[last].node or 0
            old = self._path[begin : end + 1]
            drawn = [one.at for one in tokens[first : last + 1]]
            new = once(np.array(drawn, dtype=np.int64))
            if len(new) < 2:
                raise EditError(
                    Sentence("the border from {} on would have no length", shown(old[0]))
                )
            stretches.append((old, new))
        return {one: to for one, to in moves.items() if one != to}, stretches

    def _tokens(self, parts: Sequence[FollowedPart], within_m: float) -> Iterator[_Token]:
        done = 0
        for part in map(self._without_passed, parts):
            first = int(np.searchsorted(self._at, part.begin, side="right")) - 1
            last = int(np.searchsorted(self._at, part.end, side="left"))
            last = min(last, len(self._path) - 1)
            opens = part.begin <= 0 and 0 in self._moving
            closes = part.end >= self._at[-1] and len(self._path) - 1 in self._moving
            yield from self._kept(done, first if opens else first + 1)
            yield from self._along(part, (first, last), (opens, closes), within_m)
            done = last + 1 if closes else last
        yield from self._kept(done, len(self._path))

    def _without_passed(self, part: FollowedPart) -> FollowedPart:
        """Return a part from whose ends on the line no other border would be passed.

        A line may end before the border does. Where other borders end abreast of its end or
        beyond, the end of the border cannot go there: the border leaves the line where it ends.
        """
        inner = [row for row in self._nodes if part.begin < self._at[row] < part.end]
        along = [part.line.project(shapely.Point(self._metres[row])) for row in inner]
        places = (shapely.Point(part.line.coords[n]) for n in (0, -1))
        begin, end = map(self._border.project, places)
        if part.begin <= 0 and any(at <= _SAME_M for at in along):
            part = replace(part, begin=begin)
        if part.end >= self._at[-1] and any(at >= part.line.length - _SAME_M for at in along):
            part = replace(part, end=end)
        return part

    def _kept(self, begin: int, end: int) -> Iterator[_Token]:
        last = len(self._path) - 1
        for row in range(begin, end):
            is_node = row in self._nodes or row in (0, last)
            yield _Token(vertex(self._path[row]), row if is_node else None)

    def _along(
        self,
        part: FollowedPart,
        rows: tuple[int, int],
        moving: tuple[bool, bool],
        within_m: float,
    ) -> Iterator[_Token]:
        first, last = rows
        measures = np.array([part.line.project(shapely.Point(c)) for c in part.line.coords])
        inside = [row for row in range(first + 1, last) if row in self._nodes]
        anchors = {row: self._anchor(row, part, within_m) for row in inside}
        anchors |= {first: 0.0} if moving[0] else {}
        anchors |= {last: part.line.length} if moving[1] else {}
        ordered = sorted(anchors)
        if any(anchors[one] >= anchors[other] for one, other in pairwise(ordered)):
            raise EditError(
                Sentence(
                    "the line turns back where borders end at {}: align each side of it by "
                    "itself",
                    shown(self._path[ordered[0]]),
                )
            )
        if part.begin > 0:
            yield _Token(self._place(self._border.interpolate(part.begin)))
        ends = {anchors[row]: row for row in ordered}
        drawn = dict.fromkeys(
            at for at in measures.tolist() if not any(abs(at - o) < 1e-6 for o in ends)
        )
        for at in sorted([*drawn, *ends]):
            yield _Token(self._place(part.line.interpolate(at)), ends.get(at))
        if part.end < self._at[-1]:
            yield _Token(self._place(self._border.interpolate(part.end)))

    def _anchor(self, row: int, part: FollowedPart, within_m: float) -> float:
        """Return how far along the line the place is where borders end from now on."""
        place = shapely.Point(self._metres[row])
        far = part.line.distance(place)
        if far > within_m:
            raise EditError(
                Sentence(
                    "borders end at {}, {} m from the line: align each side of it by itself",
                    shown(self._path[row]),
                    f"{far:,.2f}",
                )
            )
        return float(part.line.project(place))

    def _place(self, point: shapely.Point) -> Vertex:
        return vertex(self._plane.back(np.array([point.x, point.y])))


def _is_loop(run: Path) -> bool:
    return len(run) > 3 and bool((run[0] == run[-1]).all())


def _opened(run: Path, row: int) -> _Run:
    """Return a closed run opened at the edge that begins in a row; another as it is."""
    return _Run(np.roll(run[:-1], -(row + 1), axis=0), True) if _is_loop(run) else _Run(run)


def _shortest_edge(run: Path) -> int:
    metres = LocalMetres(run[0]).of(run)
    return int(np.hypot(*np.diff(metres, axis=0).T).argmin())


def _far(ring: Path, place: IntArray) -> FloatArray:
    distances: FloatArray = np.hypot(*LocalMetres(place).of(ring[:-1]).T)
    return distances
