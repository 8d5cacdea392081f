"""Add levels, editions, drafts, areas, their lineage and groups."""

from alembic import op

revision = "0001"
down_revision = None

UP = """
CREATE EXTENSION IF NOT EXISTS postgis;

CREATE EXTENSION IF NOT EXISTS btree_gist;

CREATE TABLE levels (
  level TEXT COLLATE "C" NOT NULL,
  rank INTEGER NOT NULL,
  name_zh TEXT NOT NULL,
  name_en TEXT NOT NULL,
  code_pattern TEXT,
  size_m2 FLOAT,
  CONSTRAINT pk__levels PRIMARY KEY (level),
  CONSTRAINT ck__levels__level CHECK (level ~ '^[a-z][a-z0-9_]{0,39}$'),
  CONSTRAINT ck__levels__rank CHECK (rank >= 0),
  CONSTRAINT uq__levels__rank UNIQUE (rank)
);

COMMENT ON TABLE levels IS 'The levels of the area tree, from the topmost down';

COMMENT ON COLUMN levels.rank IS '0 is the topmost';

COMMENT ON COLUMN levels.code_pattern IS 'regular expression; a mismatch warns';

COMMENT ON COLUMN levels.size_m2 IS 'usual size of an area, square metres';

CREATE TABLE editions (
  number INTEGER NOT NULL,
  label TEXT NOT NULL,
  effective_from TIMESTAMP WITH TIME ZONE NOT NULL,
  in_force TSTZRANGE NOT NULL,
  tolerance_m2 FLOAT NOT NULL,
  published_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  published_by TEXT NOT NULL,
  withdrawn_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT pk__editions PRIMARY KEY (number),
  CONSTRAINT ex__editions__in_force EXCLUDE USING gist (in_force WITH &&),
  CONSTRAINT ck__editions__number CHECK (number > 0),
  CONSTRAINT ck__editions__tolerance_m2 CHECK (tolerance_m2 >= 0),
  CONSTRAINT ck__editions__in_force CHECK (CASE WHEN withdrawn_at IS NULL THEN NOT isempty(in_force) AND lower(in_force) = effective_from ELSE isempty(in_force) END)
);

COMMENT ON TABLE editions IS 'Published states of all areas; no two are in force at once';

COMMENT ON COLUMN editions.in_force IS 'from effective_from to the next edition''s; empty when withdrawn';

COMMENT ON COLUMN editions.tolerance_m2 IS 'square metres, per problem';

CREATE TABLE drafts (
  id INTEGER GENERATED ALWAYS AS IDENTITY,
  label TEXT NOT NULL,
  status TEXT NOT NULL,
  base_edition INTEGER,
  edition INTEGER,
  created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
  created_by TEXT NOT NULL,
  CONSTRAINT pk__drafts PRIMARY KEY (id),
  CONSTRAINT ck__drafts__status CHECK (status IN ('open', 'published')),
  CONSTRAINT ck__drafts__published CHECK ((status = 'published') = (edition IS NOT NULL)),
  CONSTRAINT uq__drafts__label UNIQUE (label),
  CONSTRAINT fk__drafts__base_edition FOREIGN KEY(base_edition) REFERENCES editions (number),
  CONSTRAINT fk__drafts__edition FOREIGN KEY(edition) REFERENCES editions (number)
);

COMMENT ON TABLE drafts IS 'Change sets against a base edition';

CREATE TABLE area_changes (
  draft_id INTEGER NOT NULL,
  level TEXT COLLATE "C" NOT NULL,
  code TEXT COLLATE "C" NOT NULL,
  action TEXT NOT NULL,
  name TEXT,
  parent_code TEXT COLLATE "C",
  geom geometry(MULTIPOLYGON,4326),
  source TEXT,
  CONSTRAINT pk__area_changes PRIMARY KEY (draft_id, level, code),
  CONSTRAINT ck__area_changes__action CHECK (action IN ('add', 'alter', 'drop')),
  CONSTRAINT ck__area_changes__geom CHECK ((action = 'drop') = (geom IS NULL)),
  CONSTRAINT fk__area_changes__draft_id FOREIGN KEY(draft_id) REFERENCES drafts (id),
  CONSTRAINT fk__area_changes__level FOREIGN KEY(level) REFERENCES levels (level)
);

COMMENT ON TABLE area_changes IS 'What a draft adds, alters and drops';

COMMENT ON COLUMN area_changes.geom IS 'lon/lat, EPSG:4326, on the 1e-8 degree grid; may be invalid in a draft';

COMMENT ON COLUMN area_changes.source IS 'file and feature the change came from';

CREATE TABLE areas (
  id INTEGER GENERATED ALWAYS AS IDENTITY,
  level TEXT COLLATE "C" NOT NULL,
  code TEXT COLLATE "C" NOT NULL,
  name TEXT NOT NULL,
  parent_code TEXT COLLATE "C",
  geom geometry(MULTIPOLYGON,4326) NOT NULL,
  area_m2 FLOAT NOT NULL,
  since INTEGER NOT NULL,
  until INTEGER,
  CONSTRAINT pk__areas PRIMARY KEY (id),
  CONSTRAINT ck__areas__until CHECK (until > since),
  CONSTRAINT ck__areas__geom CHECK (ST_IsValid(geom) AND NOT ST_IsEmpty(geom)),
  CONSTRAINT ex__areas__one_live_version EXCLUDE USING gist (level WITH =, code WITH =, int4range(since, until) WITH &&),
  CONSTRAINT fk__areas__level FOREIGN KEY(level) REFERENCES levels (level),
  CONSTRAINT fk__areas__since FOREIGN KEY(since) REFERENCES editions (number),
  CONSTRAINT fk__areas__until FOREIGN KEY(until) REFERENCES editions (number)
);

COMMENT ON TABLE areas IS 'Areas, valid for editions [since, until)';

COMMENT ON COLUMN areas.geom IS 'lon/lat, EPSG:4326, on the 1e-8 degree grid';

COMMENT ON COLUMN areas.area_m2 IS 'geodesic, square metres';

COMMENT ON COLUMN areas.until IS 'first edition the row is no longer part of';

CREATE INDEX ix__areas__geom ON areas USING gist (geom);

CREATE TABLE lineage (
  id INTEGER GENERATED ALWAYS AS IDENTITY,
  edition INTEGER NOT NULL,
  level TEXT COLLATE "C" NOT NULL,
  old_code TEXT COLLATE "C" NOT NULL,
  new_code TEXT COLLATE "C",
  overlap_m2 FLOAT NOT NULL,
  share FLOAT NOT NULL,
  CONSTRAINT pk__lineage PRIMARY KEY (id),
  CONSTRAINT uq__lineage__edition_level_old_code_new_code UNIQUE NULLS NOT DISTINCT (edition, level, old_code, new_code),
  CONSTRAINT ck__lineage__share CHECK (share > 0 AND share <= 1),
  CONSTRAINT fk__lineage__edition FOREIGN KEY(edition) REFERENCES editions (number),
  CONSTRAINT fk__lineage__level FOREIGN KEY(level) REFERENCES levels (level)
);

COMMENT ON TABLE lineage IS 'Where each changed code went; new_code NULL: into no new area';

COMMENT ON COLUMN lineage.overlap_m2 IS 'area(old ∩ new)';

COMMENT ON COLUMN lineage.share IS 'of the old area; sums to 1 per old code';

CREATE TABLE groups (
  code TEXT COLLATE "C" NOT NULL,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  CONSTRAINT pk__groups PRIMARY KEY (code),
  CONSTRAINT ck__groups__kind CHECK (kind IN ('beat', 'inspection_area'))
);

COMMENT ON TABLE groups IS 'Named sets of areas that cross the tree';

CREATE TABLE group_members (
  id INTEGER GENERATED ALWAYS AS IDENTITY,
  group_code TEXT COLLATE "C" NOT NULL,
  level TEXT COLLATE "C" NOT NULL,
  area_code TEXT COLLATE "C" NOT NULL,
  valid DATERANGE NOT NULL,
  CONSTRAINT pk__group_members PRIMARY KEY (id),
  CONSTRAINT ex__group_members__one_at_a_time EXCLUDE USING gist (group_code WITH =, level WITH =, area_code WITH =, valid WITH &&),
  CONSTRAINT ck__group_members__valid CHECK (NOT isempty(valid)),
  CONSTRAINT fk__group_members__group_code FOREIGN KEY(group_code) REFERENCES groups (code),
  CONSTRAINT fk__group_members__level FOREIGN KEY(level) REFERENCES levels (level)
);

COMMENT ON TABLE group_members IS 'Which areas belong to a group, and when';

COMMENT ON COLUMN group_members.valid IS 'days';

-- The layers GIS clients open: the areas of one level in the edition in force, with an integer key.
CREATE FUNCTION sync_area_views_v1() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  name text;
BEGIN
  FOR name IN
    SELECT c.relname FROM pg_class c
    WHERE c.relkind = 'v' AND c.relnamespace = 'public'::regnamespace
      AND obj_description(c.oid) = 'areas of one level in the edition in force'
  LOOP
    EXECUTE format('DROP VIEW %I', name);
  END LOOP;
  FOR name IN SELECT level FROM levels LOOP
    EXECUTE format(
      'CREATE VIEW %I AS'
      ' SELECT a.id AS gid, a.code, a.name, a.parent_code, a.area_m2,'
      '   e.number AS edition, a.geom'
      ' FROM areas a'
      ' JOIN editions e ON e.in_force @> now()'
      '  AND a.since <= e.number AND (a.until IS NULL OR a.until > e.number)'
      ' WHERE a.level = %L',
      'area_' || name, name);
    EXECUTE format(
      'COMMENT ON VIEW %I IS %L', 'area_' || name, 'areas of one level in the edition in force');
  END LOOP;
  RETURN NULL;
END
$$;

CREATE TRIGGER sync_area_views AFTER INSERT OR UPDATE OR DELETE ON levels
  FOR EACH STATEMENT EXECUTE FUNCTION sync_area_views_v1();

INSERT INTO levels (level, rank, name_zh, name_en, size_m2) VALUES
  ('city', 0, '市', 'City', NULL),
  ('district', 1, '区', 'District', NULL),
  ('street', 2, '街道', 'Street', NULL),
  ('community', 3, '社区', 'Community', NULL),
  ('cell', 4, '单元网格', 'Grid cell', 10000);
"""

DOWN = """
DELETE FROM levels;

DROP FUNCTION sync_area_views_v1 CASCADE;

DROP TABLE group_members;
DROP TABLE groups;
DROP TABLE lineage;
DROP TABLE areas;
DROP TABLE area_changes;
DROP TABLE drafts;
DROP TABLE editions;
DROP TABLE levels;
"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
