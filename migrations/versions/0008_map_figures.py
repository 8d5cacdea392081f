"""Let the index of cases by report carry what the figures of the map are counted from."""

from alembic import op

revision = "0008"
down_revision = "0007"

UP = """
DROP INDEX ix__cases__reported_at_case_no;

CREATE INDEX ix__cases__figures ON cases (reported_at, case_no) INCLUDE (edition, area_code, category, due_at, disposed_at, closed_at, geom);
"""

DOWN = """
DROP INDEX ix__cases__figures;

CREATE INDEX ix__cases__reported_at_case_no ON cases (reported_at, case_no);
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
