"""The table of who is at work in which draft."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from gridmgmt.store.schema.columns import at, code, code_type, metadata

draft_presence = sa.Table(
    "draft_presence",
    metadata,
    sa.Column(
        "draft_id",
        sa.Integer,
        sa.ForeignKey("drafts.id", ondelete="CASCADE"),
        nullable=False,
    ),
    code("username"),
    sa.Column("lon", sa.Double, comment="middle of the map that the person saw"),
    sa.Column("lat", sa.Double),
    sa.Column("level", code_type()),
    sa.Column(
        "codes",
        ARRAY(sa.Text),
        nullable=False,
        comment="areas of the level that were selected",
    ),
    at("seen_at", now=True),
    sa.PrimaryKeyConstraint("draft_id", "username"),
    sa.CheckConstraint("(lon IS NULL) = (lat IS NULL)", name="lonlat"),
    comment="Who was last at work in a draft, and where",
)
