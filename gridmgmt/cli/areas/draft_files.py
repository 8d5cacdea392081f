"""``gridmgmt draft export|import``: drafts as files for QGIS, and areas from files."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gridmgmt.cli.areas.edit_words import told_areas
from gridmgmt.cli.areas.takes import take_option, taken
from gridmgmt.cli.imports import parse_mapping
from gridmgmt.cli.numbers import DecimalRangeParam, WholeParam
from gridmgmt.cli.outputs import check_output
from gridmgmt.cli.problems import say_notes
from gridmgmt.cli.work import (
    commit_option,
    crs_option,
    encoding_option,
    mend_option,
    say,
    where_option,
    work,
)
from gridmgmt.errors import InputError
from gridmgmt.sentence import Sentence
from gridmgmt.settings import Settings

if TYPE_CHECKING:
    from gridmgmt.geometry.merging.vertex_snaps import NearVertex


# Options of an import that a file of `draft export` needs; the others are about other files.
_OF_EDITS = {"drop", "vertex_snap_m", "take", "on_duplicate"}
_SINGULAR = {"attributes": "attribute"}


@click.command("export")
@click.argument("label")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    metavar="FILE",
    help="GeoPackage to write.",
)
@click.option("--force", is_flag=True, help="Replace the file if it exists.")
@click.pass_obj
def export(settings: Settings, label: str, output: Path, force: bool) -> None:
    """Export a draft with its base edition and styles as a GeoPackage for QGIS.

    There is a layer for each level, and one of the base edition beside it. Edit the layers of
    the levels, save, and give the file to draft import: only what was edited is a change. In
    QGIS switch topological editing on, so that a border moves for both its sides.
    """
    from gridmgmt.services.workbench import draft_files

    # It may hold what somebody drew and has not brought back yet.
    check_output(output, force=force, suffixes=(".gpkg",))
    with work(settings, commit=None) as conn:
        made = draft_files.export(
            conn, label, output, actor=settings.actor, now=datetime.now(UTC)
        )
    counted = ", ".join(f"{count} {level}" for level, count in made.items())
    say(f"draft {label!r} written to {output}: {counted}")


@click.command("import")
@click.argument("label")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--level", help="Level of the areas, see `level list`.")
@click.option("--code", metavar="FIELD", help="Field with the codes.")
@click.option("--name", metavar="FIELD", help="Field with the names.")
@click.option("--parent", metavar="FIELD", help="Field with the codes of the parents.")
@click.option(
    "--attribute",
    "attributes",
    multiple=True,
    callback=parse_mapping,
    metavar="NAME=FIELD",
    help="Field with an attribute, see `level attributes`; those headed like one are found.",
)
@click.option("--layer", help="Layer of the file, if it has several.")
@where_option
@crs_option
@click.option(
    "--crs-is-right",
    is_flag=True,
    help="Import areas that would coincide with the stored ones only by another CRS.",
)
@encoding_option
@mend_option
@click.option(
    "--on-duplicate",
    type=click.Choice(["refuse", "dissolve"]),
    default="refuse",
    show_default=True,
    help="What to do with several features of one code.",
)
@click.option("--merge", is_flag=True, help="Keep areas that are not in the file.")
@click.option("--within", metavar="CODE", help="Replace only the children of this parent.")
@click.option(
    "--drop",
    type=WholeParam(),
    metavar="COUNT",
    help="Areas to be dropped; must be said if they are more than 5 % of the level.",
)
@click.option(
    "--vertex-snap-m",
    type=DecimalRangeParam(0, 10),
    metavar="METRES",
    help="In a file of `draft export`: put vertices of neighbours nearer than this together.",
)
@take_option
@commit_option
@click.pass_obj
def import_(
    settings: Settings, /, label: str, file: Path, commit: bool, **options: Any
) -> None:
    """Import the areas of a level from FILE into a draft.

    FILE is a GeoPackage, GeoJSON, FlatGeobuf, KML, GML or DXF, or a Shapefile, MapInfo table
    (TAB, MIF) or File Geodatabase by its name, its folder or a zip of all its files. In a DXF
    closed polylines are areas; --code may be Layer, or Text for the one text inside.

    FILE must have all areas of the level: areas that are missing in FILE are dropped, and an
    earlier import of the level into this draft is replaced. With --merge only the areas in FILE
    change; with --within only the children of CODE. Without --parent, each area gets the parent
    that it overlaps most.

    A file of `draft export` is imported without --level: what was edited in it is changed in
    the draft, all levels at once. Vertices of neighbours that lie near and not on each other
    are listed.
    """
    missing = [f"--{name}" for name in ("level", "code", "name") if options[name] is None]
    if missing:
        _import_edits(settings, label, file, ", ".join(missing), options, commit=commit)
    else:
        _import_level(settings, label, file, options, commit=commit)


def _import_level(
    settings: Settings, label: str, file: Path, options: Mapping[str, Any], *, commit: bool
) -> None:
    """Import the areas of a level from a file of any program."""
    from gridmgmt.exchange.content.area_layers import AreaFile, OnDuplicate
    from gridmgmt.services.drafts import drafts
    from gridmgmt.services.files.datums import named_datum

    level, merge, within = options["level"], options["merge"], options["within"]
    given = AreaFile(
        path=file,
        code=options["code"],
        name=options["name"],
        parent=options["parent"],
        layer=options["layer"],
        where=options["where"],
        datum=named_datum(options["crs"], settings.crs_table),
        encoding=options["encoding"],
        on_duplicate=OnDuplicate(options["on_duplicate"]),
        mend=options["mend"],
        attributes=options["attributes"],
    )
    with work(settings, commit=commit) as conn:
        done = drafts.import_areas(
            conn, label, level, given, actor=settings.actor, merge=merge, within=within
        )
        say_notes(done.notes, f"{file.stem}-notes")
        say(
            f"{level}: {done.added} added, {done.altered} altered, {done.dropped} dropped,"
            f" {done.unchanged} unchanged"
        )
        if not options["crs_is_right"]:
            done.refuse_other_datum()
        done.refuse_unconfirmed(options["drop"])


def _import_edits(
    settings: Settings,
    label: str,
    file: Path,
    missing: str,
    options: Mapping[str, Any],
    *,
    commit: bool,
) -> None:
    """Import what was edited in a file of `draft export`."""
    from gridmgmt.exchange.reading.files import read_draft_mark
    from gridmgmt.services.workbench import edited_imports

    snap_m = options["vertex_snap_m"] or 0.0
    mark = read_draft_mark(file)
    if mark is None:
        said = Sentence(
            "{} is no file of `draft export`: say {} as well", repr(file.name), missing
        )
        raise InputError(field="level", message=said)
    given = {name: value for name, value in options.items() if value and name not in _OF_EDITS}
    beside = ["--" + _SINGULAR.get(name, name).replace("_", "-") for name in given]
    if beside:
        message = (
            f"{file.name!r} is a file of `draft export` and says that itself: leave"
            f" {', '.join(beside)} out, or say {missing} to import one level of it"
        )
        raise InputError(field="file", message=message)
    with work(settings, commit=commit) as conn:
        done = edited_imports.import_edits(
            conn,
            label,
            file,
            mark,
            border_m=settings.border_m,
            actor=settings.actor,
            snap_m=snap_m,
            take=taken(options["take"]),
        )
        say_notes(done.notes, f"{file.stem}-notes")
        say_notes(map(_near_told, done.near), f"{file.stem}-near")
        if done.snapped:
            say(f"vertices put on those of neighbours within {snap_m:g} m: {done.snapped}")
        if done.near:
            say(
                "vertices that lie near those of others and not on them:"
                f" {len(done.near)}; --vertex-snap-m puts them together"
            )
        if done.fault is not None:
            say(f"note: worse than before: {done.fault}")
        if done.number is None:
            say("nothing was edited in the file")
        else:
            click.echo(f"{done.number} import: {told_areas(done.edited)}")
        done.refuse_unconfirmed(options["drop"])


def _near_told(near: "NearVertex") -> Sentence:
    lon, lat = near.lonlat
    return Sentence(
        "{}: the vertex of {} at {} {} lies {} m from the border of {}",
        near.level,
        ", ".join(near.codes),
        f"{lon:.8f}",
        f"{lat:.8f}",
        f"{near.metres:.4f}",
        ", ".join(near.others),
    )


COMMANDS = (export, import_)
