"""Add roles with their permissions, sessions that end, API tokens and counters of attempts."""

from alembic import op

revision = "0005"
down_revision = "0004"

UP = """
CREATE TABLE roles (
  code TEXT COLLATE "C" NOT NULL,
  name_zh TEXT NOT NULL,
  name_en TEXT NOT NULL,
  rank INTEGER NOT NULL,
  CONSTRAINT pk__roles PRIMARY KEY (code),
  CONSTRAINT uq__roles__rank UNIQUE (rank)
);

COMMENT ON TABLE roles IS 'Kinds of work at the bureau';
COMMENT ON COLUMN roles.rank IS 'order in which they are listed';

CREATE TABLE role_permissions (
  role TEXT COLLATE "C" NOT NULL,
  permission TEXT COLLATE "C" NOT NULL,
  CONSTRAINT pk__role_permissions PRIMARY KEY (role, permission),
  CONSTRAINT fk__role_permissions__role FOREIGN KEY(role) REFERENCES roles (code)
);

COMMENT ON TABLE role_permissions IS 'What each role may do';

INSERT INTO roles (code, name_zh, name_en, rank) VALUES
  ('gis_officer', '网格管理员', 'GIS officer', 0),
  ('acceptor', '受理员', 'Acceptor', 1),
  ('duty_chief', '值班长', 'Duty chief', 2),
  ('dispatcher', '派遣员', 'Dispatcher', 3),
  ('responder', '处置单位', 'Responder', 4),
  ('street_chief', '街长', 'Street chief', 5),
  ('collector', '监督员', 'Collector', 6),
  ('commander', '指挥长', 'Commander', 7),
  ('planner', '规划员', 'Planner', 8),
  ('administrator', '系统管理员', 'Administrator', 9);

INSERT INTO role_permissions (role, permission)
SELECT role, unnest(string_to_array(permissions, ' ')) FROM (VALUES
  ('gis_officer', 'see_overview see_map see_areas edit_drafts publish_drafts see_duties edit_duties import_layers export_layers see_jobs use_api'),
  ('acceptor', 'see_overview see_map see_cases see_personal report_cases place_cases import_cases see_areas see_duties see_jobs use_api'),
  ('duty_chief', 'see_overview see_map see_cases see_personal report_cases place_cases assign_cases dispose_cases close_cases import_cases see_areas see_duties export_cases see_jobs use_api'),
  ('dispatcher', 'see_overview see_map see_cases see_personal place_cases assign_cases see_areas see_duties see_jobs use_api'),
  ('responder', 'see_map see_own_cases dispose_cases use_api'),
  ('street_chief', 'see_overview see_map see_cases see_areas see_duties'),
  ('collector', 'see_map see_cases report_cases use_api'),
  ('commander', 'see_overview see_map see_cases see_areas see_duties export_cases see_jobs'),
  ('planner', 'see_overview see_map see_cases see_areas see_duties export_layers export_cases see_jobs use_api'),
  ('administrator', 'see_overview see_map see_areas see_duties see_jobs manage_accounts see_audit')
) AS shipped (role, permissions);

ALTER TABLE accounts
  ALTER COLUMN role TYPE TEXT COLLATE "C",
  ADD COLUMN name TEXT NOT NULL,
  ADD COLUMN session_key TEXT NOT NULL,
  ADD CONSTRAINT fk__accounts__role FOREIGN KEY(role) REFERENCES roles (code);

COMMENT ON COLUMN accounts.session_key IS 'changes when every session of the account is to end';

CREATE TABLE api_tokens (
  id INTEGER GENERATED ALWAYS AS IDENTITY,
  username TEXT NOT NULL,
  name TEXT NOT NULL,
  token_hash TEXT NOT NULL,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
  last_used_at TIMESTAMP WITH TIME ZONE,
  revoked_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT pk__api_tokens PRIMARY KEY (id),
  CONSTRAINT uq__api_tokens__token_hash UNIQUE (token_hash),
  CONSTRAINT fk__api_tokens__username FOREIGN KEY(username) REFERENCES accounts (username)
);

COMMENT ON TABLE api_tokens IS 'What programs present instead of a password';
COMMENT ON COLUMN api_tokens.token_hash IS 'SHA-256 of the token, which is shown once and never kept';

CREATE TABLE attempts (
  kind TEXT COLLATE "C" NOT NULL,
  subject TEXT COLLATE "C" NOT NULL,
  window_start TIMESTAMP WITH TIME ZONE NOT NULL,
  count INTEGER NOT NULL,
  CONSTRAINT pk__attempts PRIMARY KEY (kind, subject, window_start)
);

COMMENT ON TABLE attempts IS 'How often something was tried within a span of time, counted for all server processes together';
"""

DOWN = """
DROP TABLE attempts;
DROP TABLE api_tokens;
ALTER TABLE accounts
  DROP CONSTRAINT fk__accounts__role,
  DROP COLUMN session_key,
  DROP COLUMN name,
  ALTER COLUMN role TYPE TEXT COLLATE "default";
DROP TABLE role_permissions;
DROP TABLE roles;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
