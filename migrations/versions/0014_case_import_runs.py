"""Remember how far an import of cases has come."""

from alembic import op

revision = "0014"
down_revision = "0013"

UP = """
CREATE TABLE case_import_runs (
  id INTEGER GENERATED ALWAYS AS IDENTITY,
  file TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  options JSONB NOT NULL,
  actor TEXT NOT NULL,
  started_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  stored_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  row_done INTEGER NOT NULL,
  counts JSONB NOT NULL,
  CONSTRAINT pk__case_import_runs PRIMARY KEY (id)
);

COMMENT ON TABLE case_import_runs IS 'How far imports of cases came that are not finished';

COMMENT ON COLUMN case_import_runs.sha256 IS 'of what was read of the file';

COMMENT ON COLUMN case_import_runs.options IS 'what decides about the outcome';

COMMENT ON COLUMN case_import_runs.row_done IS 'the last row dealt with';

COMMENT ON COLUMN case_import_runs.counts IS 'of the report, up to that row';

CREATE TABLE case_import_rejects (
  run INTEGER NOT NULL,
  row_number INTEGER NOT NULL,
  reason TEXT NOT NULL,
  row_values JSON NOT NULL,
  CONSTRAINT pk__case_import_rejects PRIMARY KEY (run, row_number),
  CONSTRAINT fk__case_import_rejects__run FOREIGN KEY(run) REFERENCES case_import_runs (id)
);

COMMENT ON TABLE case_import_rejects IS 'Rows that these imports rejected';

COMMENT ON COLUMN case_import_rejects.row_number IS 'as a spreadsheet counts';

COMMENT ON COLUMN case_import_rejects.row_values IS 'personal data; in order';
"""

DOWN = """
DROP TABLE case_import_rejects;
DROP TABLE case_import_runs;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
