"""Find what belongs to an area: areas in it, areas above it, and what touches it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import shapely
from sqlalchemy.engine import Connection

from gridmgmt.arrays import BoolArray, GeometryArray
from gridmgmt.domain.areas.area import AreaKey
from gridmgmt.domain.areas.edition import edition_at, edition_shown
from gridmgmt.domain.responsibility.duty import Duty, DutyTarget
from gridmgmt.errors import EditionError, NotFoundError
from gridmgmt.sentence import Sentence
from gridmgmt.services.revision_cache import Fresh
from gridmgmt.store.areas.areas import area_names, areas_in, chains, count_areas, leaves_within
from gridmgmt.store.areas.editions import list_editions
from gridmgmt.store.cases.case_filter import Ground
from gridmgmt.store.responsibility.groups import list_members
from gridmgmt.store.responsibility.road_segments import list_road_segments
from gridmgmt.store.responsibility.zones import list_zones


@dataclass(frozen=True)
class AreaScope:
    """An area of an edition and everything that concerns it.

    ``within`` are the area itself and the areas in it; ``above`` are the areas it lies in.
    ``groups`` have or had a member among them. ``road_segments`` meet the area and ``zones``
    overlap it.
    """

    within: frozenset[AreaKey]
    above: frozenset[AreaKey]
    groups: frozenset[str]
    road_segments: frozenset[str]
    zones: frozenset[str]
    shape: shapely.MultiPolygon

    def concerns(self, duty: Duty) -> bool:
        """Return whether a duty is about the area, a part of it, or ground that holds it."""
        if duty.target is DutyTarget.AREA:
            key = (duty.level or "", duty.target_code)
            return key in self.within or key in self.above
        return duty.target_code in self.codes_of(duty.target)

    def codes_of(self, target: DutyTarget) -> frozenset[str]:
        """Return the codes of places of one kind other than areas."""
        codes = {
            DutyTarget.GROUP: self.groups,
            DutyTarget.ROAD_SEGMENT: self.road_segments,
            DutyTarget.ZONE: self.zones,
        }
        return codes[target]


def shares_ground(shape: shapely.MultiPolygon, geoms: GeometryArray) -> BoolArray:
    """Return which lines and points meet a polygon, and which polygons overlap it.

    Polygons that only share a border do not overlap.
    """
    meet: BoolArray = shapely.intersects(shape, geoms)
    # Two polygons that touch share only a border; a line or point that touches is at the area.
    only_touch = shapely.touches(shape, geoms) & (shapely.get_dimensions(geoms) == 2)
    there: BoolArray = meet & ~only_touch
    return there


def edition_in_force(conn: Connection, day: date, tz: ZoneInfo) -> int:
    """Return the number of the edition in force when a day of the bureau begins.

    Raises
    ------
    EditionError
        when no edition is in force
    """
    edition = edition_at(list_editions(conn), datetime.combine(day, time(), tz))
    if edition is None:
        raise EditionError(Sentence("no edition is in force on {}", day))
    return edition.number


def area_scope(conn: Connection, edition: int, level: str, code: str) -> AreaScope:
    """Find what belongs to an area under an edition.

    Raises
    ------
    NotFoundError
        when the edition has no such area
    """
    return _SCOPES.get(conn, (edition, level, code))


def _area_scope(conn: Connection, area: tuple[int, str, str]) -> AreaScope:
    edition, level, code = area
    here = areas_in(conn, edition, level).get(level)
    positions = [] if here is None else [i for i, one in enumerate(here.codes) if one == code]
    if here is None or not positions:
        raise NotFoundError(kind=level, key=code)
    shape = here.geoms[positions[0]]
    above = frozenset(chains(conn, edition, level)[code][1:])
    within = _within(conn, edition, (level, code))
    segments, lines = list_road_segments(conn)
    zones, polygons = list_zones(conn)
    return AreaScope(
        within=within,
        above=above,
        groups=frozenset(
            member.group_code
            for member in list_members(conn)
            if (member.level, member.area_code) in within
        ),
        road_segments=_codes([one.code for one in segments], shares_ground(shape, lines)),
        zones=_codes([one.code for one in zones], shares_ground(shape, polygons)),
        shape=shape,
    )


# Accounts limited to an area need it for each page, and it takes eight statements.
_SCOPES: Fresh[tuple[int, str, str], AreaScope] = Fresh(_area_scope, 50)


def _codes(codes: Sequence[str], there: BoolArray) -> frozenset[str]:
    return frozenset(code for code, holds in zip(codes, there, strict=True) if holds)


def _within(conn: Connection, edition: int, area: AreaKey) -> frozenset[AreaKey]:
    levels = [count.level for count in count_areas(conn, edition)]
    below = levels[levels.index(area[0]) :]
    return frozenset(
        chain[0]
        for level in below
        for chain in chains(conn, edition, level).values()
        if area in chain
    )


def ground_of(conn: Connection, edition: int, area: AreaKey) -> Ground:
    """Return the leaf areas in an area of an edition, for a filter of cases; it may have none.

    Raises
    ------
    NotFoundError
        when there is no such edition, it was withdrawn, or it has no such area
    """
    level, code = area
    standing = _LEAVES.get(conn, (level, code, edition))
    # Rows without an end would be in force in an edition to come.
    is_known = bool(standing) or edition in {one.number for one in list_editions(conn)}
    if not is_known or not area_names(conn, edition, [area]):
        raise NotFoundError(kind=level, key=code)
    codes = [code for number, code in standing if number == edition]
    return Ground(edition, codes, standing)


def edition_with(conn: Connection, area: AreaKey, at: datetime) -> int:
    """Return the edition by whose borders an area is meant if nobody names one.

    It is the one in force at an instant, if it has the area; else the newest that has it.

    Raises
    ------
    NotFoundError
        when no edition ever had such an area
    """
    editions = list_editions(conn)
    shown = edition_shown(editions, at)
    first = [] if shown is None else [shown]
    for edition in (*first, *reversed(editions)):
        if area_names(conn, edition.number, [area]):
            return edition.number
    raise NotFoundError(kind=area[0], key=area[1])


def within_area(
    conn: Connection, level: str, code: str, *, edition: int | None = None
) -> list[tuple[int, str]]:
    """Find the leaf areas in an area, in every edition that has the area.

    With ``edition``, the area is that of this edition. Leaf areas of other editions belong to
    it only if they have the same stored borders.

    Raises
    ------
    NotFoundError
        when no edition, or not this one, has such an area
    """
    found = _LEAVES.get(conn, (level, code, edition))
    if not found:
        raise NotFoundError(kind=level, key=code)
    return list(found)


def _leaves(conn: Connection, area: tuple[str, str, int | None]) -> Sequence[tuple[int, str]]:
    level, code, edition = area
    return tuple(leaves_within(conn, level, code, edition=edition))


# By level, code and edition; some thousand leaf areas each.
_LEAVES: Fresh[tuple[str, str, int | None], Sequence[tuple[int, str]]] = Fresh(_leaves, 50)
