"""Read and add to the review of a draft: its steps, and what reviewers said."""

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from gridmgmt.domain.areas.draft import Draft
from gridmgmt.domain.areas.review import Remark, Review, ReviewComment, ReviewStep
from gridmgmt.store.schema import area_changes, areas, draft_comments, draft_reviews
from gridmgmt.store.statements import statement


def changes_digest(conn: Connection, draft_id: int) -> str:
    """Return a checksum of what a draft states: 64 hexadecimal digits.

    Drafts that state the same to the byte have the same, whatever edition they are based on.
    """
    given = {"draft_id": draft_id}
    return str(conn.execute(statement("changes_digest"), given).scalar_one())


def read_reviews(conn: Connection, draft_id: int) -> list[Review]:
    """Read the steps of the review of a draft, oldest first."""
    table = draft_reviews
    query = sa.select(table).where(table.c.draft_id == draft_id).order_by(table.c.number)
    return [
        Review(
            row.number,
            ReviewStep(row.step),
            row.made_at,
            row.made_by,
            row.digest,
            row.on_edition,
        )
        for row in conn.execute(query)
    ]


def add_review(
    conn: Connection,
    draft_id: int,
    step: ReviewStep,
    *,
    by: str,
    digest: str,
    on_edition: int | None,
) -> None:
    """Add a step to the review of a draft that is locked."""
    table = draft_reviews
    conn.execute(
        table.insert().values(
            draft_id=draft_id,
            number=sa.select(sa.func.coalesce(sa.func.max(table.c.number), 0) + 1)
            .where(table.c.draft_id == draft_id)
            .scalar_subquery(),
            step=step,
            # Each step has a moment of its own, even two of one transaction.
            made_at=sa.func.clock_timestamp(),
            made_by=by,
            digest=digest,
            on_edition=on_edition,
        )
    )


def read_comments(conn: Connection, draft_id: int, submission: int) -> list[ReviewComment]:
    """Read what was said about one submission of a draft, in that order."""
    table = draft_comments
    query = (
        sa.select(table)
        .where(table.c.draft_id == draft_id, table.c.submission == submission)
        .order_by(table.c.id)
    )
    return [
        ReviewComment(
            row.submission, Remark(row.text, row.level, row.code), row.made_at, row.made_by
        )
        for row in conn.execute(query)
    ]


def add_comment(
    conn: Connection, draft_id: int, submission: int, remark: Remark, *, by: str
) -> None:
    """Store what somebody said about a submission."""
    conn.execute(
        draft_comments.insert().values(
            draft_id=draft_id,
            submission=submission,
            level=remark.level,
            code=remark.code,
            text=remark.text,
            made_at=sa.func.clock_timestamp(),
            made_by=by,
        )
    )


def delete_reviews(conn: Connection, draft_id: int) -> None:
    """Delete the reviews and comments of a draft that is deleted."""
    for table in (draft_comments, draft_reviews):
        conn.execute(table.delete().where(table.c.draft_id == draft_id))


def concerns(conn: Connection, draft: Draft, level: str, code: str) -> bool:
    """Return whether a draft states an area, or its base edition has it."""
    stated = sa.exists().where(
        area_changes.c.draft_id == draft.id,
        area_changes.c.level == level,
        area_changes.c.code == code,
    )
    standing = sa.exists().where(
        areas.c.level == level,
        areas.c.code == code,
        areas.c.since <= (draft.base_edition or 0),
        sa.or_(areas.c.until.is_(None), areas.c.until > (draft.base_edition or 0)),
    )
    return bool(conn.execute(sa.select(sa.or_(stated, standing))).scalar_one())
