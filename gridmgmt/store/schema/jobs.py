"""The table of jobs; the queue is procrastinate's, made by its own SQL (migration 0006)."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from gridmgmt.domain.job import JobStatus
from gridmgmt.store.schema.columns import at, code, identity, metadata, one_of, text

jobs = sa.Table(
    "jobs",
    metadata,
    identity(),
    code("kind"),
    text("title"),
    sa.Column("arguments", JSONB, nullable=False),
    text("created_by"),
    at("created_at", now=True),
    at("started_at", nullable=True),
    at("finished_at", nullable=True),
    text("status"),
    sa.Column(
        "attempts",
        sa.Integer,
        nullable=False,
        server_default=sa.text("0"),
        comment="how often a worker began it; only the newest attempt may finish it",
    ),
    text("step", nullable=True),
    sa.Column("done", sa.BigInteger, nullable=False, server_default=sa.text("0")),
    sa.Column(
        "total",
        sa.BigInteger,
        nullable=False,
        server_default=sa.text("0"),
        comment="0 while nobody knows how much there is to do",
    ),
    sa.Column(
        "cancel_requested",
        sa.Boolean,
        nullable=False,
        server_default=sa.false(),
        comment="read by the work between its chunks",
    ),
    sa.Column("result", JSONB),
    text("error", nullable=True),
    one_of("status", JobStatus),
    sa.CheckConstraint("status <> 'running' OR started_at IS NOT NULL", name="started"),
    sa.CheckConstraint(
        "(finished_at IS NOT NULL) = (status IN ('succeeded', 'failed', 'cancelled'))",
        name="finished",
    ),
    sa.CheckConstraint("(error IS NOT NULL) = (status = 'failed')", name="error"),
    sa.Index("ix__jobs__created_by_id", "created_by", "id"),
    sa.Index(
        "ix__jobs__unfinished",
        "id",
        postgresql_where=sa.text("status IN ('queued', 'running')"),
    ),
    comment="Long work that runs beside the pages: asked for, how far it is, what came of it",
)
