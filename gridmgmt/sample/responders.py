"""The responders of the sample city: squads, street chiefs, grid members, departments."""

from dataclasses import dataclass

import numpy as np
import shapely

from gridmgmt.arrays import FloatArray
from gridmgmt.domain.responsibility.responder import ResponderKind
from gridmgmt.sample.areas import Areas
from gridmgmt.sample.names import person_names
from gridmgmt.sample.plan import DISTRICT_CODE, SYNTHETIC, CityPlan
from gridmgmt.sample.segments import RoadSegments

DEPARTMENTS = {
    "D-LIGHT": "路灯管理所",
    "D-DRAIN": "排水管理所",
    "D-WATER": "供水抢修队",
    "D-GREEN": "园林绿化所",
    "D-ROAD": "市政道路养护所",
    "D-GAS": "燃气安全科",
    "D-TRAFFIC": "交通设施科",
    "D-CLEAN": "环境卫生所",
    "D-WIRES": "电力通信协调科",
    "D-RIVER": "河道管理所",
    "D-SITE": "建筑工地监管科",
    "D-PUBLIC": "公共设施科",
    "D-INSPECT": "督查科",
}
COMPANIES = {
    "K-CLEAN1": "洁源保洁公司",
    "K-CLEAN2": "晨风保洁公司",
    "K-CLEAN3": "绿帚保洁公司",
    "K-CLEAN4": "净街保洁公司",
    "K-MARKET": "便民市场管理公司",
    "K-TEARDOWN": "征迁拆除公司",
    "K-BIKES": "共享单车运维公司",
    "K-CAMPUS": "校区后勤公司",
}

# code, kind, name, superior, area
_Row = tuple[str, ResponderKind, str, str | None, str | None]


@dataclass(frozen=True)
class SampleResponder:
    """One row of the responders' file."""

    code: str
    kind: ResponderKind
    name: str
    phone: str
    superior_code: str | None
    area_code: str | None


@dataclass(frozen=True)
class Staff:
    """All responders, and which cells and road segments the people among them look after."""

    responders: tuple[SampleResponder, ...]
    member_cells: dict[str, tuple[str, ...]]
    chief_segments: dict[str, tuple[str, ...]]


def build_staff(plan: CityPlan, areas: Areas, segments: RoadSegments) -> Staff:
    """Make the responders of a city; phone numbers begin with 000, as no real one does."""
    rng = plan.rng("responders")
    streets = list(areas.streets.codes)
    rows: list[_Row] = [
        ("DC01", ResponderKind.DISTRICT_CENTRE, "区指挥中心", None, DISTRICT_CODE)
    ]
    for number, street in enumerate(streets, start=1):
        title = str(areas.streets.names[number - 1]).removesuffix(SYNTHETIC)
        rows += [
            (f"SO{number:02d}", ResponderKind.STREET_OFFICE, f"{title}办事处", "DC01", street),
            (f"SQ{number:02d}", ResponderKind.SQUAD, f"{title}中队", "DC01", street),
        ]
    rows += [
        (code, ResponderKind.DEPARTMENT, name, "DC01", DISTRICT_CODE)
        for code, name in DEPARTMENTS.items()
    ]
    rows += [
        (code, ResponderKind.COMPANY, name, "D-CLEAN" if "CLEAN" in code else "DC01", None)
        for code, name in COMPANIES.items()
    ]
    chiefs, chief_segments = _chiefs(plan, areas, segments, rng)
    members, member_cells = _members(plan, areas, rng)
    # The register of a city in the middle of work has a fault: the district centre stands under
    # its own street, and the last street's office under none. So a case that no letter names
    # has no responder there.
    faults: dict[str, str | None] = {}
    if plan.now is not None:
        faults = {"DC01": streets[0], f"SO{len(streets):02d}": None}
    responders = tuple(
        SampleResponder(
            code,
            kind,
            name + SYNTHETIC,
            f"000-0000{i:04d}",
            superior,
            faults.get(code, area),
        )
        for i, (code, kind, name, superior, area) in enumerate(rows + chiefs + members, start=1)
    )
    return Staff(responders, member_cells, chief_segments)


def _chiefs(
    plan: CityPlan, areas: Areas, segments: RoadSegments, rng: np.random.Generator
) -> tuple[list[_Row], dict[str, tuple[str, ...]]]:
    """Return the chain 总街长 > 镇街街长 > 路段街长, the river's chief, and their roads."""
    kind = ResponderKind.STREET_CHIEF
    streets = list(areas.streets.codes)
    names = person_names(rng, plan.chiefs)
    rows: list[_Row] = [("CH00", kind, f"总街长{names[0]}", None, DISTRICT_CODE)]
    for i, street in enumerate(streets, start=1):
        rows.append((f"CH{i:02d}", kind, f"镇街街长{names[i]}", "CH00", street))
    river = len(streets) + 1
    rows.append((f"CH{river:02d}", kind, f"河长{names[river]}", "CH00", None))
    middle = shapely.line_interpolate_point(segments.ground, 0.5, normalized=True)
    home = shapely.STRtree(areas.streets.ground).query_nearest(middle, all_matches=False)[1]
    roads: dict[str, tuple[str, ...]] = {}
    walkers = np.arange(river + 1, plan.chiefs)
    for i, street in enumerate(streets):
        mine = np.flatnonzero(home == i)
        mine = mine[np.argsort(shapely.get_x(middle[mine]), kind="stable")]
        own = walkers[walkers % len(streets) == i]
        for chief, part in zip(own, np.array_split(mine, max(len(own), 1)), strict=False):
            code = f"CH{chief:02d}"
            rows.append((code, kind, f"路段街长{names[chief]}", f"CH{i + 1:02d}", street))
            roads[code] = tuple(segments.codes[part])
    return rows, roads


def _members(
    plan: CityPlan, areas: Areas, rng: np.random.Generator
) -> tuple[list[_Row], dict[str, tuple[str, ...]]]:
    """Spread grid members over communities by the number of cells, neighbours together."""
    cells = areas.cells
    names = person_names(rng, plan.grid_members)
    rows: list[_Row] = []
    rounds: dict[str, tuple[str, ...]] = {}
    title = dict(zip(areas.communities.codes, areas.communities.names, strict=True))
    for community, count in _apportion(plan, areas).items():
        mine = np.flatnonzero(cells.parent_codes == community)
        office = f"SO{int(community[6:9]):02d}"
        for part in np.array_split(mine, count):
            code = f"GM{len(rows) + 1:03d}"
            place = str(title[community]).removesuffix(SYNTHETIC)
            name = f"{place}网格员{names[len(rows)]}"
            rows.append((code, ResponderKind.GRID_MEMBER, name, office, community))
            rounds[code] = tuple(cells.codes[part])
    return rows, rounds


def _apportion(plan: CityPlan, areas: Areas) -> dict[str, int]:
    """Return each community's number of grid members (largest remainders), at least one."""
    codes, counts = np.unique(areas.cells.parent_codes.astype(str), return_counts=True)
    share: FloatArray = counts * plan.grid_members / counts.sum()
    whole = np.maximum(np.floor(share).astype(np.int64), 1)
    for i in np.argsort(whole - share, kind="stable")[: plan.grid_members - int(whole.sum())]:
        whole[i] += 1
    return {str(code): int(n) for code, n in zip(codes, whole, strict=True)}
