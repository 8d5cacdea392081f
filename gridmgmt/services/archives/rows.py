"""Rows of an archive: their positions, and rows that are not fully usable."""

import heapq
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import pyarrow

from gridmgmt.arrays import FloatArray
from gridmgmt.exchange.content.given_positions import GivenPositions
from gridmgmt.exchange.content.point_columns import why_no_position
from gridmgmt.exchange.tables.arrow_columns import Problems, cell_text, numbers
from gridmgmt.geometry.crs.crs import Datum
from gridmgmt.sentence import Sentence

# The number of rows named in a report; others are only counted.
NAMED = 1_000


@dataclass(frozen=True, order=True)
class BadRow:
    """A row that is not fully usable: its file, its number there (header = 1), and why."""

    file: str
    row: int
    reason: str


@dataclass(frozen=True)
class BadRows:
    """The number of rows that are not fully usable, and the first of them by file and row."""

    count: int = 0
    first: tuple[BadRow, ...] = ()

    @staticmethod
    def of(file: str, start: int, problems: Problems) -> "BadRows":
        """Return the bad rows of a batch that begins at row ``start`` of a file."""
        rows = (BadRow(file, start + i, reason) for i, reason in problems.items())
        # A broken archive has as many bad rows as rows: only the first travel between the
        # workers and fit into a report.
        return BadRows(len(problems), tuple(heapq.nsmallest(NAMED, rows)))

    @staticmethod
    def sum(parts: Iterable["BadRows"]) -> "BadRows":
        """Sum the bad rows of parts in any order."""
        given = list(parts)
        first = islice(heapq.merge(*(part.first for part in given)), NAMED)
        return BadRows(sum(part.count for part in given), tuple(first))


NONE_BAD = BadRows()


@dataclass(frozen=True, eq=False)
class ArchivePositions:
    """Positions of n rows in degrees, EPSG:4326, NaN for none.

    ``without`` counts rows that state no position, ``problems`` explains why other rows have
    none.
    """

    lon: FloatArray
    lat: FloatArray
    without: int
    problems: Problems


def positions(
    batch: pyarrow.RecordBatch, names: tuple[str, str], said: Datum | None
) -> ArchivePositions:
    """Read two columns as positions on Earth, by the same rules as `point_columns`."""
    given, without, problems = given_positions(batch, names, said, "")
    nowhere = given.nowhere()
    problems |= {int(i): given.why_nowhere(int(i)) for i in np.flatnonzero(nowhere)}
    given.x[nowhere], given.y[nowhere] = np.nan, np.nan
    lon, lat = given.lonlat()
    return ArchivePositions(lon, lat, without, problems)


def given_positions(
    batch: pyarrow.RecordBatch, names: tuple[str, str], said: Datum | None, path: Path | str
) -> tuple[GivenPositions, int, Problems]:
    """Read two columns as positions in their own datum.

    Returns
    -------
    the positions, NaN for none; how many rows state none; what is wrong with other rows
    """
    columns = [batch.column(name) for name in names]
    (x, no_x), (y, no_y) = (numbers(column) for column in columns)
    problems: Problems = {}
    without = no_x & no_y
    for i in np.flatnonzero(~(np.isfinite(x) & np.isfinite(y)) & ~without).tolist():
        # Numbers are read by whole columns; only a row that fails is read again as text, by the
        # function that makes the same sentence for tables.
        x_text, y_text = (cell_text(column, i) for column in columns)
        problems[i] = why_no_position(names, (x_text, y_text), said)
        x[i], y[i] = np.nan, np.nan
    given = GivenPositions(path, names, swap_remedy(names), x, y, said)
    return given, int(np.count_nonzero(without)), problems


def swap_remedy(names: tuple[str, str]) -> str:
    """Return the options that read the two columns in the other order."""
    return Sentence("swap them: --lon {} --lat {}", names[1], names[0])
