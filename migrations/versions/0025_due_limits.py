"""Store by which time limit a case is due, and whether its deadline is provisional."""

from alembic import op

revision = "0025"
down_revision = "0024"

# The index has all columns that figures are counted from, so it is made anew.
UP = """
ALTER TABLE cases
  ADD COLUMN due_limit TEXT,
  ADD COLUMN due_provisional BOOLEAN DEFAULT false NOT NULL,
  ADD CONSTRAINT ck__cases__due_provisional CHECK (NOT due_provisional OR (due_at IS NOT NULL AND due_limit IS NOT NULL));

COMMENT ON COLUMN cases.due_limit IS 'the time limit it is due by, as the code set writes it';
COMMENT ON COLUMN cases.due_provisional IS 'due_at was computed from due_limit in plain hours, nights and holidays included';

DROP INDEX ix__cases__figures;

CREATE INDEX ix__cases__figures ON cases (reported_at, case_no) INCLUDE (edition, area_code, category, due_at, due_provisional, disposed_at, closed_at, geom);
"""

DOWN = """
DROP INDEX ix__cases__figures;

CREATE INDEX ix__cases__figures ON cases (reported_at, case_no) INCLUDE (edition, area_code, category, due_at, disposed_at, closed_at, geom);

ALTER TABLE cases
  DROP COLUMN due_limit,
  DROP COLUMN due_provisional;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
