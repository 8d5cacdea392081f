"""Tables of accounts, roles, API tokens and the audit log."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from gridmgmt.store.schema.columns import at, code, code_type, identity, metadata, text

roles = sa.Table(
    "roles",
    metadata,
    code("code"),
    text("name_zh"),
    text("name_en"),
    sa.Column(
        "rank",
        sa.Integer,
        nullable=False,
        unique=True,
        comment="order in which they are listed",
    ),
    sa.PrimaryKeyConstraint("code"),
    comment="Kinds of work at the bureau",
)

role_permissions = sa.Table(
    "role_permissions",
    metadata,
    code("role", sa.ForeignKey("roles.code")),
    code("permission"),
    sa.PrimaryKeyConstraint("role", "permission"),
    comment="What each role may do",
)

accounts = sa.Table(
    "accounts",
    metadata,
    identity(),
    sa.Column("username", sa.Text, nullable=False, unique=True),
    code("role", sa.ForeignKey("roles.code")),
    text("password_hash"),
    sa.Column("area_level", code_type(), sa.ForeignKey("levels.level")),
    code("area_code", nullable=True),
    sa.Column("responder_code", code_type(), sa.ForeignKey("responders.code")),
    sa.Column("active", sa.Boolean, nullable=False, server_default=sa.true()),
    at("created_at", now=True),
    text("name"),
    sa.Column(
        "session_key", sa.Text, nullable=False, server_default="", comment="no longer used"
    ),
    sa.Column(
        "must_change",
        sa.Boolean,
        nullable=False,
        server_default=sa.false(),
        comment="somebody else gave the password: nothing opens until it is changed",
    ),
    sa.CheckConstraint("(area_level IS NULL) = (area_code IS NULL)", name="area"),
    comment="Who may log in, limited to an area or tied to a responder",
)

second_factors = sa.Table(
    "second_factors",
    metadata,
    sa.Column("username", sa.Text, sa.ForeignKey("accounts.username")),
    text("sealed_secret", comment="encrypted with a key made of the deployment's secret key"),
    sa.Column(
        "last_step",
        sa.BigInteger,
        nullable=False,
        comment="the last step of 30 s since 1970 whose code was taken: none is taken twice",
    ),
    at("set_up_at", now=True),
    sa.PrimaryKeyConstraint("username"),
    comment="What makes the codes that accounts log in with after their password",
)

recovery_codes = sa.Table(
    "recovery_codes",
    metadata,
    identity(),
    sa.Column(
        "username",
        sa.Text,
        sa.ForeignKey("second_factors.username", ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
    text("code_hash", comment="Argon2id; the code is shown once and never kept"),
    at("used_at", nullable=True),
    comment="What lets an account in once whose second factor is lost",
)

api_tokens = sa.Table(
    "api_tokens",
    metadata,
    identity(),
    sa.Column("username", sa.Text, sa.ForeignKey("accounts.username"), nullable=False),
    text("name"),
    sa.Column(
        "token_hash",
        sa.Text,
        nullable=False,
        unique=True,
        comment="SHA-256 of the token, which is shown once and never kept",
    ),
    at("created_at", now=True),
    at("expires_at"),
    at("last_used_at", nullable=True),
    at("revoked_at", nullable=True),
    comment="What programs present instead of a password",
)

attempts = sa.Table(
    "attempts",
    metadata,
    code("kind"),
    code("subject"),
    at("window_start"),
    sa.Column("count", sa.Integer, nullable=False),
    sa.PrimaryKeyConstraint("kind", "subject", "window_start"),
    comment="How often something was tried within a span of time, counted for all server"
    " processes together",
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
