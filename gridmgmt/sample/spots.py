"""Places that draw cases: markets, bars, building sites that come and go."""

from dataclasses import dataclass

import numpy as np

from gridmgmt.sample.plan import DAYS, CityPlan
from gridmgmt.sample.roads import OLD_TOWN


@dataclass(frozen=True)
class SampleSpot:
    """A place in ground metres; it draws cases on the days ``since <= day < until``."""

    profile: str
    x: float
    y: float
    spread_m: float
    weight: float
    since: int = 0
    until: int = DAYS


# profile, x and y as shares of the city's width and height, spread in metres, weight, first
# and last day. The bar street moves east after its first summer; the market at the river
# closes and another opens in the south; building sites come and go, three
# of them in quarters that are torn down; water stands in hollows.
_LISTED: tuple[tuple[str, float, float, float, float, int, int], ...] = (
    ("market", -0.10, 0.02, 85, 3.2, 0, DAYS),
    ("market", 0.12, 0.04, 75, 2.2, 0, DAYS),
    ("market", -0.02, -0.12, 60, 2.0, 0, 310),
    ("market", 0.02, -0.34, 75, 2.6, 290, DAYS),
    ("market", -0.36, 0.18, 80, 1.4, 0, DAYS),
    ("market", 0.34, -0.06, 70, 1.1, 0, DAYS),
    ("night", -0.15, -0.08, 70, 3.2, 0, 190),
    ("night", 0.19, 0.13, 80, 3.8, 165, DAYS),
    ("night", 0.00, -0.27, 95, 1.6, 0, DAYS),
    ("night", -0.30, 0.02, 80, 0.9, 300, DAYS),
    ("site", 0.28, 0.36, 110, 1.6, 0, 240),
    ("site", -0.22, 0.38, 100, 1.3, 60, 330),
    ("site", 0.41, 0.10, 90, 1.2, 150, 470),
    ("site", -0.40, -0.28, 120, 1.5, 220, DAYS),
    ("site", 0.20, -0.40, 110, 1.3, 330, DAYS),
    ("site", 0.05, 0.30, 70, 0.9, 380, DAYS),
    ("site", -0.12, -0.37, 80, 0.8, 0, 150),
    ("site", -0.20, -0.05, 90, 0.9, 30, DAYS),
    ("site", 0.30, -0.35, 95, 0.9, 120, DAYS),
    ("site", -0.35, 0.36, 100, 0.7, 0, 420),
    ("school", -0.19, 0.13, 55, 1.2, 0, DAYS),
    ("school", 0.08, -0.19, 50, 1.0, 0, DAYS),
    ("school", 0.30, 0.28, 60, 1.1, 0, DAYS),
    ("school", -0.33, -0.16, 55, 0.8, 0, DAYS),
    ("school", 0.31, -0.29, 55, 0.8, 0, DAYS),
    ("homes", -0.05, 0.05, 190, 2.4, 0, DAYS),
    ("homes", -0.24, 0.06, 160, 1.5, 0, DAYS),
    ("homes", 0.22, 0.02, 170, 1.5, 0, DAYS),
    ("homes", 0.06, -0.30, 170, 1.6, 0, DAYS),
    ("homes", -0.27, -0.30, 150, 1.0, 0, DAYS),
    ("homes", 0.16, 0.36, 160, 1.1, 0, DAYS),
    ("homes", -0.34, 0.30, 150, 0.9, 0, DAYS),
    ("rain", -0.30, -0.14, 150, 1.2, 0, DAYS),
    ("rain", 0.10, -0.05, 260, 1.0, 0, DAYS),
    ("rain", 0.24, -0.22, 170, 1.3, 0, DAYS),
    ("rain", -0.08, 0.28, 330, 0.8, 0, DAYS),
    ("rain", 0.00, -0.05, 900, 1.6, 0, DAYS),
    ("transit", 0.02, 0.10, 70, 2.4, 0, DAYS),
    ("transit", -0.28, 0.20, 60, 1.3, 0, DAYS),
    ("transit", 0.23, -0.15, 60, 1.2, 200, DAYS),
)


def place_spots(plan: CityPlan) -> list[SampleSpot]:
    """Return the places of a city that draw cases, each a little off where it is listed."""
    rng = plan.rng("spots")
    size = np.array([plan.width_m, plan.height_m])
    scale = min(1.0, plan.width_m / 3000.0)
    spots = []
    for profile, x, y, spread, weight, since, until in _LISTED:
        at = np.array([x, y]) * size + rng.normal(0.0, 25.0 * scale, 2)
        spots.append(SampleSpot(profile, at[0], at[1], spread * scale, weight, since, until))
    park = np.array([OLD_TOWN[0] + 0.10, 0.17]) * size
    spots.append(SampleSpot("green", park[0], park[1], 120.0 * scale, 1.0))
    return spots
