"""Inspect an archive before any work: its files, their columns, a sample of positions."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow

from gridmgmt.arrays import FloatArray
from gridmgmt.errors import LayerError
from gridmgmt.exchange.content.given_positions import GivenPositions
from gridmgmt.exchange.tables.parquet_archives import (
    UNREADABLE,
    ArchiveFile,
    archive_path,
    list_archive,
    look_at,
    read_batches,
)
from gridmgmt.geometry.crs.crs import Datum
from gridmgmt.geometry.locating.locate import Locator, locate
from gridmgmt.progress import Progress
from gridmgmt.services.archives.crew import Crew
from gridmgmt.services.archives.rows import given_positions, swap_remedy

# Files inspected by a worker at a time; files and rows of each file in the sample.
_AT_ONCE = 50
_SAMPLED_FILES = 16
_SAMPLED_ROWS = 2_000

Fits = Callable[[pyarrow.DataType], bool]


@dataclass(frozen=True)
class Needs:
    """The columns that every file of an archive must have.

    ``columns`` maps each needed column to its allowed types; no column may have a name in
    ``taken``. ``alike`` None: other columns do not matter; otherwise they must be those of this
    schema.
    """

    columns: Mapping[str, Fits]
    taken: Sequence[str] = ()
    alike: pyarrow.Schema | None = None


def look_over(
    crew: Crew, folder: Path, needs: Needs, *, alike: bool, progress: Progress
) -> list[ArchiveFile]:
    """Inspect every file of an archive on the workers, without reading rows.

    Parameters
    ----------
    alike : whether all files must have the columns of the first

    Raises
    ------
    LayerError
        naming everything that is wrong with any file
    """
    names = list_archive(folder)
    if alike:
        needs = Needs(needs.columns, needs.taken, look_at(folder, names[0])[1])
    # Only the footers are read: the rows would take as long as the work itself.
    parts = [names[k : k + _AT_ONCE] for k in range(0, len(names), _AT_ONCE)]
    files: list[ArchiveFile] = []
    problems: list[str] = []
    looked = 0
    for part, outcome in crew.each(_look_at_each, parts, folder, needs):
        if isinstance(outcome, Exception):
            raise outcome
        files += outcome[0]
        problems += outcome[1]
        looked += len(part)
        progress("looking at the files", looked, len(names))
    # The problems of all files at once, so that nobody mends an archive file by file.
    if problems:
        message = f"cannot be used: {len(problems):,} problem(s) in {len(names):,} file(s)"
        raise LayerError(folder, message, problems=sorted(problems))
    return sorted(files, key=lambda file: file.name)


def _look_at_each(
    names: list[str], folder: Path, needs: Needs
) -> tuple[list[ArchiveFile], list[str]]:
    files, problems = [], []
    for name in names:
        try:
            file, schema = look_at(folder, name)
        except LayerError as error:
            problems.append(f"{name}: {error.message}")
            continue
        files.append(file)
        problems += [f"{name}: {problem}" for problem in schema_problems(schema, needs)]
    return files, problems


def schema_problems(schema: pyarrow.Schema, needs: Needs) -> list[str]:
    """Return everything that makes a file with this schema unusable."""
    there = dict(zip(schema.names, schema.types, strict=True))
    problems = [f"has no column {name!r}" for name in needs.columns if name not in there]
    problems += [
        f"column {name!r} cannot be read: it is {there[name]}"
        for name, fits in needs.columns.items()
        if name in there and not fits(there[name])
    ]
    problems += [
        f"has a column {name!r}, a name that is added: rename or remove it"
        for name in needs.taken
        if name in there
    ]
    twice = sorted({name for name in schema.names if schema.names.count(name) > 1})
    problems += [f"the name {name!r} is given to several columns" for name in twice]
    if needs.alike is not None:
        problems += _differences(there, needs.alike)
    return problems


def _differences(there: dict[str, pyarrow.DataType], first: pyarrow.Schema) -> list[str]:
    expected = dict(zip(first.names, first.types, strict=True))
    problems = [
        f"has no column {name!r}, the first file has" for name in expected if name not in there
    ]
    problems += [
        f"has a column {name!r}, the first file has none"
        for name in there
        if name not in expected
    ]
    # A writer that saw no value in a file could not know the type of the column.
    problems += [
        f"column {name!r} is {kind}, in the first file {expected[name]}"
        for name, kind in there.items()
        if name in expected
        and kind != expected[name]
        and not (pyarrow.types.is_null(kind) or pyarrow.types.is_null(expected[name]))
    ]
    return problems


def position_doubts(
    folder: Path,
    files: Sequence[ArchiveFile],
    names: tuple[str, str],
    said: Datum | None,
    index: Locator | None,
    *,
    snap_m: float,
) -> list[str]:
    """Return what looks wrong with the positions, from rows of some files.

    Raises
    ------
    CRSError
        when the numbers do not fit the stated datum, or the axes are swapped
    """
    given = _sample(folder, files, names, said)
    given.refuse_other_numbers()
    nowhere = given.nowhere()
    given.x[nowhere], given.y[nowhere] = np.nan, np.nan

    def share_inside(lon: FloatArray, lat: FloatArray) -> float:
        has_position = np.isfinite(lon) & np.isfinite(lat)
        if index is None or not has_position.any():
            return float("nan")
        found = locate(index, lon[has_position], lat[has_position], snap_m=snap_m)
        return float(np.mean(found.cell >= 0))

    return given.doubts(share_inside)


def _sample(
    folder: Path, files: Sequence[ArchiveFile], names: tuple[str, str], said: Datum | None
) -> GivenPositions:
    """Read the first rows of files that are spread evenly over the archive."""
    # Spread over the archive: the first files would say nothing about the later ones.
    filled = [file for file in files if file.rows]
    step = max(1, -(-len(filled) // _SAMPLED_FILES))
    x, y = [np.empty(0)], [np.empty(0)]
    for file in filled[::step]:
        path = archive_path(folder, file.name)
        try:
            with closing(read_batches(path, columns=names)) as batches:
                rows = next(batches)[:_SAMPLED_ROWS]
        except UNREADABLE:
            continue  # reading the whole file reports this, with its other faults
        given, _, _ = given_positions(rows, names, said, folder)
        x.append(given.x)
        y.append(given.y)
    swap = swap_remedy(names)
    return GivenPositions(folder, names, swap, np.concatenate(x), np.concatenate(y), said)
