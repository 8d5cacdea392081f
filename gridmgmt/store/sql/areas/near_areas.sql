-- name: areas_near
-- The areas of a level of an edition whose box meets any of some boxes.
-- in:  :edition number, :level, :boxes array of EWKB
-- out: code, name, parent_code, attributes, geom as WKB; codes by code point.  Uses ix__areas__geom.
SELECT
  a.code,
  a.name,
  a.parent_code,
  a.attributes,
  ST_AsBinary(a.geom) AS geom
FROM areas a
WHERE a.id IN (
    SELECT n.id
    FROM unnest(CAST(:boxes AS bytea[])) AS given (wkb)
    JOIN areas n ON n.geom && ST_GeomFromEWKB(given.wkb)
    WHERE n.level = :level
      AND n.since <= :edition
      AND (n.until IS NULL OR n.until > :edition)
  )
ORDER BY a.code

-- name: extent_without
-- The bounds of the areas of a level of an edition, some of them left out.
-- in:  :edition number, :level, :codes array of those left out
-- out: west, south, east, north (degrees); one row, NULL without areas.  One pass over the rows of
--      the level; of each outline only the box is read.
SELECT
  ST_XMin(there.box) AS west,
  ST_YMin(there.box) AS south,
  ST_XMax(there.box) AS east,
  ST_YMax(there.box) AS north
FROM (
  SELECT ST_Extent(a.geom) AS box
  FROM areas a
  WHERE a.level = :level
    AND a.since <= :edition
    AND (a.until IS NULL OR a.until > :edition)
    AND NOT a.code = ANY (CAST(:codes AS text[]))
) AS there
