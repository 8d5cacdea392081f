"""Add what cases are marked with, and how sure their position is."""

from alembic import op

revision = "0012"
down_revision = "0011"

UP = """
ALTER TABLE cases
  ADD COLUMN marks TEXT[] DEFAULT '{}' NOT NULL,
  ADD CONSTRAINT ck__cases__marks CHECK (marks <@ ARRAY['vendor_zone']),
  DROP CONSTRAINT ck__cases__unlocated_reason,
  ADD CONSTRAINT ck__cases__unlocated_reason CHECK (unlocated_reason IN ('no_position', 'address_only', 'outside', 'before_first_edition')),
  DROP CONSTRAINT ck__cases__unrouted_reason,
  ADD CONSTRAINT ck__cases__unrouted_reason CHECK (unrouted_reason IN ('unlocated', 'no_owner', 'two_owners', 'uncertain'));

COMMENT ON COLUMN cases.marks IS 'what is to be known beside the state, such as vendor_zone';

CREATE INDEX ix__cases__marked ON cases (reported_at, case_no) WHERE marks <> '{}';

ALTER TABLE zones
  ADD COLUMN categories TEXT[] COLLATE "C",
  ADD CONSTRAINT ck__zones__categories CHECK (cardinality(categories) > 0);

COMMENT ON COLUMN zones.categories IS 'what its exception is about; NULL: everything';
"""

# Cases that wait for one of the reasons taken away wait for the nearest that there was before.
DOWN = """
ALTER TABLE zones
  DROP COLUMN categories;

DROP INDEX ix__cases__marked;

UPDATE cases SET unlocated_reason = 'no_position' WHERE unlocated_reason = 'address_only';

UPDATE cases SET unrouted_reason = 'two_owners' WHERE unrouted_reason = 'uncertain';

ALTER TABLE cases
  DROP COLUMN marks,
  DROP CONSTRAINT ck__cases__unlocated_reason,
  ADD CONSTRAINT ck__cases__unlocated_reason CHECK (unlocated_reason IN ('no_position', 'outside', 'before_first_edition')),
  DROP CONSTRAINT ck__cases__unrouted_reason,
  ADD CONSTRAINT ck__cases__unrouted_reason CHECK (unrouted_reason IN ('unlocated', 'no_owner', 'two_owners'));
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
