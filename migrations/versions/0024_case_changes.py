"""Note which cases each transaction changed, so that columns of them can follow."""

from alembic import op

revision = "0024"
down_revision = "0023"

TABLES = ("cases", "case_leaves")

# A statement that changes no row leaves no note.
UP = """
CREATE TABLE case_changes (
  id BIGINT GENERATED ALWAYS AS IDENTITY,
  transaction_id xid8 NOT NULL,
  case_nos TEXT[] COLLATE "C",
  recorded_at TIMESTAMP WITH TIME ZONE DEFAULT clock_timestamp() NOT NULL,
  CONSTRAINT pk__case_changes PRIMARY KEY (id)
);

COMMENT ON TABLE case_changes IS 'The cases each transaction changed; notes of the last hours';
COMMENT ON COLUMN case_changes.case_nos IS 'NULL: all of them';

CREATE INDEX ix__case_changes__transaction_id ON case_changes (transaction_id);

CREATE TABLE case_changes_kept (
  identity UUID DEFAULT gen_random_uuid() NOT NULL,
  since xid8 NOT NULL,
  CONSTRAINT pk__case_changes_kept PRIMARY KEY (identity)
);

COMMENT ON TABLE case_changes_kept IS 'One row: of which database the notes are, and how far back they go';
COMMENT ON COLUMN case_changes_kept.since IS 'the notes of this transaction and all later ones are there';

INSERT INTO case_changes_kept (since) VALUES ('0');

CREATE FUNCTION note_case_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'TRUNCATE' THEN
    EXECUTE format(
      'INSERT INTO %I.case_changes (transaction_id) VALUES (pg_current_xact_id())',
      TG_TABLE_SCHEMA
    );
  ELSE
    EXECUTE format(
      'INSERT INTO %I.case_changes (transaction_id, case_nos)'
      ' SELECT pg_current_xact_id(), array_agg(case_no) FROM changed HAVING count(*) > 0',
      TG_TABLE_SCHEMA
    );
  END IF;
  RETURN NULL;
END $$;
"""

TRIGGERS = """
CREATE TRIGGER note_inserted AFTER INSERT ON {table}
REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION note_case_changes();

CREATE TRIGGER note_updated AFTER UPDATE ON {table}
REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION note_case_changes();

CREATE TRIGGER note_deleted AFTER DELETE ON {table}
REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION note_case_changes();

CREATE TRIGGER note_truncated AFTER TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION note_case_changes();
"""

DOWN = """
DROP FUNCTION note_case_changes() CASCADE;

DROP TABLE case_changes_kept;

DROP TABLE case_changes;
"""


def upgrade() -> None:
    op.execute(UP)
    for table in TABLES:
        op.execute(TRIGGERS.format(table=table))


def downgrade() -> None:
    op.execute(DOWN)
