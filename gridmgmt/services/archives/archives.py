"""Locate and count archives of cases."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow
import pyarrow.compute

from gridmgmt.domain.listing import listed
from gridmgmt.errors import LayerError
from gridmgmt.exchange.tables.arrow_columns import is_codes, is_moments, is_numbers
from gridmgmt.exchange.tables.parquet_archives import ArchiveFile
from gridmgmt.exchange.tables.tables import Rejected
from gridmgmt.progress import Progress, no_progress
from gridmgmt.services.archives.area_file import read_area_file
from gridmgmt.services.archives.areas import save_areas
from gridmgmt.services.archives.counting import (
    Counted,
    CountRules,
    PartToCount,
    count_part,
    nothing_counted,
    parts_of,
    sum_counted,
)
from gridmgmt.services.archives.crew import Crew
from gridmgmt.services.archives.editions import Above
from gridmgmt.services.archives.locating import (
    ADDED_FIELDS,
    FailedFile,
    FileToLocate,
    LocatedFile,
    LocateRules,
    locate_archive_file,
)
from gridmgmt.services.archives.output import (
    check_output,
    completing,
    unfinished,
    what_stands,
)
from gridmgmt.services.archives.previews import Needs, look_over, position_doubts
from gridmgmt.services.archives.rows import BadRows
from gridmgmt.services.archives.tables import LocateReport, LocateRequest, crossing_notes

# The version of the marks in located files; files with another version are located again.
_FORM = 1
# If a smaller share of a file's rows lies in an area, it may be in another datum than the
# others.
_FEW = 0.1


@dataclass(frozen=True)
class LocatedArchive:
    """The result of locating an archive; ``kept`` files had been located before.

    ``report`` has the first of the ``bad`` rows, with the file name among the values of each.
    """

    report: LocateReport
    bad: BadRows
    files: int
    kept: int


@dataclass(frozen=True, eq=False)
class CountedArchive:
    """The counts of an archive: ``table`` is sorted by its keys; its cases sum to ``rows``.

    ``bad`` rows are included: without a usable time they have no day, without a usable position
    or category they count under ``""``.
    """

    table: pyarrow.Table
    rows: int
    files: int
    unlocated: int | None
    bad: BadRows
    notes: tuple[str, ...]


def locate_archive(
    request: LocateRequest,
    output: Path,
    crew: Crew,
    *,
    force: bool = False,
    progress: Progress = no_progress,
) -> LocatedArchive:
    """Write a copy of every file of an archive with the results beside each row, in order.

    A run that was stopped continues when it is started again.

    Parameters
    ----------
    request : ``cases`` is a folder of Parquet files or one such file
    output : a folder, made if it does not exist; a file ``_SUCCESS`` in it marks it as complete
    force : whether to replace files of another run

    Raises
    ------
    LayerError, CRSError, InputError
        when something cannot be used at all: nothing is written then; or naming the files that
        failed, while all others were written
    """
    folder, output = request.cases.resolve(), output.resolve()
    # Before any work: a run may take long, and what is wrong with the folders is known now.
    check_output(folder, output)
    crew.check_folder(folder)
    layer = read_area_file(request.areas)
    names = (request.lon, request.lat)
    needs = Needs(dict.fromkeys(names, is_numbers), [field.name for field in ADDED_FIELDS])
    files = look_over(crew, folder, needs, alike=True, progress=progress)
    with unfinished(output) as scratch, TemporaryDirectory() as shared:
        crew.check_folder(scratch)
        areas = save_areas(layer.areas, Path(shared))
        rules = LocateRules(names, request.datum, areas, request.candidate_m, request.snap_m)
        doubts = position_doubts(
            folder, files, names, request.datum, areas.open(), snap_m=request.snap_m
        )
        run = _run_mark(rules)
        every = [FileToLocate(folder, one, output / one.name, scratch, run) for one in files]
        standing = what_stands(crew, output, every, force=force)
        crew.share(areas)
        said: list[str] = []
        with completing(output, said):
            found = _locate_each(crew, standing.todo, rules, progress)
            found |= standing.located
            told = LocatedFile.sum(found.values())
            said += [f"{told.rows} rows in {len(files)} files", f"run {run}"]
    notes = [
        *(f"areas: {note}" for note in [*layer.notes, *crossing_notes(layer.areas)]),
        *doubts,
        *_odd_files(found, told),
    ]
    report = _report(told, len(layer.areas.codes), notes)
    return LocatedArchive(report, told.bad, len(files), len(standing.located))


def _run_mark(rules: LocateRules) -> str:
    """Return a name for a run, made from everything that decides its results."""
    said = rules.said
    datum = None if said is None else (said.label, said.crs and said.crs.to_wkt())
    metres = (rules.candidate_m, rules.snap_m)
    # Everything the results depend on: a run with other areas or limits must not reuse files of
    # this one.
    asked = json.dumps([_FORM, rules.areas.fingerprint, rules.names, datum, metres])
    return sha256(asked.encode()).hexdigest()


def _locate_each(
    crew: Crew, todo: Sequence[FileToLocate], rules: LocateRules, progress: Progress
) -> dict[str, LocatedFile]:
    found: dict[str, LocatedFile] = {}
    failed: dict[str, str] = {}
    rows, total = 0, sum(one.file.rows for one in todo)
    for one, outcome in crew.each(locate_archive_file, todo, rules):
        match outcome:
            case LocatedFile():
                found[one.file.name] = outcome
            case FailedFile():
                failed[outcome.name] = outcome.reason
            # One file too large for the workers must not cost the results of all others.
            case MemoryError():
                failed[one.file.name] = str(outcome)
            case _:
                raise outcome
        rows += one.file.rows
        progress("locating", rows, total)
    _refuse_failed(todo[0].folder if todo else Path(), failed)
    return found


def _refuse_failed(folder: Path, failed: dict[str, str]) -> None:
    if failed:
        message = f"{len(failed):,} file(s) failed, the others are done"
        problems = [f"{name}: {reason}" for name, reason in sorted(failed.items())]
        remedy = "put these right and start again: what is done is not done twice"
        raise LayerError(folder, message, problems=problems, remedy=remedy)


def _odd_files(found: dict[str, LocatedFile], told: LocatedFile) -> list[str]:
    """Return notes on files whose rows lie elsewhere than those of the others."""
    # Most of the archive lies outside, so a single file is not odd; other notes say so.
    if told.located < told.outside:
        return []
    odd = sorted(
        name for name, one in found.items() if one.located < _FEW * (one.located + one.outside)
    )
    if not odd:
        return []
    question = "are their positions in the datum of the others?"
    return [f"nearly all positions of {listed(odd)} lie outside every area: {question}"]


def _report(told: LocatedFile, areas: int, notes: Sequence[str]) -> LocateReport:
    return LocateReport(
        rows=told.rows,
        areas=areas,
        located=told.located,
        on_boundary=told.on_boundary,
        snapped=told.snapped,
        snapped_max_m=told.snapped_max_m,
        outside=told.outside,
        without=told.without,
        bad=[Rejected(one.row, one.reason, {"file": one.file}) for one in told.bad.first],
        notes=tuple(notes),
    )


def count_archive(
    folder: Path,
    rules: CountRules,
    crew: Crew,
    *,
    above: Above | None = None,
    progress: Progress = no_progress,
) -> CountedArchive:
    """Count the rows of an archive by day, area and category.

    Parameters
    ----------
    above : the area under which each leaf area is counted; None for the leaf area itself

    Raises
    ------
    LayerError, CRSError
        naming everything that is wrong with any file
    """
    folder = folder.resolve()
    crew.check_folder(folder)
    files = look_over(crew, folder, _count_needs(rules), alike=False, progress=progress)
    notes = _position_notes(folder, files, rules)
    for areas in {} if rules.judging is None else rules.judging.areas.values():
        crew.share(areas)
    counted = _fold(crew, parts_of(folder, files), rules, progress)
    _refuse_failed_parts(folder, counted)
    table = counted.table if above is None else _raised(counted.table, above)
    keys = [(key, "ascending") for key in rules.by]
    return CountedArchive(
        table.sort_by(keys),
        rows=_cases(table),
        files=len(files),
        unlocated=_unlocated(table),
        bad=counted.bad,
        notes=tuple(notes),
    )


def _count_needs(rules: CountRules) -> Needs:
    fits = {rules.category: is_codes, rules.reported_at: is_moments}
    fits |= dict.fromkeys(rules.names, is_numbers)
    return Needs({name: fits[name] for name in rules.columns})


def _position_notes(folder: Path, files: Sequence[ArchiveFile], rules: CountRules) -> list[str]:
    if rules.judging is None:
        return []
    newest = rules.judging.areas.get(max(rules.judging.areas, default=0))
    index = None if newest is None else newest.open()
    return position_doubts(folder, files, rules.names, rules.said, index, snap_m=rules.snap_m)


def _fold(
    crew: Crew, parts: Sequence[PartToCount], rules: CountRules, progress: Progress
) -> Counted:
    if not parts:
        return Counted(nothing_counted(rules.by))
    rows, total = 0, sum(part.rows for part in parts)

    def done(part: PartToCount) -> None:
        nonlocal rows
        rows += part.rows
        progress("counting", rows, total)

    counted = crew.fold(count_part, parts, sum_counted, rules, done=done)
    if isinstance(counted, MemoryError):
        raise LayerError(parts[0].folder, f"cannot be counted: {counted}") from counted
    if isinstance(counted, Exception):
        raise counted
    return counted


def _refuse_failed_parts(folder: Path, counted: Counted) -> None:
    if counted.failed:
        message = f"{len(dict(counted.failed)):,} file(s) could not be counted"
        problems = [f"{name}: {reason}" for name, reason in counted.failed]
        raise LayerError(folder, message, problems=problems)


def _raised(table: pyarrow.Table, above: Above) -> pyarrow.Table:
    """Return counts of leaf areas as counts of the areas above them."""
    leaves = zip(
        table.column("edition").to_pylist(), table.column("area").to_pylist(), strict=True
    )
    # A leaf area without a parent at this level counts as unlocated, so that the sums stay
    # equal.
    areas = pyarrow.array([above.get(leaf, "") for leaf in leaves], pyarrow.string())
    place = table.column_names.index("area")
    raised = table.set_column(place, "area", areas)
    return sum_counted([Counted(raised)]).table


def _cases(table: pyarrow.Table) -> int:
    return int(pyarrow.compute.sum(table.column("cases")).as_py() or 0)


def _unlocated(table: pyarrow.Table) -> int | None:
    if "area" not in table.column_names:
        return None
    nowhere = pyarrow.compute.equal(table.column("area"), "")
    return _cases(table.filter(nowhere))
