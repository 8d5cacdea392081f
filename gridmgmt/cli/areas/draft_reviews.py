"""``gridmgmt draft submit|return|approve``: the review of a draft before it is published."""

from typing import TYPE_CHECKING

import click

from gridmgmt.cli.work import commit_option, say, work
from gridmgmt.domain.accounts.permission import Permission
from gridmgmt.domain.areas.review import Remark
from gridmgmt.domain.moments import shown
from gridmgmt.errors import NotAllowedError, NotFoundError
from gridmgmt.settings import Settings

if TYPE_CHECKING:
    from gridmgmt.services.drafts.reviews import DraftReview

_WHOLE = "-"


@click.command("submit")
@click.argument("label")
@commit_option
@click.pass_obj
def submit(settings: Settings, label: str, commit: bool) -> None:
    """Submit a draft for review; it cannot be changed until it is returned."""
    from gridmgmt.services.drafts import reviews

    with work(settings, commit=commit) as conn:
        reviews.submit(conn, label, actor=settings.actor)
        authors = ", ".join(sorted(reviews.show(conn, label).authors))
        say(
            f"draft {label!r} is submitted for review; any account that may review drafts, but"
            f" not {authors}, may approve it"
        )


@click.command("return")
@click.argument("label")
@click.option(
    "--comment",
    "comments",
    nargs=2,
    multiple=True,
    metavar="AREA TEXT",
    help="What is to be changed, repeatable; AREA is level:code, or - for the whole draft.",
)
@commit_option
@click.pass_obj
def return_(
    settings: Settings, label: str, comments: tuple[tuple[str, str], ...], commit: bool
) -> None:
    """Return a draft under review to its authors, who can change it again.

    At least one comment is needed, except for who submitted it and takes it back.
    """
    from gridmgmt.services.drafts import reviews

    remarks = [_remark(area, text) for area, text in comments]
    with work(settings, commit=commit) as conn:
        reviews.give_back(conn, label, remarks, actor=settings.actor)
        say(f"draft {label!r} is open again, returned with {len(remarks)} comment(s)")


def _remark(area: str, text: str) -> Remark:
    if area == _WHOLE:
        return Remark(text)
    level, colon, code = area.partition(":")
    if not (level and colon and code):
        message = f"--comment: {area!r} is no area; write level:code, or - for the whole draft"
        raise click.UsageError(message)
    return Remark(text, level, code)


@click.command("approve")
@click.argument("label")
@commit_option
@click.pass_obj
def approve(settings: Settings, label: str, commit: bool) -> None:
    """Approve a submitted draft, so that it can be published as it is.

    GRIDMGMT_ACTOR names the account that approves; it must have the permission to review
    drafts, and must neither have edited nor submitted this one.
    """
    from gridmgmt.services.accounts import accounts
    from gridmgmt.services.drafts import reviews

    with work(settings, commit=commit) as conn:
        try:
            accounts.allowed(conn, settings.actor, Permission.REVIEW_DRAFTS)
        except (NotFoundError, NotAllowedError):
            message = (
                f"{settings.actor!r} is no account that may review drafts (the permission is"
                " review_drafts, see `role list`): name one in GRIDMGMT_ACTOR"
            )
            raise NotAllowedError(message) from None
        reviews.approve(conn, label, actor=settings.actor)
        say(f"draft {label!r} is approved by {settings.actor}")


def tell_review(settings: Settings, found: "DraftReview") -> None:
    """Print the review of a draft on stderr: its steps, and the comments on the newest."""
    for step in found.steps:
        say(f"{step.step} {shown(step.made_at, settings.tz)} by {step.made_by}")
    for one in found.comments:
        remark = one.remark
        area = "whole draft" if remark.level is None else f"{remark.level} {remark.code}"
        say(f"  {area}: {remark.text} ({one.made_by})")


COMMANDS = (submit, return_, approve)
