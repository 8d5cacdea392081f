"""Let passwords be given for the first login only, and keep second factors."""

from alembic import op

revision = "0016"
down_revision = "0015"

UP = """
ALTER TABLE accounts ADD COLUMN must_change BOOLEAN DEFAULT false NOT NULL;

COMMENT ON COLUMN accounts.must_change IS 'somebody else gave the password: nothing opens until it is changed';

CREATE TABLE second_factors (
  username TEXT NOT NULL,
  sealed_secret TEXT NOT NULL,
  last_step BIGINT NOT NULL,
  set_up_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT pk__second_factors PRIMARY KEY (username),
  CONSTRAINT fk__second_factors__username FOREIGN KEY(username) REFERENCES accounts (username)
);

COMMENT ON TABLE second_factors IS 'What makes the codes that accounts log in with after their password';

COMMENT ON COLUMN second_factors.sealed_secret IS 'encrypted with a key made of the deployment''s secret key';

COMMENT ON COLUMN second_factors.last_step IS 'the last step of 30 s since 1970 whose code was taken: none is taken twice';

CREATE TABLE recovery_codes (
  id INTEGER GENERATED ALWAYS AS IDENTITY,
  username TEXT NOT NULL,
  code_hash TEXT NOT NULL,
  used_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT pk__recovery_codes PRIMARY KEY (id),
  CONSTRAINT fk__recovery_codes__username FOREIGN KEY(username) REFERENCES second_factors (username) ON DELETE CASCADE
);

CREATE INDEX ix__recovery_codes__username ON recovery_codes (username);

COMMENT ON TABLE recovery_codes IS 'What lets an account in once whose second factor is lost';

COMMENT ON COLUMN recovery_codes.code_hash IS 'Argon2id; the code is shown once and never kept';
"""

# Accounts log in with the password alone again.
DOWN = """
DROP TABLE recovery_codes;

DROP TABLE second_factors;

ALTER TABLE accounts DROP COLUMN must_change;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
