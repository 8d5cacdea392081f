"""The panel of one area on the map: who answers, open cases, how deadlines were kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

import shapely
from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.area import AreaKey
from gridmgmt.domain.areas.surroundings import RoadSegment, Surroundings, Zone
from gridmgmt.domain.auditing.duty_matrix import DutyMatrix
from gridmgmt.domain.judging.duty_book import DutyBook
from gridmgmt.domain.period import Period
from gridmgmt.domain.responsibility.duty import Duty, DutyTarget
from gridmgmt.domain.responsibility.responder import Responder
from gridmgmt.indicators.rates import DeadlineCounts
from gridmgmt.indicators.shrunk_rates import is_uncertain
from gridmgmt.services.areas.leaf_chains import leaf_chains
from gridmgmt.services.areas.scopes import shares_ground
from gridmgmt.services.judging.directory import standing_duties
from gridmgmt.services.situation.area_disposers import Disposal, disposal
from gridmgmt.services.situation.area_figures import AreaFigures, area_figures, links_of
from gridmgmt.store.accounts import audit
from gridmgmt.store.areas.area_tree import NamedArea, shapes_of
from gridmgmt.store.areas.editions import clock
from gridmgmt.store.responsibility.categories import list_categories
from gridmgmt.store.responsibility.groups import list_groups
from gridmgmt.store.responsibility.responders import list_responders
from gridmgmt.store.responsibility.road_segments import list_road_segments
from gridmgmt.store.responsibility.zones import list_zones
from gridmgmt.store.situation.map_areas import Structure, list_structures
from gridmgmt.store.situation.map_figures import ReportedFilter


@dataclass(frozen=True, slots=True)
class ReachingDuty:
    """A duty that applies in the area, and the name of its target."""

    duty: Duty
    responder: Responder
    target_name: str


@dataclass(frozen=True, slots=True)
class AreaPanel:
    """One area of an edition as the map shows it.

    ``counted`` are its figures. ``overseers`` are those who oversee, including the street
    chiefs above each. ``disposal`` sums up the duty matrix of its leaf areas on the
    day. ``zones`` and ``road_segments`` meet the area; for cases in or at them, their duties
    win over those of areas. ``links`` are the filters of the case list behind each number.
    Phone numbers are only there for people who may see personal data.
    """

    counted: AreaFigures
    overseers: tuple[Responder, ...]
    disposal: Disposal
    duties: tuple[ReachingDuty, ...]
    zones: tuple[Zone, ...]
    road_segments: tuple[RoadSegment, ...]
    structures: tuple[Structure, ...]
    links: Mapping[str, Mapping[str, str]]

    @property
    def is_uncertain(self) -> bool:
        """Return whether the on-time rate says little because few cases are due."""
        return is_uncertain(self.figures.on_time, self.figures.due)

    @property
    def edition(self) -> int:
        """Return the number of the edition."""
        return self.counted.edition

    @property
    def chain(self) -> tuple[NamedArea, ...]:
        """Return the area first, then the areas above it."""
        return self.counted.chain

    @property
    def area(self) -> NamedArea:
        """Return the area itself."""
        return self.counted.area

    @property
    def figures(self) -> DeadlineCounts:
        """Return the counts without the cases ``at_default`` positions."""
        return self.counted.counts

    @property
    def at_default(self) -> DeadlineCounts:
        """Return the counts of the cases at default positions."""
        return self.counted.at_default

    @property
    def period(self) -> Period:
        """Return the days that are counted."""
        return self.counted.wanted.period


def panel(
    conn: Connection,
    edition: int,
    key: AreaKey,
    wanted: ReportedFilter,
    *,
    personal: bool,
    actor: str,
    as_of: datetime | None = None,
    within: AreaKey | None = None,
) -> AreaPanel:
    """Return the panel of one area.

    Parameters
    ----------
    key : level and code of the area
    wanted : which cases are counted
    personal : with phone numbers; this is written to the audit log
    as_of : the fixed instant for deadlines and duties; None: now
    within : the one area the account is limited to

    Raises
    ------
    NotFoundError
        when the edition has no such area, or it lies outside the account's area
    """
    as_of = as_of or clock(conn)
    counted = area_figures(conn, edition, key, wanted, as_of=as_of, within=within)
    answers = _Answers(
        conn, edition, counted.chain, as_of.astimezone(wanted.period.tz), personal=personal
    )
    # Only if a number is really shown: an entry for each click on the map would bury the
    # others.
    if personal and answers.tells_phones:
        detail = {"command": "map panel", "edition": edition}
        audit.record(conn, actor, "read_personal", " ".join(key), detail)
    return AreaPanel(
        counted=counted,
        overseers=answers.overseers(),
        disposal=answers.disposal,
        duties=answers.duties(),
        zones=tuple(answers.zones.values()),
        road_segments=tuple(answers.road_segments.values()),
        structures=tuple(list_structures(conn, wanted.period, edition=edition, area=key)[0]),
        links=links_of(counted),
    )


class _Answers:
    """Who answers in an area: every duty that applies, and who decides by them."""

    def __init__(
        self,
        conn: Connection,
        edition: int,
        chain: Sequence[NamedArea],
        at_local: datetime,
        *,
        personal: bool,
    ) -> None:
        self._at_local = at_local
        self._day = at_local.date()
        self._areas = {(one.level, one.code): one.name for one in chain}
        self._categories = [one for one in list_categories(conn) if one.mapped]
        self._groups = {one.code: one.name for one in list_groups(conn)}
        people = list_responders(conn)
        self._people = {
            one.code: one if personal else replace(one, phone=None) for one in people
        }
        key = level, code = next(iter(self._areas))
        shape = shapes_of(conn, edition, level, [code]).geoms[0]
        zones, polygons = list_zones(conn)
        segments, lines = list_road_segments(conn)
        self.zones = {
            zone.code: zone
            for zone, here in zip(zones, shares_ground(shape, polygons), strict=True)
            # A zone that is not valid today has no duty today.
            if here and _holds(zone, self._day)
        }
        self.road_segments = {
            segment.code: segment
            for segment, here in zip(segments, shapely.intersects(shape, lines), strict=True)
            if here
        }
        standing = standing_duties(conn)
        self._stored = standing.duties
        # Without zones and road segments: they count for a position, not for an area.
        self._book = DutyBook(self._stored, people, standing.members)
        self._surroundings = Surroundings(areas=tuple(self._areas))
        self._decisions = [
            self._book.decide(self._surroundings, kind.code, at_local)
            for kind in self._categories
        ]
        leaves = {
            one: chain for one, chain in leaf_chains(conn, edition).items() if key in chain
        }
        self.disposal = disposal(
            DutyMatrix(self._book, leaves, self._day),
            leaves,
            self._categories,
            self._people,
            [(one.duty, one.target_name) for one in self._at_places()],
        )

    @property
    def tells_phones(self) -> bool:
        """Return whether anybody here has a phone number that is shown."""
        told = [one.phone for one in self.overseers()]
        told += [one.responder.phone for one in self.duties()]
        told += [
            one.phone
            for one in (
                *(disposer.responder for disposer in self.disposal.disposers),
                *(one for fault in self.disposal.faults for one in fault.concerned),
            )
        ]
        return any(told)

    def overseers(self) -> tuple[Responder, ...]:
        """Return the chain of street chiefs for all categories, the nearest first."""
        codes = [code for one in self._decisions for code in one.overseers]
        # A category that no duty names still finds the duties for all categories.
        if not self._decisions:
            codes = list(self._book.decide(self._surroundings, "", self._at_local).overseers)
        return tuple(self._people[code] for code in dict.fromkeys(codes))

    def duties(self) -> tuple[ReachingDuty, ...]:
        """Return the duties that apply in the area today, the most specific target first."""
        targets_here = self._book.finder.at(self._surroundings, self._day)
        at_areas = [
            ReachingDuty(duty, self._people[duty.responder_code], self._name(duty))
            for here in targets_here
            for duty in self._book.duties_on(here)
            if duty.holds_on(self._day)
        ]
        # Zones and road segments first: for cases in or at them, their duties win over those of
        # areas.
        return tuple(self._at_places() + at_areas)

    def _at_places(self) -> list[ReachingDuty]:
        return [
            ReachingDuty(duty, self._people[duty.responder_code], self._name(duty))
            for duty in self._stored
            if duty.holds_on(self._day)
            and (
                (duty.target is DutyTarget.ZONE and duty.target_code in self.zones)
                or (
                    duty.target is DutyTarget.ROAD_SEGMENT
                    and duty.target_code in self.road_segments
                )
            )
        ]

    def _name(self, duty: Duty) -> str:
        code = duty.target_code
        if duty.target is DutyTarget.ZONE:
            return self.zones[code].name
        if duty.target is DutyTarget.ROAD_SEGMENT:
            return self.road_segments[code].name
        if duty.target is DutyTarget.GROUP:
            return self._groups[code]
        return self._areas[duty.level or "", code]


def _holds(zone: Zone, day: date) -> bool:
    return (zone.valid_from is None or zone.valid_from <= day) and (
        zone.valid_to is None or day <= zone.valid_to
    )
