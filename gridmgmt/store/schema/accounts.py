"""Accounts and the audit log."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from gridmgmt.store.schema.columns import at, code, code_type, identity, metadata, text

accounts = sa.Table(
    "accounts",
    metadata,
    identity(),
    sa.Column("username", sa.Text, nullable=False, unique=True),
    text("role"),
    text("password_hash"),
    sa.Column("area_level", code_type(), sa.ForeignKey("levels.level")),
    code("area_code", nullable=True),
    sa.Column("responder_code", code_type(), sa.ForeignKey("responders.code")),
    sa.Column("active", sa.Boolean, nullable=False, server_default=sa.true()),
    at("created_at", now=True),
    sa.CheckConstraint("(area_level IS NULL) = (area_code IS NULL)", name="area"),
    comment="Who may log in, limited to an area or tied to a responder",
)

audit_log = sa.Table(
    "audit_log",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    at("at", now=True),
    text("actor"),
    text("action"),
    text("subject"),
    sa.Column("detail", JSONB, nullable=False),
    comment="Append-only: who did what to the bureau's data, and when",
)
