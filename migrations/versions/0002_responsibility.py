"""Add responders, duties, road segments, zones and categories."""

from alembic import op

revision = "0002"
down_revision = "0001"

UP = """
CREATE TABLE responders (
  code TEXT COLLATE "C" NOT NULL,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  phone TEXT,
  superior_code TEXT COLLATE "C",
  area_level TEXT COLLATE "C",
  area_code TEXT COLLATE "C",
  CONSTRAINT pk__responders PRIMARY KEY (code),
  CONSTRAINT ck__responders__kind CHECK (kind IN ('squad', 'street_chief', 'grid_member', 'department', 'company', 'street_office', 'district_centre')),
  CONSTRAINT ck__responders__area CHECK ((area_level IS NULL) = (area_code IS NULL)),
  CONSTRAINT ck__responders__superior_code CHECK (superior_code <> code),
  CONSTRAINT fk__responders__superior_code FOREIGN KEY(superior_code) REFERENCES responders (code),
  CONSTRAINT fk__responders__area_level FOREIGN KEY(area_level) REFERENCES levels (level)
);

COMMENT ON TABLE responders IS 'Those who dispose, assist or oversee';

COMMENT ON COLUMN responders.phone IS 'personal data';

CREATE TABLE duties (
  id INTEGER GENERATED ALWAYS AS IDENTITY,
  responder_code TEXT COLLATE "C" NOT NULL,
  role TEXT NOT NULL,
  target TEXT NOT NULL,
  level TEXT COLLATE "C",
  target_code TEXT COLLATE "C" NOT NULL,
  categories TEXT[] COLLATE "C",
  hours TEXT,
  valid DATERANGE NOT NULL,
  letter_no TEXT,
  CONSTRAINT pk__duties PRIMARY KEY (id),
  CONSTRAINT uq__duties__stated_once UNIQUE NULLS NOT DISTINCT (responder_code, role, target, level, target_code, categories, hours, valid, letter_no),
  CONSTRAINT ck__duties__role CHECK (role IN ('dispose', 'assist', 'oversee')),
  CONSTRAINT ck__duties__target CHECK (target IN ('area', 'group', 'road_segment', 'zone')),
  CONSTRAINT ck__duties__level CHECK ((target = 'area') = (level IS NOT NULL)),
  CONSTRAINT ck__duties__valid CHECK (NOT isempty(valid)),
  CONSTRAINT ck__duties__categories CHECK (cardinality(categories) > 0),
  CONSTRAINT fk__duties__responder_code FOREIGN KEY(responder_code) REFERENCES responders (code),
  CONSTRAINT fk__duties__level FOREIGN KEY(level) REFERENCES levels (level)
);

COMMENT ON TABLE duties IS 'Who answers where, for what, when, by which letter';

COMMENT ON COLUMN duties.categories IS 'NULL: every category';

COMMENT ON COLUMN duties.hours IS 'OpenStreetMap opening_hours; NULL: always';

COMMENT ON COLUMN duties.valid IS 'days';

COMMENT ON COLUMN duties.letter_no IS 'number of the responsibility letter';

CREATE TABLE road_segments (
  code TEXT COLLATE "C" NOT NULL,
  name TEXT NOT NULL,
  tolerance_m FLOAT NOT NULL,
  geom geometry(MULTILINESTRING,4326) NOT NULL,
  CONSTRAINT pk__road_segments PRIMARY KEY (code),
  CONSTRAINT ck__road_segments__tolerance_m CHECK (tolerance_m >= 0)
);

COMMENT ON TABLE road_segments IS 'Stretches of road somebody answers for';

COMMENT ON COLUMN road_segments.tolerance_m IS 'metres to either side';

COMMENT ON COLUMN road_segments.geom IS 'lon/lat, EPSG:4326, on the 1e-8 degree grid';

CREATE INDEX ix__road_segments__geom ON road_segments USING gist (geom);

CREATE TABLE zones (
  code TEXT COLLATE "C" NOT NULL,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  valid DATERANGE NOT NULL,
  geom geometry(MULTIPOLYGON,4326) NOT NULL,
  CONSTRAINT pk__zones PRIMARY KEY (code),
  CONSTRAINT ck__zones__kind CHECK (kind IN ('vendor', 'demolition', 'river', 'campus')),
  CONSTRAINT ck__zones__valid CHECK (NOT isempty(valid))
);

COMMENT ON TABLE zones IS 'Special polygons with a duty or an exception of their own';

COMMENT ON COLUMN zones.valid IS 'days';

COMMENT ON COLUMN zones.geom IS 'lon/lat, EPSG:4326, on the 1e-8 degree grid';

CREATE INDEX ix__zones__geom ON zones USING gist (geom);

CREATE TABLE categories (
  code TEXT COLLATE "C" NOT NULL,
  name TEXT NOT NULL,
  code_set TEXT,
  category_class TEXT,
  major_class TEXT,
  minor_class TEXT,
  time_limit TEXT,
  mapped BOOLEAN NOT NULL,
  CONSTRAINT pk__categories PRIMARY KEY (code),
  CONSTRAINT ck__categories__category_class CHECK (category_class IN ('component', 'event'))
);

COMMENT ON TABLE categories IS 'What cases are about';

COMMENT ON COLUMN categories.code_set IS 'the list the code belongs to';

COMMENT ON COLUMN categories.time_limit IS 'as the code set writes it';

COMMENT ON COLUMN categories.mapped IS 'false: came in with cases, no duty may name it';
"""

DOWN = """
DROP TABLE categories;
DROP TABLE zones;
DROP TABLE road_segments;
DROP TABLE duties;
DROP TABLE responders;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
