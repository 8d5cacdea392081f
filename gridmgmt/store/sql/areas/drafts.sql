-- name: read_changes
-- The changes of a draft, levels from the topmost down, codes by code point.
-- in:  :draft_id
-- out: level, action, code, name, parent_code, attributes, geom as WKB (NULL for a drop)
SELECT
  c.level,
  c.action,
  c.code,
  c.name,
  c.parent_code,
  c.attributes,
  ST_AsBinary(c.geom) AS geom
FROM area_changes c
JOIN levels l USING (level)
WHERE c.draft_id = :draft_id
ORDER BY l.rank, c.code

-- name: changes_digest
-- A checksum of what a draft states, to the byte: level, code, name, parent, outline and attributes,
-- if any, of each change, then of each other row its kind, its key, and the row as it was and as it is stated.
-- Whether an area is added or altered follows from the base edition and does not count, nor does
-- the number of an edit.
-- in:  :draft_id
-- out: digest, 64 hexadecimal digits; one row, also of a draft without changes
WITH stated AS (
  SELECT
    1 AS part,
    c.level AS kind,
    c.code AS key,
    sha256(
      convert_to(
        CAST(
          jsonb_build_array(c.level, c.code, c.name, c.parent_code)
          || CASE
            WHEN c.attributes = CAST('{}' AS jsonb) THEN CAST('[]' AS jsonb)
            ELSE jsonb_build_array(c.attributes)
          END AS text
        ),
        'UTF8'
      ) || coalesce(CAST(c.geom AS bytea), CAST('' AS bytea))
    ) AS digest
  FROM area_changes c
  WHERE c.draft_id = :draft_id
  UNION ALL
  SELECT
    2 AS part,
    r.kind COLLATE "C",
    r.key,
    sha256(
      convert_to(CAST(jsonb_build_array(r.kind, r.key, r.before, r.after) AS text), 'UTF8')
    )
  FROM draft_records r
  WHERE r.draft_id = :draft_id
)
SELECT encode(
  sha256(
    coalesce(
      string_agg(s.digest, CAST('' AS bytea) ORDER BY s.part, s.kind, s.key),
      CAST('' AS bytea)
    )
  ),
  'hex'
) AS digest
FROM stated s

-- name: add_changes
-- Add changes of one level to a draft.
-- in:  :draft_id, :level; arrays of equal length: :actions, :codes, :names, :parent_codes,
--      :geoms (EWKB), :sources, :attributes (JSON)
-- out: number of rows by rowcount
INSERT INTO area_changes
  (draft_id, level, action, code, name, parent_code, geom, source, attributes)
SELECT
  :draft_id,
  :level,
  action,
  code,
  name,
  parent_code,
  ST_GeomFromEWKB(geom),
  source,
  CAST(attributes AS jsonb)
FROM unnest(
  CAST(:actions AS text[]),
  CAST(:codes AS text[]),
  CAST(:names AS text[]),
  CAST(:parent_codes AS text[]),
  CAST(:geoms AS bytea[]),
  CAST(:sources AS text[]),
  CAST(:attributes AS text[])
) AS changed (action, code, name, parent_code, geom, source, attributes)

-- name: drafts_resting_on
-- Base the unpublished drafts of an edition on the edition before it. If the edition before does not
-- have an area, its alteration becomes an addition, and its drop is deleted.
-- in:  :edition number that was withdrawn, :before number of the one before or NULL
-- out: label; one row per draft
WITH moved AS (
  UPDATE drafts
  SET base_edition = CAST(:before AS integer)
  WHERE base_edition = :edition AND status <> 'published'
  RETURNING id, label
),
standing AS (
  SELECT a.level, a.code
  FROM areas a
  WHERE a.since <= CAST(:before AS integer) AND a.until IS NULL
),
gone AS (
  DELETE FROM area_changes c
  USING moved
  WHERE c.draft_id = moved.id
    AND c.action = 'drop'
    AND NOT EXISTS (SELECT FROM standing s WHERE s.level = c.level AND s.code = c.code)
),
restated AS (
  UPDATE area_changes c
  SET action = CASE
    WHEN EXISTS (SELECT FROM standing s WHERE s.level = c.level AND s.code = c.code)
    THEN 'alter' ELSE 'add' END
  FROM moved
  WHERE c.draft_id = moved.id AND c.action <> 'drop'
)
SELECT label FROM moved ORDER BY label

-- name: add_edit_areas
-- Add the areas of one level to an entry of the log, as they were on one side of it.
-- in:  :draft_id, :number, :side, :level; arrays of equal length: :codes, :names,
--      :parent_codes, :geoms (EWKB), :attributes (JSON)
-- out: number of rows by rowcount
INSERT INTO draft_edit_areas
  (draft_id, number, side, level, code, name, parent_code, geom, attributes)
SELECT
  :draft_id,
  :number,
  :side,
  :level,
  code,
  name,
  parent_code,
  ST_GeomFromEWKB(geom),
  CAST(attributes AS jsonb)
FROM unnest(
  CAST(:codes AS text[]),
  CAST(:names AS text[]),
  CAST(:parent_codes AS text[]),
  CAST(:geoms AS bytea[]),
  CAST(:attributes AS text[])
) AS changed (code, name, parent_code, geom, attributes)
