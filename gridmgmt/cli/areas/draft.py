"""``gridmgmt draft``: changes to an edition, from import to publication."""

import shlex
from dataclasses import asdict
from datetime import datetime
from itertools import groupby

import click

from gridmgmt.cli.areas import (
    draft_edits,
    draft_files,
    draft_impact,
    draft_repairs,
    draft_reviews,
    draft_sheets,
)
from gridmgmt.cli.areas.draft_problems import print_problems
from gridmgmt.cli.areas.edit_words import told_row
from gridmgmt.cli.areas.publications import publish_draft, tolerance_option
from gridmgmt.cli.columns import print_columns
from gridmgmt.cli.problems import say_notes
from gridmgmt.cli.work import (
    commit_option,
    json_option,
    print_json,
    say,
    work,
)
from gridmgmt.domain.areas.attributes import as_text
from gridmgmt.domain.moments import shown
from gridmgmt.settings import Settings


@click.group()
def draft() -> None:
    """Change areas: open a draft, import areas into it, edit, check, review and publish it."""


for _command in (
    *draft_edits.COMMANDS,
    *draft_files.COMMANDS,
    draft_repairs.repairs,
    *draft_reviews.COMMANDS,
    draft_impact.impact,
    draft_sheets.sheet,
):
    draft.add_command(_command)


@draft.command("create")
@click.argument("label")
@commit_option
@click.pass_obj
def create(settings: Settings, label: str, commit: bool) -> None:
    """Open a draft based on the newest edition."""
    from gridmgmt.services.drafts import drafts

    with work(settings, commit=commit) as conn:
        made = drafts.create(conn, label, actor=settings.actor)
        base = "nothing" if made.base_edition is None else f"edition {made.base_edition}"
        say(f"draft {label!r} opened on top of {base}")


@draft.command("list")
@json_option
@click.pass_obj
def list_(settings: Settings, as_json: bool) -> None:
    """List the drafts, newest last."""
    from gridmgmt.store.areas.drafts import list_drafts

    with work(settings, commit=None) as conn:
        found = list_drafts(conn)
    if as_json:
        print_json([asdict(one) for one in found])
        return
    print_columns(
        ("label", "status", "base", "edition", "created", "by"),
        [
            (
                one.label,
                one.status,
                one.base_edition,
                one.edition,
                shown(one.created_at, settings.tz),
                one.created_by,
            )
            for one in found
        ],
    )


@draft.command("delete")
@click.argument("label")
@commit_option
@click.pass_obj
def delete(settings: Settings, label: str, commit: bool) -> None:
    """Delete an open draft with all its changes."""
    from gridmgmt.services.drafts import drafts

    with work(settings, commit=commit) as conn:
        changes = drafts.delete(conn, label, actor=settings.actor)
        say(f"draft {label!r} deleted with {changes} change(s)")


@draft.command("show")
@click.argument("label")
@json_option
@click.pass_obj
def show(settings: Settings, label: str, as_json: bool) -> None:
    """Show the changes of a draft, and its review."""
    from gridmgmt.domain.areas.draft import Action
    from gridmgmt.services.drafts import reviews
    from gridmgmt.store.areas.draft_records import read_records
    from gridmgmt.store.areas.drafts import get_draft, list_changes

    with work(settings, commit=None) as conn:
        one = get_draft(conn, label)
        review = reviews.review_of(conn, one)
        changes = list_changes(conn, one.id)
        rows = list(read_records(conn, one.id).values())
    counts = {
        level: {str(action): sum(o.action is action for o in found) for action in Action}
        for level, found in (
            (name, list(group)) for name, group in groupby(changes, lambda o: o.level)
        )
    }
    if as_json:
        listed = [asdict(change) for change in changes]
        reviewed = asdict(review)
        told = {name: reviewed[name] for name in ("steps", "comments")}
        shown_rows = [asdict(row) for row in rows]
        print_json(
            {
                "draft": asdict(one),
                "counts": counts,
                "changes": listed,
                "rows": shown_rows,
                "review": told,
            }
        )
        return
    base = "nothing" if one.base_edition is None else f"edition {one.base_edition}"
    say(f"draft {label!r} ({one.status}) by {one.created_by}, on top of {base}")
    draft_reviews.tell_review(settings, review)
    print_columns(
        ("level", "code", "action", "name", "parent", "attributes", "source"),
        [
            (o.level, o.code, o.action, o.name, o.parent_code, as_text(o.attributes), o.source)
            for o in changes
        ],
    )
    for row in rows:
        click.echo(f"edit {row.edit}: {told_row(row.kind.said, row.name, row)}")
    for level, by_action in counts.items():
        said = ", ".join(f"{number} {action}" for action, number in by_action.items())
        say(f"{level}: {said}")


@draft.command("check")
@click.argument("label")
@tolerance_option
@json_option
@click.pass_context
def check(ctx: click.Context, label: str, tolerance_m2: float, as_json: bool) -> None:
    """Check the areas as the draft would make them. Every problem has its m² and place.

    Duties and other rows of the draft are read as if it were published today. --json prints
    GeoJSON. The exit code is 4 if a problem blocks publishing, otherwise 0.
    """
    from gridmgmt.cli import exit_code
    from gridmgmt.errors import CoverageError
    from gridmgmt.geometry.coverage.problem import MENDABLE
    from gridmgmt.geometry.coverage.problem_report import feature_collection
    from gridmgmt.services.drafts import checks

    settings: Settings = ctx.obj
    with work(settings, commit=None) as conn:
        done = checks.check(conn, label, tolerance_m2=tolerance_m2)
        rows = checks.check_rows(conn, label, datetime.now(settings.tz))
    if as_json:
        print_json(feature_collection(done.problems))
    else:
        print_problems(label, done.problems)
    say_notes(done.notes, f"{label}-notes")
    for problem in rows:
        say(f"error: {problem}")
    counted = ", ".join(f"{count} {level}" for level, count in done.areas.items()) or "no"
    say(
        f"{counted} area(s) checked with a tolerance of {tolerance_m2:g} m²:"
        f" {len(done.errors)} error(s), {len(done.problems) - len(done.errors)} warning(s)"
    )
    if rows:
        say(f"{len(rows)} problem(s) of duties and other rows beside the areas")
    if any(one.kind in MENDABLE for one in done.problems):
        say(f"gridmgmt draft repairs {shlex.quote(label)} proposes operations that mend them")
    # The exit code of a refused publication, so that a script can stop here.
    if done.errors or rows:
        ctx.exit(exit_code(CoverageError(label, [])))


@draft.command("publish")
@click.argument("label")
@click.option(
    "--effective-from",
    required=True,
    metavar="DATE",
    help="When it takes effect; a date alone means 00:00 in the bureau's time zone.",
)
@tolerance_option
@commit_option
@click.pass_obj
def publish(
    settings: Settings, label: str, effective_from: str, tolerance_m2: float, commit: bool
) -> None:
    """Publish a draft as the next edition.

    GRIDMGMT_REVIEW says whether another account must have approved it; a submitted draft is
    published only then.
    """
    with work(settings, commit=commit) as conn:
        publish_draft(conn, settings, label, effective_from, tolerance_m2=tolerance_m2)
