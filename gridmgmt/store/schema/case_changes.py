"""Notes of which cases each transaction changed, made by triggers of their tables."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from gridmgmt.store.schema.columns import TransactionId, code_type, metadata

case_changes = sa.Table(
    "case_changes",
    metadata,
    sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("transaction_id", TransactionId, nullable=False, index=True),
    sa.Column("case_nos", ARRAY(code_type()), comment="NULL: all of them"),
    sa.Column(
        "recorded_at",
        sa.DateTime(timezone=True),
        nullable=False,
        server_default=sa.func.clock_timestamp(),
    ),
    comment="The cases each transaction changed; notes of the last hours",
)

case_changes_kept = sa.Table(
    "case_changes_kept",
    metadata,
    sa.Column("identity", sa.Uuid, primary_key=True, server_default=sa.func.gen_random_uuid()),
    sa.Column(
        "since",
        TransactionId,
        nullable=False,
        comment="the notes of this transaction and all later ones are there",
    ),
    comment="One row: of which database the notes are, and how far back they go",
)
