"""Positions of a file of cases: turned into lon/lat, and what looks wrong with all of them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from gridmgmt.errors import CRSError
from gridmgmt.exchange.tables import Rejected
from gridmgmt.geometry.arrays import BoolArray, FloatArray, IntArray
from gridmgmt.geometry.china_datum import gcj02_to_wgs84
from gridmgmt.geometry.crs import WGS84, Datum, looks_projected, looks_swapped, to_lonlat
from gridmgmt.services.case_files import CaseFile, CaseRow
from gridmgmt.services.case_locating import CaseLocator

# A coordinate is suspicious when more rows than both of these share it.
HEAP_ROWS = 200
HEAP_SHARE = 0.01

# Below this share of positions inside an area, something is wrong with the file as a whole.
_FEW = 0.1


@dataclass(frozen=True)
class Heap:
    """A coordinate that suspiciously many rows share, as given."""

    x: float
    y: float
    rows: int


@dataclass(frozen=True)
class Positions:
    """The usable rows with their positions in lon/lat degrees, NaN where there is none.

    ``editions`` are those in force when the cases were reported. ``share_inside`` is NaN where
    nothing could be compared.
    """

    rows: list[CaseRow]
    lon: FloatArray
    lat: FloatArray
    editions: IntArray
    rejected: list[Rejected]
    share_inside: float
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
        when the file as a whole is in metres or has its axes swapped
    """
    x, y = _given(file.rows)
    chosen = datum or WGS84
    if chosen.is_lonlat_degrees:
        _refuse_metres(path, x, y, chosen)
        if looks_swapped(x, y):
            raise _swapped(path, file, "the latitudes are beyond 90 degrees")
    on_earth, rejected = _on_earth(file, x, y, chosen)
    rows = [row for row, fit in zip(file.rows, on_earth, strict=True) if fit]
    x, y = x[on_earth], y[on_earth]
    lon, lat = to_lonlat(x, y, chosen)
    editions = locator.editions_of([row.case.reported_at for row in rows])
    share = locator.share_inside(editions, lon, lat)
    if share < 0.5 and chosen.is_lonlat_degrees:
        swapped = _share_swapped(locator, editions, x, y, chosen)
        if swapped > 0.5:
            told = f"{share:.0%} of them lie in an area as given, {swapped:.0%} when swapped"
            raise _swapped(path, file, told)
    warnings = _datum_warnings(locator, editions, (lon, lat), datum, share)
    if share < _FEW:
        warnings.append(
            f"{1 - share:.0%} of the positions lie outside every area: is this the right city, "
            "edition and --crs?"
        )
    heaps = _heaps(x, y, len(file.table))
    return Positions(rows, lon, lat, editions, rejected, share, heaps, warnings)


def _given(rows: Sequence[CaseRow]) -> tuple[FloatArray, FloatArray]:
    x = np.array([np.nan if row.case.x is None else row.case.x for row in rows], np.float64)
    y = np.array([np.nan if row.case.y is None else row.case.y for row in rows], np.float64)
    return x, y


def _refuse_metres(path: Path | str, x: FloatArray, y: FloatArray, datum: Datum) -> None:
    if not looks_projected(x, y):
        return
    message = (
        f"the positions are metres, not degrees of {datum.label}: "
        f"{np.nanmin(x):,.0f} to {np.nanmax(x):,.0f} and "
        f"{np.nanmin(y):,.0f} to {np.nanmax(y):,.0f}"
    )
    raise CRSError(path, message, remedy="say which projection it is with --crs EPSG:…")


def _swapped(path: Path | str, file: CaseFile, evidence: str) -> CRSError:
    lon, lat = file.columns["lon"], file.columns["lat"]
    message = f"longitude and latitude are swapped: {evidence}"
    return CRSError(path, message, remedy=f"--map lon={lat},lat={lon}")


def _on_earth(
    file: CaseFile, x: FloatArray, y: FloatArray, datum: Datum
) -> tuple[BoolArray, list[Rejected]]:
    given = np.isfinite(x)
    if datum.is_lonlat_degrees:
        unfit = given & ((np.abs(x) > 180) | (np.abs(y) > 90))
    else:
        lon, lat = to_lonlat(x, y, datum)
        unfit = given & ~(np.isfinite(lon) & (np.abs(lat) <= 90))
    rejected = [
        file.reject(file.rows[i], _why_unfit(float(x[i]), float(y[i]), datum))
        for i in np.flatnonzero(unfit)
    ]
    return ~unfit, rejected


def _why_unfit(x: float, y: float, datum: Datum) -> str:
    if not datum.is_lonlat_degrees:
        return f"lon {x:.10g}, lat {y:.10g} cannot be a position in {datum.label}"
    told = [f"lon {x:.10g} is beyond 180 degrees"] if abs(x) > 180 else []
    if abs(y) > 90:
        told.append(f"lat {y:.10g} is beyond 90 degrees")
    return "; ".join(told)


def _share_swapped(
    locator: CaseLocator, editions: IntArray, x: FloatArray, y: FloatArray, datum: Datum
) -> float:
    possible = np.abs(x) <= 90
    lon, lat = to_lonlat(np.where(possible, y, np.nan), np.where(possible, x, np.nan), datum)
    return locator.share_inside(editions, lon, lat)


def _datum_warnings(
    locator: CaseLocator,
    editions: IntArray,
    lonlat: tuple[FloatArray, FloatArray],
    datum: Datum | None,
    share: float,
) -> list[str]:
    """Say that positions in China may be GCJ-02, with what the areas make of it."""
    if datum is not None and not datum.is_stored_form:
        return []
    lon, lat = lonlat
    moved = gcj02_to_wgs84(lon, lat)
    # The formula leaves positions outside China where they are.
    in_china = np.isfinite(lon) & (np.hypot(moved[0] - lon, moved[1] - lat) > 0)
    if not 2 * np.count_nonzero(in_china) > np.count_nonzero(np.isfinite(lon)):
        return []
    as_gcj02 = locator.share_inside(editions, *moved)
    shares = (
        f"{share:.1%} of them lie in an area as they are, {as_gcj02:.1%} when taken as GCJ-02"
    )
    if as_gcj02 > share + 0.05:
        return [f"the positions look like GCJ-02: {shares}; if so, say --crs gcj02"]
    if datum is None:
        told = "" if np.isnan(share) else f"; {shares}"
        return [
            f"nobody stated the datum: positions in China may be WGS 84 (taken) or GCJ-02{told}"
        ]
    return []


def _heaps(x: FloatArray, y: FloatArray, rows: int) -> list[Heap]:
    given = np.isfinite(x)
    counts = Counter(zip(x[given].tolist(), y[given].tolist(), strict=True))
    limit = max(HEAP_ROWS, HEAP_SHARE * rows)
    return [Heap(x, y, n) for (x, y), n in counts.most_common() if n > limit]
