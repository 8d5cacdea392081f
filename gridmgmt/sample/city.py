"""The sample city: everything in it, made from one plan."""

from dataclasses import dataclass

from gridmgmt.sample.areas import Areas, build_areas
from gridmgmt.sample.cases import Cases, build_cases
from gridmgmt.sample.categories import load_categories
from gridmgmt.sample.cells import cut_cells
from gridmgmt.sample.components import Components, build_components
from gridmgmt.sample.demolitions import Demolitions, build_demolitions
from gridmgmt.sample.desk import Desk, build_desk
from gridmgmt.sample.duties import SampleDuty, build_duties
from gridmgmt.sample.groups import Groups, build_groups
from gridmgmt.sample.plan import FULL, CityPlan
from gridmgmt.sample.positions import build_kerb
from gridmgmt.sample.responders import Staff, build_staff
from gridmgmt.sample.roads import draw_network
from gridmgmt.sample.segments import RoadSegments, build_roadside, build_segments
from gridmgmt.sample.spots import place_spots
from gridmgmt.sample.zones import Zones, build_zones


@dataclass(frozen=True)
class City:
    """All of a sample city; nothing in it is real.

    A city whose last day is over has no desk.
    """

    plan: CityPlan
    areas: Areas
    segments: RoadSegments
    groups: Groups
    zones: Zones
    staff: Staff
    duties: list[SampleDuty]
    components: Components
    cases: Cases
    demolitions: Demolitions
    desk: Desk | None


def build_city(plan: CityPlan = FULL) -> City:
    """Make a city; the same plan gives the same city to the last digit."""
    network = draw_network(plan)
    faces = cut_cells(plan, network)
    areas = build_areas(plan, network, faces)
    roadside = build_roadside(plan, faces, areas)
    segments = build_segments(network, faces, roadside)
    spots = place_spots(plan)
    groups = build_groups(plan, areas)
    zones = build_zones(plan, areas, spots)
    staff = build_staff(plan, areas, segments)
    categories = load_categories()
    kerb = build_kerb(plan, areas, roadside)
    components = build_components(plan, areas, kerb, categories)
    return City(
        plan=plan,
        areas=areas,
        segments=segments,
        groups=groups,
        zones=zones,
        staff=staff,
        duties=build_duties(plan, areas, groups, zones, staff, categories),
        components=components,
        cases=build_cases(plan, areas, kerb, spots, categories, components),
        demolitions=build_demolitions(plan, areas, zones),
        desk=build_desk(plan, areas, categories),
    )
