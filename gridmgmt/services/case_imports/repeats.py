"""Find case numbers and coordinates that repeat within one file of any length.

In the first reading, 64 bits of each are kept. Only values whose 64 bits repeat are compared
exactly in the second reading.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from gridmgmt.arrays import FloatArray, IntArray
from gridmgmt.domain.cases.case import GivenCase, differing_fields
from gridmgmt.domain.cases.default_position import LonLat, written
from gridmgmt.exchange.content.case_files import CaseFile, CaseRow
from gridmgmt.exchange.tables.tables import Rejected
from gridmgmt.sentence import Sentence
from gridmgmt.services.case_imports.positions import CasePositions

# A coordinate is suspicious if so many cases of a file have it, and this share of them.
# A geocoder that does not find an address often answers with one default position for all.
HEAP_CASES = 100
HEAP_SHARE = 0.01

# Different addresses of a heap are counted up to here, and so many of them are shown.
MOST_ADDRESSES = 1_000
EXAMPLES = 5

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
    """A coordinate that suspiciously many cases of a file share.

    ``x``, ``y`` are as given; ``lon``, ``lat`` are degrees, EPSG:4326. ``addresses`` is the
    number of different addresses there, at most ``MOST_ADDRESSES``; 0 if the file has none.
    ``examples`` are some of them: personal data. ``is_accepted``: it is a default position
    already.
    """

    x: float
    y: float
    lon: float
    lat: float
    rows: int
    addresses: int = 0
    examples: tuple[str, ...] = ()
    is_accepted: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return the facts as JSON, without the addresses."""
        return {name: value for name, value in asdict(self).items() if name != "examples"}

    def said(self) -> Sentence:
        """Return what a person should check."""
        # All digits, since the coordinate is shared to the last one.
        where = f"{self.x!r} {self.y!r}"
        if not self.addresses:
            return Sentence(
                "{} cases share the coordinate {} to the last digit: most likely a geocoder's "
                "default, not where they happened",
                f"{self.rows:,}",
                where,
            )
        more = "+" if self.addresses == MOST_ADDRESSES else ""
        return Sentence(
            "{} cases with {} different addresses share the coordinate {} to the last digit: "
            "most likely a geocoder's default, not where they happened",
            f"{self.rows:,}",
            f"{self.addresses:,}{more}",
            where,
        )

    @property
    def remedy(self) -> Sentence:
        """Return how to accept it as a default position."""
        return Sentence(
            "to accept it as a default coordinate: gridmgmt case default accept {} --commit",
            written((self.lon, self.lat)),
        )


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


# x, y, lon and lat of a position.
_Place = tuple[float, float, float, float]


class HeapCounter:
    """Counts the coordinates that may be heaps, chunk by chunk.

    Many cases at one place that all have the same address are no heap: that is where they
    happened.

    Parameters
    ----------
    often : digests of the coordinates that may be heaps
    least : how many cases make a heap, as `heap_least` says
    """

    def __init__(self, often: IntArray, least: int) -> None:
        self._often = often
        self._least = least
        self._counts: Counter[_Place] = Counter()
        self._addresses: defaultdict[_Place, dict[str, None]] = defaultdict(dict)

    def add(self, positions: CasePositions, kept: Sequence[int]) -> None:
        """Count the positions of a chunk; ``kept`` are its cases, each counted once."""
        if not len(self._often):
            return
        given = positions.given
        at = np.isfinite(given.x) & np.isin(position_digests(given.x, given.y), self._often)
        wanted = np.array(kept, dtype=np.int64)
        wanted = wanted[at[wanted]]
        columns = (given.x, given.y, positions.lon, positions.lat)
        x, y, lon, lat = (column[wanted].tolist() for column in columns)
        keys: list[_Place] = list(zip(x, y, lon, lat, strict=True))
        self._counts.update(keys)
        for key, i in zip(keys, wanted.tolist(), strict=True):
            address = positions.rows[i].case.address
            seen = self._addresses[key]
            if address is not None and len(seen) < MOST_ADDRESSES:
                seen[" ".join(address.split())] = None

    def heaps(self, accepted: Collection[LonLat]) -> list[Heap]:
        """Return the heaps, the largest first; ``accepted`` are the default positions."""
        return [
            Heap(
                *key,
                rows=n,
                addresses=len(seen),
                examples=tuple(seen)[:EXAMPLES],
                is_accepted=key[2:] in accepted,
            )
            for key, n in self._counts.most_common()
            if n >= self._least and len(seen := self._addresses[key]) != 1
        ]


def heap_least(rows: int) -> int:
    """Return how many cases at a coordinate make it a heap, in a file of this length.

    Examples
    --------
    >>> heap_least(500), heap_least(10_000), heap_least(10_001)
    (100, 100, 101)
    """
    return max(HEAP_CASES, math.ceil(rows * HEAP_SHARE))
