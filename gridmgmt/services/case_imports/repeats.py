"""Case numbers and coordinates that come again and again in one file, however long it is.

Going through a file the first time, 64 bits are kept of each; only what has the same 64 bits as
another is looked at the second time, exactly.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gridmgmt.arrays import FloatArray, IntArray
from gridmgmt.domain.cases.case import GivenCase, differing_fields
from gridmgmt.exchange.content.case_files import CaseFile, CaseRow
from gridmgmt.exchange.tables.tables import Rejected

# A coordinate is suspicious when more rows than both of these share it.
HEAP_ROWS = 200
HEAP_SHARE = 0.01

# Odd numbers whose bits look random.
_MIX_X = np.uint64(0x9E3779B97F4A7C15)
_MIX_Y = np.uint64(0xC2B2AE3D27D4EB4F)


@dataclass(frozen=True)
class Repeats:
    """Numbers that stand in a file more than once.

    ``numbers`` = how many such numbers, ``differing`` of them with rows of other content;
    ``identical_rows`` and ``differing_rows`` count the rows after the first.
    """

    numbers: int = 0
    differing: int = 0
    identical_rows: int = 0
    differing_rows: int = 0


@dataclass(frozen=True)
class Heap:
    """A coordinate that suspiciously many rows share, as given."""

    x: float
    y: float
    rows: int


class Digests:
    """64 bits of each of many values, and which of them come more than so many times."""

    def __init__(self) -> None:
        self._parts: list[IntArray] = []

    def add(self, digests: IntArray) -> None:
        """Take in the next values."""
        self._parts.append(digests)

    def more_than(self, times: float) -> IntArray:
        """Give what comes more than so many times, ascending, and forget the rest."""
        everything = np.concatenate([*self._parts, np.array([], dtype=np.int64)])
        self._parts.clear()
        everything.sort()
        first = np.flatnonzero(
            np.r_[True, everything[1:] != everything[:-1]][: len(everything)]
        )
        counts = np.diff(np.r_[first, len(everything)])
        found: IntArray = everything[first[counts > times]]
        return found


def number_digests(rows: Sequence[CaseRow]) -> IntArray:
    """Give 64 bits of each case number; they mean nothing to another process."""
    return np.fromiter((hash(row.case.case_no) for row in rows), np.int64, len(rows))


def position_digests(x: FloatArray, y: FloatArray) -> IntArray:
    """Give 64 bits of each coordinate; -0 and 0 are one number."""
    bits = [(values + 0.0).view(np.uint64) for values in (x, y)]
    mixed = bits[0] * _MIX_X ^ (bits[1] * _MIX_Y >> np.uint64(29)) ^ (bits[1] * _MIX_Y)
    digests: IntArray = mixed.view(np.int64)
    return digests


class FirstOfEach:
    """Keeps the first readable row of every case number, piece by piece.

    A later row that says the same in every field is left out and counted; one that differs is
    rejected with the names of the fields.
    """

    def __init__(self, repeated: IntArray) -> None:
        self._repeated = repeated
        self._first: dict[str, tuple[GivenCase, int]] = {}
        self._numbers: set[str] = set()
        self._differing: set[str] = set()
        self._identical_rows = 0
        self._differing_rows = 0

    @property
    def repeats(self) -> Repeats:
        """What was found so far."""
        return Repeats(
            len(self._numbers),
            len(self._differing),
            self._identical_rows,
            self._differing_rows,
        )

    def of(self, file: CaseFile, rows: Sequence[CaseRow]) -> tuple[list[int], list[Rejected]]:
        """Give the positions of the rows that are kept, and the others that are rejected."""
        if not len(self._repeated):
            return list(range(len(rows))), []
        suspect = np.isin(number_digests(rows), self._repeated).tolist()
        kept, rejected = [], []
        for i, row in enumerate(rows):
            if not suspect[i] or self._is_first(file, row):
                kept.append(i)
            elif differing := self._differences(file, row):
                rejected.append(self._reject(file, row, differing))
        return kept, rejected

    def _is_first(self, file: CaseFile, row: CaseRow) -> bool:
        here = row.case, file.number(row)
        return self._first.setdefault(row.case.case_no, here) is here

    def _differences(self, file: CaseFile, row: CaseRow) -> tuple[str, ...]:
        case_no = row.case.case_no
        self._numbers.add(case_no)
        differing = differing_fields(self._first[case_no][0], row.case, file.fields)
        if differing:
            self._differing.add(case_no)
            self._differing_rows += 1
        else:
            self._identical_rows += 1
        return differing

    def _reject(self, file: CaseFile, row: CaseRow, differing: Sequence[str]) -> Rejected:
        case_no = row.case.case_no
        reason = (
            f"case_no {case_no} stands in row {self._first[case_no][1]} already and differs in "
            f"{', '.join(differing)}"
        )
        return file.reject(row, reason)


class HeapCounter:
    """Counts the coordinates that may be heaps, piece by piece."""

    def __init__(self, often: IntArray, limit: float) -> None:
        self._often = often
        self._limit = limit
        self._counts: Counter[tuple[float, float]] = Counter()

    def add(self, x: FloatArray, y: FloatArray) -> None:
        """Count the coordinates of a piece; NaN where there is none."""
        if len(self._often):
            at = np.isfinite(x) & np.isin(position_digests(x, y), self._often)
            self._counts.update(zip(x[at].tolist(), y[at].tolist(), strict=True))

    def heaps(self) -> list[Heap]:
        """Give the heaps, the largest first."""
        counted = self._counts.most_common()
        return [Heap(x, y, n) for (x, y), n in counted if n > self._limit]


def heap_limit(rows: int) -> float:
    """Say above how many rows a coordinate of a file of so many rows is a heap."""
    return max(HEAP_ROWS, HEAP_SHARE * rows)
