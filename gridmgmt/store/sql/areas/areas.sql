-- name: areas_in
-- The areas of an edition, levels from the topmost down, codes by code point.
-- No attributes are NULL: of a whole city, reading an empty object for each would take long.
-- in:  :edition number, :level or NULL for all
-- out: level, code, name, parent_code, attributes or NULL for none, geom as WKB; one row per
--      area
SELECT
  a.level,
  a.code,
  a.name,
  a.parent_code,
  NULLIF(a.attributes, '{}') AS attributes,
  ST_AsBinary(a.geom) AS geom
FROM areas a
JOIN levels l USING (level)
WHERE a.since <= :edition
  AND (a.until IS NULL OR a.until > :edition)
  AND (CAST(:level AS text) IS NULL OR a.level = CAST(:level AS text))
ORDER BY l.rank, a.code

-- name: areas_content
-- A checksum of the areas of one level of an edition, from their codes and outlines.
-- in:  :edition number, :level
-- out: content, 32 hexadecimal digits; one row, NULL without areas
SELECT md5(string_agg(md5(a.code) || md5(CAST(a.geom AS bytea)), '' ORDER BY a.code)) AS content
FROM areas a
WHERE a.since <= :edition
  AND (a.until IS NULL OR a.until > :edition)
  AND a.level = :level

-- name: area_parents
-- The parent of each area of an edition, without the geometry.
-- in:  :edition number
-- out: level, code, parent_code; levels from the topmost down, codes by code point
SELECT
  a.level,
  a.code,
  a.parent_code
FROM areas a
JOIN levels l USING (level)
WHERE a.since <= :edition
  AND (a.until IS NULL OR a.until > :edition)
ORDER BY l.rank, a.code

-- name: area_counts
-- Count and measure the areas of each level of an edition, from the topmost down.
-- in:  :edition number
-- out: level, areas, area_m2 (square metres, sum); one row per level present
SELECT
  l.level,
  count(*) AS areas,
  sum(a.area_m2) AS area_m2
FROM areas a
JOIN levels l USING (level)
WHERE a.since <= :edition
  AND (a.until IS NULL OR a.until > :edition)
GROUP BY l.level, l.rank
ORDER BY l.rank

-- name: area_names
-- The names of areas in an edition.
-- in:  :edition number; :levels, :codes arrays of equal length
-- out: level, code, name; at most one row per pair
SELECT
  a.level,
  a.code,
  a.name
FROM unnest(CAST(:levels AS text[]), CAST(:codes AS text[])) AS wanted (level, code)
JOIN areas a USING (level, code)
WHERE a.since <= :edition
  AND (a.until IS NULL OR a.until > :edition)

-- name: known_areas
-- Every area code of the editions that were not withdrawn, and whether the newest has it.
-- out: level, code, standing; one row per (level, code), levels from the topmost down
WITH standing AS (
  SELECT number, number = max(number) OVER () AS newest
  FROM editions
  WHERE withdrawn_at IS NULL
)
SELECT
  a.level,
  a.code,
  bool_or(s.newest) AS standing
FROM areas a
JOIN levels l USING (level)
JOIN standing s ON a.since <= s.number AND (a.until IS NULL OR a.until > s.number)
GROUP BY l.rank, a.level, a.code
ORDER BY l.rank, a.code

-- name: close_areas
-- End the rows of changed and dropped areas with an edition.
-- in:  :edition number, :levels, :codes arrays of equal length
-- out: number of rows by rowcount
UPDATE areas a
SET until = :edition
FROM unnest(CAST(:levels AS text[]), CAST(:codes AS text[])) AS changed (level, code)
WHERE a.level = changed.level
  AND a.code = changed.code
  AND a.until IS NULL

-- name: open_areas
-- Begin the rows of new and changed areas with an edition.
-- in:  :edition number; arrays of equal length: :levels, :codes, :names, :parent_codes,
--      :geoms (EWKB), :areas_m2 (square metres), :attributes (JSON)
-- out: number of rows by rowcount
INSERT INTO areas (level, code, name, parent_code, geom, area_m2, since, attributes)
SELECT
  level,
  code,
  name,
  parent_code,
  ST_GeomFromEWKB(geom),
  area_m2,
  :edition,
  CAST(attributes AS jsonb)
FROM unnest(
  CAST(:levels AS text[]),
  CAST(:codes AS text[]),
  CAST(:names AS text[]),
  CAST(:parent_codes AS text[]),
  CAST(:geoms AS bytea[]),
  CAST(:areas_m2 AS double precision[]),
  CAST(:attributes AS text[])
) AS opened (level, code, name, parent_code, geom, area_m2, attributes)
