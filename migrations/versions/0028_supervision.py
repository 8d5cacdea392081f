"""Let street chiefs and duty chiefs press the responders of cases."""

from alembic import op

revision = "0028"
down_revision = "0027"

UP = """
ALTER TABLE case_events
  DROP CONSTRAINT ck__case_events__kind,
  ADD CONSTRAINT ck__case_events__kind CHECK (kind IN ('reported', 'updated', 'rerouted', 'placed', 'assigned', 'bounced', 'disposed', 'closed', 'supervised'));

INSERT INTO role_permissions (role, permission)
SELECT code, 'supervise_cases' FROM roles WHERE code IN ('street_chief', 'duty_chief');
"""

# Events cannot be taken away: a history that tells of a supervision keeps the newer release.
DOWN = """
DELETE FROM role_permissions WHERE permission = 'supervise_cases';

ALTER TABLE case_events
  DROP CONSTRAINT ck__case_events__kind,
  ADD CONSTRAINT ck__case_events__kind CHECK (kind IN ('reported', 'updated', 'rerouted', 'placed', 'assigned', 'bounced', 'disposed', 'closed'));
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
