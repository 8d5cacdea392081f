"""Audit the duties of a day: who would dispose of what, where, before any case arrives."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

import numpy as np
import shapely
from sqlalchemy.engine import Connection

from gridmgmt.arrays import GeometryArray
from gridmgmt.domain.areas.area import AreaKey
from gridmgmt.domain.areas.surroundings import Zone
from gridmgmt.domain.auditing.duty_audit import DutyAudit, audit_duties
from gridmgmt.domain.judging.duty_book import DutyBook
from gridmgmt.domain.responsibility.duty import DutyTarget
from gridmgmt.services.areas.scopes import area_scope, edition_in_force
from gridmgmt.store.areas.areas import area_names, chains, leaf_level
from gridmgmt.store.responsibility.categories import list_categories
from gridmgmt.store.responsibility.duties import list_duties
from gridmgmt.store.responsibility.groups import list_members
from gridmgmt.store.responsibility.responders import list_responders
from gridmgmt.store.responsibility.road_segments import list_road_segments
from gridmgmt.store.responsibility.zones import list_zones


def audit(
    conn: Connection, day: date, *, tz: ZoneInfo, within: AreaKey | None = None
) -> DutyAudit:
    """Audit the duties of a day against the edition in force when it begins.

    Parameters
    ----------
    within : only the leaf areas of this area, and the zones and road segments that touch it

    Raises
    ------
    EditionError
        when no edition is in force that day
    NotFoundError
        when that edition has no such area
    """
    edition = edition_in_force(conn, day, tz)
    leaf = leaf_level(conn, edition)
    chain_of = chains(conn, edition, leaf) if leaf else {}
    zones, polygons = list_zones(conn)
    segments, _ = list_road_segments(conn)
    duties = list_duties(conn)
    scope = None if within is None else area_scope(conn, edition, *within)
    if scope is not None:
        chain_of = {one: chain for one, chain in chain_of.items() if within in chain}
        segments = [one for one in segments if one.code in scope.road_segments]
        here = [one.code in scope.zones for one in zones]
        zones = [one for one, kept in zip(zones, here, strict=True) if kept]
        polygons = polygons[np.array(here, dtype=bool)]
    book = DutyBook(duties, list_responders(conn), list_members(conn), zones)
    result = audit_duties(
        book,
        list(chain_of.values()),
        [category.code for category in list_categories(conn) if category.mapped],
        _zone_sets(zones, polygons),
        [segment.code for segment in segments],
        day,
    )
    there = {area for chain in chain_of.values() for area in chain}
    stale = tuple(
        duty
        for duty in duties
        # A limited account has no complete list of areas, so nothing would be proved.
        if scope is None
        and duty.target is DutyTarget.AREA
        and duty.holds_on(day)
        and (duty.level, duty.target_code) not in there
    )
    return replace(result, stale=stale, leaf=leaf)


def area_names_of(conn: Connection, found: DutyAudit, *, tz: ZoneInfo) -> dict[AreaKey, str]:
    """Return the names of the findings' areas, in the edition of the audit's day."""
    keys = {(one.level, one.code) for finding in found.findings for one in finding.whole}
    if found.leaf is not None:
        leaves = {code for finding in found.findings for code in finding.leaves}
        keys |= {(found.leaf, code) for code in leaves}
    edition = edition_in_force(conn, found.day, tz)
    return area_names(conn, edition, sorted(keys))


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
