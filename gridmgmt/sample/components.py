"""The register of components: covers, lamps, stops and bins by the roads, with their units."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from gridmgmt.arrays import FloatArray, IntArray, ObjectArray
from gridmgmt.sample.areas import Areas
from gridmgmt.sample.categories import SampleCategory
from gridmgmt.sample.plan import DISTRICT_CODE, SYNTHETIC, YEARS_OF_RECORDS, CityPlan
from gridmgmt.sample.plane import to_lonlat
from gridmgmt.sample.positions import Kerb

# How far from the middle of the road they stand, and how often a case of their class is about
# one that is in the register.
_ASIDE_M = 3.0
_REGISTERED = 0.85

# Owner, maintainer and manager by class. Three owners are not responders: their cases go to the
# maintainer or manager, or else are routed by the duties of the place.
POWER, TELECOM, BUSES = "U-POWER", "U-TELECOM", "U-BUSES"
_UNITS: dict[str, tuple[str, str, str]] = {
    "0101": ("D-WATER", "", "D-PUBLIC"),
    "0102": ("D-DRAIN", "", "D-PUBLIC"),
    "0103": ("D-DRAIN", "", "D-PUBLIC"),
    "0104": ("D-DRAIN", "", "D-PUBLIC"),
    "0106": ("D-LIGHT", "", "D-PUBLIC"),
    "0111": ("D-GAS", "", "D-PUBLIC"),
    "0123": ("", "", ""),
    "0127": (TELECOM, "D-WIRES", ""),
    "0128": (POWER, "", ""),
    "0131": (TELECOM, "", "D-WIRES"),
    "0137": ("D-LIGHT", "", "D-PUBLIC"),
    "0139": ("D-LIGHT", "", "D-PUBLIC"),
    "0204": (BUSES, "D-TRAFFIC", "D-TRAFFIC"),
    "0212": ("D-TRAFFIC", "", ""),
    "0217": ("D-TRAFFIC", "", ""),
    "0225": ("K-BIKES", "", "D-TRAFFIC"),
    "0301": ("D-CLEAN", "", ""),
    "0308": ("D-PUBLIC", "", ""),
    "0407": ("D-GREEN", "", ""),
    "0408": ("D-GREEN", "", ""),
}
# Bins belong to whoever sweeps the street.
_BINS, _SWEEPERS = "0305", ("K-CLEAN1", "K-CLEAN2", "K-CLEAN3", "K-CLEAN4")
UNIT_NAMES = {POWER: "供电公司", TELECOM: "通信公司", BUSES: "公交公司"}
_STATES = ("完好", "破损", "丢失", "移除")
_STATE_SHARES = (0.93, 0.045, 0.01, 0.015)


@dataclass(frozen=True)
class Components:
    """One row for each component; ``at`` are positions in the kerb, units may be empty."""

    codes: ObjectArray
    classes: ObjectArray
    names: ObjectArray
    owners: ObjectArray
    maintainers: ObjectArray
    managers: ObjectArray
    states: ObjectArray
    recorded_on: ObjectArray
    lon: FloatArray
    lat: FloatArray
    at: IntArray


def class_of(category: str) -> str | None:
    """Return the class of components for a category of the table.

    Examples
    --------
    >>> class_of("C0204-1"), class_of("E0204-1")
    ('0204', None)
    """
    return category[1:5] if category.startswith("C") else None


def build_components(
    plan: CityPlan, areas: Areas, kerb: Kerb, categories: dict[str, SampleCategory]
) -> Components:
    """Make a city's components, the same number of each registered class."""
    rng = plan.rng("components")
    classes = [*sorted(_UNITS), _BINS]
    each = plan.components // len(classes)
    at = np.concatenate(
        [
            rng.choice(len(kerb.xy), each, replace=False, p=kerb.busy / kerb.busy.sum())
            for _ in classes
        ]
    )
    kinds = np.repeat(np.array(classes, dtype=object), each)
    serial = np.tile(np.arange(1, each + 1), len(classes))
    titles = {
        found: one.minor_class
        for code, one in categories.items()
        if (found := class_of(code)) is not None
    }
    street = [int(code[6:9]) for code in areas.communities.codes]
    units = [
        _units(kind, street[community])
        for kind, community in zip(kinds, kerb.community[at], strict=True)
    ]
    owners, maintainers, managers = (
        np.array(column, dtype=object) for column in zip(*units, strict=True)
    )
    way = kerb.direction[at]
    across = np.column_stack([-way[:, 1], way[:, 0]])
    side = rng.choice([-1.0, 1.0], len(at))[:, None]
    lonlat = np.round(to_lonlat(kerb.xy[at] + across * side * _ASIDE_M), 7)
    begin = np.datetime64(f"{plan.year - YEARS_OF_RECORDS}-01-01")
    days = begin + rng.integers(0, 2000, len(at)).astype("timedelta64[D]")
    return Components(
        codes=_array(f"{DISTRICT_CODE}{k}{n:06d}" for k, n in zip(kinds, serial, strict=True)),
        classes=kinds,
        names=_array(
            f"{kerb.road[a]}{titles[k]}{n}{SYNTHETIC}"
            for a, k, n in zip(at, kinds, serial, strict=True)
        ),
        owners=owners,
        maintainers=maintainers,
        managers=managers,
        states=rng.choice(np.array(_STATES, dtype=object), len(at), p=_STATE_SHARES),
        recorded_on=_array(str(day) for day in days),
        lon=lonlat[:, 0],
        lat=lonlat[:, 1],
        at=at,
    )


def beside_components(
    plan: CityPlan,
    kerb: Kerb,
    components: Components,
    at: IntArray,
    category: ObjectArray,
) -> IntArray:
    """Move cases about components along the kerb, to the nearest of their class.

    Some stay where they were drawn: what they are about is not in the register.
    """
    registered = plan.rng("cases beside components").random(len(at)) < _REGISTERED
    kinds = _array(class_of(code) for code in category)
    moved = at.copy()
    for kind in np.unique(components.classes.astype(str)):
        cases = np.flatnonzero((kinds == kind) & registered)
        sites = components.at[components.classes == kind]
        away = kerb.xy[at[cases]][:, None] - kerb.xy[sites]
        moved[cases] = sites[np.argmin((away**2).sum(axis=2), axis=1)]
    return moved


def _units(kind: str, street: int) -> tuple[str, str, str]:
    if kind == _BINS:
        return _SWEEPERS[(street - 1) % len(_SWEEPERS)], "", "D-CLEAN"
    return _UNITS[kind]


def _array(values: Iterable[str | None]) -> ObjectArray:
    return np.array(list(values), dtype=object)
