"""Reroute open cases to the responders of the edition in force."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, tzinfo
from typing import Any

import numpy as np
from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.edition import Edition, edition_at
from gridmgmt.domain.cases.case import (
    Case,
    CaseEvent,
    CaseEventKind,
    CaseLocation,
    GivenCase,
    status_of,
)
from gridmgmt.domain.cases.case_changes import outcome
from gridmgmt.domain.judging.judged import Judged
from gridmgmt.domain.judging.judging_rules import JudgingRules
from gridmgmt.domain.judging.reroute import CaseDisposer, Fate, Reroute, fate_of
from gridmgmt.domain.judging.trace import ASSIGNED, BOUNCED, REROUTED, judgement
from gridmgmt.domain.moments import shown
from gridmgmt.errors import EditionError
from gridmgmt.progress import Progress, no_progress
from gridmgmt.sentence import Sentence
from gridmgmt.services.judging.case_leaves import CaseLeaves
from gridmgmt.services.judging.judge import Judge
from gridmgmt.services.judging.traces import disposer, to_judge
from gridmgmt.store.accounts import audit
from gridmgmt.store.areas import editions
from gridmgmt.store.cases import case_copy, cases
from gridmgmt.store.cases.open_cases import OpenCase, open_cases, open_numbers

AT_ONCE = 5_000


@dataclass(frozen=True)
class RerouteAsked:
    """The options of a reroute; ``now`` is the present."""

    edition: int
    rules: JudgingRules
    actor: str
    now: datetime

    @property
    def today(self) -> date:
        """Return the day whose duties count, in the bureau's time zone."""
        return self.now.astimezone(self.rules.tz).date()


@dataclass(frozen=True)
class _Rejudged:
    """An open case and its new judgement.

    ``late`` is set for a case that stands under another edition although this one was in force
    when it was reported: how it should have been judged then. ``last`` is its present
    judgement, or None if a person decided who has it.
    """

    open: OpenCase
    late: Judged | None
    last: Judged | None

    @property
    def before(self) -> CaseDisposer:
        case = self.open.case
        return CaseDisposer(case.responder_code, case.unrouted_reason)

    @property
    def after(self) -> CaseDisposer:
        return (
            self.before
            if self.last is None
            else CaseDisposer(*disposer(self.last.decision, {}))
        )

    @property
    def fate(self) -> Fate:
        if self.last is not None:
            return fate_of(self.before, self.after)
        return Fate.ASSIGNED if ASSIGNED in self.open.by_hand else Fate.BOUNCED

    @property
    def is_written(self) -> bool:
        return self.late is not None or self.before != self.after


def reroute(conn: Connection, asked: RerouteAsked, progress: Progress = no_progress) -> Reroute:
    """Route every open case by the edition in force and today's duties.

    A case keeps the edition and area of the day it was reported, on which statistics are based;
    its responder changes. Duties are those valid today, at the minute of the report, so that no
    case moves because of the hour at which somebody reroutes. A responder that a person chose
    stays, and bounced cases stay. A case that a person put on the map is judged at that
    position. A case that stands under another edition, or none, although this one was in force
    when it was reported, is judged again completely.

    A second reroute changes nothing. One reroute or import runs at a time; a case that somebody
    acts on in the meantime is judged in the state after that.

    Raises
    ------
    NotFoundError
        when there is no such edition
    EditionError
        when it is not in force: withdrawn, not yet in force, or no longer
    """
    # Both locks are held to the end: the edition must stay in force, and no import may add
    # cases in the meantime.
    editions.wait_for_turn(conn)
    cases.wait_for_turn(conn)
    _check_in_force(conn, asked.edition, asked.now, asked.rules.tz)
    work = _Work(conn, asked)
    numbers = open_numbers(conn)
    for start in range(0, len(numbers), AT_ONCE):
        work.do(numbers[start : start + AT_ONCE])
        progress("rerouting", min(start + AT_ONCE, len(numbers)), len(numbers))
    # A dry run is rolled back and never reaches the deferred constraints, so they are checked
    # here.
    cases.check_now(conn)
    if work.written:
        told = work.done.to_json()
        kept = {name: told[name] for name in ("open", "changed", "judged_again", "fates")}
        audit.record(conn, asked.actor, "reroute_cases", f"edition {asked.edition}", kept)
    return work.done


def _check_in_force(conn: Connection, number: int, now: datetime, tz: tzinfo) -> None:
    edition = editions.get_edition(conn, number)
    current = edition_at(editions.list_editions(conn), now)
    if current is not None and current.number == number:
        return
    named = _named(edition)
    if edition.withdrawn_at is not None:
        message = Sentence("edition {} is withdrawn", named)
    elif edition.effective_from > now:
        message = Sentence(
            "edition {} takes effect on {}: reroute from then on",
            named,
            shown(edition.effective_from, tz),
        )
    else:
        assert edition.in_force_until is not None
        until = shown(edition.in_force_until, tz)
        message = Sentence("edition {} was in force until {}", named, until)
    if current is not None:
        message = Sentence("{}; edition {} is in force", message, _named(current))
    raise EditionError(message)


def _named(edition: Edition) -> str:
    return f"{edition.number} ({edition.label})"


