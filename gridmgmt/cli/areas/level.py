"""``gridmgmt level``: the levels of the area tree."""

from dataclasses import asdict
from pathlib import Path

import click

from gridmgmt.cli.columns import print_columns
from gridmgmt.cli.imports import sheet_option
from gridmgmt.cli.problems import say_notes
from gridmgmt.cli.work import (
    commit_option,
    encoding_option,
    json_option,
    print_json,
    say,
    work,
)
from gridmgmt.domain.areas.area import Level
from gridmgmt.settings import Settings


@click.group()
def level() -> None:
    """List or set the levels of the area tree."""


@level.command("list")
@json_option
@click.pass_obj
def list_(settings: Settings, as_json: bool) -> None:
    """List the levels from the topmost down."""
    from gridmgmt.store.areas.levels import list_levels

    with work(settings, commit=None) as conn:
        found = list_levels(conn)
    if as_json:
        print_json([_plain(one) for one in found])
        return
    print_columns(
        ("level", "name_zh", "name_en", "code_pattern", "size_m2", "tolerance_m2"),
        [
            (o.name, o.name_zh, o.name_en, o.code_pattern, o.size_m2, o.tolerance_m2)
            for o in found
        ],
    )


def _plain(one: Level) -> dict[str, object]:
    # The name of the column in the file that `level set` reads.
    plain = asdict(one)
    return {"level": plain.pop("name"), **plain}


@level.command("attributes")
@json_option
@click.pass_obj
def attributes(settings: Settings, as_json: bool) -> None:
    """List the attributes of areas, levels from the topmost down."""
    from gridmgmt.services.areas.attributes import list_attributes

    with work(settings, commit=None) as conn:
        found = list_attributes(conn)
    if as_json:
        print_json([asdict(one) for one in found])
        return
    print_columns(
        ("level", "name", "name_zh", "name_en", "kind", "allowed"),
        [(o.level, o.name, o.name_zh, o.name_en, o.kind, "|".join(o.allowed)) for o in found],
    )


@level.command("set-attributes")
@click.argument("file", type=click.Path(path_type=Path))
@encoding_option
@sheet_option
@commit_option
@click.pass_obj
def set_attributes(
    settings: Settings, file: Path, encoding: str | None, layer: str | None, commit: bool
) -> None:
    """Replace the attributes of areas by those in FILE (CSV or XLSX).

    Columns: level,name,name_zh,name_en,kind,allowed. The kind is text, number or day; allowed
    are the values a text may have, with | between them, empty for any. What areas or drafts
    have cannot be removed.
    """
    from gridmgmt.services.areas import attributes as services

    with work(settings, commit=commit) as conn:
        done = services.set_attributes(
            conn, file, actor=settings.actor, encoding=encoding, sheet=layer
        )
        say_notes(done.notes, f"{file.stem}-notes")
        told = ", ".join(f"{one.level}.{one.name}" for one in done.attributes)
        say(f"attributes: {told or 'none'}")
        if done.added:
            say(f"added: {', '.join(done.added)}")
        if done.removed:
            say(f"removed: {', '.join(done.removed)}")


@level.command("set")
@click.argument("file", type=click.Path(path_type=Path))
@encoding_option
@sheet_option
@commit_option
@click.pass_obj
def set_(
    settings: Settings, file: Path, encoding: str | None, layer: str | None, commit: bool
) -> None:
    """Replace the levels by the levels in FILE (CSV or XLSX).

    Columns: level,name_zh,name_en,code_pattern,size_m2,tolerance_m2, with the topmost level
    first. Above its tolerance an overlap, gap or overhang of a level blocks publishing; empty:
    that of the command. A level
    in use cannot be removed, and cannot move above the level that its areas lie in.
    """
    from gridmgmt.services.areas.levels import set_levels

    with work(settings, commit=commit) as conn:
        done = set_levels(conn, file, actor=settings.actor, encoding=encoding, sheet=layer)
        say_notes(done.notes, f"{file.stem}-notes")
        say(f"levels: {' > '.join(one.name for one in done.levels)}")
        for change in done.changed:
            say(f"changed: {change.sentence}")
        if done.added:
            say(f"added: {', '.join(done.added)}")
        if done.removed:
            say(f"removed: {', '.join(done.removed)}")
