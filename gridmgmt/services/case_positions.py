"""Positions of a file of cases: turned into lon/lat, and what looks wrong with all of them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from gridmgmt.exchange.tables import Rejected
from gridmgmt.geometry.arrays import FloatArray, IntArray
from gridmgmt.geometry.crs import Datum
from gridmgmt.services.case_files import CaseFile, CaseRow
from gridmgmt.services.case_locating import CaseLocator
from gridmgmt.services.given_positions import GivenPositions

# A coordinate is suspicious when more rows than both of these share it.
HEAP_ROWS = 200
HEAP_SHARE = 0.01


@dataclass(frozen=True)
class Heap:
    """A coordinate that suspiciously many rows share, as given."""

    x: float
    y: float
    rows: int


@dataclass(frozen=True)
class Positions:
    """The usable rows with their positions in lon/lat degrees, NaN where there is none.

    ``editions`` are those in force when the cases were reported.
    """

    rows: list[CaseRow]
    lon: FloatArray
    lat: FloatArray
    editions: IntArray
    rejected: list[Rejected]
    heaps: list[Heap]
    warnings: list[str] = field(default_factory=list)


def read_positions(
    file: CaseFile, locator: CaseLocator, datum: Datum | None, path: Path | str
) -> Positions:
    """Turn the given positions into lon/lat, setting aside rows that have none on Earth.

    Parameters
    ----------
    datum : what ``--crs`` said; None is taken as WGS 84 in degrees, and said so

    Raises
    ------
    CRSError
        when the numbers of the file cannot be what they are said to be, or the axes are swapped
    """
    everything = _given(file, file.rows, datum, path)
    everything.refuse_other_numbers()
    nowhere = everything.nowhere()
    rejected = [
        file.reject(file.rows[i], everything.why_nowhere(int(i)))
        for i in np.flatnonzero(nowhere)
    ]
    rows = [row for row, unfit in zip(file.rows, nowhere, strict=True) if not unfit]
    given = _given(file, rows, datum, path)
    lon, lat = given.lonlat()
    editions = locator.editions_of([row.case.reported_at for row in rows])
    warnings = given.doubts(lambda lon, lat: locator.share_inside(editions, lon, lat))
    heaps = _heaps(given.x, given.y, len(file.table))
    return Positions(rows, lon, lat, editions, rejected, heaps, warnings)


def _given(
    file: CaseFile, rows: Sequence[CaseRow], datum: Datum | None, path: Path | str
) -> GivenPositions:
    lon, lat = file.columns["lon"], file.columns["lat"]
    return GivenPositions(
        path=path,
        columns=("lon", "lat"),
        swap=f"--map lon={lat},lat={lon}",
        x=np.array([np.nan if row.case.x is None else row.case.x for row in rows], np.float64),
        y=np.array([np.nan if row.case.y is None else row.case.y for row in rows], np.float64),
        said=datum,
    )


def _heaps(x: FloatArray, y: FloatArray, rows: int) -> list[Heap]:
    given = np.isfinite(x)
    counts = Counter(zip(x[given].tolist(), y[given].tolist(), strict=True))
    limit = max(HEAP_ROWS, HEAP_SHARE * rows)
    return [Heap(x, y, n) for (x, y), n in counts.most_common() if n > limit]
