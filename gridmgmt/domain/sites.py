"""Sites: what decisions see of a place, so that places which look alike are judged once."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from gridmgmt.domain.area import AreaKey
from gridmgmt.domain.component import Tie
from gridmgmt.domain.duty import Duty, Target
from gridmgmt.domain.place import GroupMember, Place, Zone, ZoneKind
from gridmgmt.domain.spots import Ground

# Stands for an area, road segment or zone that nothing points at; no stored code is like it.
_NOTHING = "\0"

_On = tuple[Target, str | None, str]


class Site(NamedTuple):
    """What a decision depends on beside category and time; equal sites answer alike.

    ``place`` is bare: what no duty, membership or office points at is blanked, metres are 0
    and components are left out, since ``tie`` tells what comes of them.
    """

    place: Place
    tie: Tie | None = None


class Sights:
    """Tells what duties, memberships, offices and exceptions make of places and categories.

    Parameters
    ----------
    stations : the areas in which responders are stationed
    """

    def __init__(
        self, duties: Sequence[Duty], ground: Ground, stations: Iterable[AreaKey]
    ) -> None:
        self._ground = ground
        self._duties: dict[_On, list[Duty]] = {}
        for duty in duties:
            on = (duty.target, duty.level, duty.target_code)
            self._duties.setdefault(on, []).append(duty)
        self._areas = {*stations, *ground.members}
        self._areas.update(
            (level, code)
            for target, level, code in self._duties
            if target is Target.AREA and level is not None
        )
        lists = {duty.categories for duty in duties if duty.categories is not None}
        lists.update(zone.categories for zone in ground.zones.values() if zone.categories)
        self._lists = tuple(lists)
        self._kind_of: dict[str | None, int] = {}

    def bare(self, place: Place) -> Place:
        """Blank what makes no difference to any decision.

        The leaf area and the nearest road segment keep their place in the order.
        """
        on_duty = [
            code if (Target.ROAD_SEGMENT, None, code) in self._duties else _NOTHING
            for code, _ in place.road_segments
        ]
        segments = [*on_duty[:1], *(code for code in on_duty[1:] if code != _NOTHING)]
        return Place(
            areas=tuple(
                area if area in self._areas else (area[0], _NOTHING) for area in place.areas
            ),
            zones=tuple(code for code in place.zones if self._counts(code)),
            road_segments=tuple((code, 0.0) for code in segments),
        )

    def kind(self, category: str | None) -> int:
        """Tell categories apart by who names them: bit i is set where list i of codes does."""
        found = self._kind_of.get(category)
        if found is None:
            found = sum(1 << nth for nth, some in enumerate(self._lists) if category in some)
            self._kind_of[category] = found
        return found

    def starts(self, place: Place) -> list[date]:
        """List the days on which something dated begins, or has just ended, at a place.

        Between two of them nothing dated changes there.
        """
        dated: list[Duty | Zone | GroupMember] = []
        members = [one for area in place.areas for one in self._ground.members.get(area, ())]
        dated += members
        dated += (
            self._ground.zones[code] for code in place.zones if code in self._ground.zones
        )
        on: set[_On] = {(Target.AREA, level, code) for level, code in place.areas}
        on |= {(Target.GROUP, None, one.group_code) for one in members}
        on |= {(Target.ZONE, None, code) for code in place.zones}
        on |= {(Target.ROAD_SEGMENT, None, code) for code, _ in place.road_segments}
        for target in on:
            dated += self._duties.get(target, ())
        starts = {one.valid_from for one in dated if one.valid_from is not None}
        starts |= {
            one.valid_to + timedelta(days=1)
            for one in dated
            if one.valid_to is not None and one.valid_to < date.max
        }
        return sorted(starts)

    def _counts(self, zone: str) -> bool:
        """Whether a zone makes any difference: by a duty, or by its exception."""
        known = self._ground.zones.get(zone)
        has_exception = known is not None and known.kind is ZoneKind.VENDOR
        return has_exception or (Target.ZONE, None, zone) in self._duties
