"""Find cases whose position is so uncertain that a far border may matter to them."""

from alembic import op

revision = "0032"
down_revision = "0031"


def upgrade() -> None:
    op.execute(
        "CREATE INDEX ix__cases__uncertain ON cases (accuracy_m)"
        " INCLUDE (case_no, geom, status, reported_at) WHERE accuracy_m > 30"
    )


def downgrade() -> None:
    op.execute("DROP INDEX ix__cases__uncertain")
