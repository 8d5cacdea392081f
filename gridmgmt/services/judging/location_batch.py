"""Locations of many cases as arrays; a Python object is only made on request."""

from collections.abc import Container, Sequence
from dataclasses import dataclass

import numpy as np

from gridmgmt.arrays import BoolArray, FloatArray, IntArray
from gridmgmt.domain.areas.area import Chain
from gridmgmt.domain.areas.surroundings import Surroundings


@dataclass(frozen=True, eq=False)
class Nearby:
    """What lies at each of n points: those of point i are ``items[offsets[i]:offsets[i + 1]]``.

    ``items`` are positions in ``codes``; ``metres`` are the distances.
    """

    codes: Sequence[str]
    offsets: IntArray
    items: IntArray
    metres: FloatArray

    @classmethod
    def of_points(
        cls, n: int, codes: Sequence[str], point: IntArray, item: IntArray, metres: FloatArray
    ) -> "Nearby":
        """Build it from (point, item, metres) side by side, ordered by point."""
        counts = np.bincount(point, minlength=n)
        return cls(codes, np.concatenate([[0], np.cumsum(counts)]), item, metres)

    @property
    def counts(self) -> IntArray:
        """Return how many there are at each point."""
        return np.diff(self.offsets)

    def at(self, points: IntArray) -> list[tuple[tuple[str, float], ...]]:
        """Return for each of some points what lies there as (code, metres), in order."""
        codes = [self.codes[item] for item in self.items.tolist()]
        everything = tuple(zip(codes, self.metres.tolist(), strict=True))
        ends = zip(
            self.offsets[points].tolist(), self.offsets[points + 1].tolist(), strict=True
        )
        return [everything[first:last] for first, last in ends]

    def sets(self) -> tuple[IntArray, list[tuple[str, ...]]]:
        """Return a number for each distinct sequence of codes; 0 is the empty one.

        Examples
        --------
        >>> offsets, items = np.array([0, 1, 1, 3, 4]), np.array([0, 1, 0, 0])
        >>> Nearby(["a", "b"], offsets, items, np.zeros(4)).sets()[0].tolist()
        [1, 0, 2, 1]
        """
        counts = self.counts
        number = np.zeros(len(counts), dtype=np.int64)
        found: list[tuple[str, ...]] = [()]
        for length in np.unique(counts[counts > 0]).tolist():
            points = np.flatnonzero(counts == length)
            rows = self.items[self.offsets[points][:, None] + np.arange(length)]
            # Column by column: sorting whole rows takes many times as long.
            key = rows[:, 0]
            for column in range(1, length):
                _, key = np.unique(key, return_inverse=True)
                key = key * len(self.codes) + rows[:, column]
            _, first, which = np.unique(key, return_index=True, return_inverse=True)
            number[points] = len(found) + which
            found += [tuple(self.codes[item] for item in row) for row in rows[first].tolist()]
        return number, found


@dataclass(frozen=True, eq=False)
class CategoryColumn:
    """The categories of n cases: ``codes[of[i]]``.

    Categories that are not ``known`` are not mapped.
    """

    codes: tuple[str, ...]
    of: IntArray
    known: Container[str]

    @classmethod
    def from_codes(cls, categories: Sequence[str], known: Container[str]) -> "CategoryColumn":
        """Build it from the category of each case.

        Examples
        --------
        >>> column = CategoryColumn.from_codes(["E2", "E1", "E2"], {"E1"})
        >>> column.codes, column.of.tolist()
        (('E2', 'E1'), [0, 1, 0])
        """
        number: dict[str, int] = {}
        of = [number.setdefault(code, len(number)) for code in categories]
        return cls(tuple(number), np.array(of, dtype=np.int64), known)


@dataclass(frozen=True, eq=False)
class SurroundingsBatch:
    """What lies at the positions of n cases.

    ``cell`` are positions in ``chains``, -1 where a case is not located; ``apart_m`` is as in
    ``Surroundings``.
    """

    chains: Sequence[Chain]
    cell: IntArray
    zones: Nearby
    road_segments: Nearby
    components: Nearby
    apart_m: FloatArray

    def at(self, points: IntArray) -> list[Surroundings]:
        """Return the locations of some cases, all of them located, as objects."""
        columns = (
            self.cell[points].tolist(),
            self.zones.at(points),
            self.road_segments.at(points),
            self.components.at(points),
            self.apart_m[points].tolist(),
        )
        return [
            Surroundings(
                self.chains[cell],
                tuple(code for code, _ in zones),
                segments,
                components,
                apart_m if components else 0.0,
            )
            for cell, zones, segments, components, apart_m in zip(*columns, strict=True)
        ]

    def each(self) -> list[Surroundings | None]:
        """Return the location of each case.

        Cases with only areas share one object for each cell.
        """
        cells, alone = np.unique(self.cell, return_inverse=True)
        # Most cases have only areas: one object for each cell instead of one for each case.
        plain = [
            None if cell < 0 else Surroundings(self.chains[cell]) for cell in cells.tolist()
        ]
        found = [plain[nth] for nth in alone.tolist()]
        more = np.flatnonzero(self.with_more & (self.cell >= 0))
        for i, surroundings in zip(more.tolist(), self.at(more), strict=True):
            found[i] = surroundings
        return found

    @property
    def with_more(self) -> BoolArray:
        """Return where there is more than areas."""
        counts = self.zones.counts + self.road_segments.counts + self.components.counts
        return counts > 0
