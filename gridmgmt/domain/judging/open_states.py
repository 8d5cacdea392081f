"""Find which of many duty hours are open at each of many minutes, by array reads."""

from collections.abc import Sequence
from datetime import date, datetime

import numpy as np
from numpy.typing import NDArray

from gridmgmt.arrays import IntArray
from gridmgmt.domain.judging.hours import parse_hours

_MINUTES = 1440

# The course of a day: what is open at its beginning, and what changes at which minute.
_Course = tuple[int, tuple[tuple[int, int], ...]]


class OpenStates:
    """Numbers every combination of open and closed hours that occurs.

    Each day is examined once. Days with the same course, like most Mondays, share one row of
    minutes.

    Parameters
    ----------
    texts : the duty hours, each once
    """

    def __init__(self, texts: Sequence[str]) -> None:
        self._hours = [parse_hours(text) for text in texts]
        # A combination is stored as a number whose bit i is set if hours i are open.
        self._states: dict[int, int] = {}
        self._courses: dict[_Course, int] = {}
        self._course_of: dict[int, int] = {}
        self._rows = np.empty((0, _MINUTES), dtype=np.int32)

    def __len__(self) -> int:
        return len(self._states)

    def states(self, day: IntArray, minute: IntArray) -> IntArray:
        """Return the number of the combination at each minute.

        Parameters
        ----------
        day : (n,) proleptic ordinals, as in ``date.toordinal``
        minute : (n,) of the day, 0 to 1439

        Returns
        -------
        (n,) numbers, which ``open_in`` decodes
        """
        if not len(day):
            return np.empty(0, dtype=np.int64)
        first = int(day.min())
        met = np.zeros(int(day.max()) - first + 1, dtype=np.bool_)
        met[day - first] = True
        days = (np.flatnonzero(met) + first).tolist()
        self._look_at([one for one in days if one not in self._course_of])
        course = np.zeros(len(met), dtype=np.int64)
        course[met] = [self._course_of[one] for one in days]
        found: IntArray = self._rows[course[day - first], minute].astype(np.int64)
        return found

    def open_in(self, state: int) -> frozenset[str]:
        """Return the hours that are open in a combination."""
        bits = list(self._states)[state]
        return frozenset(hours.text for nth, hours in enumerate(self._hours) if bits >> nth & 1)

    def _look_at(self, days: Sequence[int]) -> None:
        """Learn the course of days, for each stretch of consecutive days."""
        begin = 0
        for end in range(1, len(days) + 1):
            if end == len(days) or days[end] != days[end - 1] + 1:
                self._learn(days[begin], end - begin)
                begin = end

    def _learn(self, first: int, days: int) -> None:
        at_start = [0] * (days + 1)
        changes: list[dict[int, int]] = [{} for _ in range(days + 1)]
        start = datetime.combine(date.fromordinal(first), datetime.min.time())
        for nth, hours in enumerate(self._hours):
            bit = 1 << nth
            for begin, end in hours.open_spans(start, days):
                from_day, from_minute = _position(begin, first)
                to_day, to_minute = _position(end, first)
                for moved, minute in ((from_day, from_minute), (to_day, to_minute)):
                    changes[moved][minute] = changes[moved].get(minute, 0) ^ bit
                for inside in range(from_day + 1, to_day + 1):
                    at_start[inside] |= bit
        for nth in range(days):
            course = (at_start[nth], tuple(sorted(changes[nth].items())))
            if course not in self._courses:
                self._courses[course] = len(self._courses)
                self._rows = np.vstack([self._rows, self._row(course)])
            self._course_of[first + nth] = self._courses[course]

    def _row(self, course: _Course) -> NDArray[np.int32]:
        bits, changes = course
        row = np.empty(_MINUTES, dtype=np.int32)
        begin = 0
        for minute, changed in changes:
            if minute > begin:
                row[begin:minute] = self._number(bits)
            begin, bits = minute, bits ^ changed
        row[begin:] = self._number(bits)
        return row

    def _number(self, bits: int) -> int:
        return self._states.setdefault(bits, len(self._states))


def _position(at: datetime, first: int) -> tuple[int, int]:
    return at.toordinal() - first, at.hour * 60 + at.minute
