"""Store the limits between classes of density, so that maps stay comparable."""

from alembic import op

revision = "0023"
down_revision = "0022"

UP = """
CREATE TABLE density_breaks (
  id INTEGER GENERATED ALWAYS AS IDENTITY,
  edition INTEGER NOT NULL,
  level TEXT COLLATE "C",
  bandwidth_m FLOAT,
  category TEXT COLLATE "C",
  first_month DATE NOT NULL,
  months INTEGER NOT NULL,
  cases BIGINT NOT NULL,
  breaks FLOAT[] NOT NULL,
  made_at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk__density_breaks PRIMARY KEY (id),
  CONSTRAINT uq__density_breaks UNIQUE NULLS NOT DISTINCT (edition, level, bandwidth_m, category, first_month),
  CONSTRAINT ck__density_breaks__level CHECK ((level IS NULL) = (bandwidth_m IS NOT NULL)),
  CONSTRAINT fk__density_breaks__edition FOREIGN KEY (edition) REFERENCES editions (number),
  CONSTRAINT fk__density_breaks__level FOREIGN KEY (level) REFERENCES levels (level),
  CONSTRAINT fk__density_breaks__category FOREIGN KEY (category) REFERENCES categories (code)
);

COMMENT ON TABLE density_breaks IS 'Limits between classes of density, by which maps of one city stay comparable';
COMMENT ON COLUMN density_breaks.level IS 'whose areas were counted; NULL: the smoothed surface';
COMMENT ON COLUMN density_breaks.bandwidth_m IS 'of the smoothed surface, metres';
COMMENT ON COLUMN density_breaks.category IS 'whose cases were counted; NULL: all';
COMMENT ON COLUMN density_breaks.first_month IS 'first day of twelve months';
COMMENT ON COLUMN density_breaks.months IS 'how many of the twelve had cases of any category';
COMMENT ON COLUMN density_breaks.cases IS 'how many were counted';
COMMENT ON COLUMN density_breaks.breaks IS 'cases per square kilometre per 30 days, ascending';
"""

DOWN = """
DROP TABLE density_breaks;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
