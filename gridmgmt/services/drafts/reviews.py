"""Review of drafts: submit, comment, return, approve, and what may then be published.

A draft under review is frozen, since every change of a draft begins with `open_draft`.
What is approved is a digest of what the draft states; publishing computes it again.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.draft import Draft, DraftStatus
from gridmgmt.domain.areas.edition import Edition
from gridmgmt.domain.areas.review import (
    Approval,
    Remark,
    Review,
    ReviewComment,
    ReviewStep,
)
from gridmgmt.errors import DraftError, InputError, NotAllowedError, NotFoundError
from gridmgmt.sentence import Sentence
from gridmgmt.services.drafts.changes import refuse_unseen
from gridmgmt.services.drafts.locked_drafts import open_draft, unpublished_draft
from gridmgmt.store.accounts import audit
from gridmgmt.store.areas.draft_changes import count_changes, steps_of
from gridmgmt.store.areas.draft_records import count_records
from gridmgmt.store.areas.draft_reviews import (
    add_comment,
    add_review,
    changes_digest,
    concerns,
    read_comments,
    read_reviews,
)
from gridmgmt.store.areas.drafts import get_draft, set_status
from gridmgmt.store.areas.editions import newest_edition
from gridmgmt.store.areas.levels import get_level

# Whoever did one of these to a draft is an author of it.
_AUTHORS_DO = frozenset(
    {
        "import_areas",
        "revert_edition",
        "take_back_changes",
        "edit_draft",
        "undo_edit",
        "redo_edit",
        "rebase_draft",
    }
)


@dataclass(frozen=True)
class DraftReview:
    """The review of a draft: its steps, oldest first, and comments on the newest submission.

    ``authors`` are those who may not approve it: who edited it, and who submitted it last.
    """

    draft: Draft
    steps: tuple[Review, ...]
    comments: tuple[ReviewComment, ...]
    authors: frozenset[str]

    @property
    def submission(self) -> Review | None:
        """Return the newest submission; None: it was never submitted."""
        return _newest(self.steps, ReviewStep.SUBMITTED)

    @property
    def approval(self) -> Review | None:
        """Return the approval of an approved draft, else None."""
        if self.draft.status is not DraftStatus.APPROVED:
            return None
        return _newest(self.steps, ReviewStep.APPROVED)

    @property
    def is_returned(self) -> bool:
        """Return whether the draft is open since somebody returned it."""
        is_open = self.draft.status is DraftStatus.OPEN
        return is_open and bool(self.steps) and self.steps[-1].step is ReviewStep.RETURNED


def review_of(conn: Connection, draft: Draft) -> DraftReview:
    """Return the review of a draft."""
    steps = tuple(read_reviews(conn, draft.id))
    submission = _newest(steps, ReviewStep.SUBMITTED)
    number = 0 if submission is None else submission.number
    authors = {one.actor for one in steps_of(conn, draft.label) if one.action in _AUTHORS_DO}
    if submission is not None:
        authors.add(submission.made_by)
    comments = tuple(read_comments(conn, draft.id, number))
    return DraftReview(draft, steps, comments, frozenset(authors))


def show(conn: Connection, label: str) -> DraftReview:
    """Return the review of a draft by its label.

    Raises
    ------
    NotFoundError
        when there is no such draft
    """
    return review_of(conn, get_draft(conn, label))


def submit(conn: Connection, label: str, *, actor: str, seen: int | None = None) -> None:
    """Submit an open draft: nobody can change it until it is returned.

    Parameters
    ----------
    seen : the revision of the draft that the person looked at; None: as it is now

    Raises
    ------
    NotFoundError, DraftError
        when there is no such draft, it is submitted, approved or published already, it changes
        nothing, or somebody has changed it since
    """
    draft = open_draft(conn, label)
    if seen is not None:
        refuse_unseen(conn, label, seen)
    if not count_changes(conn, draft.id) and not count_records(conn, draft.id):
        raise DraftError(
            Sentence("draft {} changes nothing; import areas into it first", repr(label))
        )
    _step(conn, draft, ReviewStep.SUBMITTED, DraftStatus.SUBMITTED, by=actor)
    digest = changes_digest(conn, draft.id)
    audit.record(conn, actor, "submit_draft", label, {"digest": digest})


def comment(conn: Connection, label: str, remark: Remark, *, actor: str) -> None:
    """Store what a reviewer has to say about a draft under review.

    Raises
    ------
    NotFoundError, DraftError, InputError
        when there is no such draft, it is not under review, or neither it nor its base edition
        has the area
    """
    _comment(conn, _under_review(conn, label), remark, actor)


def give_back(
    conn: Connection,
    label: str,
    remarks: Sequence[Remark] = (),
    *,
    actor: str,
    reviews: bool = True,
) -> None:
    """Return a draft under review to its authors, who can change it again.

    A reviewer says what is to be changed. Who submitted it may take it back without a word.

    Parameters
    ----------
    reviews : whether the actor may review drafts; otherwise only their own submission is theirs
        to take back

    Raises
    ------
    NotFoundError, DraftError, InputError
        as `comment`, and when a reviewer has said nothing about this submission
    NotAllowedError
        when neither a reviewer nor who submitted it returns it
    """
    found = _under_review(conn, label)
    submission = _submission(found)
    own = submission.made_by == actor
    if not (own or reviews):
        raise NotAllowedError(
            Sentence(
                "draft {} was submitted by {}: they or a reviewer can return it",
                repr(label),
                submission.made_by,
            )
        )
    for one in remarks:
        _comment(conn, found, one, actor)
    if not (own or remarks or found.comments):
        message = Sentence("say what is to be changed in draft {}", repr(label))
        raise InputError(field="comment", message=message)
    _step(conn, found.draft, ReviewStep.RETURNED, DraftStatus.OPEN, by=actor)
    counted = len(found.comments) + len(remarks)
    audit.record(conn, actor, "return_draft", label, {"comments": counted})


def approve(conn: Connection, label: str, *, actor: str, digest: str | None = None) -> None:
    """Approve a submitted draft, or an approved one again after another publication.

    Parameters
    ----------
    digest : of the submission that the reviewer looked at; None: as it is now

    Raises
    ------
    NotFoundError, DraftError
        when there is no such draft, it is not under review, or it is not what was looked at
    NotAllowedError
        when the actor is an author of it
    """
    found = _under_review(conn, label)
    submission = _submission(found)
    if actor in found.authors:
        raise NotAllowedError(
            Sentence(
                "draft {} was edited or submitted by {}: another account must approve it",
                repr(label),
                actor,
            )
        )
    if digest is not None and digest != submission.digest:
        raise DraftError(
            Sentence(
                "draft {} was submitted anew by {} since you looked at it; look again",
                repr(label),
                submission.made_by,
            )
        )
    _refuse_altered(conn, found.draft, submission)
    review = _step(conn, found.draft, ReviewStep.APPROVED, DraftStatus.APPROVED, by=actor)
    detail = {"digest": review.digest, "submitted_by": submission.made_by}
    audit.record(conn, actor, "approve_draft", label, detail)


def approval_of(
    conn: Connection, draft: Draft, newest: Edition | None, asked: Approval
) -> Review | None:
    """Return the approval under which a draft is published; None: it is published without one.

    Parameters
    ----------
    newest : the newest edition, which nobody can follow before the publication ends

    Raises
    ------
    DraftError
        when it needs an approval, or what was approved is not what would be published
    """
    if asked is Approval.NOT_YET:
        return None
    if draft.status is DraftStatus.OPEN:
        if asked is Approval.NEEDED:
            raise DraftError(
                Sentence(
                    "draft {} is published once another account has approved it; submit it for"
                    " review first",
                    repr(draft.label),
                )
            )
        return None
    found = review_of(conn, draft)
    approval = found.approval
    if approval is None:
        raise DraftError(
            Sentence(
                "draft {} was submitted by {} and waits for the approval of another account",
                repr(draft.label),
                _submission(found).made_by,
            )
        )
    number = None if newest is None else newest.number
    if approval.on_edition != number:
        raise DraftError(
            Sentence(
                "the newest edition was {} when draft {} was approved, and is {} now: what"
                " would be published is not what was approved; have it approved again",
                approval.on_edition or "–",
                repr(draft.label),
                number or "–",
            )
        )
    _refuse_altered(conn, draft, approval)
    return approval


def why_not_yet(conn: Connection, draft: Draft, asked: Approval) -> DraftError | None:
    """Return why the review forbids to publish a draft as yet; None: it does not."""
    if draft.status is DraftStatus.PUBLISHED:
        return None
    try:
        approval_of(conn, draft, newest_edition(conn), asked)
    except DraftError as error:
        return error
    return None


def _under_review(conn: Connection, label: str) -> DraftReview:
    draft = unpublished_draft(conn, label)
    if draft.status is DraftStatus.OPEN:
        message = Sentence("draft {} is not submitted for review", repr(label))
        raise DraftError(message)
    return review_of(conn, draft)


def _submission(found: DraftReview) -> Review:
    submission = found.submission
    assert submission is not None, "a draft under review was submitted"
    return submission


def _newest(steps: Sequence[Review], step: ReviewStep) -> Review | None:
    return next((one for one in reversed(steps) if one.step is step), None)


def _comment(conn: Connection, found: DraftReview, remark: Remark, actor: str) -> None:
    draft, level, code = found.draft, remark.level, remark.code
    if level is not None and code is not None:
        get_level(conn, level)
        if not concerns(conn, draft, level, code):
            raise NotFoundError(kind=f"{level} in draft {draft.label}", key=code)
    add_comment(conn, draft.id, _submission(found).number, remark, by=actor)
    detail = {"text": remark.text, "area": None if level is None else f"{level}, {code}"}
    audit.record(conn, actor, "comment_draft", draft.label, detail)


def _step(
    conn: Connection, draft: Draft, step: ReviewStep, status: DraftStatus, *, by: str
) -> Review:
    newest = newest_edition(conn)
    add_review(
        conn,
        draft.id,
        step,
        by=by,
        digest=changes_digest(conn, draft.id),
        on_edition=None if newest is None else newest.number,
    )
    set_status(conn, draft.id, status)
    return read_reviews(conn, draft.id)[-1]


def _refuse_altered(conn: Connection, draft: Draft, review: Review) -> None:
    # Nothing of this program changes a draft under review but the withdrawal of its base
    # edition, which deletes drops of areas that are not there any more.
    if changes_digest(conn, draft.id) != review.digest:
        raise DraftError(
            Sentence(
                "draft {} does not state any more what was submitted; return it, look at its"
                " changes and submit it again",
                repr(draft.label),
            )
        )
