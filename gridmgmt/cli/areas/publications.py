"""What commands that publish share: the tolerance, the day, and what they tell."""

from typing import TYPE_CHECKING

import click

from gridmgmt.cli.areas.draft_problems import folded_lines, problem_sentence
from gridmgmt.cli.numbers import DecimalRangeParam
from gridmgmt.cli.problems import problem_sections, say_notes
from gridmgmt.cli.work import say
from gridmgmt.domain.areas.draft_record import FIRST_DAY, GEOMETRY, LAST_DAY
from gridmgmt.domain.moments import shown
from gridmgmt.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from gridmgmt.services.draft_records.row_changes import RowChange

# Stated and printed: borders of different offices never fit exactly, and even a union of cells
# that fit differs from their parent by floating point.
tolerance_option = click.option(
    "--tolerance-m2",
    type=DecimalRangeParam(min=0),
    default=1.0,
    show_default=True,
    metavar="N",
    help="An overlap, gap or overhang above N m² blocks publishing, a smaller one only warns;"
    " levels may have a tolerance of their own (`level set`).",
)


def publish_draft(
    conn: "Connection",
    settings: Settings,
    label: str,
    effective_from: str,
    *,
    tolerance_m2: float,
) -> None:
    """Publish a draft by the rule of the deployment for commands, and tell what was done."""
    from gridmgmt.domain.areas.edition import parse_effective_from
    from gridmgmt.domain.areas.review import BY_COMMAND
    from gridmgmt.services.drafts import publishing

    done = publishing.publish(
        conn,
        label,
        parse_effective_from(effective_from, settings.tz),
        actor=settings.actor,
        tolerance_m2=tolerance_m2,
        rules=settings.judging_rules,
        approval=BY_COMMAND[settings.review],
    )
    warnings = [problem_sentence(one) for one in done.warnings]
    short = {"": folded_lines(done.warnings)}
    for line in problem_sections({"": warnings}, done.edition.label, short)[""]:
        say(line)
    say_notes(done.notes, f"{done.edition.label}-notes")
    number = done.edition.number
    if done.rebased_on is not None:
        say(f"rebased on edition {done.rebased_on}, published since the draft was opened")
    since = shown(done.edition.effective_from, settings.tz)
    say(
        f"edition {number} ({done.edition.label}) in force from {since}:"
        f" {done.added} area(s) added, {done.altered} altered, {done.dropped} dropped;"
        f" {len(done.warnings)} warning(s) with a tolerance of"
        f" {done.edition.tolerance_m2:g} m²"
    )
    for row in done.rows:
        say(_told_row(row))
    # Cases keep the edition that judged them (DECISIONS 2); a date in the past changes none.
    if done.earlier_cases:
        say(
            f"note: {done.earlier_cases} stored case(s) reported since then stand under an"
            f" earlier edition and stay there; judge them on demand with"
            f" `export cases --edition {number}`"
        )


def _told_row(row: "RowChange") -> str:
    shown_row = row.shown()
    told = [
        "redrawn" if name == GEOMETRY else f"{name} {before or '–'} -> {after or '–'}"
        for name, before, after in shown_row["fields"]
    ]
    if row.before is None:
        after = row.after or {}
        days = (f"{name} {after[name]}" for name in (FIRST_DAY, LAST_DAY) if after.get(name))
        told = ["new", *days]
    return f"{row.kind.said} {row.name}: {', '.join(told)}"
