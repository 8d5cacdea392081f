"""What the commands of ``export`` share: their options, and what they print."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gridmgmt.cli.problems import problem_lines
from gridmgmt.cli.work import Command, json_option, print_json, say

if TYPE_CHECKING:
    from gridmgmt.domain.headings import Language
    from gridmgmt.services.exports.files import ExportReport

# As in domain/headings.py, which takes time to load.
LANGUAGES = ("zh", "en")

shapefile_encoding = click.option(
    "--encoding",
    type=click.Choice(["utf-8", "gb18030"]),
    default="utf-8",
    show_default=True,
    help="Encoding of a shapefile's text.",
)


def headings_options(command: Command) -> Command:
    """Add the options ``--headings`` and ``--lang``: for whom the headings and values are."""
    command = click.option(
        "--lang",
        type=click.Choice(LANGUAGES),
        help="Language of headings for people; default: zh.",
    )(command)
    return click.option(
        "--headings",
        type=click.Choice(["machine", "people"]),
        help="Headings and values of a table: names of fields and values (default), or words "
        "for people, with names beside codes.",
    )(command)


def headings_language(headings: str | None, lang: str | None) -> "Language | None":
    """Return the language of headings for people, or None for those of programs.

    Raises
    ------
    InputError
        when a language is named for programs
    """
    from gridmgmt.errors import InputError

    if headings == "machine" and lang is not None:
        message = "names of fields have no language; leave --lang out"
        raise InputError(field="--lang", message=message)
    if headings != "people" and lang is None:
        return None
    return "en" if lang == "en" else "zh"


def file_options(formats: Sequence[str]) -> Callable[[Command], Command]:
    """Return the options of the written file, and ``--json``."""

    def add(command: Command) -> Command:
        options = (
            click.option(
                "--format",
                "fmt",
                type=click.Choice(formats),
                help="Format; default: by the suffix of the file.",
            ),
            click.option(
                "-o",
                "output",
                required=True,
                type=click.Path(path_type=Path),
                help="File to write; for a shapefile a .zip.",
            ),
            click.option("--force", is_flag=True, help="Replace the file if it exists."),
            json_option,
            click.pass_obj,
        )
        # click lists the option that is added last first.
        for option in reversed(options):
            command = option(command)
        return command

    return add


def chosen_format(output: Path, fmt: str | None, formats: Sequence[Any]) -> Any:
    """Return the format that a person named, else the one of the file's suffix.

    Raises
    ------
    InputError
        when neither names one of ``formats``
    """
    from gridmgmt.errors import InputError
    from gridmgmt.exchange.layers.layer_out import Format
    from gridmgmt.services.exports.files import format_of

    chosen = Format(fmt) if fmt else format_of(output)
    if chosen is None or chosen not in formats:
        message = f"{output.name} tells no format; add --format {'|'.join(formats)}"
        raise InputError(field="format", message=message)
    return chosen


# What a file has so many of, where that is not the plural of what was exported.
_COUNTED = {"density": "pixels of density"}


def tell_report(report: "ExportReport", *, as_json: bool) -> None:
    """Print what was written and what the file lacks; ``as_json`` also for a program."""
    for note in problem_lines(report.notes, f"{report.path.stem}-notes"):
        say(note)
    facts = "".join(f", {fact.key} {fact.value}" for fact in report.facts)
    crs = f", in {report.crs}" if report.crs else ""
    what = _COUNTED.get(report.noun, report.noun.replace("_", " "))
    say(f"{report.rows:,} {what}{facts}{crs}: {report.path}")
    # What a format cannot hold is said every time: nobody sees it in the file.
    losses = [str(loss) for loss in report.losses]
    for line in problem_lines(losses, f"{report.path.stem}-losses"):
        say(f"lost: {line}")
    if as_json:
        print_json(_as_json(report))


def _as_json(report: "ExportReport") -> dict[str, object]:
    return {
        "path": str(report.path),
        "noun": report.noun,
        "rows": report.rows,
        **{fact.key: fact.value for fact in report.facts},
        "crs": report.crs,
        "encoding": report.encoding,
        "notes": list(report.notes),
        "losses": [vars(loss) for loss in report.losses],
    }
