"""The table of wall screens and their keys."""

import sqlalchemy as sa

from gridmgmt.store.schema.columns import at, code, code_type, identity, metadata, text

displays = sa.Table(
    "displays",
    metadata,
    identity(),
    text("name"),
    sa.Column("area_level", code_type(), sa.ForeignKey("levels.level")),
    code("area_code", nullable=True),
    text("created_by"),
    at("created_at"),
    sa.Column(
        "link_hash",
        sa.Text,
        unique=True,
        comment="SHA-256 of a link that a screen can open once; empty when it was",
    ),
    at("link_ends_at", nullable=True),
    sa.Column(
        "token_hash",
        sa.Text,
        unique=True,
        comment="SHA-256 of the token in the screen's cookie, which is never kept",
    ),
    at("opened_at", nullable=True),
    at("last_used_at", nullable=True),
    at("revoked_at", nullable=True),
    sa.CheckConstraint("(area_level IS NULL) = (area_code IS NULL)", name="area"),
    sa.CheckConstraint("(link_hash IS NULL) = (link_ends_at IS NULL)", name="link"),
    sa.CheckConstraint("(token_hash IS NULL) = (opened_at IS NULL)", name="token"),
    comment="Wall screens that show figures and map without a login",
)
