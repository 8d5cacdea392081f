"""Find where a border and a line of another layer run along each other."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely
from shapely.ops import substring

# A line that runs along a border for less than this many tolerances only crosses it.
_ALONG_TOLERANCES = 4.0
# A short border is followed if the line runs along this share of it.
_ALONG_SHARE = 0.9
# Two lines end in the same place if they do within this, metres; a step of the grid has less.
_SAME_M = 0.002


@dataclass(frozen=True)
class FollowedPart:
    """A part of a border, from and to in metres along it, and the line there, turned its way.

    ``begin`` is 0 and ``end`` the length of the border where its end goes onto the line.
    """

    begin: float
    end: float
    line: shapely.LineString


def followed_parts(
    border: shapely.LineString, lines: Sequence[shapely.LineString], within_m: float
) -> list[FollowedPart]:
    """Return the parts of a border that lines run along, from its beginning to its end.

    Neither leaves the other by more than the tolerance there. A line that only crosses the
    border is none; of two lines side by side the nearer is taken.

    Parameters
    ----------
    border, lines : in metres
    """
    found = [
        part
        for piece in _lines(border.intersection(_around(lines, within_m)))
        for part in _beside(border, piece, lines, within_m)
    ]
    found.sort(key=lambda part: (_mean_distance(border, part.line), part.begin))
    taken: list[FollowedPart] = []
    for one in found:
        if all(one.end <= o.begin + _SAME_M or one.begin >= o.end - _SAME_M for o in taken):
            taken.append(one)
    joined = _joined(sorted(taken, key=lambda part: part.begin))
    least = min(_ALONG_TOLERANCES * within_m, _ALONG_SHARE * border.length)
    return [one for one in joined if one.end - one.begin >= least]


def _around(lines: Sequence[shapely.LineString], within_m: float) -> shapely.Geometry:
    return shapely.union_all(shapely.buffer(np.array(lines, dtype=object), within_m))


def _beside(
    border: shapely.LineString,
    piece: shapely.LineString,
    lines: Sequence[shapely.LineString],
    within_m: float,
) -> Iterator[FollowedPart]:
    """Yield the lines along a piece of border that is near lines from one end to the other."""
    near = shapely.buffer(piece, within_m)
    cut = [one for line in lines for one in _lines(line.intersection(near))]
    first, last = (shapely.Point(piece.coords[n]) for n in (0, -1))
    if border.project(first) > border.project(last):
        first, last = last, first
    for line in _lines(shapely.line_merge(shapely.MultiLineString(cut))):
        # Beyond the ends of the piece the line was cut by a round cap, not by the border.
        part = substring(line, line.project(first), line.project(last))
        if part.geom_type != "LineString":
            continue
        ends = [shapely.Point(part.coords[n]) for n in (0, -1)]
        begin, end = (border.project(one) for one in ends)
        if border.project(first) <= _SAME_M and first.distance(ends[0]) <= within_m:
            begin = 0.0
        if border.length - border.project(last) <= _SAME_M and (
            last.distance(ends[1]) <= within_m
        ):
            end = border.length
        # A line that only crosses has no length along the border.
        if end - begin > _SAME_M:
            yield FollowedPart(begin, end, _trimmed(border, part, begin, end))


def _trimmed(
    border: shapely.LineString, part: shapely.LineString, begin: float, end: float
) -> shapely.LineString:
    """Return a line from where the border leaves for it to where it comes back.

    A border that was drawn along it before leaves in the same places again.
    """
    first, last = (part.project(border.interpolate(at)) for at in (begin, end))
    line = substring(part, first, last)
    return line if line.geom_type == "LineString" else part


def _mean_distance(border: shapely.LineString, line: shapely.LineString) -> float:
    places = [line.interpolate(share, normalized=True) for share in np.linspace(0, 1, 33)]
    return float(shapely.distance(places, border).mean())


def _joined(parts: Sequence[FollowedPart]) -> list[FollowedPart]:
    """Return parts with those put together whose lines end in one place, as at a crossing."""
    made: list[FollowedPart] = []
    for one in parts:
        before = made[-1] if made else None
        if before is not None and _meet(before.line, one.line):
            coords = [*before.line.coords, *one.line.coords[1:]]
            made[-1] = replace(before, end=one.end, line=shapely.LineString(coords))
        else:
            made.append(one)
    return made


def _meet(one: shapely.LineString, other: shapely.LineString) -> bool:
    return bool(
        shapely.Point(one.coords[-1]).distance(shapely.Point(other.coords[0])) < _SAME_M
    )


def _lines(shape: shapely.Geometry) -> list[shapely.LineString]:
    """Return the lines of what an overlay left, which may hold points too."""
    return [
        part
        for one in shapely.get_parts(shape)
        for part in shapely.get_parts(one)
        if part.geom_type == "LineString" and not part.is_empty
    ]
