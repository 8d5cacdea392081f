"""Cases as columns: what figures are made of, one array for each property.

Texts are numbers of entries in lists beside the arrays (`Entries`), so that a condition on them
is a table to look up. Columns never change: `joined` and `without` make new ones.
"""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from threading import Lock
from typing import Any, Generic, NamedTuple, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from gridmgmt.arrays import BoolArray, IntArray
from gridmgmt.domain.cases.case import CaseMark, CaseStatus
from gridmgmt.geometry.compiled import compiled

T = TypeVar("T", bound=Hashable)

# Later than every instant a case may have: it did not happen, or there is no deadline.
NEVER = np.iinfo(np.int64).max
# Degrees times 1e7 where a case has no position.
NO_DEGREES = np.iinfo(np.int32).min
PER_DEGREE = 1e7

# A mark in columns only: the deadline is provisional.
PROVISIONAL = "due_provisional"
MARKS = (*CaseMark, PROVISIONAL)
PROVISIONAL_BIT = 1 << MARKS.index(PROVISIONAL)
STATUSES = tuple(CaseStatus)


class Place(NamedTuple):
    """Where cases lie under an edition: in a leaf area of it, or why in none.

    Without an ``edition`` they have no area, and ``code`` is the reason; with an edition but no
    ``code`` they have an area of another edition, but are in none of this one.
    """

    edition: int | None
    code: str | None

    @property
    def is_area(self) -> bool:
        """Return whether this is an area, not a reason why there is none."""
        return self.edition is not None and self.code is not None


class Answerer(NamedTuple):
    """Who answers for cases: the code of a responder, or the reason why there is none."""

    code: str | None
    reason: str | None


class Entries(Generic[T]):
    """A list of different values that only grows, and the number of each; threads may share it.

    Examples
    --------
    >>> known = Entries(["a"])
    >>> known.numbers(["b", "a", "b"]).tolist(), list(known)
    ([1, 0, 1], ['a', 'b'])
    """

    def __init__(self, values: Iterable[T] = ()) -> None:
        self._values = list(values)
        self._numbers = {value: number for number, value in enumerate(self._values)}
        self._turn = Lock()

    def __iter__(self) -> Iterator[T]:
        return iter(tuple(self._values))

    def __len__(self) -> int:
        return len(self._values)

    @property
    def version(self) -> Hashable:
        """Return what is equal for the same entries of the same list."""
        return self, len(self)

    def find(self, value: T) -> int | None:
        """Return the number of a value, None for one that is not in the list."""
        return self._numbers.get(value)

    def numbers(self, values: Iterable[T]) -> IntArray:
        """Return the (n,) numbers of values; new ones are added."""
        found = []
        for value in values:
            number = self._numbers.get(value)
            found.append(self._added(value) if number is None else number)
        return np.array(found, dtype=np.int64)

    def _added(self, value: T) -> int:
        with self._turn:
            if value not in self._numbers:
                self._values.append(value)
                self._numbers[value] = len(self._values) - 1
            return self._numbers[value]


class FixedEntries(Entries[T]):
    """The entries of a list as it is now: what is added to the list later is not among them.

    Tables of one question are made one after the other, while other threads add entries.

    Examples
    --------
    >>> known = Entries(["a"])
    >>> fixed = FixedEntries(known)
    >>> known.numbers(["b"]).tolist(), fixed.find("b"), len(fixed), list(fixed)
    ([1], None, 1, ['a'])
    """

    def __init__(self, of: Entries[T]) -> None:
        # No copies: a city may have a hundred thousand places, and every question has this.
        self._of, self._values, self._numbers = of, of._values, of._numbers
        self._length = len(of)

    def __iter__(self) -> Iterator[T]:
        return iter(self._values[: self._length])

    def __len__(self) -> int:
        return self._length

    @property
    def version(self) -> Hashable:
        """Return what is equal for the same entries of the same list."""
        return self._of, self._length

    def find(self, value: T) -> int | None:
        """Return the number of a value, None for one that was not in the list."""
        number = self._numbers.get(value)
        return None if number is None or number >= self._length else number

    def _added(self, value: T) -> int:
        message = f"{value!r} is not among these entries, and none can be added"
        raise TypeError(message)


@dataclass(frozen=True, slots=True)
class CaseEntries:
    """The values that numbers in columns stand for."""

    places: Entries[Place]
    answerers: Entries[Answerer]
    categories: Entries[str]
    channels: Entries[str | None]

    @classmethod
    def none(cls) -> Self:
        """Return empty lists."""
        return cls(Entries(), Entries(), Entries(), Entries())

    def fixed(self) -> Self:
        """Return the lists as they are now."""
        return replace(
            self,
            places=FixedEntries(self.places),
            answerers=FixedEntries(self.answerers),
            categories=FixedEntries(self.categories),
            channels=FixedEntries(self.channels),
        )


