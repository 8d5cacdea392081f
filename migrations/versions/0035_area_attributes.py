"""Give areas attributes, which a deployment declares for a level."""

from alembic import op

revision = "0035"
down_revision = "0034"

UP = """
CREATE TABLE area_attributes (
  level TEXT COLLATE "C" NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  place INTEGER NOT NULL,
  name_zh TEXT NOT NULL,
  name_en TEXT NOT NULL,
  kind TEXT NOT NULL,
  allowed TEXT[] NOT NULL,
  CONSTRAINT pk__area_attributes PRIMARY KEY (level, name),
  CONSTRAINT fk__area_attributes__level FOREIGN KEY (level) REFERENCES levels (level),
  CONSTRAINT ck__area_attributes__name CHECK (name ~ '^[a-z][a-z0-9_]{0,39}$'),
  CONSTRAINT ck__area_attributes__kind CHECK (kind IN ('text', 'number', 'day'))
);
COMMENT ON TABLE area_attributes IS 'What a deployment declares about the areas of a level';
COMMENT ON COLUMN area_attributes.place IS 'order among those of the level';
COMMENT ON COLUMN area_attributes.allowed IS 'the values it may have; empty: any';

ALTER TABLE areas
  ADD COLUMN attributes JSONB DEFAULT '{}' NOT NULL;
COMMENT ON COLUMN areas.attributes IS 'values by attribute; absent: not known';
ALTER TABLE area_changes
  ADD COLUMN attributes JSONB DEFAULT '{}' NOT NULL;
COMMENT ON COLUMN area_changes.attributes IS 'values by attribute; absent: not known';
ALTER TABLE draft_edit_areas
  ADD COLUMN attributes JSONB DEFAULT '{}' NOT NULL;
COMMENT ON COLUMN draft_edit_areas.attributes IS 'values by attribute; absent: not known';
"""

DOWN = """
ALTER TABLE draft_edit_areas DROP COLUMN attributes;
ALTER TABLE area_changes DROP COLUMN attributes;
ALTER TABLE areas DROP COLUMN attributes;
DROP TABLE area_attributes;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
