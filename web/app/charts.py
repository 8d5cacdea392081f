"""Geometry of small charts as inline SVG: without script or style, beside a table of the data.

Charts are drawn on a field of 1,000 by 100 units that the page stretches. Labels are text
beside the chart.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

WIDTH, HEIGHT = 1_000.0, 100.0
# The part of a bar's space that stays empty.
_GAP = 0.2


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar on the lower edge."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Axis:
    """The values at the lower and the upper edge of the field."""

    low: float
    high: float

    def y(self, value: float) -> float:
        """Return the distance of a value from the upper edge."""
        return round(HEIGHT * (self.high - value) / (self.high - self.low), 2)


def count_axis(values: Sequence[int]) -> Axis:
    """Return an axis from zero to a round number not below any value.

    Examples
    --------
    >>> count_axis([3, 87]).high, count_axis([]).high, count_axis([100]).high
    (100.0, 1.0, 100.0)
    """
    largest = max(values, default=0)
    if largest <= 1:
        return Axis(0.0, 1.0)
    power = 10.0 ** floor(log10(largest))
    return Axis(0.0, next(step * power for step in (1, 2, 5, 10) if step * power >= largest))


def rate_axis(values: Sequence[float | None]) -> Axis:
    """Return an axis up to 1, from the full tenth below every value.

    Examples
    --------
    >>> rate_axis([0.93, None, 0.88]), rate_axis([1.0]), rate_axis([])
    (Axis(low=0.8, high=1.0), Axis(low=0.9, high=1.0), Axis(low=0.0, high=1.0))
    """
    known = [value for value in values if value is not None]
    if not known:
        return Axis(0.0, 1.0)
    # A float slightly below a tenth counts as that tenth.
    tenths = floor(round(min(known) * 10, 9))
    return Axis(min(tenths, 9) / 10, 1.0)


def bars(values: Sequence[float], axis: Axis) -> list[Bar]:
    """Return a bar for each value, side by side over the whole width."""
    room = WIDTH / max(len(values), 1)
    return [
        Bar(
            x=round((number + _GAP / 2) * room, 2),
            y=axis.y(value),
            width=round((1 - _GAP) * room, 2),
            height=round(HEIGHT - axis.y(value), 2),
        )
        for number, value in enumerate(values)
    ]


def lines(values: Sequence[float | None], axis: Axis) -> list[str]:
    """Return a line through the middles of the bars' spaces, with gaps for missing values.

    Returns
    -------
    the points of each piece in SVG syntax; a single value becomes a short line

    Examples
    --------
    >>> lines([1.0, None, 0.5, 1.0], Axis(0.0, 1.0))
    ['75.0,0.0 175.0,0.0', '625.0,50.0 875.0,0.0']
    """
    room = WIDTH / max(len(values), 1)
    pieces: list[list[tuple[float, float]]] = [[]]
    for number, value in enumerate(values):
        if value is None:
            pieces.append([])
        else:
            pieces[-1].append((round((number + 0.5) * room, 2), axis.y(value)))
    return [_written(piece, room) for piece in pieces if piece]


def _written(piece: list[tuple[float, float]], room: float) -> str:
    if len(piece) == 1:
        ((x, y),) = piece
        piece = [(round(x - room / 5, 2), y), (round(x + room / 5, 2), y)]
    return " ".join(f"{x},{y}" for x, y in piece)


def ticks(count: int, most: int = 5) -> list[int]:
    """Return which of ``count`` positions get a label, including the first and the last.

    Examples
    --------
    >>> ticks(30), ticks(1), ticks(0)
    ([0, 7, 14, 22, 29], [0], [])
    """
    if count <= most:
        return list(range(count))
    return [ceil(n * (count - 1) / (most - 1) - 0.5) for n in range(most)]
