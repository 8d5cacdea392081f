"""Clear deadlines after the year 2199, which stood for "never" and broke every list of cases."""

from alembic import op

revision = "0020"
down_revision = "0019"

# A day later than the rule of years, so that no deadline is cleared that some clock still shows in
# 2199. The change is an event, as every change of a case is; texts of the year 10000, which no
# calendar of a program holds, are written as the last second before it.
UP = """
WITH far AS (
  SELECT case_no, last_seq + 1 AS seq, least(due_at, '9999-12-31 23:59:59+00') AS due_at
  FROM cases
  WHERE due_at >= '2200-01-02 00:00:00+00'
), told AS (
  INSERT INTO case_events (case_no, seq, kind, happened_at, actor, detail)
  SELECT case_no, seq, 'updated', now(), 'gridmgmt db migrate',
    jsonb_build_object('changed', jsonb_build_object('due_at', jsonb_build_array(
      to_char(due_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"'), NULL
    )))
  FROM far
)
UPDATE cases AS c SET due_at = NULL, last_seq = far.seq FROM far WHERE c.case_no = far.case_no;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    """Change nothing: an older program reads cases without a deadline too."""
