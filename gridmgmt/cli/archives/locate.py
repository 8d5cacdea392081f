"""``gridmgmt locate``: locate the rows of a table in the areas of a file, without database."""

from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gridmgmt.cli.archives.archive import area_file_of, crew_of, crew_options, say_bad_rows
from gridmgmt.cli.numbers import DecimalRangeParam
from gridmgmt.cli.outputs import check_table_output
from gridmgmt.cli.problems import problem_lines
from gridmgmt.cli.work import crs_option, encoding_option, mend_option, say, where_option
from gridmgmt.errors import InputError
from gridmgmt.sentence import Sentence
from gridmgmt.settings import Settings

if TYPE_CHECKING:
    from gridmgmt.services.archives.crew import Crew
    from gridmgmt.services.archives.tables import LocateReport, LocateRequest

_FILE = click.Path(path_type=Path)
_SUFFIXES = (".csv", ".xlsx")


@click.command("locate")
@click.argument("cases", type=_FILE)
@click.option("--areas", "area_file", required=True, type=_FILE, help="File with the areas.")
@click.option("--layer", help="Layer of the area file, if it has several.")
@click.option("--code", required=True, help="Field of the area file that holds the code.")
@where_option
@click.option(
    "-o",
    "output",
    required=True,
    help="The .csv or .xlsx to write, - for stdout; for an archive, a folder.",
)
@click.option("--force", is_flag=True, help="Replace existing files.")
@click.option(
    "--lon", default="lon", show_default=True, help="Column with longitude or easting."
)
@click.option(
    "--lat", default="lat", show_default=True, help="Column with latitude or northing."
)
@crs_option
@encoding_option
@click.option("--sheet", help="Sheet of an XLSX file, if it has several.")
@click.option("--areas-crs", metavar="CRS", help="Like --crs, for the area file.")
@click.option("--areas-encoding", help="Like --encoding, for the area file.")
@mend_option
@click.option(
    "--candidate-m",
    type=DecimalRangeParam(min=0),
    help="Areas within so many metres are candidates; default: GRIDMGMT_CANDIDATE_M.",
)
@click.option(
    "--snap-m",
    type=DecimalRangeParam(min=0),
    help="Take the nearest area within so many metres, 0: never; default: GRIDMGMT_SNAP_M.",
)
@crew_options
@click.pass_obj
def locate(
    settings: Settings,
    /,
    cases: Path,
    output: str,
    force: bool,
    lon: str,
    lat: str,
    crs: str | None,
    encoding: str | None,
    sheet: str | None,
    candidate_m: float | None,
    snap_m: float | None,
    cluster: str | None,
    workers: int | None,
    **of_areas: Any,
) -> None:
    """Find the area of every row of CASES. Needs no database.

    CASES is CSV (plain or .gz), XLSX or Parquet, or an archive: a folder of Parquet files, each
    of which is written again into the output folder. The command adds the columns area_code,
    on_boundary, candidates (nearest first, joined by ;), distance_m and snapped. Rows without a
    usable position are kept, with empty values in these columns.
    """
    from gridmgmt.services.archives.tables import LocateRequest
    from gridmgmt.services.files.datums import named_datum

    request = LocateRequest(
        cases=cases,
        areas=area_file_of(settings, of_areas),
        lon=lon,
        lat=lat,
        datum=named_datum(crs, settings.crs_table),
        encoding=encoding,
        sheet=sheet,
        candidate_m=settings.candidate_m if candidate_m is None else candidate_m,
        # 0 is a value of its own (never snap), so only None means the setting.
        snap_m=settings.snap_m if snap_m is None else snap_m,
    )
    if cases.is_dir() or (cases.suffix.lower() == ".parquet" and not _is_table(output)):
        _locate_archive(request, output, crew_of(cluster, workers), force=force)
        return
    if cluster is not None or workers is not None:
        message = "a table is located in one piece; a folder of Parquet files can be shared out"
        raise InputError(field="--cluster, --workers", message=message)
    _locate_table(request, output, force=force)


def _is_table(output: str) -> bool:
    return output == "-" or Path(output).suffix.lower() in _SUFFIXES


def _locate_table(request: "LocateRequest", output: str, *, force: bool) -> None:
    from gridmgmt.cli.progress import progress_bar
    from gridmgmt.services.archives.tables import locate_file

    check_table_output(output, force=force, given=(request.cases, request.areas.path))
    with progress_bar() as progress:
        report = locate_file(request, output, progress=progress)
    _summarise(report, len(report.bad))
    rows = [Sentence("row {}: {}", one.row, one.reason) for one in report.bad]
    for line in problem_lines(rows, request.cases):
        say(line)
    if output != "-":
        say(f"written to {output}")


def _locate_archive(
    request: "LocateRequest",
    output: str,
    crew: "AbstractContextManager[Crew]",
    *,
    force: bool,
) -> None:
    from gridmgmt.cli.progress import progress_bar
    from gridmgmt.services.archives.archives import locate_archive

    if request.encoding is not None or request.sheet is not None:
        message = "Parquet has neither encodings nor sheets"
        raise InputError(field="--encoding, --sheet", message=message)
    if _is_table(output):
        message = f"{output} is not a folder; an archive is written into one"
        raise InputError(field="-o", message=message)
    with progress_bar() as progress, crew as workers:
        done = locate_archive(request, Path(output), workers, force=force, progress=progress)
    _summarise(done.report, done.bad.count)
    say_bad_rows(done.bad, Path(output))
    before = f", {done.kept:,} of them before" if done.kept else ""
    say(f"{done.files:,} file(s) written to {output}{before}")


def _summarise(report: "LocateReport", rejected: int) -> None:
    for note in report.notes:
        say(note)
    farthest = f" (at most {report.snapped_max_m:.1f} m)" if report.snapped else ""
    say(
        f"{report.rows:,} rows against {report.areas:,} areas: {report.located:,} located, of "
        f"them {report.on_boundary:,} on a boundary and {report.snapped:,} snapped{farthest}; "
        f"{report.outside:,} outside every area, "
        f"{report.without:,} without coordinates, {rejected:,} rejected"
    )
