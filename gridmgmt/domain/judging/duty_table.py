"""The duty table: decisions by number, so that many cases are routed by array reads.

Everything a decision depends on is four small numbers: the number of the surroundings (what of
them matters to duties), the period between two days on which something dated changes there, the
kind of the category (which duties name it), and which duty hours are open. The duty book fills
an entry when the first case needs it; all further cases read it.
"""

import threading
from collections.abc import Iterable
from datetime import date
from functools import partial

import numpy as np
from numpy.typing import NDArray

from gridmgmt.arrays import IntArray, MomentArray
from gridmgmt.domain.cases.case import UnroutedReason
from gridmgmt.domain.judging.decision import Decision
from gridmgmt.domain.judging.duty_book import DutyBook
from gridmgmt.domain.judging.duty_index import SurroundingsKey
from gridmgmt.domain.judging.hours import Hours
from gridmgmt.domain.judging.open_states import OpenStates
from gridmgmt.gc_pause import gc_paused

UNLOCATED = Decision(None, UnroutedReason.UNLOCATED)

# Surroundings and a day in one number: no ordinal of a day reaches this.
_DAYS = 1 << 22

# The largest number of entries in an array (256 MB); a larger table is read by sorting.
_DENSE = 1 << 26

# More periods than this are found by a search.
_FEW = 16

# The number of decisions kept from one batch to the next.
_DECISIONS_KEPT = 500_000


