"""The review of drafts in the API: submit, return with comments, approve."""

from typing import Any

from gridmgmt.domain.accounts.permission import Permission
from gridmgmt.domain.areas.review import Remark
from gridmgmt.services.drafts import reviews
from web.api import draft_schemas, schemas
from web.api.operations import Operations
from web.app.transaction import connection
from web.door import bodies
from web.door.access import actor, allow, may

bp = Operations("api_draft_reviews", __name__, description="Review of drafts")

_RULE = "/drafts/<path:label>"


@bp.operation(
    "GET",
    f"{_RULE}/review",
    query=schemas.NoArguments,
    gives={200: draft_schemas.DraftReviewSchema},
    refuses=(404,),
)
@allow(Permission.EDIT_DRAFTS, Permission.REVIEW_DRAFTS)
def show(args: dict[str, Any], label: str) -> Any:
    """Return where the review of a draft stands, and what was said about it."""
    return _told(label)


@bp.operation(
    "POST",
    f"{_RULE}/submit",
    query=schemas.NoArguments,
    gives={200: draft_schemas.DraftReviewSchema},
    refuses=(404, 409),
)
@allow(Permission.EDIT_DRAFTS)
def submit(args: dict[str, Any], label: str) -> Any:
    """Submit a draft for review; it cannot be changed until it is returned."""
    reviews.submit(connection(), label, actor=actor())
    return _told(label)


@bp.operation(
    "POST",
    f"{_RULE}/return",
    query=schemas.NoArguments,
    body=draft_schemas.ReturnSchema,
    most_bytes=bodies.COMMENTS,
    gives={200: draft_schemas.DraftReviewSchema},
    refuses=(404, 409, 413, 415, 422),
)
@allow(Permission.EDIT_DRAFTS, Permission.REVIEW_DRAFTS)
def give_back(args: dict[str, Any], given: dict[str, Any], label: str) -> Any:
    """Return a draft under review with comments; it can be changed again.

    Who submitted it may take it back without a comment, even without the permission to review.
    """
    reviews.give_back(
        connection(),
        label,
        [Remark(**one) for one in given["comments"]],
        actor=actor(),
        reviews=may(Permission.REVIEW_DRAFTS),
    )
    return _told(label)


@bp.operation(
    "POST",
    f"{_RULE}/approve",
    query=schemas.NoArguments,
    body=draft_schemas.ApproveSchema,
    most_bytes=bodies.COMMENTS,
    gives={200: draft_schemas.DraftReviewSchema},
    refuses=(404, 409, 413, 415, 422),
)
@allow(Permission.REVIEW_DRAFTS)
def approve(args: dict[str, Any], given: dict[str, Any], label: str) -> Any:
    """Approve a submitted draft, as it was when its digest was read.

    Nobody who edited or submitted it may.
    """
    reviews.approve(connection(), label, actor=actor(), digest=given["digest"])
    return _told(label)


def _told(label: str) -> dict[str, Any]:
    found = reviews.show(connection(), label)
    submission = found.submission
    return {
        "status": found.draft.status,
        "base_edition": found.draft.base_edition,
        "edition": found.draft.edition,
        "digest": None if submission is None else submission.digest,
        "authors": sorted(found.authors),
        "steps": found.steps,
        "comments": [
            {
                "level": one.remark.level,
                "code": one.remark.code,
                "text": one.remark.text,
                "made_at": one.made_at,
                "made_by": one.made_by,
            }
            for one in found.comments
        ],
    }
