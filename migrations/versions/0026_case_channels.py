"""Add the index from which pages read by which channels cases came."""

from alembic import op

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    op.execute("CREATE INDEX ix__cases__channel ON cases (channel)")


def downgrade() -> None:
    op.execute("DROP INDEX ix__cases__channel")
