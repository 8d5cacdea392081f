"""Dispatch: the one responder who disposes of a case, who assists, who oversees.

Precedence belongs to the kind of target, most specific first:

====================  ===============================================================
component             the owner of the component the case is about
zone                  a special polygon that covers the position, on its days
road_segment          the nearest road segment within its tolerance, that one only
area:<leaf level>     the cell
group                 a beat or inspection area the case's areas belong to that day
area:<other levels>   community, street … from the deepest to the topmost
territorial_fallback  the street office whose area covers the case, the deepest such
forced_adjudication   the district centre
====================  ===============================================================

Within one kind of target a duty that names the category goes before one for all categories.
Two different responders left in the same class are two owners: a person decides. Who oversees
and who assists comes from the duties, whoever disposes.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import NamedTuple

from gridmgmt.domain.case import CaseMark, UnroutedReason
from gridmgmt.domain.component import Register, Tie
from gridmgmt.domain.decision import (
    COMPONENT,
    FORCED_ADJUDICATION,
    TERRITORIAL_FALLBACK,
    Considered,
    Decision,
    WhyNot,
)
from gridmgmt.domain.duty import Duty, Role, Target
from gridmgmt.domain.hours import Hours, open_together, parse_hours
from gridmgmt.domain.place import GroupMember, Place, Zone
from gridmgmt.domain.responder import Responder, ResponderKind
from gridmgmt.domain.roster import Roster
from gridmgmt.domain.sites import Sights, Site
from gridmgmt.domain.spots import Ground, Spot


class _Match(NamedTuple):
    """A duty on a spot; a smaller precedence goes before a greater."""

    precedence: tuple[int, int]
    rule: str
    duty: Duty
    why_not: WhyNot | None


@dataclass
class _View:
    """The duties one place, period and category see; only the hours are still open."""

    matches: tuple[_Match, ...]
    hours: tuple[Hours, ...]
    marks: tuple[CaseMark, ...]
    decisions: dict[tuple[tuple[bool, ...], Tie | None], Decision] = field(default_factory=dict)


# What is asked again and again is kept; a whole city of it would fill the memory.
_VIEWS_KEPT = 20_000


class DutyBook:
    """All duties, ready to answer who is responsible where, for what, when.

    Parameters
    ----------
    duties, responders : those of the whole city
    members : which areas belong to which group, and when
    zones : with their days; a zone that is not listed is taken as always valid
    components : who disposes of cases about which component
    """

    def __init__(
        self,
        duties: Iterable[Duty],
        responders: Iterable[Responder],
        members: Iterable[GroupMember] = (),
        zones: Iterable[Zone] = (),
        components: Register | None = None,
    ) -> None:
        self._components = components or Register({})
        self._roster = Roster(responders)
        self.ground = Ground(members, zones)
        self._duties: dict[tuple[Target, str | None, str], list[Duty]] = {}
        by_id = sorted(duties, key=lambda duty: duty.id)
        for duty in by_id:
            on = (duty.target, duty.level, duty.target_code)
            self._duties.setdefault(on, []).append(duty)
        self.sights = Sights(by_id, self.ground, self._roster.stations())
        self.hours = sorted({duty.hours for duty in by_id if duty.hours})
        self._starts: dict[Place, list[date]] = {}
        self._views: dict[tuple[Place, int, int], _View] = {}
        self._naming: dict[tuple[Spot, int], list[Duty]] = {}
        self._told: dict[tuple[int, WhyNot | None], Considered] = {}

    def decide(
        self,
        place: Place | None,
        category: str,
        at_local: datetime,
        *,
        category_known: bool = True,
    ) -> Decision:
        """Decide who answers for a case.

        Parameters
        ----------
        place : what lies at its position; None where it could not be located
        category : its code; one that is not known or not mapped sees only the duties for all
            categories
        at_local : when it was reported, on the bureau's wall clock; validity is judged on
            that day, hours at that minute
        """
        if place is None:
            return Decision(None, UnroutedReason.UNLOCATED)
        return self.decide_at(
            self.site(place),
            category if category_known else None,
            at_local.date(),
            lambda hours: hours.open_at(at_local),
        )

    def site(self, place: Place) -> Site:
        """Reduce a place to what decisions depend on."""
        return Site(self.sights.bare(place), self._components.tie(place))

    def decide_at(
        self, site: Site, category: str | None, day: date, is_open: Callable[[Hours], bool]
    ) -> Decision:
        """Decide for a site on a day; of the duty hours only those it sees are asked for."""
        view = self._view(site.place, day, category)
        opened = tuple(is_open(hours) for hours in view.hours)
        decision = view.decisions.get((opened, site.tie))
        if decision is None:
            decision = self._judge(site.place, view, opened, site.tie)
            view.decisions[opened, site.tie] = decision
        return decision

    def decide_through(self, place: Place, category: str, day: date) -> list[Decision]:
        """Decide once for each combination of duty hours that comes up in the year from a day.

        Validity is that of the day itself, whatever the hours; the category is a known one.
        """
        bare = self.sights.bare(place)
        view = self._view(bare, day, category)
        texts = tuple(hours.text for hours in view.hours)
        combinations = sorted(open_together(texts, datetime.combine(day, time())))
        return [self._judge(bare, view, opened) for opened in combinations]

    def duties_on(self, spot: Spot) -> list[Duty]:
        """List the duties that point at a spot, by id."""
        return self._duties.get((spot.target, spot.level, spot.code), [])

    def fallback(self, place: Place) -> tuple[str | None, tuple[str, ...]]:
        """Name who answers where no duty does: the rule, and the responders it finds."""
        offices = self._roster.stationed(ResponderKind.STREET_OFFICE, place.areas)
        if offices:
            return TERRITORIAL_FALLBACK, offices
        centre = ResponderKind.DISTRICT_CENTRE
        centres = self._roster.stationed(centre, place.areas) or self._roster.everywhere(centre)
        return (FORCED_ADJUDICATION, centres) if centres else (None, ())

    def periods(self, place: Place) -> list[date]:
        """List the days on which something dated begins, or has just ended, at a bare place."""
        starts = self._starts.get(place)
        if starts is None:
            starts = self._starts[place] = self.sights.starts(place)
        return starts

    def _view(self, place: Place, day: date, category: str | None) -> _View:
        kind = self.sights.kind(category)
        key = (place, bisect_right(self.periods(place), day), kind)
        view = self._views.get(key)
        if view is None:
            if len(self._views) >= _VIEWS_KEPT:
                self._views.clear()
                self._naming.clear()
                self._starts.clear()
            spots = [s for s in self.ground.spots(place, day) if self.duties_on(s)]
            matches = tuple(self._matches(spots, day, category))
            texts = sorted({match.duty.hours for match in matches if match.duty.hours})
            hours = tuple(parse_hours(text) for text in texts)
            view = _View(matches, hours, self.ground.marks(place, day, category))
            self._views[key] = view
        return view

    def _telling(self, spot: Spot, category: str | None) -> list[Duty]:
        """List the duties on a spot that a case of this category may ask about."""
        if spot.target in (Target.ZONE, Target.ROAD_SEGMENT):
            # There are few, and the question is why their responder was passed over.
            return self.duties_on(spot)
        # Areas carry the duties for all other matters, and those tell nothing.
        kind = self.sights.kind(category)
        telling = self._naming.get((spot, kind))
        if telling is None:
            telling = [
                duty
                for duty in self.duties_on(spot)
                if duty.categories is None or category in duty.categories
            ]
            self._naming[spot, kind] = telling
        return telling

    def _matches(
        self, spots: Iterable[Spot], day: date, category: str | None
    ) -> Iterator[_Match]:
        for spot in spots:
            telling = self._telling(spot, category)
            matches = [_match(spot, duty, day, category) for duty in telling]
            standing = {
                (match.duty.responder_code, match.duty.role)
                for match in matches
                if match.why_not is None
            }
            yield from (match for match in matches if _tells(match, standing))

    def _judge(
        self,
        place: Place,
        view: _View,
        opened: tuple[bool, ...],
        tie: Tie | None = None,
    ) -> Decision:
        hours = zip(view.hours, opened, strict=True)
        closed = {one.text for one, is_open in hours if not is_open}
        applying = []
        considered = []
        for match in view.matches:
            why_not = match.why_not
            if why_not is None and match.duty.hours in closed:
                why_not = WhyNot.OUTSIDE_HOURS
            if why_not is None:
                applying.append(match)
            considered.append(self._considered(match.duty, why_not))
        applying.sort(key=lambda match: (match.precedence, match.duty.responder_code))
        rule, fallback, owners, duty_ids = self._owners(place, applying, tie)
        responder = owners[0] if len(owners) == 1 else None
        reason = UnroutedReason.TWO_OWNERS if owners else UnroutedReason.NO_OWNER
        assistants = [m.duty.responder_code for m in applying if m.duty.role is Role.ASSIST]
        overseers = [m.duty.responder_code for m in applying if m.duty.role is Role.OVERSEE]
        return Decision(
            responder=responder,
            reason=None if responder else reason,
            rule=rule,
            fallback=fallback,
            duty_ids=duty_ids,
            overseers=self._roster.chain(overseers, place.areas),
            assistants=tuple(dict.fromkeys(c for c in assistants if c != responder)),
            owners=owners if len(owners) > 1 else (),
            considered=tuple(considered),
            marks=view.marks,
            component=None if tie is None else tie.component,
        )

    def _owners(
        self, place: Place, applying: list[_Match], tie: Tie | None
    ) -> tuple[str | None, str | None, tuple[str, ...], tuple[int, ...]]:
        """Return the rule that decides, the fallback used, the owners and their duties."""
        if tie is not None and tie.owners:
            return COMPONENT, None, tie.owners, ()
        disposing = [match for match in applying if match.duty.role is Role.DISPOSE]
        if not disposing:
            rule, owners = self.fallback(place)
            return rule, rule, owners, ()
        first = [m for m in disposing if m.precedence == disposing[0].precedence]
        owners = tuple(dict.fromkeys(match.duty.responder_code for match in first))
        return first[0].rule, None, owners, tuple(sorted(match.duty.id for match in first))

    def _considered(self, duty: Duty, why_not: WhyNot | None) -> Considered:
        told = self._told.get((duty.id, why_not))
        if told is None:
            told = Considered(
                duty_id=duty.id,
                responder=duty.responder_code,
                role=duty.role,
                target=duty.target,
                level=duty.level,
                code=duty.target_code,
                letter_no=duty.letter_no,
                hours=duty.hours,
                applies=why_not is None,
                why_not=why_not,
            )
            self._told[duty.id, why_not] = told
        return told


def _match(spot: Spot, duty: Duty, day: date, category: str | None) -> _Match:
    why_not = spot.why_not
    if duty.categories is not None and category not in duty.categories:
        why_not = WhyNot.OTHER_CATEGORY
    elif why_not is None and duty.valid_from and day < duty.valid_from:
        why_not = WhyNot.NOT_YET_VALID
    elif why_not is None and duty.valid_to and day > duty.valid_to:
        why_not = WhyNot.EXPIRED
    named = duty.categories is not None
    return _Match((spot.rank, 0 if named else 1), spot.rule, duty, why_not)


def _tells(match: _Match, standing: set[tuple[str, Role]]) -> bool:
    """Whether a duty says anything about the case, beside those of the same responder."""
    if match.why_not in (WhyNot.EXPIRED, WhyNot.NOT_YET_VALID):
        # A letter that was renewed, or will be, is no reason for anything.
        return (match.duty.responder_code, match.duty.role) not in standing
    return True
