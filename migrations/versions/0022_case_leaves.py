"""Store the leaf areas of cases under editions in which their own area is not in force."""

from alembic import op

revision = "0022"
down_revision = "0021"

UP = """
CREATE TABLE case_leaves (
  edition INTEGER NOT NULL,
  case_no TEXT COLLATE "C" NOT NULL,
  area_code TEXT COLLATE "C",
  CONSTRAINT pk__case_leaves PRIMARY KEY (case_no, edition),
  CONSTRAINT fk__case_leaves__edition FOREIGN KEY (edition) REFERENCES editions (number),
  CONSTRAINT fk__case_leaves__case_no FOREIGN KEY (case_no) REFERENCES cases (case_no)
);

CREATE INDEX ix__case_leaves__edition_area_code_case_no ON case_leaves (edition, area_code, case_no);

COMMENT ON TABLE case_leaves IS 'Where located cases lie under editions in which the area they were judged into is not in force';
COMMENT ON COLUMN case_leaves.area_code IS 'on the leaf level of the edition; NULL: in none of its areas';
"""

DOWN = """
DROP TABLE case_leaves;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
