"""Add jobs that run beside the pages, and the queue they wait in."""

from alembic import op
from procrastinate.schema import SchemaManager

revision = "0006"
down_revision = "0005"

UP = """
CREATE TABLE jobs (
  id INTEGER GENERATED ALWAYS AS IDENTITY,
  kind TEXT COLLATE "C" NOT NULL,
  title TEXT NOT NULL,
  arguments JSONB NOT NULL,
  created_by TEXT NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  started_at TIMESTAMP WITH TIME ZONE,
  finished_at TIMESTAMP WITH TIME ZONE,
  status TEXT NOT NULL,
  attempts INTEGER DEFAULT 0 NOT NULL,
  step TEXT,
  done BIGINT DEFAULT 0 NOT NULL,
  total BIGINT DEFAULT 0 NOT NULL,
  cancel_requested BOOLEAN DEFAULT false NOT NULL,
  result JSONB,
  error TEXT,
  CONSTRAINT pk__jobs PRIMARY KEY (id),
  CONSTRAINT ck__jobs__status CHECK (status IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
  CONSTRAINT ck__jobs__started CHECK (status <> 'running' OR started_at IS NOT NULL),
  CONSTRAINT ck__jobs__finished CHECK ((finished_at IS NOT NULL) = (status IN ('succeeded', 'failed', 'cancelled'))),
  CONSTRAINT ck__jobs__error CHECK ((error IS NOT NULL) = (status = 'failed'))
);

CREATE INDEX ix__jobs__created_by_id ON jobs (created_by, id);

CREATE INDEX ix__jobs__unfinished ON jobs (id) WHERE status IN ('queued', 'running');

COMMENT ON TABLE jobs IS 'Long work that runs beside the pages: asked for, how far it is, what came of it';

COMMENT ON COLUMN jobs.attempts IS 'how often a worker began it; only the newest attempt may finish it';

COMMENT ON COLUMN jobs.total IS '0 while nobody knows how much there is to do';

COMMENT ON COLUMN jobs.cancel_requested IS 'read by the work between its chunks';
"""

# The queue is the library's own and is made by the library of the installed version, which
# constraints.txt pins; a later version brings its changes as files of its own, and a migration
# of ours applies those.
DOWN = """
DROP TABLE jobs;

DROP TABLE procrastinate_events, procrastinate_periodic_defers, procrastinate_jobs, procrastinate_workers CASCADE;

DO $$
DECLARE
  made RECORD;
BEGIN
  FOR made IN
    SELECT CAST(oid AS regprocedure) AS name FROM pg_proc
    WHERE proname LIKE 'procrastinate\\_%' AND pronamespace = CAST('public' AS regnamespace)
  LOOP
    EXECUTE format('DROP FUNCTION %s', made.name);
  END LOOP;
END
$$;

DROP TYPE procrastinate_job_to_defer_v1, procrastinate_job_event_type, procrastinate_job_status;
"""


def upgrade() -> None:
    op.execute(UP)
    # A colon before a word would be taken for a parameter; the library's SQL has none to give.
    op.execute(SchemaManager.get_schema().replace(":", "\\:"))


def downgrade() -> None:
    op.execute(DOWN)
