"""The outcome of cases: due, disposed early or late, closed, or still open at the end."""

from dataclasses import dataclass

import numpy as np

from gridmgmt.arrays import FloatArray, IntArray, MomentArray, ObjectArray
from gridmgmt.sample.plan import DAYS, END_DAY, FIRST_DAY

# The share disposed in time, by street: at the start and at the end of the eighteen months.
# The southern street was bad and got better.
_IN_TIME = np.array([[0.945, 0.955], [0.90, 0.885], [0.74, 0.91]])
_SLOWER = {"E0128": 0.06, "E0129": 0.07, "E0101": 0.10, "C": 0.025, "E0304": 0.05}
_SPREAD = 0.78
_NEVER = 0.004


@dataclass(frozen=True)
class Outcomes:
    """Local times; NaT where it has not happened by the end of the period."""

    due_at: MomentArray
    disposed_at: MomentArray
    closed_at: MomentArray


def outcomes(
    reported_at: MomentArray,
    limit_h: FloatArray,
    street: IntArray,
    category: ObjectArray,
    rng: np.random.Generator,
) -> Outcomes:
    """Dispose of cases, most of them within their limit.

    ``due_at`` is plain calendar arithmetic, report plus limit: nights and holidays count, as
    they would not for a bureau. How long a case takes is its limit times a log-normal factor,
    whose chance of staying below 1 depends on street, time and category.
    """
    count = len(reported_at)
    seconds = np.rint(limit_h * 3600.0).astype(np.int64)
    due = reported_at + seconds.astype("timedelta64[s]")
    factor = rng.lognormal(0.0, _SPREAD, count) * _typical(reported_at, street, category)
    taken = np.maximum(seconds * np.minimum(factor, 14.0), rng.uniform(300.0, 1500.0, count))
    disposed = reported_at + taken.astype(np.int64).astype("timedelta64[s]")
    end = END_DAY.astype("datetime64[s]")
    open_still = (disposed >= end) | (rng.random(count) < _NEVER)
    checked = rng.lognormal(np.log(2.6 * 3600.0), 0.9, count).astype(np.int64)
    closed = disposed + checked.astype("timedelta64[s]")
    nothing = np.datetime64("NaT", "s")
    return Outcomes(
        due_at=due,
        disposed_at=np.where(open_still, nothing, disposed),
        closed_at=np.where(open_still | (closed >= end), nothing, closed),
    )


def _typical(
    reported_at: MomentArray,
    street: IntArray,
    category: ObjectArray,
) -> FloatArray:
    """Return the median factor that gives each case its chance of being in time."""
    progress = (reported_at.astype("datetime64[D]") - FIRST_DAY).astype(np.int64) / DAYS
    begin, end = _IN_TIME[street].T
    in_time = begin + (end - begin) * progress
    codes, back = np.unique(category.astype(str), return_inverse=True)
    slower = [sum(v for k, v in _SLOWER.items() if code.startswith(k)) for code in codes]
    in_time = np.clip(in_time - np.array(slower)[back], 0.5, 0.99)
    # P(log-normal < 1) = p  <=>  median = exp(-spread * z_p); z by a logistic approximation,
    # good to 0.02 between 0.5 and 0.99.
    z = np.log(in_time / (1.0 - in_time)) / 1.702
    return np.asarray(np.exp(-_SPREAD * z))
