"""The duty book: from the position of a case to the one responder who disposes of it.

The way of a case:

1. The position is located: ``geometry.locating`` finds the cell of the edition in force.
2. Its *surroundings* are collected (`Surroundings`): the cell and the areas above it, the zones
   that cover the position, the road segments and components near it.
3. Each of them is a *target* at which duties may point. `TargetFinder` lists the targets of a
   day in order of precedence, with the groups to which the areas belong that day.
4. `Matches` compares the duties on each target with the case: its category, the day of its
   report, and the hours of the duty. A duty that does not apply keeps its reason.
5. Of the duties that are left the first class by precedence decides (`first_class`). Before any
   duty comes the owner of a component, after all of them the street office and the centre.

What wins over what is decided in ``precedence``, which lists the kinds of targets in order. Who
oversees and who assists comes from the duties, whoever disposes.

Examples
--------
A case lies in cell A1 of street A, 4 m from road segment R1. Squad S1 disposes of everything
in the cell, squad S2 of everything on the road segment by day, and the street's office has no
duty at all.

>>> from gridmgmt.domain.responsibility.duty import DutyTarget
>>> cell = Duty(1, "S1", DutyRole.DISPOSE, DutyTarget.AREA, "cell", "A1", None)
>>> by_day = "08:00-18:00"
>>> road = Duty(2, "S2", DutyRole.DISPOSE, DutyTarget.ROAD_SEGMENT, None, "R1", None, by_day)
>>> office = Responder("OA", ResponderKind.STREET_OFFICE, "Office", None, None, "street", "A")
>>> people = [Responder(code, ResponderKind.SQUAD, code) for code in ("S1", "S2")]
>>> book = DutyBook([cell, road], [office, *people])
>>> there = Surroundings((("cell", "A1"), ("street", "A")), road_segments=(("R1", 4.0),))

At ten in the morning the road segment decides, at night only the cell is left, and the trace
keeps why the duty on the road segment did not apply. In a cell without a duty the office of the
street answers.

>>> morning, night = datetime(2026, 1, 5, 10), datetime(2026, 1, 5, 22)
>>> first = book.decide(there, "E1", morning)
>>> first.responder, first.rule
('S2', 'road_segment')
>>> later = book.decide(there, "E1", night)
>>> later.responder, later.rule
('S1', 'area:cell')
>>> [(one.duty_id, one.applies, str(one.why_not)) for one in later.considered]
[(2, False, 'outside_hours'), (1, True, 'None')]
>>> beside = book.decide(Surroundings((("cell", "A2"), ("street", "A"))), "E1", morning)
>>> beside.responder, beside.rule
('OA', 'territorial_fallback')

One more squad with the same duty on the cell makes two disposers, and no guess is made.

>>> rival = Duty(3, "S2", DutyRole.DISPOSE, DutyTarget.AREA, "cell", "A1", None)
>>> both = DutyBook([cell, rival], people).decide(there, "E1", morning)
>>> both.responder, str(both.reason), both.disposers
(None, 'two_owners', ('S1', 'S2'))
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import NamedTuple

from gridmgmt.domain.areas.surroundings import GroupMember, Surroundings, Zone
from gridmgmt.domain.cases.case import CaseMark, UnroutedReason
from gridmgmt.domain.judging.decision import (
    COMPONENT,
    FORCED_ADJUDICATION,
    TERRITORIAL_FALLBACK,
    Decision,
)
from gridmgmt.domain.judging.duty_index import DutyIndex, SurroundingsKey
from gridmgmt.domain.judging.hours import Hours, open_together, parse_hours
from gridmgmt.domain.judging.matches import Match, Matches
from gridmgmt.domain.judging.precedence import first_class
from gridmgmt.domain.judging.roster import Roster
from gridmgmt.domain.judging.targets import TargetFinder, TargetHere
from gridmgmt.domain.responsibility.component import Register, Tie
from gridmgmt.domain.responsibility.duty import Duty, DutyRole
from gridmgmt.domain.responsibility.responder import Responder, ResponderKind


@dataclass
class _View:
    """The duties of one position, period and category; only the hours are still open."""

    matches: tuple[Match, ...]
    hours: tuple[Hours, ...]
    marks: tuple[CaseMark, ...]
    decisions: dict[tuple[tuple[bool, ...], Tie | None], Decision] = field(default_factory=dict)


class _Local(NamedTuple):
    """The facts of bare surroundings that are needed again and again.

    ``starts`` are the days on which something dated changes there; ``named`` says which lists
    of categories matter.
    """

    starts: list[date]
    named: int


# The size of the cache; the results of a whole city would fill the memory.
_VIEWS_KEPT = 20_000


class DutyBook:
    """All duties, ready to answer who is responsible where, for what, when.

    Parameters
    ----------
    duties, responders : those of the whole city
    members : which areas belong to which group, and when
    zones : with their days; a zone that is not listed counts as always valid
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
        self.finder = TargetFinder(members, zones)
        by_id = sorted(duties, key=lambda duty: duty.id)
        self.hours = sorted({duty.hours for duty in by_id if duty.hours})
        self.index = DutyIndex(by_id, self.finder, self._roster.stations())
        self._matches = Matches(self.index)
        self._local: dict[Surroundings, _Local] = {}
        self._targets_here: dict[tuple[Surroundings, int], list[TargetHere]] = {}
        self._views: dict[tuple[Surroundings, int, int], _View] = {}

    def decide(
        self,
        surroundings: Surroundings | None,
        category: str,
        at_local: datetime,
        *,
        category_known: bool = True,
        valid_on: date | None = None,
    ) -> Decision:
        """Decide who answers for a case.

        Parameters
        ----------
        surroundings : what lies at its position; None if it could not be located
        category : its code; an unknown or unmapped category only matches duties for all
            categories
        at_local : time of the report in the bureau's time zone; validity is judged on that day,
            hours at that minute
        valid_on : judge validity on this day instead; the hours stay those of the report
        """
        if surroundings is None:
            return Decision(None, UnroutedReason.UNLOCATED)
        return self.decide_at(
            self.key(surroundings),
            category if category_known else None,
            valid_on or at_local.date(),
            lambda hours: hours.open_at(at_local),
        )

    def key(self, surroundings: Surroundings) -> SurroundingsKey:
        """Return the parts of surroundings on which decisions depend."""
        return SurroundingsKey(
            self.index.bare(surroundings), self._components.tie(surroundings)
        )

    def decide_at(
        self,
        key: SurroundingsKey,
        category: str | None,
        day: date,
        is_open: Callable[[Hours], bool],
    ) -> Decision:
        """Decide for surroundings on a day; only the hours of their duties are asked for."""
        view = self._view(key.surroundings, day, category)
        opened = tuple(is_open(hours) for hours in view.hours)
        decision = view.decisions.get((opened, key.tie))
        if decision is None:
            decision = self._judge(key.surroundings, view, opened, key.tie)
            view.decisions[opened, key.tie] = decision
        return decision

    def decide_through(
        self, surroundings: Surroundings, category: str, day: date
    ) -> list[Decision]:
        """Decide once for each combination of duty hours within a year from a day.

        Validity is that of the day itself, whatever the hours; the category is a known one.
        """
        bare = self.index.bare(surroundings)
        view = self._view(bare, day, category)
        texts = tuple(hours.text for hours in view.hours)
        combinations = sorted(open_together(texts, datetime.combine(day, time())))
        return [self._judge(bare, view, opened) for opened in combinations]

    def duties_on(self, here: TargetHere) -> Sequence[Duty]:
        """Return the duties that point at a target, by id."""
        return self.index.duties_on(here.key)

    def fallback(self, surroundings: Surroundings) -> tuple[str | None, tuple[str, ...]]:
        """Return who answers if no duty does: the rule, and its responders."""
        offices = self._roster.stationed(ResponderKind.STREET_OFFICE, surroundings.areas)
        if offices:
            return TERRITORIAL_FALLBACK, offices
        centre = ResponderKind.DISTRICT_CENTRE
        centres = self._roster.stationed(centre, surroundings.areas) or self._roster.everywhere(
            centre
        )
        return (FORCED_ADJUDICATION, centres) if centres else (None, ())

    def periods(self, surroundings: Surroundings) -> list[date]:
        """Return the days on which something dated there begins or just ended."""
        return self._local_to(surroundings).starts

    def _local_to(self, surroundings: Surroundings) -> _Local:
        local = self._local.get(surroundings)
        if local is None:
            keys = self.index.keys_at(surroundings)
            local = _Local(self.index.starts_on(keys, surroundings), self.index.named_on(keys))
            self._local[surroundings] = local
        return local

    def _view(self, surroundings: Surroundings, day: date, category: str | None) -> _View:
        local = self._local_to(surroundings)
        period = bisect_right(local.starts, day)
        key = (surroundings, period, self.index.kind(category) & local.named)
        view = self._views.get(key)
        if view is None:
            if len(self._views) >= _VIEWS_KEPT:
                self._forget()
            targets_here = self._targets_at(surroundings, period, day)
            matches = tuple(
                match
                for here in targets_here
                for match in self._matches.on(here, day, category)
            )
            texts = sorted({m.duty.hours for m in matches if m.stands and m.duty.hours})
            hours = tuple(parse_hours(text) for text in texts)
            view = _View(matches, hours, self.finder.marks(surroundings, day, category))
            self._views[key] = view
        return view

    def _targets_at(
        self, surroundings: Surroundings, period: int, day: date
    ) -> list[TargetHere]:
        targets_here = self._targets_here.get((surroundings, period))
        if targets_here is None:
            targets_here = [
                here for here in self.finder.at(surroundings, day) if self.duties_on(here)
            ]
            self._targets_here[surroundings, period] = targets_here
        return targets_here

    def _forget(self) -> None:
        for kept in (self._views, self._targets_here, self._local):
            kept.clear()
        self._matches.forget()

    def _judge(
        self,
        surroundings: Surroundings,
        view: _View,
        opened: tuple[bool, ...],
        tie: Tie | None = None,
    ) -> Decision:
        hours = zip(view.hours, opened, strict=True)
        closed = {one.text for one, is_open in hours if not is_open}
        applying = []
        considered = []
        for match in view.matches:
            is_closed = match.duty.hours in closed
            considered.append(match.told_closed if is_closed else match.told)
            if match.stands and not is_closed:
                applying.append(match)
        applying.sort(key=lambda match: (match.precedence, match.duty.responder_code))
        rule, fallback, disposers, duty_ids = self._disposers(surroundings, applying, tie)
        responder = disposers[0] if len(disposers) == 1 else None
        reason = UnroutedReason.SEVERAL_DISPOSERS if disposers else UnroutedReason.NO_DISPOSER
        assistants = [m.duty.responder_code for m in applying if m.duty.role is DutyRole.ASSIST]
        overseers = [m.duty.responder_code for m in applying if m.duty.role is DutyRole.OVERSEE]
        return Decision(
            responder=responder,
            reason=None if responder else reason,
            rule=rule,
            fallback=fallback,
            duty_ids=duty_ids,
            overseers=self._roster.chain(overseers, surroundings.areas),
            assistants=tuple(dict.fromkeys(c for c in assistants if c != responder)),
            disposers=disposers if len(disposers) > 1 else (),
            considered=tuple(considered),
            marks=view.marks,
            component=None if tie is None else tie.component,
        )

    def _disposers(
        self, surroundings: Surroundings, applying: list[Match], tie: Tie | None
    ) -> tuple[str | None, str | None, tuple[str, ...], tuple[int, ...]]:
        """Return the rule that decides, the fallback used, the disposers and their duties."""
        if tie is not None and tie.owners:
            return COMPONENT, None, tie.owners, ()
        disposing = [match for match in applying if match.duty.role is DutyRole.DISPOSE]
        if not disposing:
            rule, disposers = self.fallback(surroundings)
            return rule, rule, disposers, ()
        first = first_class(disposing)
        disposers = tuple(dict.fromkeys(match.duty.responder_code for match in first))
        return first[0].rule, None, disposers, tuple(sorted(match.duty.id for match in first))
