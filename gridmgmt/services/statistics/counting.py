"""One question of a transaction, counted in columns."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Self
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy.engine import Connection

from gridmgmt.arrays import BoolArray, IntArray
from gridmgmt.indicators import case_counting, case_picking
from gridmgmt.indicators.case_columns import NEVER, CaseEntries, Entries, Place
from gridmgmt.indicators.case_counting import GroupCounts
from gridmgmt.indicators.case_question import (
    ANY_STANDING,
    NO_SPANS,
    By,
    CaseMoment,
    Conditions,
    Question,
)
from gridmgmt.indicators.case_squares import squares
from gridmgmt.recently_used import RecentlyUsed
from gridmgmt.services.statistics.column_state import ColumnPart, ColumnState
from gridmgmt.services.statistics.questions import (
    EPOCH,
    can_count,
    conditions,
    days_between,
    edition_of,
    moment_of,
    without_limits,
)
from gridmgmt.services.statistics.sources import source_of
from gridmgmt.store.asked_once import asked_once
from gridmgmt.store.cases.case_filter import CaseFilter

# Lists of places only grow: with the same length they are the same.
_LEAVES: RecentlyUsed["LeafGroups"] = RecentlyUsed(most=4)


@dataclass(frozen=True, slots=True)
class LeafGroups:
    """Groups of places by their leaf area: (n,) codes, None for cases that are in none.

    ``is_located`` are (n,); ``group_of_place`` has a number for each place.
    """

    codes: Sequence[str | None]
    is_located: BoolArray
    group_of_place: IntArray


@dataclass(frozen=True, slots=True)
class Counting:
    """The cases of a filter as a transaction sees them, ready to be counted in several ways.

    ``entries`` are the values that numbers in the columns stand for, all of this state.
    """

    state: ColumnState
    entries: CaseEntries
    wanted: CaseFilter
    edition: int | None
    conditions: Conditions

    @classmethod
    def of(
        cls,
        conn: Connection,
        wanted: CaseFilter,
        as_of: datetime,
        *,
        edition: int | None = None,
    ) -> Self | None:
        """Return it; None where columns cannot tell.

        Parameters
        ----------
        as_of : the instant at which deadlines are judged
        edition : the edition under whose places cases are grouped
        """
        if not can_count(wanted, edition, as_of):
            return None
        state = state_of(conn)
        if state is None:
            return None
        return cls.in_state(conn, state, wanted, as_of, edition=edition)

    @classmethod
    def in_state(
        cls,
        conn: Connection,
        state: ColumnState,
        wanted: CaseFilter,
        as_of: datetime,
        *,
        edition: int | None = None,
    ) -> Self:
        """Return it in a state that is known; ``can_count`` must be true for the filter."""
        shown = edition_of(wanted) if edition is None else edition
        entries = state.entries.fixed()
        return cls(state, entries, wanted, shown, conditions(conn, wanted, entries, as_of))

    def count(
        self,
        *,
        groups: IntArray | None = None,
        by: By = By.PLACE,
        spans: IntArray = NO_SPANS,
        spans_of: CaseMoment = CaseMoment.REPORTED,
        apart: int = 0,
    ) -> IntArray:
        """Count by groups and spans: (2, groups, spans, COUNT_NAMES); see `Question`."""
        if groups is None:
            groups = np.zeros(len(self.conditions.place), dtype=np.int64)
        # The loops look up without asking whether there is such an entry.
        entries = self.conditions.place if by is By.PLACE else self.conditions.answerer
        if len(groups) < len(entries):
            message = f"{len(groups)} groups for {len(entries)} entries"
            raise ValueError(message)
        asked = Question(
            self.conditions, groups, by, moment_of(self.wanted), spans, spans_of, apart
        )
        base, removed, added = self._answers(asked)
        return base.counts - removed.counts + added.counts

    def holds_until(self) -> int:
        """Return before which later instant no count can be different, microseconds.

        A filter with an instant leaves out what is reported later. Such cases are there after
        the clock of the machine was set back.
        """
        ends = [one.holds_until for one in self._answers(_every_case(self.conditions))]
        return min(*ends, *(self._next_report(part) for part in self._parts()))

    def _next_report(self, part: ColumnPart) -> int:
        """Return when the first case is reported after the instant of judging."""
        reported = part.columns.reported
        first = int(np.searchsorted(reported, self.conditions.as_of, side="right"))
        return int(reported[first]) if first < len(reported) else NEVER

    def squares(
        self, step_lon: float, step_lat: float, *, without_mark: int
    ) -> tuple[IntArray, IntArray, IntArray]:
        """Count located cases in squares; see `case_squares.squares`."""
        located = np.array([place.is_area for place in self.entries.places], dtype=bool)
        limited = self.conditions._replace(
            place=self.conditions.place & located,
            must_not=self.conditions.must_not | without_mark,
        )
        groups = np.zeros(0, dtype=np.int64)
        asked = Question(limited, groups, moment=moment_of(self.wanted))
        parts = []
        for part, times in zip(self._parts(), (1, -1, 1), strict=True):
            rows = case_picking.matching(part.columns, part.under(self.edition), asked)
            parts.append((part.columns, rows, times))
        return squares(parts, step_lon, step_lat)

    def days(self, tz: ZoneInfo) -> list[date]:
        """Return all days of a bureau's clock on which cases of the filter may be reported."""
        found = [
            part.columns.reported[[0, -1]]
            for part in (self.state.base, self.state.added)
            if len(part.columns)
        ]
        if not found:
            return []
        first, last = int(np.min(found)), int(np.max(found))
        if moment_of(self.wanted) is CaseMoment.REPORTED:
            first, last = (
                max(first, self.conditions.since),
                min(last, self.conditions.until - 1),
            )
        if first > last:
            return []
        since, until = (EPOCH + timedelta(microseconds=int(one)) for one in (first, last + 1))
        return days_between(since, until, tz)

    def leaves(self) -> LeafGroups:
        """Return the groups of places by leaf area."""
        places = self.entries.places
        known = self.state.entries.places, len(places)
        return _LEAVES.get(known, lambda: _leaf_groups(places))

    def _parts(self) -> tuple[ColumnPart, ColumnPart, ColumnPart]:
        return self.state.base, self.state.removed, self.state.added

    def _answers(self, asked: Question) -> tuple[GroupCounts, GroupCounts, GroupCounts]:
        """Return the answers of the base, of what is gone of it, and of what was added."""
        return (
            self._of_base(asked),
            self._of_part(self.state.removed, asked),
            self._of_part(self.state.added, asked),
        )

    def _of_part(self, part: ColumnPart, asked: Question) -> GroupCounts:
        return case_counting.count(part.columns, part.under(self.edition), asked)

    def _of_base(self, asked: Question) -> GroupCounts:
        """Count in the base, or find the same question among its newest answers."""
        base, as_of = self.state.base, asked.conditions.as_of
        key = _key(asked, self.edition, base.columns.reported)
        known = base.answer(key, as_of)
        if known is None:
            known = self._of_part(base, asked)
            until = min(known.holds_until, self._judged_until(asked.conditions))
            known = replace(known, holds_until=until)
            base.keep(key, as_of, known)
        return known

    def _judged_until(self, limits: Conditions) -> int:
        """Return before which later instant no case of the base is judged differently.

        A case that does not match yet may do so when its deadline has passed. So the answer is
        that of all cases, if somebody has asked for it (`revision`); else the next instant.
        """
        if limits.standings == ANY_STANDING:
            return NEVER
        base = self.state.base
        every = _every_case(without_limits(limits))
        counted = base.answer(_key(every, None, base.columns.reported), limits.as_of)
        return limits.as_of + 1 if counted is None else counted.holds_until


