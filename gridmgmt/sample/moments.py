"""When cases are reported, due, disposed of and closed.

Reports follow growth, seasons, weekdays, rain and the hours of each place; some cases are
disposed of late, and some are still open at the end.
"""

from dataclasses import dataclass

import numpy as np

from gridmgmt.arrays import FloatArray, IntArray, MomentArray, ObjectArray
from gridmgmt.sample.plan import DAYS, CityPlan
from gridmgmt.sample.profiles import Profile

_GROWTH = 0.28  # over the whole period
_RAINY_MONTHS = (0.02, 0.03, 0.05, 0.08, 0.12, 0.16, 0.17, 0.13, 0.07, 0.04, 0.03, 0.02)
# The share disposed in time, by street: at the start and at the end of the eighteen months.
# The southern street was bad and got better.
_IN_TIME = np.array([[0.945, 0.955], [0.90, 0.885], [0.74, 0.91]])
_SLOWER = {"E0128": 0.06, "E0129": 0.07, "E0101": 0.10, "C": 0.025, "E0304": 0.05}
_SPREAD = 0.78
_NEVER = 0.004


def calendar(plan: CityPlan) -> tuple[IntArray, IntArray]:
    """Return the weekday (Monday 0) and the month (January 0) of each day."""
    days = plan.first_day + np.arange(DAYS)
    weekday = (days.astype("datetime64[D]").astype(np.int64) + 3) % 7
    month = days.astype("datetime64[M]").astype(np.int64) % 12
    return weekday, month


def weather(plan: CityPlan) -> tuple[FloatArray, FloatArray]:
    """Return how hard it rained and froze on each day, 0 on most."""
    rng = plan.rng("weather")
    _, month = calendar(plan)
    wet = rng.random(DAYS) < np.array(_RAINY_MONTHS)[month]
    rain = np.where(wet, rng.gamma(1.2, 1.0, DAYS), 0.0)
    cold = np.isin(month, (0, 1, 11)) & (rng.random(DAYS) < 0.09)
    return rain, np.where(cold, rng.gamma(1.5, 1.0, DAYS), 0.0)


def day_weights(
    plan: CityPlan,
    profile: Profile,
    rain: FloatArray,
    frost: FloatArray,
    since: int = 0,
    until: int = DAYS,
) -> FloatArray:
    """Return the weight of each day for a kind of place that is there from since to until."""
    weekday, month = calendar(plan)
    day = np.arange(DAYS)
    weight = 1.0 + _GROWTH * day / DAYS
    weight *= np.array(profile.week)[weekday] * np.array(profile.year)[month]
    if profile.rain:
        weight *= rain * profile.rain
    elif profile.frost:
        weight *= frost * profile.frost
    else:
        weight /= 1.0 + 0.25 * (rain > 0.8)
    # A place opens and closes within three weeks, not overnight.
    opening = np.clip((day - since + 1) / 21.0, 0.0, 1.0) if since else 1.0
    closing = np.clip((until - day) / 21.0, 0.0, 1.0) if until < DAYS else 1.0
    return np.asarray(weight * opening * closing)


def draw_moments(
    plan: CityPlan, profile: Profile, weights: FloatArray, rng: np.random.Generator, count: int
) -> MomentArray:
    """Draw local times to the second; the small hours belong to the evening before.

    None lies after the plan's end: those that would are drawn again.
    """
    drawn = np.empty(count, dtype="datetime64[s]")
    later = np.arange(count)
    while len(later):
        day = rng.choice(DAYS, len(later), p=weights / weights.sum())
        hours = profile.hours(rng, len(later))
        second = np.rint(hours * 3600.0).astype(np.int64) % 86_400
        start = (plan.first_day + day).astype("datetime64[s]")
        drawn[later] = start + second.astype("timedelta64[s]")
        later = later[drawn[later] >= plan.end]
    return drawn


@dataclass(frozen=True)
class Outcomes:
    """Local times; NaT where it has not happened by the end of the period."""

    due_at: MomentArray
    disposed_at: MomentArray
    closed_at: MomentArray


def outcomes(
    plan: CityPlan,
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
    typical = _typical(plan, reported_at, street, category)
    factor = rng.lognormal(0.0, _SPREAD, count) * typical
    taken = np.maximum(seconds * np.minimum(factor, 14.0), rng.uniform(300.0, 1500.0, count))
    disposed = reported_at + taken.astype(np.int64).astype("timedelta64[s]")
    open_still = (disposed >= plan.end) | (rng.random(count) < _NEVER)
    checked = rng.lognormal(np.log(2.6 * 3600.0), 0.9, count).astype(np.int64)
    closed = disposed + checked.astype("timedelta64[s]")
    nothing = np.datetime64("NaT", "s")
    return Outcomes(
        due_at=due,
        disposed_at=np.where(open_still, nothing, disposed),
        closed_at=np.where(open_still | (closed >= plan.end), nothing, closed),
    )


def _typical(
    plan: CityPlan,
    reported_at: MomentArray,
    street: IntArray,
    category: ObjectArray,
) -> FloatArray:
    """Return the median factor that gives each case its chance of being in time."""
    day = (reported_at.astype("datetime64[D]") - plan.first_day).astype(np.int64)
    progress = day / DAYS
    begin, end = _IN_TIME[street].T
    in_time = begin + (end - begin) * progress
    codes, back = np.unique(category.astype(str), return_inverse=True)
    slower = [sum(v for k, v in _SLOWER.items() if code.startswith(k)) for code in codes]
    in_time = np.clip(in_time - np.array(slower)[back], 0.5, 0.99)
    # P(log-normal < 1) = p  <=>  median = exp(-spread * z_p); z by a logistic approximation,
    # good to 0.02 between 0.5 and 0.99.
    z = np.log(in_time / (1.0 - in_time)) / 1.702
    return np.asarray(np.exp(-_SPREAD * z))
