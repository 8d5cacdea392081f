"""What the import commands of all nouns share: their options, and how they report."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from gridmgmt.cli.work import (
    commit_option,
    crs_option,
    encoding_option,
    json_option,
    print_json,
    say,
)
from gridmgmt.settings import Settings

if TYPE_CHECKING:
    from gridmgmt.services.import_files import FileOptions
    from gridmgmt.services.row_imports import ImportSummary

Command = TypeVar("Command", bound=Callable[..., Any])


def parse_mapping(
    ctx: click.Context, param: click.Parameter, values: tuple[str, ...]
) -> dict[str, str]:
    """Read ``--map field=column,…``; given several times, a column name may hold a comma.

    A part without ``=`` belongs to the column name before it.
    """
    mapping: dict[str, str] = {}
    for value in values:
        field = ""
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
_map = click.option(
    "--map",
    "mapping",
    metavar="FIELD=COLUMN,…",
    multiple=True,
    callback=parse_mapping,
    help="Which columns hold the fields, where they have other names.",
)
_sheet = click.option("--sheet", "layer", help="Sheet of an XLSX file with several.")
_layer = click.option("--layer", help="Layer or sheet of a file with several.")


def table_options(command: Command) -> Command:
    """Add what importing a table takes: FILE, --map, --sheet, --encoding, --commit, --json."""
    for option in (json_option, commit_option, encoding_option, _sheet, _map, _file):
        command = option(command)
    return command


def layer_options(command: Command) -> Command:
    """Add what importing a layer takes: as for a table, and --layer and --crs."""
    options = (json_option, commit_option, encoding_option, crs_option, _layer, _map, _file)
    for option in options:
        command = option(command)
    return command


def file_options(
    settings: Settings,
    mapping: dict[str, str],
    layer: str | None,
    encoding: str | None,
    crs: str | None = None,
) -> "FileOptions":
    """Put together what a person said about the file."""
    from gridmgmt.services.datums import named_datum
    from gridmgmt.services.import_files import FileOptions

    return FileOptions(mapping, layer, named_datum(crs, settings.crs_table), encoding)


def report(summary: "ImportSummary", *, as_json: bool) -> None:
    """Tell what an import did, or would do."""
    if as_json:
        print_json(summary.to_json())
    for note in summary.notes:
        say(f"note: {note}")
    if summary.unmapped:
        say(f"columns not stored: {', '.join(summary.unmapped)}")
    say(
        f"{summary.path}: {summary.added:,} {summary.noun} record(s) added,"
        f" {summary.changed:,} changed, {summary.unchanged:,} unchanged"
    )
