"""Remember which form of a report became which case, so that sending twice makes one case."""

from alembic import op

revision = "0029"
down_revision = "0028"

UP = """
CREATE TABLE sent_reports (
  username TEXT NOT NULL,
  token TEXT NOT NULL,
  case_no TEXT COLLATE "C" NOT NULL,
  sent_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  CONSTRAINT pk__sent_reports PRIMARY KEY (username, token),
  CONSTRAINT fk__sent_reports__case_no FOREIGN KEY (case_no) REFERENCES cases (case_no)
);
CREATE INDEX ix__sent_reports__sent_at ON sent_reports (sent_at);
COMMENT ON TABLE sent_reports IS 'Which form of a report became which case; of the last days';
COMMENT ON COLUMN sent_reports.token IS 'made with the form, the same however often it is sent';
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute("DROP TABLE sent_reports")
