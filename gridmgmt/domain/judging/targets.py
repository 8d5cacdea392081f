"""The targets at a position, to which duties can point, by the precedence of their kind."""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from gridmgmt.domain.areas.surroundings import GroupMember, Surroundings, Zone, ZoneKind
from gridmgmt.domain.cases.case import CaseMark
from gridmgmt.domain.judging.decision import GROUP, ROAD_SEGMENT, ZONE, WhyNot, area_rule
from gridmgmt.domain.judging.precedence import (
    GROUP_RANK,
    ROAD_SEGMENT_RANK,
    ZONE_RANK,
    area_rank,
)
from gridmgmt.domain.responsibility.duty import DutyTarget

# The target of a duty; only areas have a level.
TargetKey = tuple[DutyTarget, str | None, str]


class TargetHere(NamedTuple):
    """A target at a position; the smaller rank comes first.

    ``why_not`` is the reason why its duties do not count although the position lies on it.
    """

    rank: int
    rule: str
    target: DutyTarget
    level: str | None
    code: str
    why_not: WhyNot | None = None

    @property
    def key(self) -> TargetKey:
        """Return the target itself."""
        return self.target, self.level, self.code


class TargetFinder:
    """The dated facts of targets: which areas belong to which group, when a zone is valid."""

    def __init__(self, members: Iterable[GroupMember], zones: Iterable[Zone]) -> None:
        self.zones = {zone.code: zone for zone in zones}
        self.members: dict[tuple[str, str], list[GroupMember]] = {}
        for member in members:
            self.members.setdefault((member.level, member.area_code), []).append(member)

    def at(self, surroundings: Surroundings, day: date) -> list[TargetHere]:
        """Return the targets at a position on a day, in order of precedence.

        Only the nearest road segment counts. Farther ones within their tolerance are listed
        because people will ask about them.
        """
        found = [
            TargetHere(
                ZONE_RANK, ZONE, DutyTarget.ZONE, None, code, self._zone_state(code, day)
            )
            for code in surroundings.zones
        ]
        for nth, (code, _) in enumerate(surroundings.road_segments):
            why_not = WhyNot.NEARER_ROAD_SEGMENT if nth else None
            here = TargetHere(
                ROAD_SEGMENT_RANK, ROAD_SEGMENT, DutyTarget.ROAD_SEGMENT, None, code, why_not
            )
            found.append(here)
        for nth, (level, code) in enumerate(surroundings.areas):
            rule = area_rule(level)
            found.append(TargetHere(area_rank(nth), rule, DutyTarget.AREA, level, code))
        for code in self._groups(surroundings, day):
            found.append(TargetHere(GROUP_RANK, GROUP, DutyTarget.GROUP, None, code))
        return sorted(found, key=lambda here: here.rank)

    def marks(
        self, surroundings: Surroundings, day: date, category: str | None
    ) -> tuple[CaseMark, ...]:
        """Return the marks of a case there on a day; None: its category is not known."""
        here = (self.zones.get(code) for code in surroundings.zones)
        allowed = any(
            zone.kind is ZoneKind.VENDOR
            and (zone.categories is None or category in zone.categories)
            and self._zone_state(zone.code, day) is None
            for zone in here
            if zone is not None
        )
        return (CaseMark.VENDOR_ZONE,) if allowed else ()

    def _zone_state(self, code: str, day: date) -> WhyNot | None:
        zone = self.zones.get(code)
        if zone is not None and zone.valid_from and day < zone.valid_from:
            return WhyNot.ZONE_NOT_YET_VALID
        if zone is not None and zone.valid_to and day > zone.valid_to:
            return WhyNot.ZONE_EXPIRED
        return None

    def _groups(self, surroundings: Surroundings, day: date) -> list[str]:
        return sorted(
            {
                member.group_code
                for area in surroundings.areas
                for member in self.members.get(area, ())
                if (member.valid_from is None or member.valid_from <= day)
                and (member.valid_to is None or day <= member.valid_to)
            }
        )
