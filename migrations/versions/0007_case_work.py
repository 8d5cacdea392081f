"""Let people work on cases: more kinds of events, and what lists of cases are searched by."""

from alembic import op

revision = "0007"
down_revision = "0006"

UP = """
ALTER TABLE case_events
  DROP CONSTRAINT ck__case_events__kind,
  ADD CONSTRAINT ck__case_events__kind CHECK (kind IN ('reported', 'updated', 'rerouted', 'placed', 'assigned', 'disposed', 'closed'));

CREATE SEQUENCE case_numbers AS bigint;

COMMENT ON SEQUENCE case_numbers IS 'Running part of the numbers given to cases that came without one';

DROP INDEX ix__cases__responder_code_status;

CREATE INDEX ix__cases__responder_code_reported_at_case_no ON cases (responder_code, reported_at, case_no);

CREATE INDEX ix__cases__status_reported_at_case_no ON cases (status, reported_at, case_no);

CREATE INDEX ix__cases__category_reported_at_case_no ON cases (category, reported_at, case_no);

CREATE INDEX ix__cases__due_at_case_no ON cases (coalesce(due_at, 'infinity'), case_no);

CREATE INDEX ix__cases__done_at ON cases (coalesce(disposed_at, closed_at, 'infinity'));

CREATE INDEX ix__cases__unrouted ON cases (unrouted_reason, reported_at, case_no) WHERE unrouted_reason IS NOT NULL;

CREATE INDEX ix__cases__unlocated ON cases (reported_at, case_no) WHERE area_code IS NULL;
"""

DOWN = """
DROP INDEX ix__cases__unlocated;
DROP INDEX ix__cases__unrouted;
DROP INDEX ix__cases__done_at;
DROP INDEX ix__cases__due_at_case_no;
DROP INDEX ix__cases__category_reported_at_case_no;
DROP INDEX ix__cases__status_reported_at_case_no;
DROP INDEX ix__cases__responder_code_reported_at_case_no;

CREATE INDEX ix__cases__responder_code_status ON cases (responder_code, status);

DROP SEQUENCE case_numbers;

ALTER TABLE case_events
  DROP CONSTRAINT ck__case_events__kind,
  ADD CONSTRAINT ck__case_events__kind CHECK (kind IN ('reported', 'updated', 'rerouted', 'disposed', 'closed'));
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
