"""When cases are reported: growth, seasons, weekdays, rain and the hours of each place."""

import numpy as np

from gridmgmt.arrays import FloatArray, IntArray, MomentArray
from gridmgmt.sample.plan import DAYS, FIRST_DAY, CityPlan
from gridmgmt.sample.profiles import Profile

_GROWTH = 0.28  # over the whole period
_RAINY_MONTHS = (0.02, 0.03, 0.05, 0.08, 0.12, 0.16, 0.17, 0.13, 0.07, 0.04, 0.03, 0.02)


def calendar() -> tuple[IntArray, IntArray]:
    """Return the weekday (Monday 0) and the month (January 0) of each day."""
    days = FIRST_DAY + np.arange(DAYS)
    weekday = (days.astype("datetime64[D]").astype(np.int64) + 3) % 7
    month = days.astype("datetime64[M]").astype(np.int64) % 12
    return weekday, month


def weather(plan: CityPlan) -> tuple[FloatArray, FloatArray]:
    """Return how hard it rained and froze on each day, 0 on most."""
    rng = plan.rng("weather")
    _, month = calendar()
    wet = rng.random(DAYS) < np.array(_RAINY_MONTHS)[month]
    rain = np.where(wet, rng.gamma(1.2, 1.0, DAYS), 0.0)
    cold = np.isin(month, (0, 1, 11)) & (rng.random(DAYS) < 0.09)
    return rain, np.where(cold, rng.gamma(1.5, 1.0, DAYS), 0.0)


def day_weights(
    profile: Profile,
    rain: FloatArray,
    frost: FloatArray,
    since: int = 0,
    until: int = DAYS,
) -> FloatArray:
    """Return the weight of each day for a kind of place that is there from since to until."""
    weekday, month = calendar()
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
    profile: Profile, weights: FloatArray, rng: np.random.Generator, count: int
) -> MomentArray:
    """Draw local times to the second; the small hours belong to the evening before."""
    day = rng.choice(DAYS, count, p=weights / weights.sum())
    second = np.rint(profile.hours(rng, count) * 3600.0).astype(np.int64) % 86_400
    start = (FIRST_DAY + day).astype("datetime64[s]")
    return np.asarray(start + second.astype("timedelta64[s]"))
