"""Let wall screens show figures and map without a login."""

from alembic import op

revision = "0017"
down_revision = "0016"

UP = """
CREATE TABLE displays (
  id INTEGER GENERATED ALWAYS AS IDENTITY,
  name TEXT NOT NULL,
  area_level TEXT COLLATE "C",
  area_code TEXT COLLATE "C",
  created_by TEXT NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE NOT NULL,
  link_hash TEXT,
  link_ends_at TIMESTAMP WITH TIME ZONE,
  token_hash TEXT,
  opened_at TIMESTAMP WITH TIME ZONE,
  last_used_at TIMESTAMP WITH TIME ZONE,
  revoked_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT pk__displays PRIMARY KEY (id),
  CONSTRAINT uq__displays__link_hash UNIQUE (link_hash),
  CONSTRAINT uq__displays__token_hash UNIQUE (token_hash),
  CONSTRAINT fk__displays__area_level FOREIGN KEY(area_level) REFERENCES levels (level),
  CONSTRAINT ck__displays__area CHECK ((area_level IS NULL) = (area_code IS NULL)),
  CONSTRAINT ck__displays__link CHECK ((link_hash IS NULL) = (link_ends_at IS NULL)),
  CONSTRAINT ck__displays__token CHECK ((token_hash IS NULL) = (opened_at IS NULL))
);

COMMENT ON TABLE displays IS 'Wall screens that show figures and map without a login';

COMMENT ON COLUMN displays.link_hash IS 'SHA-256 of a link that a screen can open once; empty when it was';

COMMENT ON COLUMN displays.token_hash IS 'SHA-256 of the token in the screen''s cookie, which is never kept';

INSERT INTO role_permissions (role, permission)
SELECT roles.code, 'manage_displays' FROM roles WHERE roles.code = 'administrator';
"""

DOWN = """
DELETE FROM role_permissions WHERE permission = 'manage_displays';

DROP TABLE displays;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
