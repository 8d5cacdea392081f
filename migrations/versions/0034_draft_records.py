"""Let drafts state duties, zones, members of groups and road segments."""

from alembic import op

revision = "0034"
down_revision = "0033"

UP = """
CREATE TABLE draft_records (
  draft_id INTEGER NOT NULL,
  kind TEXT NOT NULL,
  key TEXT COLLATE "C" NOT NULL,
  name TEXT NOT NULL,
  edit INTEGER NOT NULL,
  before JSONB,
  after JSONB NOT NULL,
  written JSONB,
  CONSTRAINT pk__draft_records PRIMARY KEY (draft_id, kind, key),
  CONSTRAINT fk__draft_records__draft_id FOREIGN KEY (draft_id) REFERENCES drafts (id),
  CONSTRAINT ck__draft_records__kind CHECK (
    kind IN ('duty', 'group_member', 'road_segment', 'zone')
  )
);
COMMENT ON TABLE draft_records
  IS 'What drafts state about duties, zones, members of groups and road segments';
COMMENT ON COLUMN draft_records.edit IS 'number in the log of edits';
COMMENT ON COLUMN draft_records.before IS 'as stored then; NULL: there was none';
COMMENT ON COLUMN draft_records.after
  IS 'text by column, as files have it, and the geometry as WKB';
COMMENT ON COLUMN draft_records.written
  IS 'as it was stored with the edition; NULL: not published, or nothing changed';

CREATE TABLE draft_edit_records (
  draft_id INTEGER NOT NULL,
  number INTEGER NOT NULL,
  side TEXT NOT NULL,
  kind TEXT NOT NULL,
  key TEXT COLLATE "C" NOT NULL,
  name TEXT NOT NULL,
  edit INTEGER NOT NULL,
  before JSONB,
  after JSONB NOT NULL,
  CONSTRAINT pk__draft_edit_records PRIMARY KEY (draft_id, number, side, kind, key),
  CONSTRAINT fk__draft_edit_records__draft_id_number
    FOREIGN KEY (draft_id, number) REFERENCES draft_edits (draft_id, number),
  CONSTRAINT ck__draft_edit_records__side CHECK (side IN ('before', 'after')),
  CONSTRAINT ck__draft_edit_records__kind CHECK (
    kind IN ('duty', 'group_member', 'road_segment', 'zone')
  )
);
COMMENT ON TABLE draft_edit_records
  IS 'What a draft stated about a row before an edit and after it';
COMMENT ON COLUMN draft_edit_records.edit IS 'number in the log of edits';
COMMENT ON COLUMN draft_edit_records.before IS 'as stored then; NULL: there was none';
COMMENT ON COLUMN draft_edit_records.after
  IS 'text by column, as files have it, and the geometry as WKB';
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute("DROP TABLE draft_edit_records; DROP TABLE draft_records")
