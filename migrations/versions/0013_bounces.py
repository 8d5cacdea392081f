"""Let a responder bounce a case, and open cases be routed again."""

from alembic import op

revision = "0013"
down_revision = "0012"

UP = """
ALTER TABLE case_events
  DROP CONSTRAINT ck__case_events__kind,
  ADD CONSTRAINT ck__case_events__kind CHECK (kind IN ('reported', 'updated', 'rerouted', 'placed', 'assigned', 'bounced', 'disposed', 'closed'));

ALTER TABLE cases
  DROP CONSTRAINT ck__cases__unrouted_reason,
  ADD CONSTRAINT ck__cases__unrouted_reason CHECK (unrouted_reason IN ('unlocated', 'no_owner', 'two_owners', 'uncertain', 'bounced'));

CREATE INDEX ix__case_events__bounced ON case_events (happened_at) WHERE kind = 'bounced';

INSERT INTO role_permissions (role, permission)
SELECT roles.code, shipped.permission FROM (VALUES
  ('duty_chief', 'bounce_cases'),
  ('dispatcher', 'bounce_cases'),
  ('responder', 'bounce_cases'),
  ('gis_officer', 'reroute_cases'),
  ('duty_chief', 'reroute_cases'),
  ('dispatcher', 'reroute_cases')
) AS shipped (role, permission)
JOIN roles ON roles.code = shipped.role;
"""

# What was bounced goes on waiting for a person, for the nearest reason there was before.
# Events cannot be taken away: a history that tells of a bounce keeps the newer release.
DOWN = """
DELETE FROM role_permissions WHERE permission IN ('bounce_cases', 'reroute_cases');

DROP INDEX ix__case_events__bounced;

UPDATE cases SET unrouted_reason = 'no_owner' WHERE unrouted_reason = 'bounced';

ALTER TABLE cases
  DROP CONSTRAINT ck__cases__unrouted_reason,
  ADD CONSTRAINT ck__cases__unrouted_reason CHECK (unrouted_reason IN ('unlocated', 'no_owner', 'two_owners', 'uncertain'));

ALTER TABLE case_events
  DROP CONSTRAINT ck__case_events__kind,
  ADD CONSTRAINT ck__case_events__kind CHECK (kind IN ('reported', 'updated', 'rerouted', 'placed', 'assigned', 'disposed', 'closed'));
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