def state_of(conn: Connection) -> ColumnState | None:
    """Return the columns as a transaction sees the cases now; None where they cannot tell.

    A transaction that only reads gets those of its first question, so that all its figures are
    of the same cases.
    """
    source = source_of(conn)
    if source is None:
        return None
    return asked_once(conn, ColumnState, lambda: source.state(conn))


def _every_case(limits: Conditions) -> Question:
    """Return the question for the cases of conditions in one group."""
    return Question(limits, np.zeros(len(limits.place), dtype=np.int64))


def _key(asked: Question, edition: int | None, reported: IntArray) -> bytes:
    """Return what all questions share that have the same answer as long as it holds.

    ``reported`` are the reports of the cases that are asked, in order.
    """
    limits = asked.conditions
    # Whenever it is judged: of reports up to then it matters only which these are.
    stop = int(np.searchsorted(reported, limits.reported_until, side="right"))
    plain = limits._replace(as_of=0, reported_until=stop)
    digest = hashlib.blake2b(digest_size=16)
    digest.update(repr((edition, asked.by, asked.moment, asked.spans_of, asked.apart)).encode())
    for value in (*plain, asked.groups, asked.spans):
        digest.update(value.tobytes() if isinstance(value, np.ndarray) else str(value).encode())
        digest.update(b"|")
    return digest.digest()


def _leaf_groups(places: Entries[Place]) -> LeafGroups:
    numbers: dict[tuple[str | None, bool], int] = {}
    of_place = [
        numbers.setdefault(
            (place.code if place.is_area else None, place.edition is not None), len(numbers)
        )
        for place in places
    ]
    return LeafGroups(
        codes=[code for code, _ in numbers],
        is_located=np.array([located for _, located in numbers], dtype=bool),
        group_of_place=np.array(of_place, dtype=np.int64),
    )