class DutyTable:
    """All requested decisions of one duty book; threads take turns."""

    def __init__(self, book: DutyBook) -> None:
        self._book = book
        self._turn = threading.Lock()
        self._open = OpenStates(book.hours)
        self._number_of: dict[SurroundingsKey, int] = {}
        self._keys: list[SurroundingsKey] = []
        # The periods of all surroundings, as (number, first day) in one integer, ascending.
        self._periods = np.empty(0, dtype=np.int64)
        self._new_periods: list[int] = []
        self._first = np.empty(0, dtype=np.int64)
        self._later: list[IntArray] = []
        self._few = True
        self._kinds: dict[int, int] = {}
        self._some_of_kind: list[str | None] = []
        self._shape = (0, 0, 0)
        self._entries = np.empty(0, dtype=np.int32)
        self.decisions = [UNLOCATED]
        self._numbers = {id(UNLOCATED): 0}

    def number(self, key: SurroundingsKey) -> int:
        """Return the number of surroundings."""
        with self._turn:
            number = self._number_of.get(key)
            if number is None:
                number = self._number_of[key] = len(self._keys)
                self._keys.append(key)
                first = number * _DAYS
                starts = self._book.periods(key.surroundings)
                self._new_periods += [first, *(first + day.toordinal() for day in starts)]
            return number

    def kinds(self, categories: Iterable[str | None]) -> IntArray:
        """Return the number of each category's kind; None: unknown category."""
        with self._turn:
            return np.array([self._kind(one) for one in categories], dtype=np.int64)

    def decide(
        self,
        number: IntArray,
        kind: IntArray,
        clock: MomentArray,
        valid_on: date | None = None,
    ) -> tuple[NDArray[np.int32], list[Decision]]:
        """Decide who answers for each case.

        Parameters
        ----------
        number : (n,) results of ``number``, -1 for cases that are not located
        kind : (n,) results of ``kinds``
        clock : (n,) datetime64[s], times of the reports in the bureau's time zone
        valid_on : judge dated facts on this day instead; hours stay those of the clock

        Returns
        -------
        (n,) positions in the list, and the list of decisions
        """
        seconds = clock.view(np.int64)
        days = seconds // 86_400
        minute = (seconds - days * 86_400) // 60
        days += date(1970, 1, 1).toordinal()
        dated = days if valid_on is None else np.full_like(days, valid_on.toordinal())
        with self._turn:
            if len(self.decisions) > _DECISIONS_KEPT:
                self._forget()
            located = np.flatnonzero(number >= 0)
            if len(located) == len(number):
                return self._decide(number, kind, dated, days, minute), self.decisions
            found = np.zeros(len(number), dtype=np.int32)
            some = (values[located] for values in (number, kind, dated, days, minute))
            found[located] = self._decide(*some)
            return found, self.decisions

    def _decide(
        self,
        number: IntArray,
        kind: IntArray,
        dated: IntArray,
        days: IntArray,
        minute: IntArray,
    ) -> NDArray[np.int32]:
        if not len(number):
            return np.empty(0, dtype=np.int32)
        self._take_in_keys()
        states = self._open.states(days, minute)
        period = self._period(number, dated)
        self._make_room()
        periods, n_states, n_kinds = self._shape
        key = (period * n_states + states) * n_kinds + kind
        if periods * n_states * n_kinds > _DENSE:
            # Too many to store an entry for each: those of these cases are found by sorting.
            asked, case = np.unique(key, return_inverse=True)
            return self._fill(asked)[case]
        found: NDArray[np.int32] = self._entries[key]
        todo = np.unique(key[found < 0])
        if len(todo):
            self._entries[todo] = self._fill(todo)
            found = self._entries[key]
        return found

    def _fill(self, keys: IntArray) -> NDArray[np.int32]:
        """Let the duty book decide entries; equal decisions share a number."""
        _, n_states, n_kinds = self._shape
        rest, kinds = np.divmod(keys, n_kinds)
        periods, states = np.divmod(rest, n_states)
        numbers, days = np.divmod(self._periods[periods], _DAYS)
        opened = [self._open.open_in(state) for state in range(len(self._open))]
        rows = zip(
            numbers.tolist(), days.tolist(), kinds.tolist(), states.tolist(), strict=True
        )
        with gc_paused():
            return np.array(
                [
                    self._judge(number, day, kind, opened[state])
                    for number, day, kind, state in rows
                ],
                dtype=np.int32,
            )

    def _judge(self, surroundings: int, day: int, kind: int, opened: frozenset[str]) -> int:
        decision = self._book.decide_at(
            self._keys[surroundings],
            self._some_of_kind[kind],
            # Before the first period there is no day of its own: any early day will do.
            date.fromordinal(max(day, 1)),
            partial(_is_among, opened),
        )
        number = self._numbers.get(id(decision))
        if number is None:
            number = self._numbers[id(decision)] = len(self.decisions)
            self.decisions.append(decision)
        return number

    def _kind(self, category: str | None) -> int:
        bits = self._book.index.kind(category)
        number = self._kinds.get(bits)
        if number is None:
            number = self._kinds[bits] = len(self._some_of_kind)
            self._some_of_kind.append(category)
        return number

    def _take_in_keys(self) -> None:
        if not self._new_periods:
            return
        self._periods = np.concatenate([self._periods, self._new_periods])
        self._new_periods = []
        self._first = np.flatnonzero(self._periods % _DAYS == 0)
        counts = np.diff(self._first, append=len(self._periods))
        # Column by column: the second, third … period of all surroundings that have so many.
        self._later = []
        for nth in range(1, min(int(counts.max()), _FEW)):
            begins = np.full(len(counts), _DAYS, dtype=np.int64)
            there = counts > nth
            begins[there] = self._periods[self._first[there] + nth] % _DAYS
            self._later.append(begins)
        self._few = int(counts.max()) <= _FEW

    def _period(self, number: IntArray, dated: IntArray) -> IntArray:
        """Return the period of each day, among the periods of all surroundings."""
        if not self._few:
            return np.searchsorted(self._periods, number * _DAYS + dated, side="right") - 1
        # A few array reads are several times faster than a search.
        period = self._first[number]
        for begins in self._later:
            period += begins[number] <= dated
        return period

    def _make_room(self) -> None:
        """Enlarge the array of entries for all existing periods, states and kinds."""
        wanted = (len(self._periods), len(self._open), len(self._some_of_kind))
        if all(has >= want for has, want in zip(self._shape, wanted, strict=True)):
            return
        before, old = self._shape, self._entries
        # Extra room, so that a few new surroundings do not move everything.
        periods = max(before[0], wanted[0] + wanted[0] // 4)
        self._shape = (periods, max(before[1], wanted[1]), max(before[2], wanted[2]))
        if np.prod(self._shape) > _DENSE:
            self._entries = np.empty(0, dtype=np.int32)
            return
        grown = np.full(self._shape, -1, dtype=np.int32)
        if len(old):
            grown[: before[0], : before[1], : before[2]] = old.reshape(before)
        self._entries = grown.reshape(-1)

    def _forget(self) -> None:
        # Callers that hold the list of an earlier batch keep it.
        self.decisions = [UNLOCATED]
        self._numbers = {id(UNLOCATED): 0}
        self._shape = (0, 0, 0)
        self._entries = np.empty(0, dtype=np.int32)


def _is_among(texts: frozenset[str], hours: Hours) -> bool:
    return hours.text in texts
