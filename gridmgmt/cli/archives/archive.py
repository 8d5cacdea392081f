"""``gridmgmt archive``: folders of Parquet files, too large for one table or one machine."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click

from gridmgmt.cli.numbers import DecimalRangeParam, WholeRangeParam
from gridmgmt.cli.outputs import check_table_output
from gridmgmt.cli.problems import problem_lines
from gridmgmt.cli.work import crs_option, mend_option, say, where_option, work
from gridmgmt.errors import InputError
from gridmgmt.settings import Settings

if TYPE_CHECKING:
    from gridmgmt.exchange.content.area_layers import AreaFile
    from gridmgmt.services.archives.archives import CountedArchive
    from gridmgmt.services.archives.counting import CountRules, Judging
    from gridmgmt.services.archives.crew import Crew
    from gridmgmt.services.archives.editions import JudgingAreas
    from gridmgmt.services.archives.rows import BadRows

_PATH = click.Path(path_type=Path)
_BY = ("day", "area", "category")
_IN_FORCE = "in-force"

Command = TypeVar("Command", bound=Callable[..., Any])


def crew_options(command: Command) -> Command:
    """Add the options ``--cluster`` and ``--workers``, which choose the workers."""
    command = click.option(
        "--cluster",
        metavar="ADDRESS",
        help="Dask scheduler whose workers do the work, e.g. tcp://10.0.0.5:8786.",
    )(command)
    return click.option(
        "--workers",
        type=WholeRangeParam(min=1),
        help="Number of processes on this machine; default: one for each core.",
    )(command)


def crew_of(cluster: str | None, workers: int | None) -> "AbstractContextManager[Crew]":
    """Return the workers of a cluster, or start workers on this machine."""
    # Looked up and not imported: Dask takes long to load.
    if find_spec("distributed") is None:
        message = "archives need Dask, which is not installed: pip install 'gridmgmt[cluster]'"
        raise InputError(field="archive", message=message)
    if cluster is not None and workers is not None:
        message = "a cluster has workers of its own; leave one of the two out"
        raise InputError(field="--workers", message=message)
    from gridmgmt.services.archives.crew import cluster_crew, local_crew

    return local_crew(workers) if cluster is None else cluster_crew(cluster)


def say_bad_rows(bad: "BadRows", subject: object) -> None:
    """Print rows that could not be used fully by kind, and how many are not named."""
    from gridmgmt.sentence import Sentence

    rows = [Sentence("{} row {}: {}", one.file, one.row, one.reason) for one in bad.first]
    for line in problem_lines(rows, subject):
        say(line)
    if bad.count > len(rows):
        say(f"{bad.count - len(rows):,} more rows are only counted")


@click.group()
def archive() -> None:
    """Count archives of cases: folders of Parquet files, on one machine or many."""


@archive.command("count")
@click.argument("folder", type=_PATH)
@click.option("--areas", "area_file", type=_PATH, help="File with the areas.")
@click.option("--code", help="Field of the area file that holds the code.")
@click.option("--layer", help="Layer of the area file, if it has several.")
@where_option
@click.option("--areas-crs", metavar="CRS", help="Like --crs, for the area file.")
@click.option("--areas-encoding", help="Encoding of text in the area file.")
@mend_option
@click.option(
    "--edition",
    metavar=f"N|{_IN_FORCE}",
    help="Use the areas of this edition; in-force: for each case those of the edition in"
    " force when it was reported.",
)
@click.option("--level", help="Level of the edition to count by; default: the lowest.")
@click.option("--by", default=",".join(_BY), show_default=True, help="What to count by.")
@click.option("-o", "output", required=True, help=".parquet, .csv or .xlsx; - for stdout.")
@click.option("--force", is_flag=True, help="Replace the file if it exists.")
@click.option(
    "--bad-rows", type=_PATH, help="File for the first 1,000 rows that are not fully usable."
)
@click.option(
    "--lon", default="lon", show_default=True, help="Column with longitude or easting."
)
@click.option(
    "--lat", default="lat", show_default=True, help="Column with latitude or northing."
)
@click.option(
    "--reported-at",
    default="reported_at",
    show_default=True,
    help="Column with the time of the report.",
)
@click.option(
    "--category", default="category", show_default=True, help="Column with the category."
)
@click.option("--tz", help="Time zone of times without an offset; default: GRIDMGMT_TZ.")
@crs_option
@click.option(
    "--snap-m",
    type=DecimalRangeParam(min=0),
    help="Take the nearest area within so many metres, 0: never; default: GRIDMGMT_SNAP_M.",
)
@crew_options
@click.pass_obj
def count(settings: Settings, /, folder: Path, **asked: Any) -> None:
    """Count the rows of the Parquet files in FOLDER by day, area and category.

    Days are days of GRIDMGMT_TZ. Rows outside all areas have the area '', so that the counts
    add up to the number of rows.
    """
    from gridmgmt.cli.progress import progress_bar
    from gridmgmt.services.archives.archives import count_archive

    # Before any work: counting may take long, and a file in the way is known now.
    _check_outputs(folder, asked)
    by = _keys(asked)
    with TemporaryDirectory(prefix="gridmgmt-") as scratch:
        areas = _areas(settings, asked, Path(scratch)) if "area" in by else None
        rules = _rules(settings, asked, by, None if areas is None else areas.judging)
        crew = crew_of(asked["cluster"], asked["workers"])
        with progress_bar() as progress, crew as workers:
            counted = count_archive(
                folder,
                rules,
                workers,
                above=None if areas is None else areas.above,
                progress=progress,
            )
    _write(counted, asked)
    _summarise(counted, asked["output"])


def _check_outputs(folder: Path, asked: dict[str, Any]) -> None:
    output, bad_rows, force = Path(asked["output"]), asked["bad_rows"], asked["force"]
    given = [path for path in (folder, asked["area_file"]) if path is not None]
    check_table_output(output, force=force, given=given, parquet=True)
    is_parquet = output.suffix.lower() == ".parquet"
    # The next count would read this file as part of the archive.
    if is_parquet and folder.resolve() in output.resolve().parents:
        message = f"{output} would belong to the archive that is read; choose another folder"
        raise InputError(field="-o", message=message)
    if bad_rows is None:
        return
    check_table_output(bad_rows, force=force, given=given, option="--bad-rows")
    if bad_rows.resolve() == output.resolve():
        message = f"{bad_rows} is the file of -o too; choose another name"
        raise InputError(field="--bad-rows", message=message)


def _keys(asked: dict[str, Any]) -> tuple[str, ...]:
    """Return the columns to count by, in their order.

    All problems are raised together.
    """
    wanted = [one.strip() for one in asked["by"].split(",") if one.strip()]
    # All problems at once, so that nobody types the command once for each.
    problems = [f"nothing can be counted by {one!r}" for one in wanted if one not in _BY]
    if not wanted:
        problems.append(f"name some of {', '.join(_BY)}")
    sources = [asked["area_file"], asked["edition"]]
    if "area" in wanted and sources.count(None) != 1:
        problems.append("areas come from --areas or from --edition: name one of them")
    if "area" not in wanted and sources.count(None) != 2:
        problems.append("--areas and --edition are of use only with --by area")
    if asked["area_file"] is not None and asked["code"] is None:
        problems.append("--areas needs --code, the field that holds the codes")
    if asked["level"] is not None and asked["edition"] is None:
        problems.append("--level is of use only with --edition")
    if problems:
        raise InputError(field="--by", message="; ".join(problems), problems=problems)
    if asked["edition"] is not None:
        # A code is another area in each edition, so its counts are kept apart.
        wanted.append("edition")
    from gridmgmt.services.archives.counting import KEYS

    return tuple(key for key in KEYS if key in wanted)


def area_file_of(settings: Settings, asked: Mapping[str, Any]) -> "AreaFile":
    """Return the file of areas that the options of a command name."""
    from gridmgmt.exchange.content.area_layers import AreaFile, OnDuplicate
    from gridmgmt.services.files.datums import named_datum

    return AreaFile(
        path=asked["area_file"],
        code=asked["code"],
        name=asked["code"],
        layer=asked["layer"],
        where=asked["where"],
        datum=named_datum(asked["areas_crs"], settings.crs_table, field="areas-crs"),
        encoding=asked["areas_encoding"],
        on_duplicate=OnDuplicate.DISSOLVE,
        mend=asked["mend"],
    )


def _areas(settings: Settings, asked: dict[str, Any], scratch: Path) -> "JudgingAreas":
    from gridmgmt.services.archives.editions import edition_areas, file_areas

    if asked["edition"] is not None:
        number = None if asked["edition"] == _IN_FORCE else _number(asked["edition"])
        now = datetime.now(UTC)
        with work(settings, commit=None) as conn:
            return edition_areas(
                conn,
                scratch,
                number=number,
                level=asked["level"],
                now=now,
                home=settings.home,
            )
    found, notes = file_areas(area_file_of(settings, asked), scratch)
    for note in notes:
        say(f"areas: {note}")
    return found


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        message = f"{text!r} is not an edition; write its number, or {_IN_FORCE}"
        raise InputError(field="--edition", message=message)
    return int(text)


def _rules(
    settings: Settings, asked: dict[str, Any], by: tuple[str, ...], judging: "Judging | None"
) -> "CountRules":
    from gridmgmt.services.archives.counting import CountRules
    from gridmgmt.services.files.datums import named_datum

    return CountRules(
        by=by,
        names=(asked["lon"], asked["lat"]),
        said=named_datum(asked["crs"], settings.crs_table),
        reported_at=asked["reported_at"],
        category=asked["category"],
        tz=settings.tz,
        clock=settings.tz if asked["tz"] is None else _zone(asked["tz"]),
        judging=judging,
        snap_m=settings.snap_m if asked["snap_m"] is None else asked["snap_m"],
    )


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        message = f"{name!r} is not a time zone; write one like Asia/Shanghai"
        raise InputError(field="--tz", message=message) from error


def _write(counted: "CountedArchive", asked: dict[str, Any]) -> None:
    from gridmgmt.exchange.bytes.safe_tables import write_table
    from gridmgmt.exchange.tables.parquet_archives import write_columns

    if str(asked["output"]).lower().endswith(".parquet"):
        write_columns(Path(asked["output"]), counted.table)
    else:
        rows = (row.values() for row in counted.table.to_pylist())
        write_table(asked["output"], counted.table.column_names, map(list, rows))
    if asked["bad_rows"] is not None:
        first = counted.bad.first
        write_table(
            asked["bad_rows"],
            ("file", "row", "reason"),
            ([one.file, one.row, one.reason] for one in first),
        )


def _summarise(counted: "CountedArchive", output: str) -> None:
    for note in counted.notes:
        say(note)
    nowhere = "" if counted.unlocated is None else f", {counted.unlocated:,} in no area"
    say(
        f"{counted.rows:,} rows of {counted.files:,} file(s) in {len(counted.table):,} counts"
        f"{nowhere}; {counted.bad.count:,} not usable in full"
    )
    say_bad_rows(counted.bad, "counts" if output == "-" else Path(output))
    if output != "-":
        say(f"written to {output}")
