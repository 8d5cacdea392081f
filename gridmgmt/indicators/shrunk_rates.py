"""On-time rates for colouring small areas: drawn towards a larger group, with their certainty.

A cell with one late case of one is not the worst of a city. Its colour is that of a rate which
lies between its own and that of its parent, the nearer to the parent the fewer its cases. The
counts that people read stay the area's own.
"""

import numpy as np
from numpy.typing import ArrayLike

from gridmgmt.arrays import BoolArray, FloatArray

# An interval wider than this leaves open whether an area is good or bad. All on time of 3 is
# too wide, all on time of 4 is not; near one half it takes 12 cases.
UNCERTAIN_WIDTH = 0.5

# In percent: from the first an area's rate is middling, from the second high. They are two of
# the breaks of the map's layer of rates, so that both layers agree on which areas are late.
ON_TIME_CLASSES = (90.0, 95.0)

# The 97.5th percentile of the standard normal distribution: intervals of 95 %.
_Z = 1.959963984540054


def shrunk_on_time_rates(on_time: ArrayLike, due: ArrayLike, groups: ArrayLike) -> FloatArray:
    """Return on-time rates drawn towards the rate of each area's group.

    This is the local empirical Bayes estimator of R. J. Marshall, Mapping disease and mortality
    rates using empirical Bayes estimators, Applied Statistics 40 (1991), 283-294, of the rate
    of cases that were not on time, which are the rare ones: with the group's rate m, its mean
    number of cases n and the variance s² of its areas' rates, weighted by their cases, an
    area of d cases counts for itself with the weight a / (a + m / d), where a = max(0, s² -
    m / n). ``esda.smoothing.Spatial_Empirical_Bayes`` gives the same for weights by group;
    a test compares both. It is not imported here because it brings scikit-learn with it.

    Parameters
    ----------
    on_time, due : (n,) counts of each area: disposed of on time, should be disposed of
    groups : (n,) integers; areas with equal ones have the same parent

    Returns
    -------
    (n,) rates between 0 and 1; NaN where no case is due. An area that is alone in its group
    keeps its own rate

    Examples
    --------
    >>> shrunk_on_time_rates([0, 45, 19, 0], [1, 50, 30, 0], [1, 1, 1, 1]).round(3).tolist()
    [0.733, 0.878, 0.68, nan]
    """
    n = np.asarray(due, dtype=np.float64)
    is_due = n > 0
    rates = np.full(len(n), np.nan)
    if not is_due.any():
        return rates
    n = n[is_due]
    missed = n - np.asarray(on_time, dtype=np.float64)[is_due]
    _, group = np.unique(np.asarray(groups)[is_due], return_inverse=True)
    areas, cases = np.bincount(group), np.bincount(group, n)
    mean = np.bincount(group, missed) / cases
    own = missed / n
    spread = np.bincount(group, n * (own - mean[group]) ** 2) / cases
    between = np.maximum(spread - mean / (cases / areas), 0.0)[group]
    # Where nothing was missed in a group, all of its rates are the same already.
    chance = mean[group] / n
    weight = np.divide(between, between + chance, out=np.zeros_like(n), where=chance > 0)
    rates[is_due] = 1.0 - (mean[group] + weight * (own - mean[group]))
    return rates


def interval_widths(on_time: ArrayLike, due: ArrayLike) -> FloatArray:
    """Return how wide the 95 % interval of each on-time rate is, by Wilson's formula.

    E. B. Wilson, Probable inference, the law of succession, and statistical inference, Journal
    of the American Statistical Association 22 (1927), 209-212. It holds for small numbers and
    for rates of 0 and 1, too.

    Parameters
    ----------
    on_time, due : (n,) counts of each area

    Returns
    -------
    (n,) widths between 0 and 1; 1 where no case is due

    Examples
    --------
    >>> interval_widths([0, 3, 4, 95], [0, 3, 4, 100]).round(3).tolist()
    [1.0, 0.561, 0.49, 0.09]
    """
    k = np.asarray(on_time, dtype=np.float64)
    n = np.asarray(due, dtype=np.float64)
    inside = np.divide(k * (n - k), n, out=np.zeros_like(n), where=n > 0)
    width: FloatArray = 2 * _Z * np.sqrt(inside + _Z**2 / 4) / (n + _Z**2)
    return width


def are_uncertain(on_time: ArrayLike, due: ArrayLike) -> BoolArray:
    """Return which rates say little: their 95 % interval is wider than half of all rates.

    Examples
    --------
    >>> are_uncertain([1, 3, 4, 6, 90], [1, 3, 4, 12, 100]).tolist()
    [True, True, False, False, False]
    """
    uncertain: BoolArray = interval_widths(on_time, due) > UNCERTAIN_WIDTH
    return uncertain


def is_uncertain(on_time: int, due: int) -> bool:
    """Return whether one rate says little: its 95 % interval is wider than half of all rates.

    Examples
    --------
    >>> is_uncertain(4, 5), is_uncertain(20, 25)
    (True, False)
    """
    return bool(are_uncertain([on_time], [due])[0])
