"""Index duties by target, and find what matters: equal surroundings are judged once."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from gridmgmt.domain.areas.area import AreaKey
from gridmgmt.domain.areas.surroundings import GroupMember, Surroundings, Zone, ZoneKind
from gridmgmt.domain.judging.targets import TargetFinder, TargetKey
from gridmgmt.domain.responsibility.component import Tie
from gridmgmt.domain.responsibility.duty import Duty, DutyTarget

# Replaces an area, road segment or zone at which nothing points; no stored code equals it.
_NOTHING = "\0"


class SurroundingsKey(NamedTuple):
    """What a decision depends on beside category and time; equal keys have equal answers.

    ``surroundings`` are bare: everything at which no duty, membership or office points is
    blanked, metres are 0, and components are left out, since ``tie`` has the result for them.
    """

    surroundings: Surroundings
    tie: Tie | None = None


class DutyIndex:
    """Finds what duties, memberships, offices and exceptions see of a case.

    Parameters
    ----------
    stations : the areas in which responders are stationed
    """

    def __init__(
        self, duties: Sequence[Duty], finder: TargetFinder, stations: Iterable[AreaKey]
    ) -> None:
        self._finder = finder
        self._duties: dict[TargetKey, list[Duty]] = {}
        for duty in duties:
            key = (duty.target, duty.level, duty.target_code)
            self._duties.setdefault(key, []).append(duty)
        self._areas = {*stations, *finder.members}
        self._areas.update(
            (level, code)
            for target, level, code in self._duties
            if target is DutyTarget.AREA and level is not None
        )
        exceptions = {code: zone.categories for code, zone in finder.zones.items()}
        lists = {duty.categories for duty in duties}.union(exceptions.values()) - {None}
        self._lists = tuple(some for some in lists if some is not None)
        bit_of = {some: 1 << nth for nth, some in enumerate(self._lists)}
        self._named: dict[TargetKey, int] = {}
        for key, some_duties in self._duties.items():
            for duty in some_duties:
                bit = 0 if duty.categories is None else bit_of[duty.categories]
                self._named[key] = self._named.get(key, 0) | bit
        for code, named in exceptions.items():
            key = (DutyTarget.ZONE, None, code)
            self._named[key] = self._named.get(key, 0) | (bit_of[named] if named else 0)
        self._kind_of: dict[str | None, int] = {}

    def duties_on(self, target: TargetKey) -> Sequence[Duty]:
        """Return the duties that point at a target, in their given order."""
        return self._duties.get(target, ())

    def bare(self, surroundings: Surroundings) -> Surroundings:
        """Return surroundings without what makes no difference to any decision.

        The leaf area and the nearest road segment keep their place in the order.
        """
        on_duty = [
            code if (DutyTarget.ROAD_SEGMENT, None, code) in self._duties else _NOTHING
            for code, _ in surroundings.road_segments
        ]
        segments = [*on_duty[:1], *(code for code in on_duty[1:] if code != _NOTHING)]
        return Surroundings(
            areas=tuple(
                area if area in self._areas else (area[0], _NOTHING)
                for area in surroundings.areas
            ),
            zones=tuple(code for code in surroundings.zones if self._counts(code)),
            road_segments=tuple((code, 0.0) for code in segments),
        )

    def kind(self, category: str | None) -> int:
        """Return which lists name a category: bit i is set if list i of codes does."""
        found = self._kind_of.get(category)
        if found is None:
            found = sum(1 << nth for nth, some in enumerate(self._lists) if category in some)
            self._kind_of[category] = found
        return found

    def alike(self, categories: Iterable[str]) -> list[tuple[str, ...]]:
        """Return classes of categories for which every decision is the same.

        Classes and the categories in them are in the given order, by their first category.
        """
        classes: dict[int, list[str]] = {}
        for category in categories:
            classes.setdefault(self.kind(category), []).append(category)
        return [tuple(some) for some in classes.values()]

    def keys_at(self, surroundings: Surroundings) -> list[TargetKey]:
        """Return the targets at a position on any day, with all groups it ever belonged to."""
        found: dict[TargetKey, None] = {
            (DutyTarget.ZONE, None, code): None for code in surroundings.zones
        }
        for code, _ in surroundings.road_segments:
            found[DutyTarget.ROAD_SEGMENT, None, code] = None
        for level, code in surroundings.areas:
            found[DutyTarget.AREA, level, code] = None
            for member in self._finder.members.get((level, code), ()):
                found[DutyTarget.GROUP, None, member.group_code] = None
        return list(found)

    def named_on(self, targets: Iterable[TargetKey]) -> int:
        """Return which lists of categories matter there; bits are those of ``kind``."""
        bits = 0
        for key in targets:
            bits |= self._named.get(key, 0)
        return bits

    def starts_on(
        self, targets: Iterable[TargetKey], surroundings: Surroundings | None = None
    ) -> list[date]:
        """Return the days on which something dated begins or has just ended.

        Between two of these days nothing dated changes in the duties on these targets, nor in
        the zones and memberships there.
        """
        dated: list[Duty | Zone | GroupMember] = []
        for key in targets:
            dated += self.duties_on(key)
        if surroundings is not None:
            zones = (self._finder.zones.get(code) for code in surroundings.zones)
            dated += (zone for zone in zones if zone is not None)
            for area in surroundings.areas:
                dated += self._finder.members.get(area, ())
        starts = {one.valid_from for one in dated if one.valid_from is not None}
        starts |= {
            one.valid_to + timedelta(days=1)
            for one in dated
            if one.valid_to is not None and one.valid_to < date.max
        }
        return sorted(starts)

    def _counts(self, zone: str) -> bool:
        """Return whether a zone makes any difference: by a duty, or by its exception."""
        known = self._finder.zones.get(zone)
        has_exception = known is not None and known.kind is ZoneKind.VENDOR
        return has_exception or (DutyTarget.ZONE, None, zone) in self._duties
