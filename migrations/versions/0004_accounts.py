"""Add accounts and the audit log."""

from alembic import op

revision = "0004"
down_revision = "0003"

UP = """
CREATE TABLE accounts (
  id INTEGER GENERATED ALWAYS AS IDENTITY,
  username TEXT NOT NULL,
  role TEXT NOT NULL,
  password_hash TEXT NOT NULL,
  area_level TEXT COLLATE "C",
  area_code TEXT COLLATE "C",
  responder_code TEXT COLLATE "C",
  active BOOLEAN DEFAULT true NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT pk__accounts PRIMARY KEY (id),
  CONSTRAINT ck__accounts__area CHECK ((area_level IS NULL) = (area_code IS NULL)),
  CONSTRAINT uq__accounts__username UNIQUE (username),
  CONSTRAINT fk__accounts__area_level FOREIGN KEY(area_level) REFERENCES levels (level),
  CONSTRAINT fk__accounts__responder_code FOREIGN KEY(responder_code) REFERENCES responders (code)
);

COMMENT ON TABLE accounts IS 'Who may log in, limited to an area or tied to a responder';

CREATE TABLE audit_log (
  id BIGINT GENERATED ALWAYS AS IDENTITY,
  at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  subject TEXT NOT NULL,
  detail JSONB NOT NULL,
  CONSTRAINT pk__audit_log PRIMARY KEY (id)
);

COMMENT ON TABLE audit_log IS 'Append-only: who did what to the bureau''s data, and when';

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_v1();
"""

DOWN = """
DROP TABLE audit_log;
DROP TABLE accounts;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
