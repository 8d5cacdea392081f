"""Add the register of components, and to categories the class of those they are about."""

from alembic import op

revision = "0011"
down_revision = "0010"

UP = """
CREATE TABLE components (
  code TEXT COLLATE "C" NOT NULL,
  class_code TEXT COLLATE "C" NOT NULL,
  name TEXT,
  owner_code TEXT COLLATE "C",
  owner_name TEXT,
  maintainer_code TEXT COLLATE "C",
  maintainer_name TEXT,
  manager_code TEXT COLLATE "C",
  manager_name TEXT,
  state TEXT,
  recorded_on DATE,
  changed_on DATE,
  geom geometry(POINT,4326) NOT NULL,
  CONSTRAINT pk__components PRIMARY KEY (code),
  CONSTRAINT ck__components__state CHECK (state IN ('intact', 'damaged', 'lost', 'abandoned', 'removed'))
);

COMMENT ON TABLE components IS 'Fixed public objects with the units that answer for them; units need not be known';

COMMENT ON COLUMN components.recorded_on IS 'ORDate';

COMMENT ON COLUMN components.changed_on IS 'CHDate';

COMMENT ON COLUMN components.geom IS 'lon/lat, EPSG:4326, on the 1e-8 degree grid';

CREATE INDEX ix__components__class_code_code ON components (class_code, code);

CREATE INDEX ix__components__geom ON components USING gist (geom);

ALTER TABLE categories ADD COLUMN class_code TEXT COLLATE "C";

COMMENT ON COLUMN categories.class_code IS 'major and minor class as codes of components have them';

CREATE TRIGGER note_routing_change
AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON components
FOR EACH STATEMENT EXECUTE FUNCTION note_routing_change();
"""

DOWN = """
ALTER TABLE categories DROP COLUMN class_code;
DROP TABLE components;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
