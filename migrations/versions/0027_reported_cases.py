"""Let collectors see what they reported, and only that."""

from alembic import op

revision = "0027"
down_revision = "0026"

# Only roles that could see every case are changed; a bureau may have changed theirs.
UP = """
CREATE INDEX ix__case_events__reported ON case_events (actor, case_no)
  WHERE kind = 'reported' AND detail ? 'via';

UPDATE role_permissions SET permission = 'see_reported_cases'
WHERE role = 'collector' AND permission = 'see_cases';
"""

DOWN = """
UPDATE role_permissions SET permission = 'see_cases'
WHERE permission = 'see_reported_cases';

DROP INDEX ix__case_events__reported;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
