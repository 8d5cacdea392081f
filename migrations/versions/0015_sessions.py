"""Keep sessions on the server."""

from alembic import op

revision = "0015"
down_revision = "0014"

# The key of accounts is read no more; it is dropped by a later release.
UP = """
CREATE TABLE sessions (
  id INTEGER GENERATED ALWAYS AS IDENTITY,
  username TEXT NOT NULL,
  secret_hash TEXT NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  last_seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
  address TEXT NOT NULL,
  device TEXT NOT NULL,
  second_factor_at TIMESTAMP WITH TIME ZONE,
  ended_at TIMESTAMP WITH TIME ZONE,
  ended_by TEXT,
  CONSTRAINT pk__sessions PRIMARY KEY (id),
  CONSTRAINT uq__sessions__secret_hash UNIQUE (secret_hash),
  CONSTRAINT fk__sessions__username FOREIGN KEY(username) REFERENCES accounts (username),
  CONSTRAINT ck__sessions__ended_by CHECK (ended_by IN ('logged_out', 'replaced', 'by_owner', 'by_administrator', 'password', 'account', 'expired')),
  CONSTRAINT ck__sessions__end CHECK ((ended_at IS NULL) = (ended_by IS NULL))
);

CREATE INDEX ix__sessions__username ON sessions (username) WHERE ended_at IS NULL;

COMMENT ON TABLE sessions IS 'Browsers in which somebody is or was logged in';

COMMENT ON COLUMN sessions.secret_hash IS 'SHA-256 of what the browser''s cookie holds, which is never kept';

COMMENT ON COLUMN sessions.address IS 'network address at login; personal data';

COMMENT ON COLUMN sessions.device IS 'browser and system, as the browser named them at login';

ALTER TABLE accounts ALTER COLUMN session_key SET DEFAULT '';

COMMENT ON COLUMN accounts.session_key IS 'no longer used';
"""

# Without sessions of their own an empty key would open one account like another.
DOWN = """
UPDATE accounts SET session_key = gen_random_uuid()::text;

COMMENT ON COLUMN accounts.session_key IS 'changes when every session of the account is to end';

ALTER TABLE accounts ALTER COLUMN session_key DROP DEFAULT;

DROP TABLE sessions;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
