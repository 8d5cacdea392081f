"""Tables of the reviews of drafts."""

import sqlalchemy as sa

from gridmgmt.domain.areas.review import ReviewStep
from gridmgmt.store.schema.columns import at, code, code_type, identity, metadata, one_of, text

draft_reviews = sa.Table(
    "draft_reviews",
    metadata,
    sa.Column("draft_id", sa.Integer, sa.ForeignKey("drafts.id"), nullable=False),
    sa.Column("number", sa.Integer, nullable=False, comment="from 1 within the draft"),
    text("step"),
    at("made_at", now=True),
    text("made_by"),
    text("digest", comment="SHA-256 of what the draft stated then"),
    sa.Column(
        "on_edition",
        sa.Integer,
        sa.ForeignKey("editions.number"),
        comment="the newest edition then; empty before the first",
    ),
    sa.PrimaryKeyConstraint("draft_id", "number"),
    one_of("step", ReviewStep),
    comment="Who submitted, returned and approved a draft; rows are only added",
)

draft_comments = sa.Table(
    "draft_comments",
    metadata,
    identity(),
    sa.Column("draft_id", sa.Integer, nullable=False),
    sa.Column("submission", sa.Integer, nullable=False, comment="number of that review step"),
    sa.Column("level", code_type(), sa.ForeignKey("levels.level")),
    code("code", nullable=True),
    text("text"),
    at("made_at", now=True),
    text("made_by"),
    sa.ForeignKeyConstraint(
        ["draft_id", "submission"], ["draft_reviews.draft_id", "draft_reviews.number"]
    ),
    sa.CheckConstraint("(level IS NULL) = (code IS NULL)", name="area"),
    sa.CheckConstraint("text <> ''", name="text"),
    comment="What reviewers said about a draft, of one area or of the whole",
)
