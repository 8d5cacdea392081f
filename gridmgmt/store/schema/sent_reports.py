"""The table of forms of reports that were sent."""

import sqlalchemy as sa

from gridmgmt.store.schema.columns import at, code_type, metadata

sent_reports = sa.Table(
    "sent_reports",
    metadata,
    sa.Column("username", sa.Text, nullable=False),
    sa.Column(
        "token",
        sa.Text,
        nullable=False,
        comment="made with the form, the same however often it is sent",
    ),
    sa.Column("case_no", code_type(), sa.ForeignKey("cases.case_no"), nullable=False),
    at("sent_at", now=True),
    sa.PrimaryKeyConstraint("username", "token"),
    sa.Index("ix__sent_reports__sent_at", "sent_at"),
    comment="Which form of a report became which case; of the last days",
)
