"""Add the index from which the figures of the map are counted."""

from alembic import op

revision = "0008"
down_revision = "0007"

UP = """
CREATE INDEX ix__cases__figures ON cases (reported_at) INCLUDE (edition, area_code, category, due_at, disposed_at, closed_at, geom);
"""

DOWN = """
DROP INDEX ix__cases__figures;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
