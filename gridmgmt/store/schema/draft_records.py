"""Tables of the rows other than areas that drafts state."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from gridmgmt.domain.areas.draft_record import RecordKind
from gridmgmt.domain.areas.edit_log import Side
from gridmgmt.store.schema.columns import code_type, metadata, one_of, text

_AS_FILES = "text by column, as files have it, and the geometry as WKB"


def _stated() -> list[sa.Column[object]]:
    return [
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("key", code_type(), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("edit", sa.Integer, nullable=False, comment="number in the log of edits"),
        sa.Column(
            "before", JSONB(none_as_null=True), comment="as stored then; NULL: there was none"
        ),
        sa.Column("after", JSONB, nullable=False, comment=_AS_FILES),
    ]


draft_records = sa.Table(
    "draft_records",
    metadata,
    sa.Column("draft_id", sa.Integer, sa.ForeignKey("drafts.id"), nullable=False),
    *_stated(),
    sa.Column(
        "written",
        JSONB(none_as_null=True),
        comment="as it was stored with the edition; NULL: not published, or nothing changed",
    ),
    sa.PrimaryKeyConstraint("draft_id", "kind", "key"),
    one_of("kind", RecordKind),
    comment="What drafts state about duties, zones, members of groups and road segments",
)

draft_edit_records = sa.Table(
    "draft_edit_records",
    metadata,
    sa.Column("draft_id", sa.Integer, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    text("side"),
    *_stated(),
    sa.PrimaryKeyConstraint("draft_id", "number", "side", "kind", "key"),
    sa.ForeignKeyConstraint(
        ["draft_id", "number"], ["draft_edits.draft_id", "draft_edits.number"]
    ),
    one_of("side", Side),
    one_of("kind", RecordKind),
    comment="What a draft stated about a row before an edit and after it",
)
