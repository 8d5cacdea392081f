"""Eighteen months of cases, as a hotline system would export them."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from gridmgmt.arrays import BoolArray, FloatArray, IntArray, MomentArray, ObjectArray
from gridmgmt.sample import moments, positions
from gridmgmt.sample.areas import Areas
from gridmgmt.sample.categories import SampleCategory
from gridmgmt.sample.components import Components, beside_components
from gridmgmt.sample.moments import Outcomes, outcomes
from gridmgmt.sample.plan import SYNTHETIC, CityPlan
from gridmgmt.sample.plane import to_lonlat
from gridmgmt.sample.positions import Kerb
from gridmgmt.sample.profiles import CHANNELS, PROFILES, Profile
from gridmgmt.sample.spots import SampleSpot

# The share of all cases that each kind of place draws, and that belongs to no place.
_SHARES = {
    "roadside": 0.335,
    "component": 0.115,
    "market": 0.135,
    "night": 0.085,
    "site": 0.085,
    "school": 0.040,
    "homes": 0.105,
    "transit": 0.040,
    "green": 0.012,
    "water": 0.015,
    "rain": 0.025,
    "frost": 0.008,
}
_BY_DEVICE = ("网格员巡查", "市民随手拍", "督查巡查", "视频监控")
_NO_POSITION = 0.015
_FAR_AWAY = 0.0005
_OLD_CODES = ("E0999-1", "20110", "C0188-1")
_OLD_CODE = 0.0004


@dataclass(frozen=True)
class Cases:
    """One row for each case, in the order of reporting; NaN and NaT are missing values.

    ``reported_at`` and the other times are local. ``lon`` and ``lat`` are in degrees.
    """

    case_no: ObjectArray
    category: ObjectArray
    reported_at: MomentArray
    lon: FloatArray
    lat: FloatArray
    outcome: Outcomes
    channel: ObjectArray
    description: ObjectArray
    address: ObjectArray
    accuracy_m: FloatArray


@dataclass(frozen=True)
class _Draws:
    at: IntArray
    category: ObjectArray
    reported_at: MomentArray
    channel: IntArray


def build_cases(
    plan: CityPlan,
    areas: Areas,
    kerb: Kerb,
    spots: list[SampleSpot],
    categories: dict[str, SampleCategory],
    components: Components,
) -> Cases:
    """Make the cases of a city; cases about components lie beside one of their class."""
    rng = plan.rng("cases")
    drawn = _draw_all(plan, kerb, spots, rng)
    beside = beside_components(plan, kerb, components, drawn.at, drawn.category)
    drawn = replace(drawn, at=beside)
    count = len(drawn.at)
    channel = np.array(CHANNELS, dtype=object)[drawn.channel]
    by_device = np.isin(drawn.channel, [CHANNELS.index(name) for name in _BY_DEVICE])
    accuracy = np.where(
        by_device, rng.lognormal(1.9, 0.5, count), rng.lognormal(2.9, 0.5, count)
    )
    xy = positions.scatter(kerb, drawn.at, accuracy, rng)
    lon, lat = _degrees(xy, by_device, rng)
    limit_h = np.array([categories[code].limit_h for code in drawn.category])
    street = np.array([int(code[6:9]) - 1 for code in areas.communities.codes])
    outcome = outcomes(
        plan, drawn.reported_at, limit_h, street[kerb.community[drawn.at]], drawn.category, rng
    )
    address = _addresses(areas, kerb, drawn.at, rng)
    description = _descriptions(drawn, channel, address, categories, rng)
    category = drawn.category.copy()
    old = np.flatnonzero(rng.random(count) < _OLD_CODE)
    category[old] = np.array(_OLD_CODES, dtype=object)[
        rng.integers(0, len(_OLD_CODES), len(old))
    ]
    return Cases(
        case_no=_numbers(drawn.reported_at),
        category=category,
        reported_at=drawn.reported_at,
        lon=lon,
        lat=lat,
        outcome=outcome,
        channel=channel,
        description=description,
        address=address,
        accuracy_m=np.where(by_device & ~np.isnan(lon), np.round(accuracy, 1), np.nan),
    )


def _draw_all(
    plan: CityPlan, kerb: Kerb, spots: list[SampleSpot], rng: np.random.Generator
) -> _Draws:
    """Draw every case's place, time, category and channel, in the order of reporting."""
    rain, frost = moments.weather(plan)
    sources: list[tuple[Profile, FloatArray, FloatArray, float]] = []
    for name, share in _SHARES.items():
        profile = PROFILES[name]
        mine = [spot for spot in spots if spot.profile == name]
        if not mine:
            days = moments.day_weights(plan, profile, rain, frost)
            wet = name == "water"
            spread = positions.along_the_river(kerb) if wet else positions.everywhere(kerb)
            sources.append((profile, spread, days, share))
            continue
        # A place that is open for half of the time draws half as many.
        whole = sum(spot.weight * (spot.until - spot.since) for spot in mine)
        for spot in mine:
            days = moments.day_weights(plan, profile, rain, frost, spot.since, spot.until)
            part = share * spot.weight * (spot.until - spot.since) / whole
            sources.append((profile, positions.around(kerb, spot), days, part))
    total = np.array([part for *_, part in sources])
    counts = rng.multinomial(plan.cases, total / total.sum())
    columns: list[list[NDArray[np.generic]]] = [[], [], [], []]
    for (profile, where, days, _), n in zip(sources, counts, strict=True):
        columns[0].append(positions.draw(where, rng, n))
        columns[1].append(_codes(profile, rng, n))
        columns[2].append(moments.draw_moments(plan, profile, days, rng, n))
        weights = np.array(profile.channels, dtype=np.float64)
        columns[3].append(rng.choice(len(CHANNELS), n, p=weights / weights.sum()))
    at, category, reported_at, channel = (np.concatenate(column) for column in columns)
    order = np.argsort(reported_at, kind="stable")
    return _Draws(at[order], category[order], reported_at[order], channel[order])


