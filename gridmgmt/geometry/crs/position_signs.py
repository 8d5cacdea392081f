"""Count what the numbers of positions show about their datum."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

_NOTHING = (float("inf"), float("-inf"))


@dataclass(frozen=True)
class PositionSigns:
    """Counts over positions; the counts of a table's pieces can be added.

    ``given`` positions have two finite numbers. Of these, ``projected`` cannot be degrees in
    either order, and ``swapped`` have a latitude past 90 degrees that could be a longitude. In
    many files zeros mean "no position": ``telling`` positions have other numbers, and of these
    ``degrees`` could be degrees in one order or the other. ``x``, ``y`` are the smallest and
    the largest number.
    """

    given: int = 0
    projected: int = 0
    swapped: int = 0
    telling: int = 0
    degrees: int = 0
    x: tuple[float, float] = _NOTHING
    y: tuple[float, float] = _NOTHING

    @classmethod
    def of(cls, x: ArrayLike, y: ArrayLike) -> "PositionSigns":
        """Count over positions; those without two finite numbers are ignored.

        Parameters
        ----------
        x, y : (n,) as given

        Examples
        --------
        >>> PositionSigns.of([500000.0, 0.0], [3350000.0, 0.0]).projected
        1
        """
        both = np.stack([np.asarray(x, np.float64), np.asarray(y, np.float64)])
        both = both[:, np.isfinite(both).all(axis=0)]
        if not both.size:
            return cls()
        across, up = np.abs(both)
        telling = both.any(axis=0)
        degrees = (np.maximum(across, up) <= 180) & (np.minimum(across, up) <= 90)
        return cls(
            given=len(across),
            projected=int(np.count_nonzero((across > 360) | (up > 360))),
            swapped=int(np.count_nonzero((up > 90) & (up <= 180) & (across <= 90))),
            telling=int(np.count_nonzero(telling)),
            degrees=int(np.count_nonzero(telling & degrees)),
            x=(float(both[0].min()), float(both[0].max())),
            y=(float(both[1].min()), float(both[1].max())),
        )

    def __add__(self, other: "PositionSigns") -> "PositionSigns":
        """Return the counts over both."""
        return PositionSigns(
            self.given + other.given,
            self.projected + other.projected,
            self.swapped + other.swapped,
            self.telling + other.telling,
            self.degrees + other.degrees,
            (min(self.x[0], other.x[0]), max(self.x[1], other.x[1])),
            (min(self.y[0], other.y[0]), max(self.y[1], other.y[1])),
        )

    @property
    def look_projected(self) -> bool:
        """Return whether most positions cannot be degrees.

        Small local coordinates look like degrees.
        """
        return 2 * self.projected > self.given

    @property
    def look_like_degrees(self) -> bool:
        """Return whether all telling positions could be degrees."""
        return 0 < self.telling == self.degrees

    @property
    def look_swapped(self) -> bool:
        """Return whether most positions have latitude first.

        Within 90 degrees of Greenwich the numbers cannot show this.
        """
        return 2 * self.swapped > self.given
