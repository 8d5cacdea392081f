-- name: map_areas
-- The areas of an edition without their outlines, and the editions for which their rows are valid.
-- in:  :edition number
-- out: level, code, name, parent_code, area_m2 (geodesic, square metres), since, until (first
--      edition no more); levels from the topmost down, codes by code point
SELECT
  a.level,
  a.code,
  a.name,
  a.parent_code,
  a.area_m2,
  a.since,
  a.until
FROM areas a
JOIN levels l USING (level)
WHERE a.since <= :edition
  AND (a.until IS NULL OR a.until > :edition)
ORDER BY l.rank, a.code

-- name: map_demolitions
-- Demolitions of a period and structures still standing, in the city or in one area.
-- in:  :first :last date, both included; :edition number, :level, :code: the one area in which
--      they must lie, by a point on their ground; all three NULL: the city
-- out: code, name, mode, demolished_on, claimed_m2 and measured_m2 (square metres), geom as WKB
--      (lon/lat, footprint or point); by code.  Small: one row per structure, not per case.
SELECT
  d.code,
  d.name,
  d.mode,
  d.demolished_on,
  d.claimed_m2,
  d.measured_m2,
  ST_AsBinary(d.geom) AS geom
FROM demolitions d
WHERE (
    d.demolished_on IS NULL
    OR d.demolished_on BETWEEN CAST(:first AS date) AND CAST(:last AS date)
  )
  AND (
    CAST(:code AS text) IS NULL
    OR EXISTS (
      SELECT FROM areas a
      WHERE a.level = CAST(:level AS text)
        AND a.code = CAST(:code AS text)
        AND a.since <= CAST(:edition AS integer)
        AND (a.until IS NULL OR a.until > CAST(:edition AS integer))
        AND ST_Covers(a.geom, ST_PointOnSurface(d.geom))
    )
  )
ORDER BY d.code

-- name: search_areas
-- Areas of an edition whose code or name contains these words, best match first: the exact code,
-- then codes and names that begin with them, then levels from the topmost down.
-- in:  :edition number, :words lower case; :levels and :codes text[], the areas in sight,
--      both NULL: no limit; :most rows
-- out: level, code, name, lon and lat (degrees, a point inside), west, south, east, north
--      (degrees); at most :most rows
SELECT
  f.level,
  f.code,
  f.name,
  ST_X(f.inside) AS lon,
  ST_Y(f.inside) AS lat,
  ST_XMin(f.geom) AS west,
  ST_YMin(f.geom) AS south,
  ST_XMax(f.geom) AS east,
  ST_YMax(f.geom) AS north
FROM (
  SELECT a.level, a.code, a.name, a.geom, ST_PointOnSurface(a.geom) AS inside
  FROM areas a
  JOIN levels l USING (level)
  WHERE a.since <= :edition
    AND (a.until IS NULL OR a.until > :edition)
    AND (strpos(lower(a.code), :words) > 0 OR strpos(lower(a.name), :words) > 0)
    AND (
      CAST(:codes AS text[]) IS NULL
      OR (a.level, a.code) IN (
        SELECT s.level, s.code
        FROM unnest(CAST(:levels AS text[]), CAST(:codes AS text[])) AS s (level, code)
      )
    )
  ORDER BY
    lower(a.code) = :words DESC,
    starts_with(lower(a.code), :words) OR starts_with(lower(a.name), :words) DESC,
    l.rank,
    a.code
  LIMIT CAST(:most AS integer)
) AS f

-- name: search_road_segments
-- Road segments whose code or name contains these words, an exact code or name first.
-- in:  :words lower case; :edition number, :level, :code: the one area that they must meet,
--      all three NULL: the city; :most rows
-- out: code, name, lon and lat (degrees, a point on it), west, south, east, north (degrees)
SELECT
  r.code,
  r.name,
  ST_X(ST_PointOnSurface(r.geom)) AS lon,
  ST_Y(ST_PointOnSurface(r.geom)) AS lat,
  ST_XMin(r.geom) AS west,
  ST_YMin(r.geom) AS south,
  ST_XMax(r.geom) AS east,
  ST_YMax(r.geom) AS north
FROM road_segments r
WHERE (strpos(lower(r.code), :words) > 0 OR strpos(lower(r.name), :words) > 0)
  AND (
    CAST(:code AS text) IS NULL
    OR EXISTS (
      SELECT FROM areas a
      WHERE a.level = CAST(:level AS text)
        AND a.code = CAST(:code AS text)
        AND a.since <= CAST(:edition AS integer)
        AND (a.until IS NULL OR a.until > CAST(:edition AS integer))
        AND ST_Intersects(a.geom, r.geom)
    )
  )
ORDER BY :words IN (lower(r.code), lower(r.name)) DESC, r.code
LIMIT CAST(:most AS integer)

-- name: search_demolitions
-- Demolitions whose code or name contains these words, an exact code first.
-- in:  :words lower case; :edition number, :level, :code: the one area in which they must lie,
--      all three NULL: the city; :most rows
-- out: code, name, lon and lat (degrees, a point inside), west, south, east, north (degrees)
SELECT
  d.code,
  d.name,
  ST_X(ST_PointOnSurface(d.geom)) AS lon,
  ST_Y(ST_PointOnSurface(d.geom)) AS lat,
  ST_XMin(d.geom) AS west,
  ST_YMin(d.geom) AS south,
  ST_XMax(d.geom) AS east,
  ST_YMax(d.geom) AS north
FROM demolitions d
WHERE (strpos(lower(d.code), :words) > 0 OR strpos(lower(coalesce(d.name, '')), :words) > 0)
  AND (
    CAST(:code AS text) IS NULL
    OR EXISTS (
      SELECT FROM areas a
      WHERE a.level = CAST(:level AS text)
        AND a.code = CAST(:code AS text)
        AND a.since <= CAST(:edition AS integer)
        AND (a.until IS NULL OR a.until > CAST(:edition AS integer))
        AND ST_Covers(a.geom, ST_PointOnSurface(d.geom))
    )
  )
ORDER BY lower(d.code) = :words DESC, d.code
LIMIT CAST(:most AS integer)
