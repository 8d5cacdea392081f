"""Keep who is at work in a draft, and where."""

from alembic import op

revision = "0036"
down_revision = "0035"

UP = """
CREATE TABLE draft_presence (
  draft_id INTEGER NOT NULL,
  username TEXT COLLATE "C" NOT NULL,
  lon DOUBLE PRECISION,
  lat DOUBLE PRECISION,
  level TEXT COLLATE "C",
  codes TEXT[] NOT NULL,
  seen_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT pk__draft_presence PRIMARY KEY (draft_id, username),
  CONSTRAINT fk__draft_presence__draft_id FOREIGN KEY (draft_id)
    REFERENCES drafts (id) ON DELETE CASCADE,
  CONSTRAINT ck__draft_presence__lonlat CHECK ((lon IS NULL) = (lat IS NULL))
);
COMMENT ON TABLE draft_presence IS 'Who was last at work in a draft, and where';
COMMENT ON COLUMN draft_presence.lon IS 'middle of the map that the person saw';
COMMENT ON COLUMN draft_presence.codes IS 'areas of the level that were selected';
"""

DOWN = "DROP TABLE draft_presence"


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
