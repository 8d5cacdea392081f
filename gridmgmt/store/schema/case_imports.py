"""Tables of case imports, which commit in steps so that they can continue after a stop."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from gridmgmt.store.schema.columns import at, identity, metadata, text

case_import_runs = sa.Table(
    "case_import_runs",
    metadata,
    identity(),
    text("file"),
    text("sha256", comment="of what was read of the file"),
    sa.Column("options", JSONB, nullable=False, comment="what decides about the outcome"),
    text("actor"),
    at("started_at", now=True),
    at("stored_at", now=True),
    sa.Column("row_done", sa.Integer, nullable=False, comment="the last row dealt with"),
    sa.Column("counts", JSONB, nullable=False, comment="of the report, up to that row"),
    comment="How far imports of cases came that are not finished",
)

case_import_rejects = sa.Table(
    "case_import_rejects",
    metadata,
    sa.Column("run", sa.Integer, sa.ForeignKey("case_import_runs.id"), nullable=False),
    sa.Column("row_number", sa.Integer, nullable=False, comment="as a spreadsheet counts"),
    text("reason"),
    # Not JSONB, which cannot hold NUL: a NUL may be the very reason why the row was rejected.
    sa.Column("row_values", sa.JSON, nullable=False, comment="personal data; in order"),
    sa.PrimaryKeyConstraint("run", "row_number"),
    comment="Rows that these imports rejected",
)
