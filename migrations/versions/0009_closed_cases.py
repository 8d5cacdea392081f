"""Add the index from which the overview reads what was closed on each day."""

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.execute("CREATE INDEX ix__cases__closed_at ON cases (closed_at)")


def downgrade() -> None:
    op.execute("DROP INDEX ix__cases__closed_at")
