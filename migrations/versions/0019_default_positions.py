"""Add positions that mean "not found", and mark the cases that lie there."""

from alembic import op

revision = "0019"
down_revision = "0018"

UP = """
CREATE TABLE default_positions (
  lon DOUBLE PRECISION NOT NULL,
  lat DOUBLE PRECISION NOT NULL,
  accepted_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  accepted_by TEXT NOT NULL,
  CONSTRAINT pk__default_positions PRIMARY KEY (lon, lat),
  CONSTRAINT ck__default_positions__lonlat CHECK (lon BETWEEN -180 AND 180 AND lat BETWEEN -90 AND 90)
);

COMMENT ON TABLE default_positions IS 'Positions that a geocoder gives for addresses it does not find; cases there are marked';
COMMENT ON COLUMN default_positions.lon IS 'degrees, EPSG:4326, equal to the last bit to that of its cases';
COMMENT ON COLUMN default_positions.lat IS 'degrees, EPSG:4326, equal to the last bit to that of its cases';

ALTER TABLE cases
  DROP CONSTRAINT ck__cases__marks,
  ADD CONSTRAINT ck__cases__marks CHECK (marks <@ ARRAY['vendor_zone', 'default_position']);
"""

DOWN = """
UPDATE cases SET marks = array_remove(marks, 'default_position') WHERE marks @> ARRAY['default_position'];

ALTER TABLE cases
  DROP CONSTRAINT ck__cases__marks,
  ADD CONSTRAINT ck__cases__marks CHECK (marks <@ ARRAY['vendor_zone']);

DROP TABLE default_positions;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
