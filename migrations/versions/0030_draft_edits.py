"""Keep the log of the edits of drafts, with the areas before and after each."""

from alembic import op

revision = "0030"
down_revision = "0029"

UP = """
CREATE TABLE draft_edits (
  draft_id INTEGER NOT NULL,
  number INTEGER NOT NULL,
  operation TEXT NOT NULL,
  arguments JSONB NOT NULL,
  of_number INTEGER,
  reason TEXT,
  made_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  made_by TEXT NOT NULL,
  CONSTRAINT pk__draft_edits PRIMARY KEY (draft_id, number),
  CONSTRAINT fk__draft_edits__draft_id FOREIGN KEY (draft_id) REFERENCES drafts (id),
  CONSTRAINT ck__draft_edits__of_number CHECK (
    (operation IN ('undo', 'redo')) = (of_number IS NOT NULL)
  )
);
COMMENT ON TABLE draft_edits
  IS 'What was done to a draft, entry by entry; entries are only added';
COMMENT ON COLUMN draft_edits.number IS 'from 1 within the draft';
COMMENT ON COLUMN draft_edits.of_number IS 'the edit that is undone or redone';

CREATE TABLE draft_edit_areas (
  draft_id INTEGER NOT NULL,
  number INTEGER NOT NULL,
  side TEXT NOT NULL,
  level TEXT COLLATE "C" NOT NULL,
  code TEXT COLLATE "C" NOT NULL,
  name TEXT,
  parent_code TEXT COLLATE "C",
  geom geometry(MULTIPOLYGON, 4326) NOT NULL,
  CONSTRAINT pk__draft_edit_areas PRIMARY KEY (draft_id, number, side, level, code),
  CONSTRAINT fk__draft_edit_areas__draft_id_number
    FOREIGN KEY (draft_id, number) REFERENCES draft_edits (draft_id, number),
  CONSTRAINT fk__draft_edit_areas__level FOREIGN KEY (level) REFERENCES levels (level),
  CONSTRAINT ck__draft_edit_areas__side CHECK (side IN ('before', 'after'))
);
COMMENT ON TABLE draft_edit_areas
  IS 'The areas that an edit changed, as they were before and as they were after';
COMMENT ON COLUMN draft_edit_areas.geom
  IS 'lon/lat, EPSG:4326, on the 1e-8 degree grid; may be invalid in a draft';
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute("DROP TABLE draft_edit_areas; DROP TABLE draft_edits")
