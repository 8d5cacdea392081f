"""Find case numbers and coordinates that repeat within one file of any length.

In the first reading, 64 bits of each are kept. Only values whose 64 bits repeat are compared
exactly in the second reading.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gridmgmt.arrays import FloatArray, IntArray
from gridmgmt.domain.cases.case import GivenCase, differing_fields
from gridmgmt.exchange.content.case_files import CaseFile, CaseRow
from gridmgmt.exchange.tables.tables import Rejected
from gridmgmt.sentence import Sentence

# A coordinate is suspicious if more rows than both of these share it.
# A geocoder that does not find an address often answers with one default position for all.
HEAP_ROWS = 200
HEAP_SHARE = 0.01

# Odd numbers with random-looking bits.
_MIX_X = np.uint64(0x9E3779B97F4A7C15)
_MIX_Y = np.uint64(0xC2B2AE3D27D4EB4F)


@dataclass(frozen=True)
class Repeats:
    """Case numbers that appear several times in a file.

    ``numbers`` is how many such numbers there are, and ``differing`` how many of these have
    rows with different content. ``identical_rows`` and ``differing_rows`` count the rows after
    the first.
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
    """64 bits of each of many values, to find those that appear more than a number of times."""

    def __init__(self) -> None:
        self._parts: list[IntArray] = []

    def add(self, digests: IntArray) -> None:
        """Add the next values."""
        self._parts.append(digests)

    def more_than(self, times: float) -> IntArray:
        """Return the values that appear more often, ascending, and forget the others."""
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
    """Return 64 bits of each case number; other processes would get other bits."""
    return np.fromiter((hash(row.case.case_no) for row in rows), np.int64, len(rows))


def position_digests(x: FloatArray, y: FloatArray) -> IntArray:
    """Return 64 bits of each coordinate; -0 and 0 are equal."""
    bits = [(values + 0.0).view(np.uint64) for values in (x, y)]
    mixed = bits[0] * _MIX_X ^ (bits[1] * _MIX_Y >> np.uint64(29)) ^ (bits[1] * _MIX_Y)
    digests: IntArray = mixed.view(np.int64)
    return digests


class FirstOfEach:
    """Keeps the first readable row of every case number, chunk by chunk.

    A later row with equal values in every field is left out and counted. A later row that
    differs is rejected with the names of the differing fields.
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
        """Return what was found so far."""
        return Repeats(
            len(self._numbers),
            len(self._differing),
            self._identical_rows,
            self._differing_rows,
        )

    def of(self, file: CaseFile, rows: Sequence[CaseRow]) -> tuple[list[int], list[Rejected]]:
        """Return the positions of the kept rows, and the rejected rows."""
        if not len(self._repeated):
            return list(range(len(rows))), []
        suspect = np.isin(number_digests(rows), self._repeated).tolist()
        kept, rejected = [], []
        for i, row in enumerate(rows):
            if not suspect[i] or self._is_first(file, row):
                kept.append(i)
            elif differing := self._differences(file, row):
                # Rejected and not merged: nobody can tell from the file which of the two rows
                # is right.
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
        return file.reject(
            row,
            Sentence(
                "case_no {} appears in row {} already and differs in {}",
                case_no,
                self._first[case_no][1],
                ", ".join(differing),
            ),
        )


class HeapCounter:
    """Counts the coordinates that may be heaps, chunk by chunk."""

    def __init__(self, often: IntArray, limit: float) -> None:
        self._often = often
        self._limit = limit
        self._counts: Counter[tuple[float, float]] = Counter()

    def add(self, x: FloatArray, y: FloatArray) -> None:
        """Count the coordinates of a chunk; NaN where a row has none."""
        if len(self._often):
            at = np.isfinite(x) & np.isin(position_digests(x, y), self._often)
            self._counts.update(zip(x[at].tolist(), y[at].tolist(), strict=True))

    def heaps(self) -> list[Heap]:
        """Return the heaps, the largest first."""
        counted = self._counts.most_common()
        return [Heap(x, y, n) for (x, y), n in counted if n > self._limit]


def heap_limit(rows: int) -> float:
    """Return above how many rows a coordinate is a heap, in a file of this length."""
    return max(HEAP_ROWS, HEAP_SHARE * rows)
