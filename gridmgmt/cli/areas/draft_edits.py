"""``gridmgmt draft edit|undo|redo|history``: edit the areas of a draft by operations."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from gridmgmt.cli.areas.edit_words import told_areas, told_row
from gridmgmt.cli.areas.entry_words import told_entry
from gridmgmt.cli.areas.takes import take_option, taken
from gridmgmt.cli.columns import print_columns
from gridmgmt.cli.work import (
    commit_option,
    crs_option,
    encoding_option,
    json_option,
    print_json,
    say,
    where_option,
    work,
)
from gridmgmt.domain.moments import shown
from gridmgmt.errors import LayerError
from gridmgmt.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from gridmgmt.domain.areas.edit_log import LoggedEdit, LoggedSides
    from gridmgmt.services.workbench.editing import AnyOperation, DraftEdit


def _print_schema(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if not wanted:
        return
    from gridmgmt.services.workbench.operation_files import schema

    print_json(schema())
    ctx.exit()


class _WithOperations(click.Command):
    """Lists the operations below the options; they are read only then."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        from gridmgmt.services.workbench.operation_files import told_operations

        with formatter.section("Operations, the value of op, with their other fields"):
            formatter.write_dl(told_operations())
        formatter.write_paragraph()
        formatter.write_text("Examples stand in docs/commands.md.")


@click.command("edit", cls=_WithOperations)
@click.argument("label")
@click.argument("file", type=click.Path(allow_dash=True))
@click.option("--reason", metavar="TEXT", help="Why, for the log of the draft.")
@click.option(
    "--schema",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_schema,
    help="Print the JSON Schema of a line of FILE and stop.",
)
@click.option(
    "--lines",
    type=click.Path(path_type=Path),
    metavar="LAYER",
    help='A file with lines or polygons to align to: the layer "file" of operations.',
)
@click.option("--layer", help="Layer of that file, if it has several.")
@where_option
@crs_option
@encoding_option
@commit_option
@click.pass_obj
def edit(
    settings: Settings,
    label: str,
    file: str,
    reason: str | None,
    lines: Path | None,
    layer: str | None,
    where: str | None,
    crs: str | None,
    encoding: str | None,
    commit: bool,
) -> None:
    """Apply the operations in FILE to a draft, all of them or none.

    FILE has one JSON object a line; - reads standard input. An edit of cells takes the borders
    of their community and street along where they run together. Duties, zones, members of
    groups and road segments are stated by the columns of their files, and stored when the draft
    is published: from the day on which the edition takes effect, or a later one. --layer,
    --where, --crs and --encoding are about the file of --lines.
    """
    from gridmgmt.services.files.datums import named_datum
    from gridmgmt.services.workbench import editing
    from gridmgmt.services.workbench.line_layers import read_line_layer

    operations = _operations(file)
    beside = None
    if lines is not None:
        datum = named_datum(crs, settings.crs_table)
        beside = read_line_layer(
            lines, layer=layer, where=where, datum=datum, encoding=encoding
        )
    with work(settings, commit=commit) as conn:
        done = editing.edit(
            conn,
            label,
            operations,
            border_m=settings.border_m,
            actor=settings.actor,
            reason=reason,
            lines=beside,
        )
        for one in done:
            click.echo(f"{one.number} {one.operation.op}: {_told(one)}")
        if not done:
            say(f"{file} has no operations")


def _operations(file: str) -> "list[AnyOperation]":
    from gridmgmt.services.workbench.operation_files import read_lines

    try:
        # With or without the mark that some editors put before the first line.
        with click.open_file(file, encoding="utf-8-sig") as lines:
            return read_lines(lines, file)
    except UnicodeDecodeError:
        raise LayerError(file, "is not UTF-8", remedy="save it as UTF-8") from None
    except OSError as error:
        raise LayerError(file, f"cannot be read: {error.strerror}") from error


def _told(done: "DraftEdit") -> str:
    record = done.record
    if record is None:
        return told_areas(done.edited)
    return told_row(record.known.kind.said, record.known.name, record.after)


@click.command("undo")
@click.argument("label")
@commit_option
@click.pass_obj
def undo(settings: Settings, label: str, commit: bool) -> None:
    """Undo the last edit of a draft that stands, whoever made it."""
    from gridmgmt.services.workbench import editing

    with work(settings, commit=commit) as conn:
        _tell(conn, label, "undone", editing.undo(conn, label, actor=settings.actor))


@click.command("redo")
@click.argument("label")
@commit_option
@click.pass_obj
def redo(settings: Settings, label: str, commit: bool) -> None:
    """Redo the edit of a draft that was undone last."""
    from gridmgmt.services.workbench import editing

    with work(settings, commit=commit) as conn:
        _tell(conn, label, "redone", editing.redo(conn, label, actor=settings.actor))


def _tell(conn: "Connection", label: str, what: str, entry: "LoggedEdit") -> None:
    from gridmgmt.domain.areas.edit_log import LoggedSides
    from gridmgmt.services.workbench import told_edits

    sides = told_edits.changed_by(conn, label, [entry.number])
    told = told_entry(entry, sides.get(entry.number, LoggedSides()))
    say(f"{what}: {entry.number} {told}, by {entry.made_by}")


@click.command("history")
@click.argument("label")
@json_option
@click.pass_obj
def history(settings: Settings, label: str, as_json: bool) -> None:
    """List what was done to a draft, oldest first."""
    from dataclasses import asdict

    from gridmgmt.domain.areas.edit_log import stacks
    from gridmgmt.services.workbench import told_edits

    with work(settings, commit=None) as conn:
        named = told_edits.named_history(conn, label)
    log = [entry for entry, _ in named]
    if as_json:
        print_json([asdict(one) | {"changed": asdict(sides)} for one, sides in named])
        return
    standing = set(stacks(log).done)
    by_number = {one.number: one for one in log}
    print_columns(
        ("number", "what", "stands", "made", "by", "reason"),
        [
            (
                one.number,
                _told_step(one, by_number, sides),
                "yes" if one.number in standing else "",
                shown(one.made_at, settings.tz),
                one.made_by,
                one.reason,
            )
            for one, sides in named
        ],
    )


def _told_step(
    one: "LoggedEdit", by_number: "dict[int, LoggedEdit]", sides: "LoggedSides"
) -> str:
    if one.of is None:
        return told_entry(one, sides)
    return f"{one.operation} {one.of} {told_entry(by_number[one.of], sides)}"


@click.command("rebase")
@click.argument("label")
@take_option
@commit_option
@click.pass_obj
def rebase(settings: Settings, label: str, take: str | None, commit: bool) -> None:
    """Put a draft on the newest edition, together with what was published since its base.

    Where both changed the same border, name or parent, each conflict is told with the base, the
    draft's and the published version, and nothing is done; --take says whose stands there. It
    is one entry of the log, which draft undo takes back.
    """
    from gridmgmt.services.drafts import rebasing

    with work(settings, commit=commit) as conn:
        done = rebasing.rebase(
            conn, label, actor=settings.actor, tz=settings.tz, take=taken(take)
        )
        if done.onto is None:
            say(f"draft {label!r} rests on the newest edition")
            return
        for level, code in done.combined:
            click.echo(f"{level} {code}: the draft and the editions since together")
        say(f"draft {label!r} put on edition {done.onto}")


COMMANDS = (edit, undo, redo, history, rebase)