@dataclass(frozen=True, slots=True)
class CaseColumns:
    """Cases in the order of their reports: 55 bytes each, and 8 for their key.

    Parameters
    ----------
    key : (n,) a hash of the case number; no two cases may have the same
    reported, due, done, closed : (n,) microseconds since 1970 UTC, `NEVER` for none; a case is
        done when it was disposed of or, if that was not recorded, closed
    place, answerer, category, channel : (n,) numbers of `CaseEntries`; the place is the area
        into which the case was judged
    marks : (n,) a bit for each of `MARKS`
    status : (n,) positions in `STATUSES`
    lon, lat : (n,) degrees times `PER_DEGREE`, `NO_DEGREES` for none
    moved_edition, moved_row, moved_place : (m,) editions under which a case lies in another
        place than ``place``, by edition and row
    """

    key: NDArray[np.int64]
    reported: NDArray[np.int64]
    due: NDArray[np.int64]
    done: NDArray[np.int64]
    closed: NDArray[np.int64]
    place: NDArray[np.int32]
    answerer: NDArray[np.int32]
    category: NDArray[np.int16]
    channel: NDArray[np.int16]
    marks: NDArray[np.uint16]
    status: NDArray[np.uint8]
    lon: NDArray[np.int32]
    lat: NDArray[np.int32]
    moved_edition: NDArray[np.int32]
    moved_row: NDArray[np.int64]
    moved_place: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.key)

    @classmethod
    def empty(cls) -> Self:
        """Return columns without cases."""
        return cls(**{name: np.zeros(0, dtype=kind) for name, kind in KINDS.items()})

    def rows(self, wanted: IntArray) -> Self:
        """Return some rows, given in ascending order."""
        of = np.searchsorted(wanted, self.moved_row)
        of[of == len(wanted)] = 0
        here = wanted[of] == self.moved_row if len(wanted) else np.zeros(len(of), dtype=bool)
        return replace(
            self,
            **{name: getattr(self, name)[wanted] for name in OF_CASES},
            moved_edition=self.moved_edition[here],
            moved_row=of[here],
            moved_place=self.moved_place[here],
        )

    def place_under(self, edition: int | None) -> NDArray[np.int32]:
        """Return the (n,) places of all cases under an edition."""
        start, stop = np.searchsorted(self.moved_edition, [edition or 0, (edition or 0) + 1])
        if edition is None or start == stop:
            return self.place
        there = self.place.copy()
        there[self.moved_row[start:stop]] = self.moved_place[start:stop]
        return there


_TYPES: dict[np.dtype[Any], tuple[str, ...]] = {
    np.dtype(np.int64): ("key", "reported", "due", "done", "closed", "moved_row"),
    np.dtype(np.int32): ("place", "answerer", "lon", "lat", "moved_edition", "moved_place"),
    np.dtype(np.int16): ("category", "channel"),
    np.dtype(np.uint16): ("marks",),
    np.dtype(np.uint8): ("status",),
}
KINDS: dict[str, np.dtype[Any]] = {
    name: kind for kind, names in _TYPES.items() for name in names
}
OF_CASES = tuple(name for name in KINDS if not name.startswith("moved_"))


def ordered(columns: CaseColumns) -> CaseColumns:
    """Bring cases into the order of their reports, and their other places into theirs."""
    order = np.argsort(columns.reported, kind="stable")
    at = np.empty_like(order)
    at[order] = np.arange(len(order))
    moved_row = at[columns.moved_row]
    moved = np.lexsort((moved_row, columns.moved_edition))
    return replace(
        columns,
        **{name: np.ascontiguousarray(getattr(columns, name)[order]) for name in OF_CASES},
        moved_edition=columns.moved_edition[moved],
        moved_row=moved_row[moved],
        moved_place=columns.moved_place[moved],
    )


def with_moved(
    columns: CaseColumns,
    editions: NDArray[np.int32],
    rows: IntArray,
    places: IntArray,
) -> CaseColumns:
    """Add (m,) other places of cases: under which edition, of which row, where."""
    order = np.lexsort((rows, editions))
    return replace(
        columns,
        moved_edition=editions[order].astype(KINDS["moved_edition"]),
        moved_row=rows[order].astype(KINDS["moved_row"]),
        moved_place=places[order].astype(KINDS["moved_place"]),
    )


def joined(parts: Sequence[CaseColumns]) -> CaseColumns:
    """Return the cases of several columns; none may be in two of them."""
    starts = np.cumsum([0, *(len(one) for one in parts)])
    arrays = {
        name: np.concatenate([getattr(one, name) for one in parts])
        for name in KINDS
        if name != "moved_row"
    }
    rows = [one.moved_row + start for one, start in zip(parts, starts, strict=False)]
    return ordered(CaseColumns(**arrays, moved_row=np.concatenate(rows)))


def without(columns: CaseColumns, rows: IntArray) -> CaseColumns:
    """Return the cases except those in some rows, given in ascending order."""
    left = np.ones(len(columns), dtype=bool)
    left[rows] = False
    return columns.rows(np.flatnonzero(left))


def rows_of(columns: CaseColumns, keys: IntArray) -> IntArray:
    """Return in which rows cases are, in ascending order; unknown keys are in none."""
    wanted = np.unique(keys)
    # Most keys are sorted out by their last bits, in a table that the processor keeps at hand.
    hints = np.zeros(1 << 16, dtype=np.bool_)
    hints[wanted & 0xFFFF] = True
    return _rows_of(columns.key, wanted, hints)


@compiled
def _rows_of(key: IntArray, wanted: IntArray, hints: BoolArray) -> IntArray:
    found = np.empty(len(wanted), dtype=np.int64)
    count = 0
    for row in range(len(key)):
        if hints[key[row] & 0xFFFF]:
            at = np.searchsorted(wanted, key[row])
            if at < len(wanted) and wanted[at] == key[row]:
                found[count] = row
                count += 1
    return found[:count]
