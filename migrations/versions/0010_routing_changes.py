"""Let every process see at once that what routes cases has changed."""

from alembic import op

revision = "0010"
down_revision = "0009"

TABLES = (
    "levels",
    "editions",
    "areas",
    "groups",
    "group_members",
    "responders",
    "duties",
    "road_segments",
    "zones",
    "categories",
)

# One row for each transaction, whatever it does: the mark is the transaction's own and goes
# with it, with a savepoint that is taken back too, as the row does.
UP = """
CREATE TABLE routing_changes (
  id INTEGER GENERATED ALWAYS AS IDENTITY,
  transaction_id xid8 NOT NULL,
  CONSTRAINT pk__routing_changes PRIMARY KEY (id)
);

COMMENT ON TABLE routing_changes IS 'Append-only: the transactions that changed what routes cases';

CREATE INDEX ix__routing_changes__transaction_id ON routing_changes (transaction_id);

CREATE FUNCTION note_routing_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF coalesce(current_setting('gridmgmt.routing_changed', true), '') = '' THEN
    EXECUTE format(
      'INSERT INTO %I.routing_changes (transaction_id) VALUES (pg_current_xact_id())',
      TG_TABLE_SCHEMA
    );
    PERFORM set_config('gridmgmt.routing_changed', 'yes', true);
  END IF;
  RETURN NULL;
END $$;
"""

TRIGGER = """
CREATE TRIGGER note_routing_change
AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION note_routing_change();
"""

DOWN = """
DROP FUNCTION note_routing_change() CASCADE;

DROP TABLE routing_changes;
"""


def upgrade() -> None:
    op.execute(UP)
    for table in TABLES:
        op.execute(TRIGGER.format(table=table))


def downgrade() -> None:
    op.execute(DOWN)
