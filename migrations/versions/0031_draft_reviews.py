"""Let drafts be submitted, approved and returned with comments."""

from alembic import op

revision = "0031"
down_revision = "0030"

UP = """
ALTER TABLE drafts
  DROP CONSTRAINT ck__drafts__status,
  ADD CONSTRAINT ck__drafts__status CHECK (status IN ('open', 'submitted', 'approved', 'published'));

CREATE TABLE draft_reviews (
  draft_id INTEGER NOT NULL,
  number INTEGER NOT NULL,
  step TEXT NOT NULL,
  made_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  made_by TEXT NOT NULL,
  digest TEXT NOT NULL,
  on_edition INTEGER,
  CONSTRAINT pk__draft_reviews PRIMARY KEY (draft_id, number),
  CONSTRAINT fk__draft_reviews__draft_id FOREIGN KEY (draft_id) REFERENCES drafts (id),
  CONSTRAINT fk__draft_reviews__on_edition FOREIGN KEY (on_edition) REFERENCES editions (number),
  CONSTRAINT ck__draft_reviews__step CHECK (step IN ('submitted', 'returned', 'approved'))
);
COMMENT ON TABLE draft_reviews
  IS 'Who submitted, returned and approved a draft; rows are only added';
COMMENT ON COLUMN draft_reviews.number IS 'from 1 within the draft';
COMMENT ON COLUMN draft_reviews.digest IS 'SHA-256 of what the draft stated then';
COMMENT ON COLUMN draft_reviews.on_edition IS 'the newest edition then; empty before the first';

CREATE TABLE draft_comments (
  id INTEGER GENERATED ALWAYS AS IDENTITY,
  draft_id INTEGER NOT NULL,
  submission INTEGER NOT NULL,
  level TEXT COLLATE "C",
  code TEXT COLLATE "C",
  text TEXT NOT NULL,
  made_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  made_by TEXT NOT NULL,
  CONSTRAINT pk__draft_comments PRIMARY KEY (id),
  CONSTRAINT fk__draft_comments__draft_id_submission FOREIGN KEY (draft_id, submission)
    REFERENCES draft_reviews (draft_id, number),
  CONSTRAINT fk__draft_comments__level FOREIGN KEY (level) REFERENCES levels (level),
  CONSTRAINT ck__draft_comments__area CHECK ((level IS NULL) = (code IS NULL)),
  CONSTRAINT ck__draft_comments__text CHECK (text <> '')
);
COMMENT ON TABLE draft_comments
  IS 'What reviewers said about a draft, of one area or of the whole';
COMMENT ON COLUMN draft_comments.submission IS 'number of that review step';

INSERT INTO role_permissions (role, permission)
SELECT code, 'review_drafts' FROM roles WHERE code IN ('gis_officer', 'commander');
"""

# A draft under review is open again in the release before.
DOWN = """
DELETE FROM role_permissions WHERE permission = 'review_drafts';

DROP TABLE draft_comments;

DROP TABLE draft_reviews;

UPDATE drafts SET status = 'open' WHERE status IN ('submitted', 'approved');

ALTER TABLE drafts
  DROP CONSTRAINT ck__drafts__status,
  ADD CONSTRAINT ck__drafts__status CHECK (status IN ('open', 'published'));
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
