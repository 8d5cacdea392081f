"""Tables of the log of edits of drafts."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from gridmgmt.domain.areas.edit_log import Side
from gridmgmt.store.schema.columns import (
    LONLAT,
    at,
    attributes,
    code,
    code_type,
    geom,
    metadata,
    one_of,
    text,
)

draft_edits = sa.Table(
    "draft_edits",
    metadata,
    sa.Column("draft_id", sa.Integer, sa.ForeignKey("drafts.id"), nullable=False),
    sa.Column("number", sa.Integer, nullable=False, comment="from 1 within the draft"),
    text("operation"),
    sa.Column("arguments", JSONB, nullable=False),
    sa.Column("of_number", sa.Integer, comment="the edit that is undone or redone"),
    text("reason", nullable=True),
    at("made_at", now=True),
    text("made_by"),
    sa.PrimaryKeyConstraint("draft_id", "number"),
    sa.CheckConstraint(
        "(operation IN ('undo', 'redo')) = (of_number IS NOT NULL)", name="of_number"
    ),
    comment="What was done to a draft, entry by entry; entries are only added",
)

draft_edit_areas = sa.Table(
    "draft_edit_areas",
    metadata,
    sa.Column("draft_id", sa.Integer, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    text("side"),
    sa.Column("level", code_type(), sa.ForeignKey("levels.level"), nullable=False),
    code("code"),
    text("name", nullable=True),
    code("parent_code", nullable=True),
    geom("MULTIPOLYGON", comment=f"{LONLAT}; may be invalid in a draft"),
    attributes(),
    sa.PrimaryKeyConstraint("draft_id", "number", "side", "level", "code"),
    sa.ForeignKeyConstraint(
        ["draft_id", "number"], ["draft_edits.draft_id", "draft_edits.number"]
    ),
    one_of("side", Side),
    comment="The areas that an edit changed, as they were before and as they were after",
)
