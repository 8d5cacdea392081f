"""The table of login sessions."""

import sqlalchemy as sa

from gridmgmt.domain.accounts.session import SessionEnd
from gridmgmt.store.schema.columns import at, identity, metadata, one_of, text

sessions = sa.Table(
    "sessions",
    metadata,
    identity(),
    sa.Column("username", sa.Text, sa.ForeignKey("accounts.username"), nullable=False),
    sa.Column(
        "secret_hash",
        sa.Text,
        nullable=False,
        unique=True,
        comment="SHA-256 of what the browser's cookie holds, which is never kept",
    ),
    at("created_at"),
    at("last_seen_at"),
    text("address", comment="network address at login; personal data"),
    text("device", comment="browser and system, as the browser named them at login"),
    at("second_factor_at", nullable=True),
    at("ended_at", nullable=True),
    text("ended_by", nullable=True),
    one_of("ended_by", SessionEnd),
    sa.CheckConstraint("(ended_at IS NULL) = (ended_by IS NULL)", name="end"),
    sa.Index(
        "ix__sessions__username", "username", postgresql_where=sa.text("ended_at IS NULL")
    ),
    comment="Browsers in which somebody is or was logged in",
)