def _codes(profile: Profile, rng: np.random.Generator, count: int) -> ObjectArray:
    weights = np.array(list(profile.categories.values()), dtype=np.float64)
    chosen = rng.choice(len(weights), count, p=weights / weights.sum())
    return np.array(list(profile.categories), dtype=object)[chosen]


def _degrees(
    xy: FloatArray, by_device: BoolArray, rng: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    """Return positions in degrees; some cases have none, a few lie in another city."""
    count = len(xy)
    lonlat = to_lonlat(xy)
    far = rng.random(count) < _FAR_AWAY
    lonlat[far] += rng.uniform(0.2, 0.9, (int(far.sum()), 2))
    # Callers give an address that nobody found on a map; devices nearly always know where they
    # are.
    lost = rng.random(count) < np.where(by_device, 0.15, 1.9) * _NO_POSITION
    lonlat[lost] = np.nan
    return np.round(lonlat[:, 0], 7), np.round(lonlat[:, 1], 7)


def _numbers(reported_at: MomentArray) -> ObjectArray:
    """Return case numbers that begin at 1 each year."""
    year = reported_at.astype("datetime64[Y]").astype(np.int64) + 1970
    first = np.searchsorted(year, year, side="left")
    seq = np.arange(len(year)) - first + 1
    return np.array([f"SYN-{y}-{n:06d}" for y, n in zip(year, seq, strict=True)], dtype=object)


def _addresses(areas: Areas, kerb: Kerb, at: IntArray, rng: np.random.Generator) -> ObjectArray:
    title = [name.removesuffix(SYNTHETIC) for name in areas.communities.names]
    parent = dict(zip(areas.streets.codes, areas.streets.names, strict=True))
    street = [parent[code].removesuffix(SYNTHETIC) for code in areas.communities.parent_codes]
    house = rng.integers(1, 260, len(at))
    side = np.array(["附近", "门前", "路口", "东侧", "西侧", "背街"], dtype=object)[house % 6]
    community = kerb.community[at]
    return np.array(
        [
            f"{street[c]}{title[c]}{road}{number}号{where}{SYNTHETIC}"
            for c, road, number, where in zip(
                community, kerb.road[at], house, side, strict=True
            )
        ],
        dtype=object,
    )


def _descriptions(
    drawn: _Draws,
    channel: ObjectArray,
    address: ObjectArray,
    categories: dict[str, SampleCategory],
    rng: np.random.Generator,
) -> ObjectArray:
    pattern = (
        "【合成数据】{channel}：{place}有{what}，{seen}。",
        "【合成数据】{place}，{what}（{seen}），请处理。",
        "【合成数据】{channel}反映{what}，位于{place}，{seen}。",
    )
    chosen = rng.integers(0, len(pattern), len(address))
    rows = zip(drawn.category, channel, address, chosen, strict=True)
    return np.array(
        [
            pattern[i].format(
                channel=source,
                place=place.removesuffix(SYNTHETIC),
                what=categories[code].minor_class,
                seen=categories[code].filing_condition,
            )
            for code, source, place, i in rows
        ],
        dtype=object,
    )
