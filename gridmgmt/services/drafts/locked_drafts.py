"""Lock a draft for a change; one that is under review or published cannot be changed."""

from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.draft import Draft, DraftStatus
from gridmgmt.errors import DraftError
from gridmgmt.sentence import Sentence
from gridmgmt.store.areas.drafts import get_draft


def open_draft(conn: Connection, label: str) -> Draft:
    """Return a draft that can be changed, locked until the transaction ends.

    Whatever changes a draft begins here.

    Raises
    ------
    NotFoundError, DraftError
        when there is no such draft, it is published, or it is under review
    """
    draft = unpublished_draft(conn, label)
    if draft.status is DraftStatus.SUBMITTED:
        raise DraftError(
            Sentence(
                "draft {} is submitted for review and cannot be changed; to go on with it, have"
                " it returned",
                repr(label),
            )
        )
    if draft.status is DraftStatus.APPROVED:
        raise DraftError(
            Sentence(
                "draft {} is approved and cannot be changed; to go on with it, have it"
                " returned",
                repr(label),
            )
        )
    return draft


def unpublished_draft(conn: Connection, label: str) -> Draft:
    """Return a draft that is not published, locked until the transaction ends.

    Raises
    ------
    NotFoundError, DraftError
        when there is no such draft, or it is published
    """
    draft = get_draft(conn, label, lock=True)
    refuse_published(draft)
    return draft


def refuse_published(draft: Draft) -> None:
    """Raise DraftError if a draft is published."""
    if draft.status is DraftStatus.PUBLISHED:
        label = repr(draft.label)
        raise DraftError(
            Sentence(
                "draft {} is published already, as edition {}; open another draft to go on, or"
                " bring an earlier edition back",
                label,
                draft.edition,
            )
        )
