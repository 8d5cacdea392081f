"""Convert the positions of cases of a file to lon/lat, and separate impossible ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gridmgmt.arrays import FloatArray
from gridmgmt.exchange.content.case_files import CaseFile, CaseRow
from gridmgmt.exchange.content.given_positions import GivenPositions, PositionReading
from gridmgmt.exchange.tables.tables import Rejected
from gridmgmt.geometry.crs.crs import Datum


@dataclass(frozen=True)
class CasePositions:
    """The usable rows with their positions, as given and in lon/lat degrees, NaN for none.

    ``everything`` are the given positions of all readable rows, also those not on Earth.
    ``rejected`` are the rows with such positions, and the invalid rows of the file.
    """

    rows: list[CaseRow]
    given: GivenPositions
    lon: FloatArray
    lat: FloatArray
    rejected: list[Rejected]
    everything: GivenPositions

    @property
    def reading(self) -> PositionReading:
        """Return how the positions are read."""
        return self.given.reading


def read_positions(file: CaseFile, datum: Datum | None, path: Path | str) -> CasePositions:
    """Convert the given positions to lon/lat; rows with a position not on Earth are rejected.

    Parameters
    ----------
    datum : the datum of ``--crs``; None means WGS 84 in degrees
    """
    everything = _given(file, file.rows, datum, path)
    nowhere = everything.nowhere()
    rejected = _invalid(file, datum, path)
    # Nearly every file ends here; the columns need not be built a second time.
    if not nowhere.any():
        return CasePositions(file.rows, everything, *everything.lonlat(), rejected, everything)
    rejected += [
        file.reject(file.rows[i], everything.why_nowhere(i))
        for i in np.flatnonzero(nowhere).tolist()
    ]
    # Rows without the impossible ones are imported; all of them stay in `everything`, because
    # impossible positions are the clearest sign of swapped axes or of another datum.
    rows = [row for row, unfit in zip(file.rows, nowhere, strict=True) if not unfit]
    given = _given(file, rows, datum, path)
    return CasePositions(rows, given, *given.lonlat(), rejected, everything)


def _invalid(file: CaseFile, datum: Datum | None, path: Path | str) -> list[Rejected]:
    """Reject the invalid rows, with what is wrong with their positions beside the rest."""
    pairs = [file.coordinates(row) for row in file.invalid]
    x, y = np.array(pairs, np.float64).reshape(-1, 2).T
    given = _positions(file, x, y, datum, path)
    return [
        file.reject(row, *row.problems, *([given.why_nowhere(i)] if nowhere else []))
        for i, (row, nowhere) in enumerate(zip(file.invalid, given.nowhere(), strict=True))
    ]


def _given(
    file: CaseFile, rows: Sequence[CaseRow], datum: Datum | None, path: Path | str
) -> GivenPositions:
    x = np.array([np.nan if row.case.x is None else row.case.x for row in rows], np.float64)
    y = np.array([np.nan if row.case.y is None else row.case.y for row in rows], np.float64)
    return _positions(file, x, y, datum, path)


def _positions(
    file: CaseFile, x: FloatArray, y: FloatArray, datum: Datum | None, path: Path | str
) -> GivenPositions:
    lon, lat = file.columns["lon"], file.columns["lat"]
    return GivenPositions(
        path=path,
        columns=("lon", "lat"),
        swap=f"--map lon={lat},lat={lon}",
        x=x,
        y=y,
        said=datum,
    )
