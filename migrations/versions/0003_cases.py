"""Add cases with their append-only events, and demolitions."""

from alembic import op

revision = "0003"
down_revision = "0002"

UP = """
CREATE TABLE cases (
  case_no TEXT COLLATE "C" NOT NULL,
  category TEXT COLLATE "C" NOT NULL,
  reported_at TIMESTAMP WITH TIME ZONE NOT NULL,
  due_at TIMESTAMP WITH TIME ZONE,
  disposed_at TIMESTAMP WITH TIME ZONE,
  closed_at TIMESTAMP WITH TIME ZONE,
  channel TEXT,
  description TEXT,
  address TEXT,
  given_x FLOAT,
  given_y FLOAT,
  given_crs TEXT,
  accuracy_m FLOAT,
  geom geometry(POINT,4326),
  edition INTEGER,
  level TEXT COLLATE "C",
  area_code TEXT COLLATE "C",
  candidates TEXT[] COLLATE "C",
  on_boundary BOOLEAN NOT NULL,
  snapped BOOLEAN NOT NULL,
  distance_m FLOAT,
  unlocated_reason TEXT,
  responder_code TEXT COLLATE "C",
  unrouted_reason TEXT,
  status TEXT NOT NULL,
  trace JSONB NOT NULL,
  last_seq INTEGER NOT NULL,
  CONSTRAINT pk__cases PRIMARY KEY (case_no),
  CONSTRAINT ck__cases__unlocated_reason CHECK (unlocated_reason IN ('no_position', 'outside', 'before_first_edition')),
  CONSTRAINT ck__cases__unrouted_reason CHECK (unrouted_reason IN ('unlocated', 'no_owner', 'two_owners')),
  CONSTRAINT ck__cases__status CHECK (status IN ('triage', 'dispatched', 'disposed', 'closed')),
  CONSTRAINT ck__cases__located CHECK ((area_code IS NULL) = (unlocated_reason IS NOT NULL)),
  CONSTRAINT ck__cases__routed CHECK ((responder_code IS NULL) = (unrouted_reason IS NOT NULL)),
  CONSTRAINT ck__cases__level CHECK ((area_code IS NULL) = (level IS NULL)),
  CONSTRAINT ck__cases__accuracy_m CHECK (accuracy_m >= 0),
  CONSTRAINT fk__cases__category FOREIGN KEY(category) REFERENCES categories (code),
  CONSTRAINT fk__cases__edition FOREIGN KEY(edition) REFERENCES editions (number),
  CONSTRAINT fk__cases__level FOREIGN KEY(level) REFERENCES levels (level),
  CONSTRAINT fk__cases__responder_code FOREIGN KEY(responder_code) REFERENCES responders (code)
);

COMMENT ON TABLE cases IS 'Reported matters in their present state; case_events tell how they got there';

COMMENT ON COLUMN cases.description IS 'personal data';

COMMENT ON COLUMN cases.address IS 'personal data';

COMMENT ON COLUMN cases.given_x IS 'longitude or easting as it came in';

COMMENT ON COLUMN cases.given_y IS 'latitude or northing as it came in';

COMMENT ON COLUMN cases.given_crs IS 'datum the given position was read in';

COMMENT ON COLUMN cases.accuracy_m IS 'metres';

COMMENT ON COLUMN cases.geom IS 'lon/lat, EPSG:4326, as given: not on the grid of the areas';

COMMENT ON COLUMN cases.candidates IS 'the answer first';

COMMENT ON COLUMN cases.distance_m IS 'to the area, metres; 0 inside it';

COMMENT ON COLUMN cases.trace IS 'how the responder was found';

COMMENT ON COLUMN cases.last_seq IS 'its newest event';

CREATE INDEX ix__cases__edition_area_code ON cases (edition, area_code);

CREATE INDEX ix__cases__geom ON cases USING gist (geom);

CREATE INDEX ix__cases__reported_at_case_no ON cases (reported_at, case_no);

CREATE INDEX ix__cases__responder_code_status ON cases (responder_code, status);

CREATE TABLE case_events (
  case_no TEXT COLLATE "C" NOT NULL,
  seq INTEGER NOT NULL,
  kind TEXT NOT NULL,
  happened_at TIMESTAMP WITH TIME ZONE NOT NULL,
  recorded_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  actor TEXT NOT NULL,
  detail JSONB NOT NULL,
  CONSTRAINT pk__case_events PRIMARY KEY (case_no, seq),
  CONSTRAINT fk__case_events__case_no FOREIGN KEY(case_no) REFERENCES cases (case_no),
  CONSTRAINT ck__case_events__kind CHECK (kind IN ('reported', 'updated', 'rerouted', 'disposed', 'closed')),
  CONSTRAINT ck__case_events__seq CHECK (seq > 0)
);

COMMENT ON TABLE case_events IS 'Append-only history of cases; a trigger forbids changing it';

COMMENT ON COLUMN case_events.seq IS '1, 2, … within the case';

ALTER TABLE cases ADD CONSTRAINT fk__cases__last_event FOREIGN KEY(case_no, last_seq)
  REFERENCES case_events (case_no, seq) DEFERRABLE INITIALLY DEFERRED;

CREATE TABLE demolitions (
  code TEXT COLLATE "C" NOT NULL,
  name TEXT,
  address TEXT,
  mode TEXT,
  demolished_on DATE,
  claimed_m2 FLOAT,
  measured_m2 FLOAT,
  cases_count INTEGER,
  sites_count INTEGER,
  households_count INTEGER,
  geom geometry(GEOMETRY,4326) NOT NULL,
  CONSTRAINT pk__demolitions PRIMARY KEY (code),
  CONSTRAINT ck__demolitions__mode CHECK (mode IN ('self', 'assisted', 'forced')),
  CONSTRAINT ck__demolitions__geom CHECK (GeometryType(geom) IN ('POINT', 'MULTIPOLYGON') AND (measured_m2 IS NULL) = (GeometryType(geom) = 'POINT'))
);

COMMENT ON TABLE demolitions IS 'Unlawful structures taken down or to be taken down';

COMMENT ON COLUMN demolitions.address IS 'personal data';

COMMENT ON COLUMN demolitions.demolished_on IS 'NULL: still standing';

COMMENT ON COLUMN demolitions.claimed_m2 IS 'square metres as reported';

COMMENT ON COLUMN demolitions.measured_m2 IS 'geodesic area of the footprint';

COMMENT ON COLUMN demolitions.cases_count IS '起; never converted into the others';

COMMENT ON COLUMN demolitions.sites_count IS '处';

COMMENT ON COLUMN demolitions.households_count IS '户';

COMMENT ON COLUMN demolitions.geom IS 'lon/lat, EPSG:4326, on the 1e-8 degree grid; footprint, or a point where none is known';

CREATE INDEX ix__demolitions__geom ON demolitions USING gist (geom);

CREATE FUNCTION refuse_change_v1() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON case_events
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_v1();
"""

DOWN = """
ALTER TABLE cases DROP CONSTRAINT fk__cases__last_event;

DROP TABLE demolitions;
DROP TABLE case_events;
DROP TABLE cases;

DROP FUNCTION refuse_change_v1;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
