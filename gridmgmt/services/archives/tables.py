"""Find the area of every row of a table in the areas of a file, without a database."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely

from gridmgmt.arrays import BoolArray, FloatArray
from gridmgmt.domain.listing import listed
from gridmgmt.errors import LayerError
from gridmgmt.exchange.content.area_layers import AreaFile
from gridmgmt.exchange.content.point_columns import PointColumns, point_columns
from gridmgmt.exchange.reading.files import read_table
from gridmgmt.exchange.tables.tables import Rejected, Table, write_table
from gridmgmt.geometry.coverage.level_areas import LevelAreas
from gridmgmt.geometry.crs.crs import Datum
from gridmgmt.geometry.locating.locate import Located, Locator, build_locator, locate
from gridmgmt.progress import Progress, no_progress
from gridmgmt.sentence import Sentence
from gridmgmt.services.archives.area_file import read_area_file

ADDED = ("area_code", "on_boundary", "candidates", "distance_m", "snapped")

# Rows between two reports of progress.
_BATCH = 20_000


@dataclass(frozen=True)
class LocateRequest:
    """The table, the areas, and the distances.

    ``lon`` and ``lat`` are the names of the columns in any datum; ``datum`` None is WGS 84.
    ``candidate_m`` and ``snap_m`` are metres, inclusive; ``snap_m`` 0 never snaps.
    """

    cases: Path
    areas: AreaFile
    lon: str = "lon"
    lat: str = "lat"
    datum: Datum | None = None
    encoding: str | None = None
    sheet: str | None = None
    candidate_m: float = 1.0
    snap_m: float = 30.0


@dataclass(frozen=True)
class LocateReport:
    """The result for the rows; ``rows`` counts all, the counts below are parts of it."""

    rows: int
    areas: int
    located: int
    on_boundary: int
    snapped: int
    snapped_max_m: float
    outside: int
    without: int
    bad: list[Rejected]
    notes: tuple[str, ...]


def locate_file(
    request: LocateRequest,
    output: Path | str,
    *,
    progress: Progress = no_progress,
) -> LocateReport:
    """Write a copy of the table with the results beside each row, in order.

    Parameters
    ----------
    output : .csv or .xlsx; ``"-"`` is standard output
    progress : called with the number of rows done, and their total

    Raises
    ------
    LayerError, FieldError, CRSError
        when a file cannot be used at all: nothing is written then
    """
    table = read_table(request.cases, encoding=request.encoding, sheet=request.sheet)
    # Refused and not replaced: a column of this name may hold the work of an earlier run.
    taken = [name for name in ADDED if name in table.columns]
    if taken:
        message = f"has columns of the names that are added: {', '.join(taken)}"
        raise LayerError(request.cases, message, remedy="rename or remove them first")
    layer = read_area_file(request.areas)
    index = build_locator(layer.areas.codes, list(layer.areas.geoms))
    points = point_columns(table, request.lon, request.lat, request.datum)
    lon, lat = points.given.lonlat()
    found = _locate(request, index, lon, lat, progress)
    notes = [
        *(f"areas: {note}" for note in [*layer.notes, *crossing_notes(layer.areas)]),
        *table.notes,
        *points.given.doubts(lambda lon, lat: _share_inside(request, index, lon, lat)),
    ]
    positioned = np.isfinite(lon)
    write_table(output, [*table.columns, *ADDED], _rows(table, index, found, positioned))
    return _report(table, index, points, positioned, found, notes)


def _locate(
    request: LocateRequest,
    index: Locator,
    lon: FloatArray,
    lat: FloatArray,
    progress: Progress,
) -> list[Located]:
    """Locate the positions in batches, without rounding them.

    Only areas are on the storage grid. Rounding positions as well would move those beside a
    border onto it (1,350 instead of 24 of the complaints of Chicago).
    """
    found = []
    for start in range(0, max(len(lon), 1), _BATCH):
        batch = slice(start, start + _BATCH)
        found.append(
            locate(
                index,
                lon[batch],
                lat[batch],
                candidate_m=request.candidate_m,
                snap_m=request.snap_m,
            )
        )
        progress("locating", min(start + _BATCH, len(lon)), len(lon))
    return found


def _rows(
    table: Table, index: Locator, found: list[Located], positioned: BoolArray
) -> Iterator[list[object]]:
    """Yield all rows in the order of the file, also unreadable ones as far as possible."""
    # Rows that could not be read keep their place, so that people can lay the copy beside the
    # file.
    unread = sorted(table.rejected, key=lambda one: one.row)
    columns = [table.values[name] for name in table.columns]
    answers = (answer for batch in found for answer in _answers(batch, index))
    k = 0
    rows = zip(table.row, zip(*columns, strict=True), answers, positioned, strict=True)
    for number, cells, answer, has_position in rows:
        while k < len(unread) and unread[k].row < number:
            yield _unanswered(table, unread[k])
            k += 1
        yield [*cells, *(answer if has_position else _NOTHING)]
    for one in unread[k:]:
        yield _unanswered(table, one)


_NOTHING: tuple[object, ...] = (None,) * len(ADDED)


def _unanswered(table: Table, row: Rejected) -> list[object]:
    return [*(row.values.get(name) for name in table.columns), *_NOTHING]


def _answers(found: Located, index: Locator) -> Iterator[tuple[object, ...]]:
    codes = [str(code) for code in index.codes]
    offsets = found.offsets.tolist()
    near = [codes[k] for k in found.candidates.tolist()]
    facts = zip(
        found.cell.tolist(),
        found.on_boundary.tolist(),
        found.distance_m.tolist(),
        found.snapped.tolist(),
        strict=True,
    )
    for i, (cell, on_boundary, distance_m, snapped) in enumerate(facts):
        yield (
            codes[cell] if cell >= 0 else None,
            on_boundary,
            ";".join(near[offsets[i] : offsets[i + 1]]) or None,
            _metres(distance_m),
            snapped,
        )


def _metres(distance_m: float) -> str | None:
    if np.isnan(distance_m):
        return None
    # Distances are compared in whole millimetres (DECISIONS 5); more digits would claim too
    # much.
    return f"{distance_m:.3f}".rstrip("0").rstrip(".")


def crossing_notes(areas: LevelAreas) -> list[str]:
    """Return notes on areas whose outline crosses itself: nobody knows what is inside."""
    wrong = [str(code) for code in areas.codes[~shapely.is_valid(areas.geoms)]]
    if not wrong:
        return []
    told = Sentence("the outline of {} crosses itself", listed(wrong))
    return [f"{told}; positions there may be answered wrongly"]


def _share_inside(
    request: LocateRequest, index: Locator, lon: FloatArray, lat: FloatArray
) -> float:
    """Return the share inside of the first batch, for the whole file; NaN without positions."""
    given = np.flatnonzero(np.isfinite(lon))[:_BATCH]
    found = locate(index, lon[given], lat[given], snap_m=request.snap_m)
    return float(np.mean(found.cell >= 0)) if len(given) else float("nan")


def _report(
    table: Table,
    index: Locator,
    points: PointColumns,
    positioned: BoolArray,
    found: list[Located],
    notes: list[str],
) -> LocateReport:
    cell = np.concatenate([batch.cell for batch in found])
    snapped = np.concatenate([batch.snapped for batch in found])
    distance_m = np.concatenate([batch.distance_m for batch in found])
    return LocateReport(
        rows=len(table) + len(table.rejected),
        areas=len(index.codes),
        located=int(np.count_nonzero(cell >= 0)),
        on_boundary=int(sum(batch.on_boundary.sum() for batch in found)),
        snapped=int(snapped.sum()),
        snapped_max_m=float(distance_m[snapped].max(initial=0.0)),
        outside=int(np.count_nonzero(positioned & (cell < 0))),
        without=points.without,
        bad=sorted([*table.rejected, *points.bad], key=lambda one: one.row),
        notes=tuple(notes),
    )
