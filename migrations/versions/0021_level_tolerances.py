"""Let a level have a tolerance of its own for gaps, overlaps and overhangs."""

from alembic import op

revision = "0021"
down_revision = "0020"

UP = """
ALTER TABLE levels ADD COLUMN tolerance_m2 DOUBLE PRECISION;

ALTER TABLE levels ADD CONSTRAINT ck__levels__tolerance_m2 CHECK (tolerance_m2 >= 0);

COMMENT ON COLUMN levels.tolerance_m2 IS 'square metres, per problem; empty: that of the check';
"""

DOWN = """
ALTER TABLE levels DROP COLUMN tolerance_m2;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
