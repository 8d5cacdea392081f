"""Options and reports that the import commands of all nouns share."""

from collections.abc import Callable, Iterable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gridmgmt.cli.problems import say_notes
from gridmgmt.cli.work import (
    commit_option,
    crs_option,
    encoding_option,
    json_option,
    mend_option,
    print_json,
    say,
    where_option,
    work,
)
from gridmgmt.errors import InputError
from gridmgmt.settings import Settings

if TYPE_CHECKING:
    from gridmgmt.domain.date_format import DateFormat
    from gridmgmt.services.record_imports.rows import ImportSummary

Run = Callable[..., "ImportSummary"]


def parse_mapping(
    ctx: click.Context, param: click.Parameter, values: tuple[str, ...]
) -> dict[str, str]:
    """Parse ``--map field=column,…``, which may be given several times.

    A column name may hold a comma: a part without ``=`` belongs to the column name before it.
    """
    mapping: dict[str, str] = {}
    for value in values:
        field = ""
        # Columns of bureau files do hold commas ("address, full"), so a comma alone does not
        # separate.
        for part in value.split(","):
            name, equals, column = part.partition("=")
            if equals:
                field = name.strip()
                mapping[field] = column.strip()
            elif field:
                mapping[field] += f",{part}"
            else:
                message = f"{part!r} is not field=column"
                raise click.BadParameter(message, ctx, param)
    if not all(mapping) or not all(mapping.values()):
        message = "write field=column,field=column"
        raise click.BadParameter(message, ctx, param)
    return mapping


_file = click.argument("path", metavar="FILE", type=click.Path(path_type=Path))
mapping_option = click.option(
    "--map",
    "mapping",
    metavar="FIELD=COLUMN,…",
    multiple=True,
    callback=parse_mapping,
    help="Columns that hold the fields, if they have other names.",
)
sheet_option = click.option(
    "--sheet", "layer", help="Sheet of an XLSX file, if it has several."
)
_layer = click.option(
    "--layer", "--sheet", "layer", help="Layer or sheet of the file, if it has several."
)
_LAYER = (where_option, _layer)
_LAST = (json_option, commit_option)


class _FormatParam(click.ParamType["DateFormat"]):
    """A format of dates like MM/DD/YYYY hh:mm A."""

    name = "format"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> "DateFormat":
        """Parse the format, or fail with a message that says what to write."""
        from gridmgmt.domain.date_format import parse_format

        try:
            return parse_format(str(value))
        except InputError as error:
            self.fail(error.message, param, ctx)


date_format_option = click.option(
    "--date-format",
    "date_formats",
    type=_FormatParam(),
    multiple=True,
    metavar="[FIELD=]FORMAT",
    help='Format of the dates, e.g. "MM/DD/YYYY hh:mm A" (M, D, H, h and YY for fewer digits,'
    ' MMM for Jan), or of one field: "due_at=DD/MM/YYYY"; may be stated several times. Dates'
    " that begin with the year need none.",
)


def table_import(run: Run) -> Callable[..., None]:
    """Return a command that imports a table: FILE, --map, --sheet, --encoding and others.

    ``run(settings, conn, path, options, **own)`` imports the file in the one transaction of the
    command; ``own`` are the options the noun itself adds.
    """
    return _command(run, (*_LAST, encoding_option, sheet_option, mapping_option, _file))


def dated_table_import(run: Run) -> Callable[..., None]:
    """Return a command that imports a table with dates: as for others, with --date-format."""
    options = (*_LAST, encoding_option, date_format_option, sheet_option, mapping_option, _file)
    return _command(run, options)


def layer_import(run: Run) -> Callable[..., None]:
    """Return a command that imports a layer: for a table, with --layer, --where, --crs."""
    options = (*_LAST, mend_option, encoding_option, crs_option, *_LAYER, mapping_option, _file)
    return _command(run, options)


def dated_layer_import(run: Run) -> Callable[..., None]:
    """Return a command that imports a layer with dates: as for others, with --date-format."""
    options = (
        *_LAST,
        mend_option,
        encoding_option,
        date_format_option,
        crs_option,
        *_LAYER,
        mapping_option,
        _file,
    )
    return _command(run, options)


def _command(run: Run, options: Iterable[Callable[[Any], Any]]) -> Callable[..., None]:
    @wraps(run)
    @click.pass_obj
    def command(
        settings: Settings,
        /,
        path: Path,
        mapping: dict[str, str],
        layer: str | None,
        encoding: str | None,
        commit: bool,
        as_json: bool,
        crs: str | None = None,
        mend: bool = False,
        date_formats: "tuple[DateFormat, ...]" = (),
        where: str | None = None,
        **own: Any,
    ) -> None:
        from gridmgmt.domain.date_reader import DateReader
        from gridmgmt.exchange.content.import_files import FileOptions
        from gridmgmt.services.files.datums import named_datum

        datum = named_datum(crs, settings.crs_table)
        said = FileOptions(
            mapping,
            layer,
            datum,
            encoding,
            DateReader(settings.tz, date_formats, can_state=True),
            where,
            mend,
        )
        with work(settings, commit=commit) as conn:
            report(run(settings, conn, path, said, **own), as_json=as_json)

    # Options are added from the last to the first, because click lists the one added last
    # first.
    for option in options:
        command = option(command)
    return command


def report(summary: "ImportSummary", *, as_json: bool) -> None:
    """Print what an import did, or would do."""
    if as_json:
        print_json(summary.to_json())
    say_notes(summary.notes, Path(f"{Path(summary.path).stem}-notes"))
    if summary.unmapped:
        say(f"columns not stored: {', '.join(summary.unmapped)}")
    say(
        f"{summary.path}: {summary.added:,} {summary.noun} record(s) added,"
        f" {summary.changed:,} changed, {summary.unchanged:,} unchanged"
    )