class _Work:
    """One reroute: judges open cases and stores those that change."""

    def __init__(self, conn: Connection, asked: RerouteAsked) -> None:
        self.done = Reroute(asked.edition)
        self.written = 0
        self._conn = conn
        self._asked = asked
        self._judge = Judge(conn, asked.rules)
        self._leaves = CaseLeaves(conn, asked.rules)

    def do(self, numbers: Sequence[str]) -> None:
        """Reroute some cases; only those that change are locked, and judged again when locked.

        An action of a person before the lock therefore wins.
        """
        # The first pass only finds the cases that change. Most do not, so it neither locks them
        # nor measures their distance to borders.
        found = self._rejudge(open_cases(self._conn, numbers), border=False)
        kept = [one for one in found if not one.is_written]
        changing = [one.open.case.given.case_no for one in found if one.is_written]
        locked = open_cases(self._conn, changing, lock=True) if changing else []
        current = self._rejudge(locked)
        self._write([one for one in current if one.is_written])
        for one in (*kept, *current):
            move = one.before.responder, one.after.responder
            self.done.add(one.open.case.given.case_no, one.fate, move)
            self.done.judged_again += one.late is not None

    def _rejudge(self, found: Sequence[OpenCase], *, border: bool = True) -> list[_Rejudged]:
        number = self._asked.edition
        own = self._judge.locator.editions_of([one.case.given.reported_at for one in found])
        is_late = [
            int(edition) == number and one.case.location.edition != number
            for one, edition in zip(found, own, strict=True)
        ]
        is_decided = [not {ASSIGNED, BOUNCED}.isdisjoint(one.by_hand) for one in found]
        asked = [n for n, late in enumerate(is_late) if late or not is_decided[n]]
        # The position a person chose is its position.
        given = {n: to_judge(found[n].case.given, found[n].by_hand) for n in asked}
        locations = self._locate(found, given, border=border)

        def routed(at: Sequence[int], valid_on: date | None) -> dict[int, Judged]:
            cases_, where = [given[n] for n in at], [locations[n] for n in at]
            return dict(
                zip(at, self._judge.route(cases_, where, valid_on=valid_on), strict=True)
            )

        last = routed([n for n in asked if not is_decided[n]], self._asked.today)
        # None: by the duties of the day of the report, as if the edition had been published in
        # time.
        late = routed([n for n in asked if is_late[n]], None)
        return [_Rejudged(one, late.get(n), last.get(n)) for n, one in enumerate(found)]

    def _locate(
        self, found: Sequence[OpenCase], given: Mapping[int, GivenCase], *, border: bool
    ) -> dict[int, CaseLocation]:
        # None becomes NaN: no position.
        lonlat = [(found[n].case.location.lon, found[n].case.location.lat) for n in given]
        lon, lat = np.array(lonlat, dtype=np.float64).reshape(-1, 2).T
        editions = np.full(len(given), self._asked.edition, dtype=np.int64)
        locations = self._judge.locate(
            [*given.values()], lon, lat, editions=editions, border=border
        )
        return dict(zip(given, locations, strict=True))

    def _write(self, judged: Sequence[_Rejudged]) -> None:
        numbers = [one.open.case.given.case_no for one in judged]
        traces = cases.traces_by_no(self._conn, numbers)
        changed: list[tuple[Case, str | None]] = []
        new = case_copy.NewCases()
        for one in judged:
            old = traces[one.open.case.given.case_no]
            after = self._after(one)
            changed.append((after, json.dumps(self._trace(one, old), ensure_ascii=False)))
            new.events.append(self._event(one, after, old))
        case_copy.copy_in(self._conn, new, no_progress)
        case_copy.update_cases(self._conn, changed)
        # All others keep their edition and their area.
        late = {one.open.case.given.case_no for one in judged if one.late is not None}
        self._leaves.replace([after for after, _ in changed if after.given.case_no in late])
        self.written += len(changed)

    def _after(self, one: _Rejudged) -> Case:
        case, (responder, _) = one.open.case, one.after
        reason = (
            case.unrouted_reason if one.last is None else disposer(one.last.decision, {})[1]
        )
        return replace(
            case,
            location=case.location if one.late is None else one.late.location,
            marks=case.marks if one.late is None else one.late.marks(one.open.by_hand),
            responder_code=responder,
            unrouted_reason=reason,
            status=status_of(responder, None, None),
            last_seq=case.last_seq + 1,
        )

    def _trace(self, one: _Rejudged, old: Mapping[str, Any]) -> dict[str, Any]:
        if one.late is None:
            assert one.last is not None
            return {**old, REROUTED: self._judgement(one, one.last)}
        trace = self._told(one, one.late) | dict(one.open.by_hand)
        if one.last is not None and one.after != CaseDisposer(*disposer(one.late.decision, {})):
            trace[REROUTED] = self._judgement(one, one.last)
        return trace

    def _judgement(self, one: _Rejudged, last: Judged) -> dict[str, Any]:
        """Return the last judgement as the part of the trace that it replaces."""
        return {
            **judgement(self._told(one, last)),
            "by": self._asked.actor,
            "at": self._asked.now.astimezone(UTC).isoformat(timespec="seconds"),
            "seq": one.open.case.last_seq + 1,
            "valid_on": self._asked.today.isoformat(),
        }

    def _told(self, one: _Rejudged, judged: Judged) -> dict[str, Any]:
        case = one.open.case
        text = self._judge.trace(case.given, case.given_crs, judged)
        told: dict[str, Any] = json.loads(text)
        return told

    def _event(self, one: _Rejudged, after: Case, old: Mapping[str, Any]) -> CaseEvent:
        return CaseEvent(
            case_no=after.given.case_no,
            seq=after.last_seq,
            kind=CaseEventKind.REROUTED,
            happened_at=self._asked.now,
            actor=self._asked.actor,
            detail={
                "by_edition": self._asked.edition,
                "from": outcome(one.open.case),
                "to": outcome(after),
                # The overwritten part of the trace, which would otherwise be lost.
                "trace_before": old if one.late is not None else old.get(REROUTED),
            },
        )
