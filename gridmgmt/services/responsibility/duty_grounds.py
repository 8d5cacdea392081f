"""What duties are held against on a day: areas, groups, zones, road segments, categories."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

import numpy as np
import shapely
from sqlalchemy.engine import Connection

from gridmgmt.arrays import GeometryArray
from gridmgmt.domain.areas.area import AreaKey, Chain
from gridmgmt.domain.areas.surroundings import GroupMember, Zone
from gridmgmt.domain.judging.duty_book import DutyBook
from gridmgmt.domain.responsibility.duty import Duty
from gridmgmt.domain.responsibility.responder import Responder
from gridmgmt.services.areas.leaf_chains import leaf_chains
from gridmgmt.services.areas.scopes import area_scope, edition_in_force
from gridmgmt.store.areas.areas import leaf_level
from gridmgmt.store.responsibility.categories import list_categories
from gridmgmt.store.responsibility.groups import list_members
from gridmgmt.store.responsibility.responders import list_responders
from gridmgmt.store.responsibility.road_segments import list_road_segments
from gridmgmt.store.responsibility.zones import list_zones


@dataclass(frozen=True)
class DutyGround:
    """Everything that duties point at, as the edition of a day has it.

    ``every`` has all leaf areas, ``chain_of`` those that are looked at. ``zone_sets`` are each
    zone alone and each pair of zones that overlap, ``categories`` the codes of the mapped ones.
    """

    day: date
    edition: int
    leaf: str | None
    every: Mapping[str, Chain]
    chain_of: Mapping[str, Chain]
    zones: Sequence[Zone]
    zone_sets: Sequence[tuple[str, ...]]
    road_segments: Sequence[str]
    categories: Sequence[str]
    responders: Sequence[Responder]
    members: Sequence[GroupMember]

    @classmethod
    def load(
        cls, conn: Connection, day: date, *, tz: ZoneInfo, within: AreaKey | None = None
    ) -> "DutyGround":
        """Read the ground of a day, by the edition in force when it begins.

        ``within``: only the leaf areas of this area, and the zones and road segments that
        touch it.

        Raises
        ------
        EditionError
            when no edition is in force that day
        NotFoundError
            when that edition has no such area
        """
        edition = edition_in_force(conn, day, tz)
        leaf = leaf_level(conn, edition)
        every = leaf_chains(conn, edition)
        chain_of = every
        zones, polygons = list_zones(conn)
        segments = [one.code for one in list_road_segments(conn)[0]]
        if within is not None:
            scope = area_scope(conn, edition, *within)
            chain_of = {one: chain for one, chain in chain_of.items() if within in chain}
            segments = [one for one in segments if one in scope.road_segments]
            here = [one.code in scope.zones for one in zones]
            zones = [one for one, kept in zip(zones, here, strict=True) if kept]
            polygons = polygons[np.array(here, dtype=bool)]
        return cls(
            day=day,
            edition=edition,
            leaf=leaf,
            every=every,
            chain_of=chain_of,
            zones=zones,
            zone_sets=_zone_sets(zones, polygons),
            road_segments=segments,
            categories=[one.code for one in list_categories(conn) if one.mapped],
            responders=list_responders(conn),
            members=list_members(conn),
        )

    def book(self, duties: Sequence[Duty]) -> DutyBook:
        """Return the duty book of some duties on this ground."""
        return DutyBook(duties, self.responders, self.members, self.zones)


def _zone_sets(zones: Sequence[Zone], polygons: GeometryArray) -> list[tuple[str, ...]]:
    """Return each zone alone, and each pair of zones that overlap."""
    sets: list[tuple[str, ...]] = [(zone.code,) for zone in zones]
    if len(zones) < 2:
        return sets
    first, second = shapely.STRtree(polygons).query(polygons, predicate="intersects")
    first, second = first[first < second], second[first < second]
    # Zones that share only a border are two places.
    shared = shapely.area(shapely.intersection(polygons[first], polygons[second])) > 0
    pairs = zip(first[shared], second[shared], strict=True)
    return sets + [(zones[a].code, zones[b].code) for a, b in sorted(pairs)]
