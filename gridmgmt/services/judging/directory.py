"""Who and what codes stand for, and the duties, kept as long as nothing that routes changes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.area import Level
from gridmgmt.domain.areas.surroundings import GroupMember
from gridmgmt.domain.responsibility.category import Category
from gridmgmt.domain.responsibility.duty import Duty, DutyTarget
from gridmgmt.domain.responsibility.responder import Responder
from gridmgmt.services.revision_cache import Fresh
from gridmgmt.store.areas.levels import list_levels
from gridmgmt.store.responsibility.categories import list_categories
from gridmgmt.store.responsibility.duties import list_duties
from gridmgmt.store.responsibility.groups import list_groups, list_members
from gridmgmt.store.responsibility.responders import list_responders
from gridmgmt.store.responsibility.road_segments import list_road_segments
from gridmgmt.store.responsibility.zones import list_zones


@dataclass(frozen=True, slots=True)
class Directory:
    """All categories and responders by code, in order of the codes; levels from the topmost.

    Responders have no phone numbers, so that no page can show one by mistake. ``place_names``
    are those of groups, road segments and zones.
    """

    categories: Mapping[str, Category]
    responders: Mapping[str, Responder]
    category_names: Mapping[str, str]
    responder_names: Mapping[str, str]
    levels: Sequence[Level]
    place_names: Mapping[tuple[str, str], str]


@dataclass(frozen=True, slots=True)
class StandingDuties:
    """All duties, ended ones too, by id, and the members of all groups."""

    duties: Sequence[Duty]
    members: Sequence[GroupMember]


def directory(conn: Connection) -> Directory:
    """Return the directory as this transaction sees it.

    Every list of cases needs it, and it has some hundred rows that change every few weeks. So
    it is read once and kept until a category or a responder changes.
    """
    return _KEPT.get(conn, None)


def standing_duties(conn: Connection) -> StandingDuties:
    """Return all duties as this transaction sees them.

    A matrix or a list of choices reads thousands of them, which change every few weeks.
    """
    return _DUTIES.get(conn, None)


def _read(conn: Connection, _key: None) -> Directory:
    categories = {one.code: one for one in list_categories(conn)}
    responders = {one.code: replace(one, phone=None) for one in list_responders(conn)}
    return Directory(
        MappingProxyType(categories),
        MappingProxyType(responders),
        MappingProxyType({code: one.name for code, one in categories.items()}),
        MappingProxyType({code: one.name for code, one in responders.items()}),
        tuple(list_levels(conn)),
        MappingProxyType(
            {
                **{(DutyTarget.GROUP, one.code): one.name for one in list_groups(conn)},
                **{
                    (DutyTarget.ROAD_SEGMENT, one.code): one.name
                    for one in list_road_segments(conn)[0]
                },
                **{(DutyTarget.ZONE, one.code): one.name for one in list_zones(conn)[0]},
            }
        ),
    )


def _read_duties(conn: Connection, _key: None) -> StandingDuties:
    return StandingDuties(tuple(list_duties(conn)), tuple(list_members(conn)))


_KEPT: Fresh[None, Directory] = Fresh(_read, 8)
_DUTIES: Fresh[None, StandingDuties] = Fresh(_read_duties, 8)
