"""Locate one file of an archive: read it in batches, write a copy with the results."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow
import pyarrow.compute

from gridmgmt.arrays import BoolArray
from gridmgmt.exchange.tables.parquet_archives import (
    FIRST_ROW,
    UNREADABLE,
    ArchiveFile,
    archive_path,
    read_kept,
    rewrite,
    unreadable,
)
from gridmgmt.geometry.crs.crs import Datum
from gridmgmt.geometry.locating.locate import Located, Locator, locate
from gridmgmt.services.archives.areas import SavedAreas
from gridmgmt.services.archives.rows import (
    NONE_BAD,
    ArchivePositions,
    BadRow,
    BadRows,
    positions,
)

# The columns of `locating.ADDED` with their Parquet types.
ADDED_FIELDS = (
    pyarrow.field("area_code", pyarrow.string()),
    pyarrow.field("on_boundary", pyarrow.bool_()),
    pyarrow.field("candidates", pyarrow.string()),
    pyarrow.field("distance_m", pyarrow.float64()),
    pyarrow.field("snapped", pyarrow.bool_()),
)


@dataclass(frozen=True)
class LocateRules:
    """How rows are located: their columns, the areas, and distances in metres."""

    names: tuple[str, str]
    said: Datum | None
    areas: SavedAreas
    candidate_m: float
    snap_m: float


@dataclass(frozen=True)
class FileToLocate:
    """A file, the path of its located copy, and the ``run`` that its marks name.

    ``scratch`` is a folder beside the copies: while it exists, the run goes on.
    """

    folder: Path
    file: ArchiveFile
    target: Path
    scratch: Path
    run: str


@dataclass(frozen=True)
class LocatedFile:
    """The result for the rows of files; ``bad`` rows are kept without an answer."""

    rows: int = 0
    located: int = 0
    on_boundary: int = 0
    snapped: int = 0
    snapped_max_m: float = 0.0
    outside: int = 0
    without: int = 0
    bad: BadRows = NONE_BAD

    @staticmethod
    def sum(parts: Iterable["LocatedFile"]) -> "LocatedFile":
        """Sum parts in any order."""
        given = list(parts)
        return LocatedFile(
            rows=sum(part.rows for part in given),
            located=sum(part.located for part in given),
            on_boundary=sum(part.on_boundary for part in given),
            snapped=sum(part.snapped for part in given),
            snapped_max_m=max((part.snapped_max_m for part in given), default=0.0),
            outside=sum(part.outside for part in given),
            without=sum(part.without for part in given),
            bad=BadRows.sum(part.bad for part in given),
        )


@dataclass(frozen=True)
class FailedFile:
    """A file that could not be read or written completely, and why."""

    name: str
    reason: str


def locate_archive_file(todo: FileToLocate, rules: LocateRules) -> LocatedFile | FailedFile:
    """Write a copy of a file with the results beside each row, in order.

    The copy exists completely or not at all, and stores the summary of its rows.
    """
    index = rules.areas.open()
    codes = pyarrow.array([str(code) for code in index.codes], pyarrow.string())
    told = [LocatedFile()]

    def answer(batch: pyarrow.RecordBatch) -> list[pyarrow.Array]:
        points = positions(batch, rules.names, rules.said)
        found = _located(index, points, rules)
        # Rows are counted as a spreadsheet shows them, whatever batch they came in, so that
        # people find them.
        start = FIRST_ROW + told[0].rows
        told[0] = LocatedFile.sum([told[0], _told(todo.file.name, start, points, found)])
        return _answers(found, codes, np.isfinite(points.lon))

    try:
        rewrite(
            archive_path(todo.folder, todo.file.name),
            todo.target,
            scratch=todo.scratch,
            added=ADDED_FIELDS,
            answer=answer,
            kept=lambda: _kept(todo, told[0]),
        )
    except UNREADABLE as error:
        return FailedFile(todo.file.name, unreadable(todo.file.name, error).message)
    return told[0]


def located_before(todo: FileToLocate) -> LocatedFile | None:
    """Return the summary of a file that this same run located before, or None."""
    kept = read_kept(todo.target)
    # Size and time of the source belong to the mark: a changed file is located again.
    if kept is None or not _mark(todo).items() <= kept.items():
        return None
    told = dict(kept["located"])
    bad = told.pop("bad")
    rows = tuple(BadRow(todo.file.name, row, reason) for row, reason in bad["first"])
    return LocatedFile(**told, bad=BadRows(bad["count"], rows))


def _mark(todo: FileToLocate) -> dict[str, Any]:
    file = todo.file
    return {"run": todo.run, "size": file.size, "mtime_ns": file.mtime_ns}


def _kept(todo: FileToLocate, told: LocatedFile) -> dict[str, Any]:
    # Without the bad rows: each would name its file again, which the folder already says.
    facts = asdict(replace(told, bad=NONE_BAD))
    first = [(one.row, one.reason) for one in told.bad.first]
    facts["bad"] = {"count": told.bad.count, "first": first}
    return {**_mark(todo), "located": facts}


def _located(index: Locator, points: ArchivePositions, rules: LocateRules) -> Located:
    return locate(
        index,
        points.lon,
        points.lat,
        candidate_m=rules.candidate_m,
        snap_m=rules.snap_m,
    )


def _told(name: str, start: int, points: ArchivePositions, found: Located) -> LocatedFile:
    snapped_m = found.distance_m[found.snapped]
    return LocatedFile(
        rows=len(points.lon),
        located=int(np.count_nonzero(found.cell >= 0)),
        on_boundary=int(np.count_nonzero(found.on_boundary)),
        snapped=int(np.count_nonzero(found.snapped)),
        snapped_max_m=float(snapped_m.max(initial=0.0)),
        outside=int(np.count_nonzero(np.isfinite(points.lon) & (found.cell < 0))),
        without=points.without,
        bad=BadRows.of(name, start, points.problems),
    )


def _answers(
    found: Located, codes: pyarrow.Array, positioned: BoolArray
) -> list[pyarrow.Array]:
    """Return the columns of `ADDED_FIELDS`; a row without a position has no values."""
    near = codes.take(pyarrow.array(found.candidates))
    lists = pyarrow.ListArray.from_arrays(pyarrow.array(found.offsets, pyarrow.int32()), near)
    candidates = pyarrow.compute.binary_join(lists, ";")
    is_none = pyarrow.array(np.diff(found.offsets) == 0)
    nothing = pyarrow.scalar(None, pyarrow.string())
    nowhere = ~positioned
    return [
        codes.take(pyarrow.array(found.cell, pyarrow.int64(), mask=found.cell < 0)),
        pyarrow.array(found.on_boundary, mask=nowhere),
        pyarrow.compute.if_else(is_none, nothing, candidates),
        # Rounded to the millimetre, as in a table.
        pyarrow.array(np.round(found.distance_m, 3), mask=np.isnan(found.distance_m)),
        pyarrow.array(found.snapped, mask=nowhere),
    ]
