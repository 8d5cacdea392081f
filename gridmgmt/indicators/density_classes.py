"""Classes of cases per square kilometre, with limits that stay the same from view to view.

All densities here are cases per square kilometre per 30 days. A density of zero is a class of
its own and no part of what the limits are made of.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

# The length of the period to which densities are brought, in days.
UNIT_DAYS = 30
# The parts of all densities above zero that lie below each limit. Densities are skewed: equal
# parts would spend three colours on what hardly differs and one on all that is dense.
SHARES = (0.40, 0.65, 0.85, 0.96)
_DIGITS = 2
_ALL_DIGITS = 17


def class_breaks(densities: ArrayLike, *, least: float = 0.0) -> list[float]:
    """Return the limits between the classes of densities, ascending.

    A density belongs to the class above a limit that it reaches.

    Parameters
    ----------
    densities : (n,) numbers of any order
    least : densities up to this count as zero

    Returns
    -------
    up to four limits of two digits; fewer where densities repeat; empty without a density above
    ``least`` or where all are equal

    Examples
    --------
    >>> class_breaks([0, 0, 100, 100, 100, 234, 250, 400, 900, 1000])
    [210.0, 330.0, 880.0, 970.0]
    >>> class_breaks([0, 0]), class_breaks([5, 5, 5])
    ([], [])
    """
    given = np.asarray(densities, dtype=np.float64)
    dense = given[given > least]
    if not len(dense):
        return []
    limits = (float(f"{one:.{_DIGITS - 1}e}") for one in np.quantile(dense, SHARES))
    return sorted({one for one in limits if one > dense.min()})


def over_days(breaks: Sequence[float], days: int) -> list[float]:
    """Return limits for cases per square kilometre in a number of days.

    They have as few digits as keep them apart, and two at least: people read them.

    Examples
    --------
    >>> over_days([30.0, 60.0], 7), over_days([790.0], 365), over_days([97.0, 98.0], 365)
    ([7.0, 14.0], [9600.0], [1180.0, 1190.0])
    """
    exact = [one * days / UNIT_DAYS for one in breaks]
    for digits in range(_DIGITS, _ALL_DIGITS):
        rounded = [float(f"{one:.{digits - 1}e}") for one in exact]
        if len(set(rounded)) == len(set(exact)):
            return rounded
    return exact


def in_three(breaks: Sequence[float]) -> list[float]:
    """Return those limits of `class_breaks` that make three classes of its five.

    They are the limits below and above the middle, so that what is darkest or palest among
    three classes is so among five.

    Examples
    --------
    >>> in_three([10.0, 20.0, 50.0, 90.0]), in_three([10.0, 20.0]), in_three([])
    ([10.0, 50.0], [10.0, 20.0], [])
    """
    return [breaks[0], breaks[2]] if len(breaks) > 2 else list(breaks)
